//! Letting orders go.
//!
//! First everything is looked at that would keep an order from being placed now; where something
//! does, it goes on waiting. Then the decision is made durable, and then the order takes the way of
//! every order, past the queue. Its client order id is known before, so that whatever is done twice
//! or cut off in between, there is one order at most. One that was let go and not placed is never
//! placed by itself: prices have moved since. A person may let it go again.

use super::{ApprovalError, ApprovalService, ApproveError, CameOf, own_id};
use crate::account::AccountError;
use crate::route::Route;
use crate::service::orders::place::Way;
use crate::service::{PlaceOrderError, Placed, SmartOrder, SmartOrderError, SmartOutcome};
use crate::waiting::readable;
use openalgo_core::id::{PendingOrderId, UserId};
use openalgo_core::monitor::{AuditAction, Author};
use openalgo_core::order::{NewOrder, Side};
use openalgo_core::rule::smart_order::Step;
use openalgo_core::strategy::{Approval, ApprovalStatus, Decision, PendingOrder};
use std::collections::BTreeMap;

/// An order that was let go.
#[derive(Debug, Clone)]
pub struct Approved {
    /// What waited.
    pub pending: PendingOrder,
    /// What came of it.
    pub came_of: CameOf,
    /// Whether that was there already.
    pub replayed: bool,
}

impl Approved {
    fn placed(pending: PendingOrder, Placed { order, replayed }: Placed) -> Self {
        Self {
            pending,
            came_of: CameOf::Order(Box::new(order)),
            replayed,
        }
    }

    fn nothing(pending: PendingOrder, step: Step) -> Self {
        Self {
            pending,
            came_of: CameOf::Nothing(step),
            replayed: false,
        }
    }
}

/// What became of one of several orders that were let go.
#[derive(Debug)]
pub struct Approving {
    /// Which one.
    pub id: PendingOrderId,
    /// What became of it.
    pub outcome: Result<Approved, ApproveError>,
}

impl ApprovalService {
    /// Lets an order go: it is checked again, with the prices and limits of now, and placed.
    ///
    /// It goes the way that was decided when it was asked for; when orders go elsewhere by now, it
    /// goes on waiting. Once begun it is carried through, even if the caller goes away.
    pub async fn approve(
        &self,
        user: UserId,
        id: PendingOrderId,
        by: Author,
    ) -> Result<Approved, ApproveError> {
        let service = self.clone();
        let approve = async move {
            // Of two who decide at once, the second is told what the first has done.
            let _claim = service.claims.claim(id).await;
            service.let_go(user, id, by).await
        };
        let approved = self.room.errands().run(approve).await;
        approved.ok_or(ApproveError::Stopped)?
    }

    /// Lets several orders go, one after the other: the oldest first, and of a basket those first
    /// that buy. None keeps the others from it; what became of each is told in the order of `ids`.
    pub async fn approve_each(
        &self,
        user: UserId,
        ids: &[PendingOrderId],
        by: Author,
    ) -> Vec<Approving> {
        let mut turns = Vec::with_capacity(ids.len());
        for id in ids {
            // What cannot be read now says so in its turn.
            let pending = self.own(user, *id).await.ok();
            turns.push((*id, pending));
        }
        let mut outcomes = BTreeMap::new();
        for id in in_turn(turns) {
            let outcome = self.approve(user, id, by).await;
            outcomes.insert(id, outcome);
        }
        let told = ids.iter().filter_map(|id| {
            let outcome = outcomes.remove(id)?;
            Some(Approving { id: *id, outcome })
        });
        told.collect()
    }

