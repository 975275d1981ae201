//! Orders that wait for a price, as a semi-automatic key asks for them.

use super::{Desk, done, waiting};
use crate::in_memory::traded;
use crate::risk::by;
use futures_util::future::join_all;
use openalgo::core::account::SettingKey;
use openalgo::core::market::{Exchange, Timestamp};
use openalgo::core::monitor::{AuditAction, AuditEntry};
use openalgo::core::order::{
    Gtt, GttLeg, GttLegs, GttProduct, GttStatus, NewGtt, OrderMode, Side, TradingMode, TriggerSide,
};
use openalgo::core::port::PendingOrderRepository;
use openalgo::core::strategy::{ApprovalStatus, Decision};
use openalgo::engine::service::{KeyedError, Queued, Stage};
use openalgo_core::testing::sample::{price, units};

const MODIFY: &str = "Modify GTT order is not allowed in Semi-Auto mode. Switch to Auto mode.";
const CANCEL: &str = "Cancel GTT order is not allowed in Semi-Auto mode. Switch to Auto mode.";

fn gtt(id: &str) -> NewGtt {
    let leg = GttLeg::new(TriggerSide::Below, price("95"), None);
    NewGtt {
        instrument: traded(Exchange::Nse),
        side: Side::Buy,
        quantity: units(1),
        product: GttProduct::Cnc,
        legs: GttLegs::try_new(vec![leg]).unwrap(),
        strategy: None,
        expires_at: None,
        trigger_id: Some(id.parse().unwrap()),
    }
}

fn unnamed() -> NewGtt {
    NewGtt {
        trigger_id: None,
        ..gtt("none")
    }
}

impl Desk {
    /// What the key is told that asks for one.
    async fn keyed(&self, asked: NewGtt) -> Queued {
        let keyed = self.engine.keyed_orders();
        waiting(keyed.place_gtt(self.user(), asked).await.unwrap())
    }

    /// Lets everything have this price, and the watch see it.
    async fn at(&self, price: &str) {
        self.place.price(price);
        self.engine.watch_gtts().await.unwrap();
    }

    async fn gtts(&self) -> Vec<Gtt> {
        self.engine.gtts().list(self.user(), None).await.unwrap()
    }

    async fn orders(&self) -> usize {
        self.engine
            .orders()
            .list(self.user(), 9)
            .await
            .unwrap()
            .len()
    }

    fn now(&self) -> Timestamp {
        self.place.ports().clock.now()
    }

    async fn gtt(&self, asked: NewGtt) -> Gtt {
        let placed = self.engine.gtts().place(self.user(), asked).await;
        placed.unwrap().gtt
    }

    async fn analyzer(&self, value: &str) {
        let settings = self.engine.settings();
        settings.set(SettingKey::Analyzer, value).await.unwrap();
    }

    /// What the key is told when it modifies and cancels.
    async fn changes(&self, gtt: &Gtt) -> [Option<String>; 2] {
        fn text<T, E: std::error::Error>(answer: &Result<T, KeyedError<E>>) -> Option<String> {
            answer.as_ref().err().map(ToString::to_string)
        }
        let (keyed, id) = (self.engine.keyed_orders(), &gtt.trigger_id);
        [
            text(&keyed.modify_gtt(self.user(), id, gtt.as_asked()).await),
            text(&keyed.cancel_gtt(self.user(), id).await),
        ]
    }
}

/// Live and on paper, and nothing of it is watched before a person has let it go.
#[tokio::test(start_paused = true)]
async fn what_a_key_asks_for_waits_for_a_person_and_then_for_its_price() {
    for analyzer in ["false", "true"] {
        let desk = Desk::new().await;
        desk.analyzer(analyzer).await;
        let pending = desk.keyed(unnamed()).await.pending;
        assert_eq!(pending.asked.last_price, Some(price("100")));
        desk.at("90").await;
        assert_eq!(desk.gtts().await, []);
        desk.at("100").await;

        let approved = desk.approve(pending.id).await.unwrap();
        let kept = approved.came_of.gtt().unwrap();
        assert_eq!(
            kept.trigger_id.as_str(),
            format!("GTT-pending-{}", pending.id)
        );
        assert_eq!(
            (kept.status, kept.mode),
            (GttStatus::Active, pending.asked.mode)
        );
        assert!(kept.came_from(&NewGtt {
            trigger_id: Some(kept.trigger_id.clone()),
            ..unnamed()
        }));
        let (status, stage) = desk.view(pending.id).await;
        assert_eq!(status, ApprovalStatus::Approved);
        assert!(
            matches!(stage, Stage::Kept(gtt) if gtt.id == kept.id),
            "{status:?}"
        );
        assert_eq!(desk.orders().await, 0);
        desk.at("95").await;
        assert_eq!(desk.orders().await, 1);
        assert_eq!(desk.gtts().await[0].status, GttStatus::Triggered);
        desk.engine.stop().await;
    }
}

