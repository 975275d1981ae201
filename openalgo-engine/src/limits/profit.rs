//! What today has come to: realised, and at the present prices.
//!
//! On paper it is told by the machine that decides, at a broker by its positions, which show what
//! was traded by hand, too. Where a broker tells no positions, our own orders of the day say what
//! they have brought.

use super::Days;
use crate::account::{AccountRegistry, keep_up};
use crate::brokers::{Brokers, Login};
use crate::claims::Claims;
use crate::market::{Market, Prices};
use crate::orders_of_day::orders_of_day;
use crate::ports::Ports;
use crate::service::SettingService;
use crate::standing::{StandingError, positions};
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::market::InstrumentKey;
use openalgo_core::order::{Order, Side};
use openalgo_core::port::{BrokerSession, PortfolioReader};
use openalgo_core::portfolio::Position;
use openalgo_core::value::{Money, NetQuantity, Price, ValueError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a broker may take to show its positions.
const DEADLINE: Duration = Duration::from_secs(5);

/// For how long what a broker said, or that it did not, is good enough: it answers only so many
/// questions, and orders that wait for one that hangs must not wait for it one after the other.
const FRESH: Duration = Duration::from_secs(1);

type Positions = Result<Arc<[Position]>, StandingError>;
type Shown = BTreeMap<Login, (Instant, Positions)>;

/// Tells what the day has come to.
#[derive(Debug, Clone)]
pub(crate) struct Profits {
    ports: Arc<Ports>,
    settings: SettingService,
    market: Arc<Market>,
    accounts: Arc<AccountRegistry>,
    brokers: Brokers,
    days: Days,
    shown: Arc<Mutex<Shown>>,
    /// Of many that ask at once, one asks the broker.
    turns: Claims<Login>,
}

impl Profits {
    pub(crate) fn new(
        (ports, settings): (Arc<Ports>, SettingService),
        market: Arc<Market>,
        (accounts, brokers): (Arc<AccountRegistry>, Brokers),
        days: Days,
    ) -> Self {
        Self {
            ports,
            settings,
            market,
            accounts,
            brokers,
            days,
            shown: Arc::default(),
            turns: Claims::default(),
        }
    }

    /// The profit of a user's day on paper, or at all live brokers together if `broker` is one.
    pub(crate) async fn of_day(
        &self,
        user: UserId,
        broker: &BrokerName,
    ) -> Result<Money, StandingError> {
        if *broker == self.ports.paper {
            return self.on_paper(user).await;
        }
        let mut brokers = self.days.live_brokers(user);
        if !brokers.contains(broker) {
            brokers.push(broker.clone());
        }
        let mut profit = Money::ZERO;
        for broker in brokers {
            profit = profit.plus(self.at_broker(user, &broker).await?)?;
        }
        Ok(profit)
    }

    async fn on_paper(&self, user: UserId) -> Result<Money, StandingError> {
        let account = self.accounts.account(user, &self.ports.paper)?;
        let now = self.ports.clock.now();
        keep_up(&account, &self.market, now).await?;
        let Some(day) = account.day(now).await? else {
            return Ok(Money::ZERO);
        };
        let mut profit = day.realized;
        let prices = self.prices(&day.open).await;
        for position in day.open {
            let ltp = prices.price_or(&position.key.instrument, position.ltp);
            profit = profit.plus(position.marked_at(ltp)?.unrealized_pnl)?;
        }
        Ok(profit)
    }

    async fn at_broker(&self, user: UserId, broker: &BrokerName) -> Result<Money, StandingError> {
        // Where nobody is logged in any more, our own orders are all that is known.
        let login = (user, broker.clone());
        let session = self.brokers.live(&login).ok();
        let with_reader = session.and_then(|it| Some((it.portfolio.clone()?, it)));
        let Some((reader, session)) = with_reader else {
            return self.of_our_orders(user, broker).await;
        };
        let positions = self.positions(&login, (&session, &*reader)).await?;
        let mut profit = Money::ZERO;
        let prices = self.prices(&positions).await;
        for position in positions.iter() {
            let ltp = prices.price_or(&position.key.instrument, position.ltp);
            profit = profit.plus(position.clone().marked_at(ltp)?.pnl)?;
        }
        Ok(profit)
    }

    async fn positions(
        &self,
        login: &Login,
        (session, reader): (&Arc<BrokerSession>, &dyn PortfolioReader),
    ) -> Positions {
        let _turn = self.turns.claim(login.clone()).await;
        let fresh = || {
            let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            let (read, positions) = shown.get(login)?;
            (read.elapsed() < FRESH).then(|| positions.clone())
        };
        if let Some(positions) = fresh() {
            return positions;
        }
        let asked = (reader, DEADLINE);
        let positions = positions(&self.brokers, (login, session), asked).await;
        let positions = positions.map(Arc::from);
        // That a session is over says nothing about the next one.
        if !matches!(positions, Err(StandingError::Account(_))) {
            let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown.insert(login.clone(), (Instant::now(), positions.clone()));
        }
        positions
    }

    async fn of_our_orders(
        &self,
        user: UserId,
        broker: &BrokerName,
    ) -> Result<Money, StandingError> {
        let orders = orders_of_day((&self.ports, &self.settings), (user, broker)).await?;
        let traded = traded(&orders)?;
        let prices = self.market.prices(traded.keys().cloned()).await;
        let mut profit = Money::ZERO;
        for (instrument, traded) in traded {
            let ltp = prices.price_or(&instrument, traded.last);
            profit = profit.plus(traded.at(ltp)?)?;
        }
        Ok(profit)
    }

    async fn prices(&self, held: &[Position]) -> Prices {
        let held = held.iter().map(|it| it.key.instrument.clone());
        self.market.prices(held).await
    }
}

/// What orders of a day have come to in one instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Traded {
    /// Sold less bought.
    brought: Money,
    net: NetQuantity,
    /// The last price that is known from them.
    last: Price,
}

impl Traded {
    fn and(self, order: &Order) -> Result<Self, ValueError> {
        let executed = order.executed();
        let units = NetQuantity::from(executed.quantity);
        let (brought, units) = match order.intent.order.side {
            Side::Buy => (executed.value.negated(), units),
            Side::Sell => (executed.value, units.negated()),
        };
        Ok(Self {
            brought: self.brought.plus(brought)?,
            net: self.net.plus(units)?,
            last: executed.average()?,
        })
    }

    /// What it is when everything is closed at a price.
    fn at(self, price: Price) -> Result<Money, ValueError> {
        let open = price.times(self.net.size())?;
        if self.net.is_short() {
            self.brought.minus(open)
        } else {
            self.brought.plus(open)
        }
    }
}

/// What orders have come to, those inserted last first.
fn traded(orders: &[Order]) -> Result<BTreeMap<InstrumentKey, Traded>, ValueError> {
    let mut all = BTreeMap::<InstrumentKey, Traded>::new();
    let filled = orders
        .iter()
        .rev()
        .filter(|it| !it.executed().quantity.is_zero());
    for order in filled {
        let traded = all
            .entry(order.intent.order.instrument.clone())
            .or_default();
        *traded = traded.and(order)?;
    }
    Ok(all)
}