    /// Lets every order go that can be, as [`ApprovalService::approve_each`]: those that wait, and
    /// those that were let go before and not placed. Of these, what has lapsed is left out, and so is
    /// a smart order: there may have been nothing to do for it, so it takes a person who names it.
    pub async fn approve_all(
        &self,
        user: UserId,
        by: Author,
    ) -> Result<Vec<Approving>, ApproveError> {
        self.room.tidy().await;
        let orders = &self.orders.ports.pending_orders;
        let waiting = orders.list(user, Some(ApprovalStatus::Pending)).await?;
        let approved = orders.list(user, Some(ApprovalStatus::Approved)).await?;
        let mut ids: Vec<_> = readable(waiting).map(|pending| pending.id).collect();
        let now = self.orders.ports.clock.now();
        for pending in readable(approved) {
            let has_lapsed = pending.asked.expires_at.is_some_and(|at| at <= now);
            let is_smart = pending.asked.position_size.is_some();
            // Where the order cannot be read, that is told in its turn.
            let is_placed = || async { matches!(self.came_of(&pending).await, Ok(Some(_))) };
            if !has_lapsed && !is_smart && !is_placed().await {
                ids.push(pending.id);
            }
        }
        ids.sort_unstable();
        Ok(self.approve_each(user, &ids, by).await)
    }

    async fn let_go(
        &self,
        user: UserId,
        id: PendingOrderId,
        by: Author,
    ) -> Result<Approved, ApproveError> {
        self.room.tidy().await;
        let pending = self.own(user, id).await?;
        self.check_open(&pending).await?;
        let way = self.way_of(&pending).await?;
        if let Some(gtt) = pending.asked.gtt.clone() {
            return self.let_gtt_go(&way, (pending, gtt), by).await;
        }
        let order = NewOrder {
            client_order_id: Some(own_id(&pending)?),
            ..pending.asked.order.clone()
        };
        if let Some(step) = self.check_placeable(&way, (&pending, &order)).await? {
            let why = step.message().and_then(|message| message.parse().ok());
            let decision = why.map_or(Decision::Approve, |why| Decision::NothingToDo { why });
            let pending = self.record(pending, (decision, by)).await?;
            return Ok(Approved::nothing(pending, step));
        }
        let pending = self.record(pending, (Decision::Approve, by)).await?;
        let placed = self.place(&way, (&pending, order)).await;
        match placed {
            Ok(SmartOutcome::Placed(placed)) => Ok(Approved::placed(pending, *placed)),
            // The position has come to its target since it was looked at.
            Ok(SmartOutcome::NoOrder(step)) => Ok(Approved::nothing(pending, step)),
            Err(why) if may_be_placed(&why) => {
                let order = self.placed(&pending).await.ok().flatten();
                let order = order.map(|order| order.public_id());
                Err(ApproveError::OutcomeUnknown { id, order, why })
            }
            Err(why) => Err(ApproveError::NotPlaced { id, why }),
        }
    }

    /// Whether an order can still be let go: it waits, or it was let go before and nothing came of
    /// it, and its time is not over.
    async fn check_open(&self, pending: &PendingOrder) -> Result<(), ApproveError> {
        let id = pending.id;
        let now = self.orders.ports.clock.now();
        let lapsed = pending.asked.expires_at.filter(|at| *at <= now);
        let is_open = match pending.approval {
            Approval::Pending => lapsed.is_none(),
            Approval::Approved { .. } => self.came_of(pending).await?.is_none(),
            Approval::NothingToDo { .. } | Approval::Rejected { .. } | Approval::Expired => false,
        };
        if !is_open {
            let user = pending.asked.user;
            return Err(self.decided_before(user, id).await?.into());
        }
        match lapsed {
            Some(at) => Err(ApproveError::Lapsed { id, at }),
            None => Ok(()),
        }
    }

    /// The way that was decided when an order was asked for, if orders still go there.
    async fn way_of(&self, pending: &PendingOrder) -> Result<Way, ApproveError> {
        let asked = &pending.asked;
        let way = self.orders.way(asked.user).await?;
        let Route { mode, broker } = way.route.clone();
        if (mode, &broker) != (asked.mode, &asked.broker) {
            return Err(ApproveError::Rerouted {
                id: pending.id,
                asked_broker: asked.broker.clone(),
                asked_mode: asked.mode,
                broker,
                mode,
            });
        }
        if broker != self.orders.ports.paper {
            self.brokers.live(&(asked.user, broker))?;
        }
        Ok(Way {
            is_approved: true,
            ..way
        })
    }

