//! Values for tests, in few words.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test's own constants"
)]

use crate::account::{NewUser, PasswordHash};
use crate::id::{BrokerName, BrokerOrderId, IntentId, UserId};
use crate::market::{Exchange, InstrumentKey, Symbol, Timestamp, TradingDay};
use crate::order::{
    Execution, Fill, NewOrder, OrderEvent, OrderEventKind, OrderIntent, OrderKind, Product, Side,
    TradingMode,
};
use crate::port::OrderQuery;
use crate::portfolio::{DayTotals, Holding, HoldingKey, Position, PositionKey};
use crate::value::{Money, NetQuantity, Price, Quantity};
use chrono::{Duration, NaiveDate};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// The number of a user who does not exist.
pub const NOBODY: UserId = UserId::new(999_999);

/// An account that may own the installation.
pub fn new_user(name: &str) -> NewUser {
    NewUser {
        username: name.parse().unwrap(),
        email: format!("{name}@example.com").parse().unwrap(),
        password_hash: PasswordHash::new("$argon2id$fake"),
        is_admin: true,
    }
}

/// The paper broker.
pub fn paper() -> BrokerName {
    "paper".parse().unwrap()
}

/// A live broker.
pub fn zerodha() -> BrokerName {
    "zerodha".parse().unwrap()
}

/// The session of a day in November 2026.
pub fn day(number: u32) -> TradingDay {
    TradingDay::new(NaiveDate::from_ymd_opt(2026, 11, number).unwrap())
}

/// So many seconds after a moment of 24 November 2026 that is no whole second.
pub fn at(seconds: i64) -> Timestamp {
    let start = Timestamp::from_micros(1_795_500_000_123_456).unwrap();
    start.plus(Duration::seconds(seconds))
}

/// A price.
pub fn price(text: &str) -> Price {
    text.parse().unwrap()
}

/// An amount.
pub fn money(text: &str) -> Money {
    text.parse().unwrap()
}

/// A number of units.
pub fn units(count: i64) -> Quantity {
    Quantity::try_new(count).unwrap()
}

/// A share on NSE.
pub fn instrument(symbol: &str) -> InstrumentKey {
    InstrumentKey::new(Exchange::Nse, Symbol::try_new(symbol).unwrap())
}

/// An order id as brokers give them.
pub fn broker_id(text: &str) -> BrokerOrderId {
    text.parse().unwrap()
}

/// A live limit order for 100 INFY on the 25th, under an intent id that no other has.
pub fn intent(user: UserId, broker: BrokerName) -> OrderIntent {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    let mut order = NewOrder::market(instrument("INFY"), Side::Buy, units(100));
    order.kind = OrderKind::Limit {
        price: price("1500.05"),
    };
    OrderIntent {
        id: IntentId::new(Uuid::from_u128(number.into())),
        user,
        broker,
        mode: TradingMode::Live,
        token: None,
        request: None,
        ltp: None,
        trading_day: day(25),
        order,
        at: at(0),
    }
}

/// Something that happens to an order [`at`] a moment.
pub fn event(seconds: i64, kind: OrderEventKind) -> OrderEvent {
    OrderEvent {
        at: at(seconds),
        kind,
    }
}

/// The broker takes an order.
pub fn accepted(id: &str) -> OrderEventKind {
    OrderEventKind::Accepted {
        broker_order_id: broker_id(id),
        awaits_trigger: false,
    }
}

/// So many units are filled.
pub fn filled(quantity: i64, at: &str) -> OrderEventKind {
    OrderEventKind::Filled {
        fill: Fill {
            quantity: units(quantity),
            price: price(at),
        },
    }
}

/// Everything of a user.
pub fn all_of(user: UserId) -> OrderQuery {
    OrderQuery {
        user,
        broker: None,
        day: None,
        limit: 1_000,
    }
}

/// So many INFY are bought.
pub fn execution(quantity: i64) -> Execution {
    Execution {
        broker_trade_id: Some("T1".parse().unwrap()),
        instrument: instrument("INFY"),
        side: Side::Buy,
        quantity: units(quantity),
        price: price("1500.0525"),
        product: Product::Mis,
        at: at(7),
    }
}

/// Three INFY short, whose entry price does not come out even.
pub fn position(user: UserId, broker: BrokerName) -> Position {
    let key = PositionKey {
        user,
        broker,
        instrument: instrument("INFY"),
        product: Product::Mis,
    };
    Position {
        token: Some("408065".parse().unwrap()),
        quantity: NetQuantity::try_new(-3).unwrap(),
        cost: money("1000"),
        margin: money("200.0001"),
        realized_pnl: money("-12.5"),
        today_realized_pnl: money("7.25"),
        day_buy: DayTotals {
            quantity: units(4),
            value: money("1333.3333"),
        },
        day_sell: DayTotals {
            quantity: units(7),
            value: money("2333.3333"),
        },
        ltp: price("331.1"),
        ..Position::flat(key, at(5))
    }
}

/// Three INFY in the demat account and one on its way there.
pub fn holding(user: UserId, broker: BrokerName) -> Holding {
    Holding {
        key: HoldingKey {
            user,
            broker,
            instrument: instrument("INFY"),
        },
        token: None,
        isin: Some("INE009A01021".into()),
        quantity: units(3),
        t1_quantity: units(1),
        cost: money("1000"),
        paid: money("200"),
        ltp: price("331.1"),
        updated_at: at(5),
    }
}
