//! The action center: orders of an API key in semi-automatic mode wait for a person.

mod crash;
mod deciding;
mod expiry;
mod failing;
mod gtts;
mod limits;
mod requests;
mod stopping;

use crate::exchange::Exchange as Broker;
use crate::in_memory::{Place, traded};
use crate::risk::by;
use crate::world::World;
use openalgo::core::account::{LimitName, NewApiKey, PasswordHash};
use openalgo::core::id::{ClientOrderId, PendingOrderId, UserId};
use openalgo::core::market::Exchange;
use openalgo::core::monitor::{AuditAction, AuditEntry};
use openalgo::core::order::{NewOrder, OrderMode, Side};
use openalgo::core::port::{ApiKeyRepository, AuditQuery, AuditRepository};
use openalgo::core::strategy::{ApprovalStatus, PendingOrder};
use openalgo::core::value::Quantity;
use openalgo::engine::Engine;
use openalgo::engine::service::{ApproveError, Approved, Queued, Requested, Stage};
use secrecy::SecretString;
use std::sync::Arc;

/// A user whose key is semi-automatic, at a broker of which everything is known.
struct Desk {
    place: Place,
    broker: Arc<Broker>,
    engine: Engine,
}

impl Desk {
    async fn new() -> Self {
        let broker = Broker::new(&World::new());
        let place = Place::new(vec![broker.session()]).await;
        give_key(&place, place.owner.id).await;
        let engine = place.start().await;
        Self {
            place,
            broker,
            engine,
        }
    }

    fn user(&self) -> UserId {
        self.place.owner.id
    }

    async fn queue(&self, order: NewOrder) -> PendingOrder {
        waiting(
            self.engine
                .keyed_orders()
                .place(self.user(), order)
                .await
                .unwrap(),
        )
        .pending
    }

    async fn approve(&self, id: PendingOrderId) -> Result<Approved, ApproveError> {
        let approvals = self.engine.approvals();
        approvals
            .approve(self.user(), id, by(&self.place.owner))
            .await
    }

    /// Why an order is not let go, in words.
    async fn refusal(&self, id: PendingOrderId) -> String {
        self.approve(id).await.unwrap_err().to_string()
    }

    async fn status(&self, id: PendingOrderId) -> ApprovalStatus {
        self.view(id).await.0
    }

    async fn view(&self, id: PendingOrderId) -> (ApprovalStatus, Stage) {
        let list = self.engine.approvals().list(self.user(), None).await;
        let view = list.unwrap().into_iter().find(|it| it.pending.id == id);
        let view = view.unwrap();
        (view.pending.approval.status(), view.stage)
    }

    async fn mode(&self, mode: OrderMode) {
        let users = self.engine.users();
        users.set_order_mode(self.user(), mode).await.unwrap();
    }

    /// Lets orders be for so many units at most.
    async fn limit(&self, units: &str) {
        let change = LimitName::OrderQuantity.parse(units).unwrap();
        let owner = &self.place.owner;
        let risk = self.engine.risk();
        risk.change_limit(owner.id, change, by(owner))
            .await
            .unwrap();
    }

    /// Who did what, the newest first.
    async fn record(&self) -> Vec<AuditEntry> {
        let query = AuditQuery {
            user: None,
            limit: 10,
        };
        AuditRepository::list(&*self.place.store, query)
            .await
            .unwrap()
    }

    async fn actions(&self) -> Vec<AuditAction> {
        self.record().await.iter().map(|it| it.action).collect()
    }
}

pub(crate) async fn give_key(place: &Place, user: UserId) {
    let key = NewApiKey {
        user,
        key_hash: PasswordHash::new("$argon2id$fake"),
        key: SecretString::from("key"),
    };
    let keys = &*place.store;
    keys.replace(&key).await.unwrap();
    let set = keys.set_order_mode(user, OrderMode::SemiAuto);
    set.await.unwrap();
}

fn order(side: Side, quantity: i64) -> NewOrder {
    let quantity = Quantity::try_new(quantity).unwrap();
    NewOrder::market(traded(Exchange::Nse), side, quantity)
}

fn named(id: &str, order: NewOrder) -> NewOrder {
    NewOrder {
        client_order_id: Some(own(id)),
        ..order
    }
}

fn own(id: &str) -> ClientOrderId {
    ClientOrderId::try_new(id).unwrap()
}

fn waiting<T: std::fmt::Debug>(requested: Requested<T>) -> Queued {
    match requested {
        Requested::Waits(queued) => *queued,
        done @ Requested::Done(_) => panic!("it does not wait: {done:?}"),
    }
}

fn done<T: std::fmt::Debug>(requested: Requested<T>) -> T {
    match requested {
        Requested::Done(done) => done,
        waits @ Requested::Waits(_) => panic!("it waits: {waits:?}"),
    }
}