    /// Whether an order would be placed now; gives the reason where there is nothing to do for it.
    async fn check_placeable(
        &self,
        way: &Way,
        (pending, order): (&PendingOrder, &NewOrder),
    ) -> Result<Option<Step>, ApproveError> {
        let refused = |error: PlaceOrderError| ApproveError::Refused(error.into());
        // Somebody may have placed it meanwhile with its sender's own id; that is the order then.
        if let Some(known) = self.placed(pending).await? {
            if pending.asked.position_size.is_none() {
                let is_it = |asked: &NewOrder| asked == order;
                let before = self.orders.before(way, known, is_it).await;
                before.map_err(refused)?;
            }
            return Ok(None);
        }
        let Some(position) = pending.asked.position_size else {
            let examined = self.orders.examine(way, order).await;
            return examined.map(|_last| None).map_err(refused);
        };
        let smart = SmartOrder {
            order: order.clone(),
            position,
        };
        let step = self.orders.examine_smart(way, &smart).await;
        let step = step.map_err(ApproveError::Refused)?;
        Ok((!matches!(step, Step::Order { .. })).then_some(step))
    }

    /// Makes the decision durable, with who made it.
    pub(super) async fn record(
        &self,
        mut pending: PendingOrder,
        (decision, by): (Decision, Author),
    ) -> Result<PendingOrder, ApproveError> {
        let action = (AuditAction::PendingApprove, by);
        if let Approval::Approved { .. } = pending.approval {
            let entry = self.entry(&pending, action, Some("again"));
            self.orders.ports.audit_log.append(&entry).await?;
            return Ok(pending);
        }
        let why = match &decision {
            Decision::NothingToDo { why } => Some(why.as_str()),
            Decision::Approve | Decision::Reject { .. } => None,
        };
        let entry = self.entry(&pending, action, why);
        let orders = &self.orders.ports.pending_orders;
        if !orders.decide(pending.id, &decision, &entry).await? {
            let user = pending.asked.user;
            let before: ApprovalError = self.decided_before(user, pending.id).await?;
            return Err(before.into());
        }
        pending.approval = decision.made_at(entry.at);
        self.room.decided(pending.clone());
        Ok(pending)
    }

    /// Places what was let go.
    async fn place(
        &self,
        way: &Way,
        (pending, order): (&PendingOrder, NewOrder),
    ) -> Result<SmartOutcome, SmartOrderError> {
        if let Some(position) = pending.asked.position_size {
            let smart = SmartOrder { order, position };
            return self.orders.smart_on(way, smart).await;
        }
        let request = pending.asked.request.clone();
        let asked = self.orders.asked(way, request).await?;
        Ok(self.orders.place_leg(way, order, &asked).await?.into())
    }
}

/// Whether there may be an order although the account says why there is none.
fn may_be_placed(why: &SmartOrderError) -> bool {
    matches!(
        why,
        SmartOrderError::Place(PlaceOrderError::Account(
            AccountError::OutcomeNotStored(_) | AccountError::ReplyLost
        ))
    )
}

/// The order in which orders are let go: where a basket begins all of it comes, and in that first
/// what buys, so that a hedge is there before what it covers.
fn in_turn(mut orders: Vec<(PendingOrderId, Option<PendingOrder>)>) -> Vec<PendingOrderId> {
    let mut begins = BTreeMap::new();
    for (id, pending) in &orders {
        if let Some(place) = pending.as_ref().and_then(|it| it.asked.basket.as_ref()) {
            let begin = begins.entry(place.basket.clone()).or_insert(*id);
            *begin = (*begin).min(*id);
        }
    }
    orders.sort_by_key(|(id, pending)| {
        let place = pending.as_ref().and_then(|it| it.asked.basket.as_ref());
        let begin = place.and_then(|place| begins.get(&place.basket)).copied();
        let sells = pending
            .as_ref()
            .is_some_and(|it| it.asked.order.side == Side::Sell);
        (begin.unwrap_or(*id), begin.is_some() && sells, *id)
    });
    orders.dedup_by_key(|(id, _)| *id);
    orders.into_iter().map(|(id, _)| id).collect()
}
