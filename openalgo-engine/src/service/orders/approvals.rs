//! The action center: orders that an API key asked for in semi-automatic mode wait for a person.
//!
//! | file | what is in it |
//! |---|---|
//! | `keyed` | requests with an API key: which wait, which are refused, which go on |
//! | `keyed_gtts` | the same with orders that wait for a price |
//! | `keyed_options` | the same with orders for options that are meant by their distance from the money |
//! | `legs` | the same with several orders in one request |
//! | `queue` | putting orders before a person |
//! | `approve` | letting them go |
//! | `approve_gtt` | the same with orders that wait for a price |
//! | `came_of` | what came of them |
//! | `error` | why something was not done |

mod approve;
mod approve_gtt;
mod came_of;
mod error;
mod keyed;
mod keyed_gtts;
mod keyed_options;
mod legs;
mod queue;

pub use approve::{Approved, Approving};
pub use came_of::CameOf;
pub use error::{ApprovalError, ApproveError, KeyedError, PersonsChoice, SemiAutoRefusal};
pub use keyed::{KeyedLeg, KeyedOrderService, Queued, Requested};

use super::OrderService;
use crate::brokers::Brokers;
use crate::claims::Claims;
use crate::service::GttService;
use crate::waiting::{WaitingRoom, readable};
use openalgo_core::id::{ClientOrderId, PendingOrderId, TextError, UserId};
use openalgo_core::monitor::{AuditAction, AuditEntry, Author, Reason};
use openalgo_core::order::{Gtt, NewOrder, Order, RequestKey, RequestKind};
use openalgo_core::port::StoreError;
use openalgo_core::strategy::{Approval, ApprovalStatus, Decision, PendingOrder};
use openalgo_core::value::Price;
use std::sync::Arc;

/// Shows a person the orders that wait, and carries out what that person decides.
#[derive(Debug, Clone)]
pub struct ApprovalService {
    orders: Arc<OrderService>,
    gtts: Arc<GttService>,
    brokers: Brokers,
    room: WaitingRoom,
    claims: Claims<PendingOrderId>,
}

/// An order that waits for a person or did, with what is worth knowing of it now.
#[derive(Debug, Clone)]
pub struct PendingView {
    /// The order.
    pub pending: PendingOrder,
    /// Where it stands.
    pub stage: Stage,
}

/// Where an order stands that was put before a person.
#[derive(Debug, Clone)]
pub enum Stage {
    /// It waits.
    Waits {
        /// The last price now, where there is one.
        last: Option<Price>,
    },
    /// It was let go, and this came of it.
    Placed(Box<Order>),
    /// It was let go, and waits for its price, or did.
    Kept(Box<Gtt>),
    /// It was let go, and nothing came of it: it was refused after that, or the program ended
    /// before it was placed. Nothing is placed by itself; until it lapses it can be approved
    /// again.
    NotPlaced,
    /// It was let go, and what came of it cannot be read: `db check` names the damage.
    Unreadable,
    /// It was refused, has lapsed, or there was nothing to do for it.
    Over,
}

impl ApprovalService {
    pub(crate) fn new(
        (orders, gtts): (Arc<OrderService>, Arc<GttService>),
        brokers: Brokers,
        room: WaitingRoom,
    ) -> Self {
        Self {
            orders,
            gtts,
            brokers,
            room,
            claims: Claims::default(),
        }
    }

    /// A user's orders, the newest first; only those in one status if asked. One that is damaged is
    /// missing, and `db check` names it.
    pub async fn list(
        &self,
        user: UserId,
        status: Option<ApprovalStatus>,
    ) -> Result<Vec<PendingView>, StoreError> {
        self.room.tidy().await;
        let listed = self.orders.ports.pending_orders.list(user, status).await?;
        let listed: Vec<_> = readable(listed).collect();
        let waiting = listed.iter().filter(|it| it.approval == Approval::Pending);
        let wanted = waiting.map(|it| it.asked.order.instrument.clone());
        let prices = self.orders.market.prices(wanted).await;
        let mut views = Vec::with_capacity(listed.len());
        for pending in listed {
            let last = prices.get(&pending.asked.order.instrument);
            let last = last.map(|quote| quote.ltp);
            let stage = self.stage(&pending, last).await;
            views.push(PendingView { pending, stage });
        }
        Ok(views)
    }

    /// The orders that a person has to decide on, the newest first: those that wait, then those
    /// that were let go and not placed, as far as that is known.
    pub async fn open(&self, user: UserId) -> Result<Vec<PendingView>, StoreError> {
        let mut open = self.list(user, Some(ApprovalStatus::Pending)).await?;
        let approved = self.list(user, Some(ApprovalStatus::Approved)).await?;
        let is_left =
            |view: &PendingView| matches!(view.stage, Stage::NotPlaced | Stage::Unreadable);
        open.extend(approved.into_iter().filter(is_left));
        Ok(open)
    }

