//! What stands between an order and the market: kill switch, limits of risk, governor.
//!
//! What an order is judged by is read before it comes to the account's writer. The writer judges
//! it, in memory and at the moment at which it takes the order: of many that come at once, none
//! gets past a limit that another one has reached.

use crate::account::{AccountError, PlaceRequest};
use crate::governor::Governor;
use crate::kill_switch::{HaltedError, KillSwitches};
use crate::limits::{Counted, Days, LimitError, Limits};
use crate::names::{Names, Whose};
use crate::ports::Ports;
use openalgo_core::id::UserId;
use openalgo_core::market::TradingDay;
use openalgo_core::order::OrderIntent;
use openalgo_core::rule::governor::Urgency;
use openalgo_core::rule::limits::{Day, Exposure, check, judged_at};
use openalgo_core::value::{Money, Price, ValueError};
use std::sync::Arc;

/// What limits of risk judge an order by, besides the order itself.
#[derive(Debug, Clone)]
pub(crate) struct Stake {
    /// What it may come to ([`judged_at`]); `None` where no price tells.
    pub(crate) worth: Option<Result<Money, ValueError>>,
    /// What the day has come to, where a limit asks for it.
    pub(crate) profit: Option<Money>,
}

impl Stake {
    /// The stake of an order at the last price, if there is one; what the day has come to is not
    /// known.
    pub(crate) fn of(intent: &OrderIntent, last: Option<Price>) -> Self {
        let price = judged_at(&intent.order, last);
        Self {
            worth: price.map(|price| price.times(intent.order.quantity)),
            profit: None,
        }
    }
}

/// What orders are judged by.
#[derive(Debug, Clone)]
pub(crate) struct Guards {
    pub(crate) switches: KillSwitches,
    pub(crate) limits: Limits,
    pub(crate) days: Days,
    pub(crate) governor: Governor,
    names: Names,
}

impl Guards {
    /// Nothing is read yet.
    pub(crate) fn new(ports: &Ports) -> Self {
        let limits = Limits::new(Arc::clone(&ports.risk));
        let names = Names::new(Arc::clone(&ports.users));
        Self {
            switches: KillSwitches::new(Arc::clone(&ports.risk), names.clone()),
            governor: Governor::new(limits.clone(), names.clone()),
            days: Days::new(Arc::clone(&ports.orders), ports.paper.clone()),
            limits,
            names,
        }
    }

    /// Reads what orders of a user are judged by on a day, unless it is known. What cannot be read
    /// refuses entries.
    pub(crate) async fn learn(&self, user: UserId, day: TradingDay) -> Result<(), AccountError> {
        self.names.learn(user).await;
        let switch = self.switches.read(user).await;
        switch.map_err(|error| HaltedError::Unreadable(Arc::new(error)))?;
        self.limits.read(user).await.map_err(LimitError::from)?;
        Ok(self.days.learn(user, day).await.map_err(LimitError::from)?)
    }

    /// Whose account commands would have to name.
    pub(crate) fn whose(&self, user: UserId) -> Whose {
        self.names.whose(user)
    }

    /// Lets an order in and counts it. An exit is kept out by nothing: it counts where that is
    /// known.
    pub(crate) fn admit(&self, request: &PlaceRequest) -> Result<Option<Counted>, AccountError> {
        let intent = &request.intent;
        if request.urgency() == Urgency::Exit {
            return Ok(self.days.take(intent, |_taken| Ok(())).ok());
        }
        self.switches.pass_now(intent.user)?;
        let check = |taken| self.check(intent, &request.stake, taken);
        Ok(Some(self.days.take(intent, check)?))
    }

    /// Whether an order would be let in as an entry now. It is not counted.
    pub(crate) fn would_admit(
        &self,
        intent: &OrderIntent,
        stake: &Stake,
    ) -> Result<(), AccountError> {
        self.switches.pass_now(intent.user)?;
        let taken = self.days.taken(intent.user, intent.mode);
        Ok(self.check(intent, stake, taken)?)
    }

    /// Whether an order may have other terms. It is the same order, so it is not counted again.
    pub(crate) fn admit_change(
        &self,
        intent: &OrderIntent,
        stake: &Stake,
    ) -> Result<(), AccountError> {
        self.switches.pass_now(intent.user)?;
        Ok(self.check(intent, stake, 0)?)
    }

    fn check(&self, intent: &OrderIntent, stake: &Stake, taken: u64) -> Result<(), LimitError> {
        let limits = self.limits.known(intent.user).ok_or(LimitError::Unknown)?;
        // What is beyond all amounts is above every limit, and otherwise no business of these.
        let worth = match stake.worth.clone() {
            Some(Err(error)) if limits.order_value.is_some() => return Err(error.into()),
            None if limits.order_value.is_some() => {
                let whose = self.names.whose(intent.user);
                return Err(LimitError::WorthUnknown { whose });
            }
            worth => worth.and_then(Result::ok).unwrap_or_default(),
        };
        if limits.daily_loss.is_some() && stake.profit.is_none() {
            return Err(LimitError::Unknown);
        }
        let order = Exposure {
            instrument: &intent.order.instrument,
            quantity: intent.order.quantity,
            worth,
            reduces: false,
        };
        let day = Day {
            orders: u32::try_from(taken).unwrap_or(u32::MAX),
            profit: stake.profit.unwrap_or_default(),
        };
        check(&limits, order, day).map_err(|refusal| LimitError::Refused {
            refusal,
            whose: self.names.whose(intent.user),
        })
    }
}
