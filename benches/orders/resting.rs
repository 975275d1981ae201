//! What a price costs that meets one of ten thousand resting paper orders.

use crate::samples::{Comparison, timed};
use chrono::Duration;
use openalgo::brokers::paper::{BROKER_NAME, PaperBroker};
use openalgo::core::id::{IntentId, UserId};
use openalgo::core::market::{
    Exchange, Instrument, InstrumentKey, InstrumentKind, Quote, SessionBoundary, Timestamp,
};
use openalgo::core::order::{NewOrder, OrderIntent, OrderKind, Side, TradingMode};
use openalgo::core::paper::{PaperAccountKey, PaperState, PaperTerms, Ticket};
use openalgo::core::port::{IdSource, PaperAccount, PaperExchange};
use openalgo::core::portfolio::Funds;
use openalgo::core::value::{Price, Quantity, Tick};
use openalgo::crypto::SystemRandom;
use openalgo::{SystemClock, SystemIds};
use std::sync::Arc;
use std::time;
use tokio::runtime::Runtime;

const MANY: i64 = 10_000;

/// An account in which so many orders rest below a price, besides the one that it meets.
struct Resting {
    account: Box<dyn PaperAccount>,
    share: Instrument,
    now: Timestamp,
    ids: SystemIds,
}

fn paise(paise: i64) -> Price {
    let rupees = format!("{}.{:02}", paise / 100, paise % 100);
    rupees.parse().unwrap()
}

impl Resting {
    fn new(orders: i64) -> Self {
        let key = PaperAccountKey {
            user: UserId::new(1),
            broker: BROKER_NAME.parse().unwrap(),
        };
        let now: Timestamp = "2026-11-25 05:00:00".to_owned().try_into().unwrap();
        let capital = "10000000".parse().unwrap();
        let state = PaperState {
            key,
            version: 0,
            trading_day: SessionBoundary::default().day_of(now),
            jobs_until: now,
            last_order_number: 0,
            funds: Funds::opening(capital),
            positions: Vec::new(),
            holdings: Vec::new(),
            orders: Vec::new(),
            reservations: Vec::new(),
        };
        let terms = Arc::new(PaperTerms::with_capital(capital));
        let mut resting = Self {
            account: PaperBroker.open(state, terms),
            share: share(),
            now,
            ids: SystemIds::new(Arc::new(SystemClock), Arc::new(SystemRandom)),
        };
        for number in 0..orders {
            resting.rest(Side::Buy, 1_000 + number * 5);
        }
        resting
    }

    fn quote(&mut self, price: i64) -> Quote {
        self.now = self.now.plus(Duration::milliseconds(1));
        let ltp = paise(price);
        Quote {
            instrument: self.share.key.clone(),
            ltp,
            open: ltp,
            high: ltp,
            low: ltp,
            prev_close: ltp,
            volume: 0,
            bid: None,
            ask: None,
            bid_quantity: Quantity::ONE,
            ask_quantity: Quantity::ONE,
            oi: None,
            timestamp: self.now,
        }
    }

    /// Lets an order rest at a price while the market is at 1,500 rupees.
    fn rest(&mut self, side: Side, price: i64) {
        let quote = self.quote(150_000);
        let kind = OrderKind::Limit {
            price: paise(price),
        };
        let intent = OrderIntent {
            id: self.make_id(),
            user: UserId::new(1),
            broker: BROKER_NAME.parse().unwrap(),
            mode: TradingMode::Paper,
            token: None,
            request: None,
            ltp: None,
            trading_day: SessionBoundary::default().day_of(self.now),
            order: NewOrder {
                kind,
                ..NewOrder::market(self.share.key.clone(), side, Quantity::ONE)
            },
            at: self.now,
        };
        let ticket = Ticket {
            instrument: &self.share,
            quote: Some(&quote),
        };
        self.account.place(intent, ticket, None).unwrap();
    }

    fn make_id(&self) -> IntentId {
        self.ids.make_intent_id().unwrap()
    }

    /// Buys and sells one share in turns, each time by a price that an order waits for.
    fn fill(&mut self, side: Side) -> time::Duration {
        let price = match side {
            Side::Buy => 149_000,
            Side::Sell => 151_000,
        };
        self.rest(side, price);
        let quote = self.quote(price);
        let ticket = Ticket {
            instrument: &self.share,
            quote: Some(&quote),
        };
        timed(|| self.account.on_quote(ticket).unwrap())
    }
}

fn share() -> Instrument {
    Instrument {
        key: InstrumentKey::new(Exchange::Nse, "RELIANCE".parse().unwrap()),
        name: "Reliance Industries".into(),
        kind: InstrumentKind::Equity,
        expiry: None,
        strike: None,
        lot_size: Quantity::ONE,
        tick: Tick::try_new("0.05".parse().unwrap()).unwrap(),
        token: None,
        freeze_quantity: None,
    }
}

/// The decision alone: what it costs to store is measured elsewhere.
pub(crate) fn crossing(_runtime: &Runtime) {
    let (mut many, mut alone) = (Resting::new(MANY), Resting::new(0));
    let mut sides = [Side::Buy, Side::Sell].into_iter().cycle();
    Comparison {
        name: "fill, 10,000 orders rest; yardstick: alone",
        operations: 1,
        turns: 2_000,
        budget: Some(1.5),
    }
    .run_pairs(|| {
        let side = sides.next().unwrap();
        (many.fill(side), alone.fill(side))
    });
}
