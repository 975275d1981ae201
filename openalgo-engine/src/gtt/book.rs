//! Those that wait, in memory, and how they change: first in the store, then here.
//!
//! When the two may differ (a change could not be stored), the memory is dropped and read again,
//! and the journal of orders tells what became of legs whose order was being placed.

use super::firing::{Outcome, after_a_pause, known};
use super::purse::Purse;
use super::{Change, Terms, Tools, placed_before};
use crate::account::keep_up;
use crate::event::Event;
use crate::service::{ChangeGttError, PlaceGttError};
use openalgo_core::id::{GttId, TriggerId, UserId};
use openalgo_core::market::{InstrumentKey, Timestamp};
use openalgo_core::order::{
    Gtt, GttKeeper, GttLegs, GttStatus, LegState, LegStatus, NewGtt, TradingMode, TriggerSide,
};
use openalgo_core::port::StoreError;
use openalgo_core::rule::gtt::{MOST_ATTEMPTS, check_change, only_reduces};
use openalgo_core::value::Money;
use std::collections::{BTreeMap, BTreeSet};

/// Why those end whose account is started anew.
const RESET: &str = "the paper account was reset";

/// Those that wait.
pub(super) struct Book {
    tools: Tools,
    purse: Purse,
    /// `None` until they are read.
    active: Option<BTreeMap<GttId, Gtt>>,
    /// Those whose order could not be placed, and when it may be tried again.
    resting: BTreeMap<GttId, Timestamp>,
    /// Those whose order is being placed by this process.
    firing: BTreeSet<GttId>,
}

impl Book {
    pub(super) fn new(tools: Tools) -> Self {
        Self {
            purse: Purse::new(&tools),
            tools,
            active: None,
            resting: BTreeMap::new(),
            firing: BTreeSet::new(),
        }
    }

    pub(super) fn get(&self, id: GttId) -> Option<&Gtt> {
        self.active.as_ref()?.get(&id)
    }

    /// Reads what is not known, and ends what has lapsed.
    pub(super) async fn bring_up_to_date(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if self.active.is_none() {
            self.read().await?;
        }
        // Legs that were being placed when an earlier process ended, or when a change could not
        // be stored.
        let is_left = |gtt: &&Gtt| gtt.legs.is_triggering() && !self.firing.contains(&gtt.id);
        let left: Vec<Gtt> = self.active().filter(is_left).cloned().collect();
        for gtt in left {
            self.resolve(gtt, now).await?;
        }
        let is_over = |gtt: &&Gtt| gtt.expires_at <= now && !gtt.legs.is_triggering();
        let over: Vec<Gtt> = self.active().filter(is_over).cloned().collect();
        for mut gtt in over {
            gtt.status = GttStatus::Expired;
            gtt.message = None;
            gtt.legs.cancel();
            self.store(gtt, now).await?;
        }
        self.withdraw_reset(now).await
    }