/// However often it is approved, and by however many at once.
#[tokio::test(start_paused = true)]
async fn it_is_kept_once_however_often_it_is_approved() {
    let desk = Desk::new().await;
    let id = desk.keyed(unnamed()).await.pending.id;
    let (one, two) = tokio::join!(desk.approve(id), desk.approve(id));
    let refused = one.and(two).unwrap_err().to_string();
    let told = format!("pending order {id} was approved already (GTT GTT-pending-{id})");
    assert_eq!(refused, told);
    assert_eq!(desk.gtts().await.len(), 1);
    let all = desk.engine.approvals();
    let all = all.approve_all(desk.user(), by(&desk.place.owner)).await;
    assert!(all.unwrap().is_empty());
    desk.engine.stop().await;
}

/// The same words with the same id are the same one, whether it waits, was let go or refused.
#[tokio::test(start_paused = true)]
async fn the_same_one_again_is_told_what_became_of_it() {
    let desk = Desk::new().await;
    let first = desk.keyed(gtt("one")).await;
    assert!(!first.replayed);
    let again = desk.keyed(gtt("one")).await;
    assert!(again.replayed);
    assert_eq!(again.pending, first.pending);
    let other = NewGtt {
        quantity: units(2),
        ..gtt("one")
    };
    let keyed = desk.engine.keyed_orders();
    let refused = keyed.place_gtt(desk.user(), other).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the trigger_id 'one' was used for another GTT"
    );
    // An automatic key is told of it, too, and does not get past it.
    desk.mode(OrderMode::Auto).await;
    assert!(desk.keyed(gtt("one")).await.replayed);
    desk.mode(OrderMode::SemiAuto).await;
    desk.approve(first.pending.id).await.unwrap();
    let placed = done(keyed.place_gtt(desk.user(), gtt("one")).await.unwrap());
    assert!(placed.replayed);
    assert_eq!(placed.gtt.trigger_id.as_str(), "one");

    let refused = desk.keyed(gtt("two")).await.pending.id;
    let (approvals, owner) = (desk.engine.approvals(), by(&desk.place.owner));
    let rejected = approvals.reject(desk.user(), refused, (None, owner));
    rejected.await.unwrap();
    let again = desk.keyed(gtt("two")).await;
    assert_eq!(again.pending.approval.status(), ApprovalStatus::Rejected);
    assert_eq!(desk.gtts().await.len(), 1);
    desk.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_same_id_from_two_at_once_waits_once() {
    let desk = Desk::new().await;
    let asked: Vec<Queued> = join_all((0..8).map(|_| desk.keyed(gtt("one")))).await;
    assert_eq!(asked.iter().filter(|it| !it.replayed).count(), 1);
    let open = desk.engine.approvals().open(desk.user()).await.unwrap();
    assert_eq!(open.len(), 1);
    desk.engine.stop().await;
}

/// A key that was automatic is told of what it has placed.
#[tokio::test(start_paused = true)]
async fn what_an_automatic_key_has_placed_is_known_to_it_later() {
    let desk = Desk::new().await;
    let keyed = desk.engine.keyed_orders();
    desk.mode(OrderMode::Auto).await;
    let first = done(keyed.place_gtt(desk.user(), gtt("one")).await.unwrap());
    assert!(!first.replayed);
    desk.mode(OrderMode::SemiAuto).await;
    let again = done(keyed.place_gtt(desk.user(), gtt("one")).await.unwrap());
    assert!(again.replayed);
    assert_eq!(again.gtt, first.gtt);
    assert_eq!(desk.gtts().await.len(), 1);
    desk.engine.stop().await;
}

