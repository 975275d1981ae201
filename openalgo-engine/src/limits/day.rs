//! How many orders were taken today.

use super::LimitError;
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::market::TradingDay;
use openalgo_core::order::{OrderIntent, TradingMode};
use openalgo_core::port::{OrderRepository, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The orders of one user on one day.
#[derive(Debug, Clone)]
struct Taken {
    day: TradingDay,
    by_broker: BTreeMap<BrokerName, u64>,
}

/// Counts the orders of each user's present day, real ones and paper ones by themselves. They are
/// counted when they are taken, so that of many that come at once none slips through; one that
/// comes to nothing before it is stored is given back.
#[derive(Debug, Clone)]
pub(crate) struct Days {
    orders: Arc<dyn OrderRepository>,
    paper: BrokerName,
    known: Arc<Mutex<BTreeMap<UserId, Taken>>>,
}

impl Days {
    pub(crate) fn new(orders: Arc<dyn OrderRepository>, paper: BrokerName) -> Self {
        Self {
            orders,
            paper,
            known: Arc::default(),
        }
    }

    /// Counts what is stored of a user's day, unless that is known. No order of the day is taken
    /// before, so none is counted twice.
    pub(crate) async fn learn(&self, user: UserId, day: TradingDay) -> Result<(), StoreError> {
        if self.lock().get(&user).is_some_and(|taken| taken.day == day) {
            return Ok(());
        }
        let by_broker = self.orders.count(user, day).await?;
        let mut known = self.lock();
        // Whoever was quicker may have counted an order since.
        if known.get(&user).is_none_or(|taken| taken.day != day) {
            known.insert(user, Taken { day, by_broker });
        }
        Ok(())
    }

    /// How many orders of a mode were taken on the day that is known.
    pub(crate) fn taken(&self, user: UserId, mode: TradingMode) -> u64 {
        let known = self.lock();
        known.get(&user).map_or(0, |taken| self.sum(taken, mode))
    }

    /// The live brokers that a user's orders went to today.
    pub(crate) fn live_brokers(&self, user: UserId) -> Vec<BrokerName> {
        let known = self.lock();
        let names = known.get(&user).map(|taken| taken.by_broker.keys());
        let live = names.into_iter().flatten().filter(|it| **it != self.paper);
        live.cloned().collect()
    }

    /// Takes one more order, if `check` lets it pass those that were taken.
    pub(crate) fn take(
        &self,
        intent: &OrderIntent,
        check: impl FnOnce(u64) -> Result<(), LimitError>,
    ) -> Result<Counted, LimitError> {
        let mut known = self.lock();
        let taken = known.get_mut(&intent.user);
        let taken = taken.filter(|taken| taken.day == intent.trading_day);
        let taken = taken.ok_or(LimitError::Unknown)?;
        check(self.sum(taken, intent.mode))?;
        let orders = taken.by_broker.entry(intent.broker.clone()).or_default();
        *orders = orders.saturating_add(1);
        Ok(Counted {
            days: self.clone(),
            user: intent.user,
            broker: intent.broker.clone(),
            day: intent.trading_day,
            stands: false,
        })
    }

    fn sum(&self, taken: &Taken, mode: TradingMode) -> u64 {
        let of_mode = taken.by_broker.iter().filter(|(broker, _)| match mode {
            TradingMode::Paper => **broker == self.paper,
            TradingMode::Live => **broker != self.paper,
        });
        of_mode.fold(0, |sum, (_, orders)| sum.saturating_add(*orders))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<UserId, Taken>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// That an order was counted. Dropped, it is given back.
#[derive(Debug)]
pub(crate) struct Counted {
    days: Days,
    user: UserId,
    broker: BrokerName,
    day: TradingDay,
    stands: bool,
}

impl Counted {
    /// The order is stored, and counts whatever becomes of it.
    pub(crate) fn stands(mut self) {
        self.stands = true;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if self.stands {
            return;
        }
        let mut known = self.days.lock();
        let taken = known.get_mut(&self.user);
        let taken = taken.filter(|taken| taken.day == self.day);
        if let Some(orders) = taken.and_then(|taken| taken.by_broker.get_mut(&self.broker)) {
            *orders = orders.saturating_sub(1);
        }
    }
}