    async fn stage(&self, pending: &PendingOrder, last: Option<Price>) -> Stage {
        match pending.approval {
            Approval::Pending => Stage::Waits { last },
            Approval::Approved { .. } => match self.came_of(pending).await {
                Ok(Some(CameOf::Order(order))) => Stage::Placed(order),
                Ok(Some(CameOf::Gtt(gtt))) => Stage::Kept(gtt),
                Ok(Some(CameOf::Nothing(_)) | None) => Stage::NotPlaced,
                Err(error) => {
                    tracing::warn!(%error, "what came of an approved order cannot be read");
                    Stage::Unreadable
                }
            },
            Approval::NothingToDo { .. } | Approval::Rejected { .. } | Approval::Expired => {
                Stage::Over
            }
        }
    }

    /// Refuses an order that waits. It is never placed.
    pub async fn reject(
        &self,
        user: UserId,
        id: PendingOrderId,
        (reason, by): (Option<Reason>, Author),
    ) -> Result<PendingOrder, ApprovalError> {
        let _claim = self.claims.claim(id).await;
        self.room.tidy().await;
        let mut pending = self.own(user, id).await?;
        let action = (AuditAction::PendingReject, by);
        let entry = self.entry(&pending, action, reason.as_ref().map(Reason::as_str));
        let decision = Decision::Reject { reason };
        let orders = &self.orders.ports.pending_orders;
        if !orders.decide(id, &decision, &entry).await? {
            return Err(self.decided_before(user, id).await?);
        }
        pending.approval = decision.made_at(entry.at);
        self.room.decided(pending.clone());
        Ok(pending)
    }

    /// Removes an order from the list that does not wait any more. What came of it stays.
    pub async fn delete(
        &self,
        user: UserId,
        id: PendingOrderId,
        by: Author,
    ) -> Result<PendingOrder, ApprovalError> {
        let _claim = self.claims.claim(id).await;
        self.room.tidy().await;
        let pending = self.own(user, id).await?;
        let status = pending.approval.status();
        let entry = self.entry(
            &pending,
            (AuditAction::PendingDelete, by),
            Some(status.as_str()),
        );
        let orders = &self.orders.ports.pending_orders;
        if orders.delete(id, &entry).await? {
            Ok(pending)
        } else {
            Err(ApprovalError::StillWaits(id))
        }
    }

    /// An order of this user: those of others are not there.
    async fn own(&self, user: UserId, id: PendingOrderId) -> Result<PendingOrder, ApprovalError> {
        match self.orders.ports.pending_orders.get(id).await {
            Ok(pending) if pending.asked.user == user => Ok(pending),
            Ok(_) | Err(StoreError::NotFound { .. }) => Err(ApprovalError::NotFound(id)),
            Err(error) => Err(error.into()),
        }
    }

    /// Why an order cannot be decided that was there a moment ago.
    async fn decided_before(
        &self,
        user: UserId,
        id: PendingOrderId,
    ) -> Result<ApprovalError, ApprovalError> {
        let pending = self.own(user, id).await?;
        let status = match pending.approval.status() {
            // Its time has come, and nobody has marked it yet.
            ApprovalStatus::Pending => ApprovalStatus::Expired,
            decided @ (ApprovalStatus::Approved
            | ApprovalStatus::Rejected
            | ApprovalStatus::Expired) => decided,
        };
        let came_of = self.came_of(&pending).await?;
        Ok(ApprovalError::Decided {
            id,
            status,
            came_of: came_of.map(|came_of| came_of.to_string()),
        })
    }

    fn entry(
        &self,
        pending: &PendingOrder,
        (action, by): (AuditAction, Author),
        detail: Option<&str>,
    ) -> AuditEntry {
        let NewOrder {
            side,
            quantity,
            instrument,
            ..
        } = &pending.asked.order;
        let gtt = pending.asked.gtt.as_ref().map_or("", |_gtt| "GTT ");
        let what = format!("{gtt}{side} {quantity} {instrument}");
        AuditEntry {
            by,
            action,
            object: format!("pending order {}", pending.id),
            detail: Some(match detail {
                Some(detail) => format!("{what}: {detail}"),
                None => what,
            }),
            at: self.orders.ports.clock.now(),
        }
    }
}

/// How the client order id begins of an order that came without one and was let go.
const KEPT: &str = "pending-order-";

/// The client order id of what comes of an order: its sender's, or one made of its number, which
/// no other order ever has. So nothing that is approved twice is placed twice.
fn own_id(pending: &PendingOrder) -> Result<ClientOrderId, TextError> {
    match &pending.asked.order.client_order_id {
        Some(id) => Ok(id.clone()),
        None => ClientOrderId::try_new(&format!("{KEPT}{}", pending.id)),
    }
}

/// The request that an order with this id came from, where that says more than the order.
fn request_of(pending: &PendingOrder, own: &ClientOrderId) -> Option<RequestKey> {
    let asked = &pending.asked;
    let smart = asked.position_size.map(|_target| RequestKind::Smart);
    let (kind, id) = match &asked.request {
        Some(request) => (request.kind, request.id.clone()),
        // It came without an id, and gets one when it is let go.
        None => (smart?, own.clone()),
    };
    Some(RequestKey {
        user: asked.user,
        kind,
        id,
    })
}

/// Whether no sender may give this id, because it is, or will be, that of an order that is let go.
pub(super) fn is_kept(id: &ClientOrderId) -> bool {
    id.as_str().starts_with(KEPT)
}