    /// Withdraws what was placed on paper before its account was started anew.
    async fn withdraw_reset(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let on_paper = self.active().filter(|gtt| gtt.mode == TradingMode::Paper);
        let users: BTreeSet<UserId> = on_paper.map(|gtt| gtt.user).collect();
        for user in users {
            let Some(last_reset) = last_reset(&self.tools, user, now).await else {
                continue;
            };
            let is_older = |gtt: &&Gtt| {
                let is_on_paper = gtt.user == user && gtt.mode == TradingMode::Paper;
                is_on_paper && gtt.created_at < last_reset && !gtt.legs.is_triggering()
            };
            let older: Vec<Gtt> = self.active().filter(is_older).cloned().collect();
            for mut gtt in older {
                gtt.status = GttStatus::Cancelled;
                gtt.message = Some(RESET.to_owned());
                gtt.legs.cancel();
                self.store(gtt, now).await?;
            }
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<(), StoreError> {
        let active = self.tools.ports.gtt_orders.active().await?;
        let readable = active
            .into_iter()
            .filter_map(|read| read.inspect_err(warn).ok());
        let ours = readable.filter(|gtt| gtt.keeper == GttKeeper::Local);
        let mut active: BTreeMap<_, _> = ours.map(|gtt| (gtt.id, gtt)).collect();
        self.purse.settle(&mut active).await?;
        self.active = Some(active);
        Ok(())
    }

    /// Finds out what became of a leg whose order was being placed. Without an order, its claim is
    /// taken back, and the price decides again.
    async fn resolve(&mut self, gtt: Gtt, now: Timestamp) -> Result<(), StoreError> {
        let legs = gtt.legs.as_slice().iter();
        let mut triggering = legs.filter(|leg| leg.state.status() == LegStatus::Triggering);
        let Some(leg) = triggering.next() else {
            return Ok(());
        };
        let (side, attempts) = (leg.side, leg.state.attempts());
        if let Some(order) = known(&self.tools.orders, &gtt, side).await? {
            return self.settle((gtt.id, side), Outcome::of(order), now).await;
        }
        let mut gtt = gtt;
        gtt.legs.set(side, LegState::Pending { attempts });
        self.store(gtt, now).await
    }

    fn active(&self) -> impl Iterator<Item = &Gtt> {
        self.active.iter().flat_map(BTreeMap::values)
    }

    /// Those that a price may meet now. Made-up prices meet none of real money.
    fn open(&self, now: Timestamp) -> impl Iterator<Item = &Gtt> {
        let is_staged = self.tools.market.is_staged();
        self.active().filter(move |gtt| {
            let rests = self.resting.get(&gtt.id).is_some_and(|until| *until > now);
            // A price of a market that is closed is an old one.
            let trades = self.tools.market.is_open(gtt.instrument.exchange);
            let is_real = gtt.mode == TradingMode::Paper || !is_staged;
            let waits = gtt.expires_at > now && !gtt.legs.is_triggering();
            is_real && trades && waits && !rests
        })
    }

    /// The instruments whose prices are waited for.
    pub(super) fn wanted(&self, now: Timestamp) -> BTreeSet<InstrumentKey> {
        self.open(now).map(|gtt| gtt.instrument.clone()).collect()
    }

    /// Those that the price of an instrument may meet now, the oldest first.
    pub(super) fn ready(&self, key: &InstrumentKey, now: Timestamp) -> Vec<GttId> {
        let open = self.open(now).filter(|gtt| gtt.instrument == *key);
        open.map(|gtt| gtt.id).collect()
    }

    /// Begins to place the order of a leg; gives what it belongs to, if it may be placed.
    pub(super) async fn claim(
        &mut self,
        (id, side): (GttId, TriggerSide),
        now: Timestamp,
    ) -> Result<Option<Gtt>, StoreError> {
        let claimed = self.tools.ports.gtt_orders.claim(id, side, now).await;
        let gtt = self.active.as_mut().and_then(|active| active.get_mut(&id));
        let (Ok(true), Some(gtt)) = (&claimed, gtt) else {
            // The store knows better, or nobody knows what it holds.
            self.active = None;
            return claimed.map(|_claimed| None);
        };
        let attempts = gtt.legs.attempts_of(side);
        let since = now;
        gtt.legs.set(side, LegState::Triggering { attempts, since });
        gtt.updated_at = now;
        let gtt = gtt.clone();
        self.firing.insert(id);
        self.tell(&gtt);
        Ok(Some(gtt))
    }

    /// Stores what became of the order of a leg.
    pub(super) async fn settle(
        &mut self,
        (id, side): (GttId, TriggerSide),
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.firing.remove(&id);
        if self.active.is_none() {
            self.read().await?;
        }
        let Some(mut gtt) = self.get(id).cloned() else {
            return Ok(());
        };
        let attempts = gtt.legs.attempts_of(side);
        match outcome {
            Outcome::Placed(order) => {
                gtt.status = GttStatus::Triggered;
                gtt.message = None;
                gtt.legs.cancel();
                let order = Some(order.id);
                gtt.legs.set(side, LegState::Triggered { order });
            }
            Outcome::Refused(reason) => {
                let attempts = attempts.saturating_add(1);
                gtt.message = Some(reason);
                if attempts >= MOST_ATTEMPTS {
                    gtt.status = GttStatus::Rejected;
                    gtt.legs.cancel();
                } else {
                    gtt.legs.set(side, LegState::Pending { attempts });
                    self.resting.insert(id, after_a_pause(now));
                    self.purse.reserve_again(&mut gtt).await;
                }
            }
            Outcome::NotNow(reason) => {
                gtt.message = Some(reason);
                gtt.legs.set(side, LegState::Pending { attempts });
                self.resting.insert(id, after_a_pause(now));
            }
            Outcome::Unknown(error) => {
                self.active = None;
                return Err(error);
            }
        }
        self.store(gtt, now).await
    }

    /// Keeps a new one, unless the same was placed before under its id.
    pub(super) async fn keep(
        &mut self,
        mut gtt: Gtt,
        asked: &NewGtt,
    ) -> Result<(Gtt, bool), PlaceGttError> {
        let repository = &self.tools.ports.gtt_orders;
        if asked.trigger_id.is_some() {
            let known = repository.find(gtt.user, &gtt.trigger_id).await?;
            if let Some(known) = known {
                let known = placed_before(known, (gtt.mode, &gtt.broker), asked)?;
                return Ok((known, true));
            }
        }
        self.purse.reserve(&mut gtt).await?;
        gtt.id = match repository.insert(&gtt).await {
            Ok(id) => id,
            Err(error) => {
                // What is reserved for it is given back when the others are read again.
                self.active = None;
                return Err(error.into());
            }
        };
        // Whoever has not read the others yet will read this one with them.
        if let Some(active) = &mut self.active {
            active.insert(gtt.id, gtt.clone());
        }
        self.tell(&gtt);
        Ok((gtt, false))
    }

    /// Changes one that waits.
    pub(super) async fn change(
        &mut self,
        (user, id): (UserId, TriggerId),
        change: Change,
    ) -> Result<Gtt, ChangeGttError> {
        let now = self.tools.ports.clock.now();
        self.bring_up_to_date(now).await?;
        let is_it = |gtt: &&Gtt| gtt.user == user && gtt.trigger_id == id;
        // Two brokers may have the same id; people mean the newer.
        let Some(mut gtt) = self.active().filter(is_it).last().cloned() else {
            return Err(ChangeGttError::NotFound(id));
        };
        if gtt.legs.is_triggering() {
            return Err(ChangeGttError::Triggering(id));
        }
        match change {
            Change::Modify(terms) => {
                let Terms { asked, end, halt } = *terms;
                check_change(&gtt, &asked)?;
                // As it stands now: somebody may have made it smaller meanwhile.
                if let Some(halt) = halt.filter(|_halt| !only_reduces(&gtt, &asked)) {
                    return Err(halt.into());
                }
                gtt.legs = with_attempts(asked.legs.clone(), &gtt);
                gtt.quantity = asked.quantity;
                gtt.product = asked.product;
                let asked_end = asked.expires_at.unwrap_or(gtt.expires_at);
                gtt.expires_at = end.map_or(asked_end, |end| end.min(asked_end));
            }
            Change::Cancel => {
                gtt.status = GttStatus::Cancelled;
                gtt.legs.cancel();
                gtt.margin = Money::ZERO;
            }
        }
        gtt.message = None;
        gtt.updated_at = now;
        if gtt.status == GttStatus::Active {
            self.purse.reserve(&mut gtt).await?;
        }
        self.resting.remove(&gtt.id);
        self.store(gtt.clone(), now).await?;
        Ok(gtt)
    }

    /// Stores what one has become, and forgets it when it is over.
    async fn store(&mut self, mut gtt: Gtt, now: Timestamp) -> Result<(), StoreError> {
        gtt.updated_at = now;
        let is_over = gtt.status != GttStatus::Active;
        if is_over {
            gtt.margin = Money::ZERO;
        }
        if let Err(error) = self.tools.ports.gtt_orders.update(&gtt).await {
            self.active = None;
            return Err(error);
        }
        self.tell(&gtt);
        if is_over && let Err(error) = self.purse.release(&gtt).await {
            // It is given back when those that wait are read again.
            tracing::warn!(gtt = %gtt.id, %error, "what was reserved could not be given back");
            self.active = None;
        }
        let Some(active) = &mut self.active else {
            return Ok(());
        };
        if gtt.status == GttStatus::Active {
            active.insert(gtt.id, gtt);
        } else {
            self.resting.remove(&gtt.id);
            active.remove(&gtt.id);
        }
        Ok(())
    }

    fn tell(&self, gtt: &Gtt) {
        let event = Event::GttChanged(Box::new(gtt.clone()));
        self.tools.events.publish(event);
    }
}

/// Tells of one that cannot be read. What is wrong with it may quote a cell, so only the place is
/// told.
fn warn(error: &StoreError) {
    let mut place = None;
    if let StoreError::Corrupt {
        table, column, row, ..
    } = error
    {
        place = Some(format!("{table}.{column} of row {row}"));
    }
    tracing::warn!(
        place,
        "an order that waits for a price is damaged and is not watched"
    );
}

/// Legs as they are asked for, which wait. What was tried is not forgotten: the orders that came
/// of it keep their ids.
fn with_attempts(mut legs: GttLegs, before: &Gtt) -> GttLegs {
    let sides: Vec<TriggerSide> = legs.as_slice().iter().map(|leg| leg.side).collect();
    for side in sides {
        let attempts = before.legs.attempts_of(side);
        legs.set(side, LegState::Pending { attempts });
    }
    legs
}

/// When the paper account of a user was started anew last, after what is due by now. An account
/// that cannot tell keeps nothing from waiting; its orders are refused anyway.
async fn last_reset(tools: &Tools, user: UserId, now: Timestamp) -> Option<Timestamp> {
    let account = tools.accounts.account(user, &tools.ports.paper).ok()?;
    keep_up(&account, &tools.market, now).await.ok()?;
    account.outlook(now).await.ok()?.last_reset
}