/// What would refuse it is looked at before it waits, and again before it is let go.
#[tokio::test(start_paused = true)]
async fn what_refuses_it_is_told_before_and_leaves_it_waiting_then() {
    let desk = Desk::new().await;
    let keyed = desk.engine.keyed_orders();
    let lapsed = NewGtt {
        expires_at: Some(desk.now()),
        ..unnamed()
    };
    let refused = keyed.place_gtt(desk.user(), lapsed).await.unwrap_err();
    assert_eq!(refused.to_string(), "expires_at must be in the future");
    let kept = keyed.place_gtt(desk.user(), gtt("GTT-pending-7")).await;
    assert!(kept.unwrap_err().to_string().contains("are kept"));
    let by_hand = desk.engine.gtts().place(desk.user(), gtt("GTT-pending-1"));
    assert!(by_hand.await.unwrap_err().to_string().contains("are kept"));

    let id = desk.keyed(unnamed()).await.pending.id;
    let (risk, owner) = (desk.engine.risk(), by(&desk.place.owner));
    let reason = "lunch".parse().unwrap();
    risk.halt(desk.user(), reason, owner).await.unwrap();
    assert!(desk.refusal(id).await.contains("lunch"));
    assert_eq!(desk.status(id).await, ApprovalStatus::Pending);
    risk.resume(desk.user(), owner).await.unwrap();
    desk.analyzer("true").await;
    assert!(desk.refusal(id).await.contains("now they go to 'paper'"));
    desk.analyzer("false").await;
    desk.approve(id).await.unwrap();
    desk.engine.stop().await;
}

/// Somebody has used its id in between: that is another one, and is not taken for it.
#[tokio::test(start_paused = true)]
async fn an_id_that_was_taken_by_hand_meanwhile_is_a_conflict() {
    let desk = Desk::new().await;
    let id = desk.keyed(gtt("one")).await.pending.id;
    let other = NewGtt {
        quantity: units(2),
        ..gtt("one")
    };
    desk.gtt(other).await;
    let refused = desk.refusal(id).await;
    assert_eq!(refused, "the trigger_id 'one' was used for another GTT");
    assert_eq!(desk.status(id).await, ApprovalStatus::Pending);
    desk.engine.stop().await;
}

/// The decision is durable, and the program ends before it is carried out.
#[tokio::test(start_paused = true)]
async fn one_that_was_let_go_and_not_kept_can_be_let_go_again() {
    let desk = Desk::new().await;
    let id = desk.keyed(unnamed()).await.pending.id;
    let entry = AuditEntry {
        by: by(&desk.place.owner),
        action: AuditAction::PendingApprove,
        object: format!("pending order {id}"),
        detail: None,
        at: desk.now(),
    };
    let pending =
        PendingOrderRepository::decide(&*desk.place.store, id, &Decision::Approve, &entry);
    assert!(pending.await.unwrap());
    assert!(matches!(desk.view(id).await.1, Stage::NotPlaced));
    let approvals = desk.engine.approvals();
    let all = approvals.approve_all(desk.user(), by(&desk.place.owner));
    let all = all.await.unwrap();
    assert!(all.iter().all(|it| it.outcome.is_ok()), "{all:?}");
    assert_eq!((all.len(), desk.gtts().await.len()), (1, 1));
    desk.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_key_does_not_change_what_is_live() {
    let desk = Desk::new().await;
    let live = desk.gtt(gtt("live")).await;
    let refused = [MODIFY, CANCEL].map(|it| Some(it.to_owned()));
    assert_eq!(desk.changes(&live).await, refused);
    // On paper a key may, but what is live stays a person's business.
    desk.analyzer("true").await;
    let paper = desk.gtt(gtt("paper")).await;
    assert_eq!(paper.mode, TradingMode::Paper);
    assert_eq!(desk.changes(&live).await, refused);
    assert_eq!(desk.changes(&paper).await, [None, None]);
    desk.analyzer("false").await;
    desk.mode(OrderMode::Auto).await;
    assert_eq!(desk.changes(&live).await, [None, None]);
    let cancelled = desk
        .engine
        .gtts()
        .list(desk.user(), Some(GttStatus::Cancelled));
    assert_eq!(cancelled.await.unwrap().len(), 2);
    desk.engine.stop().await;
}
