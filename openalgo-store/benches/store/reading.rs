//! Reading a thousand orders.

use crate::folder::{Folder, Intents, OWNER, complete};
use crate::raw::{Connection, Statement};
use crate::samples::{Comparison, timed};
use openalgo_core::id::{OrderId, UserId};
use openalgo_core::market::{InstrumentKey, Timestamp};
use openalgo_core::order::{
    Executed, NewOrder, Order, OrderIntent, OrderKind, OrderState, OrderStatus, Outcome, PriceType,
};
use openalgo_core::port::OrderQuery;
use openalgo_core::value::{Money, PLACES, Price, Quantity};
use rust_decimal::Decimal;
use std::ffi::c_int;
use std::hint::black_box;
use tokio::runtime::Runtime;

const ROWS: u32 = 1_000;

const COLUMNS: c_int = 27;
const LIST: &str = "SELECT id, user_id, broker_name, exchange, symbol, token, action, quantity, \
    product, price_type, price, trigger_price, strategy, order_source, placed_at, intent_id, \
    client_order_id, mode, trading_day, broker_order_id, filled_quantity, filled_value, status, \
    status_message, updated_at, intent_state, request \
    FROM orders WHERE user_id = 1 ORDER BY id DESC LIMIT 1000";

/// The budget's yardstick makes the same orders of the rows; the other one only looks at them.
pub(crate) fn thousand(runtime: &Runtime) {
    let folder = Folder::new(runtime);
    let store = folder.open();
    runtime.block_on(async {
        for intent in Intents::new().take(usize::try_from(ROWS).unwrap()) {
            let order = store.orders().insert(&intent).await.unwrap();
            complete(&store, order.id).await;
        }
    });
    let query = OrderQuery {
        user: OWNER,
        broker: None,
        day: None,
        limit: ROWS,
    };
    let list = || runtime.block_on(store.orders().list(&query)).unwrap();
    let c = folder.raw();
    let mut statement = c.prepare(LIST);
    assert_eq!(list(), orders(&mut statement), "both read the same");
    Comparison {
        name: "read 1,000 orders; yardstick makes the same",
        operations: 1,
        turns: 1_000,
        budget: Some(1.4),
    }
    .run(|| timed(list), || timed(|| orders(&mut statement)));
    Comparison {
        name: "  yardstick only looks at the cells",
        operations: 1,
        turns: 500,
        budget: None,
    }
    .run(|| timed(list), || timed(|| looked_at(&c)));
    drop(store);
}

fn looked_at(c: &Connection) -> usize {
    let mut statement = c.prepare(LIST);
    let mut sum = 0;
    while statement.step() {
        sum += black_box(statement.touch(COLUMNS));
    }
    sum
}

fn orders(statement: &mut Statement<'_>) -> Vec<Order> {
    let mut orders = Vec::with_capacity(1_000);
    while statement.step() {
        orders.push(order(statement));
    }
    statement.reset();
    orders
}

fn order(row: &Statement<'_>) -> Order {
    let intent = intent(row);
    let executed = Executed {
        quantity: Quantity::try_new(row.whole(20)).unwrap(),
        value: Money::try_new(decimal(row, 21)).unwrap(),
    };
    let status: OrderStatus = row.text(22).parse().unwrap();
    assert_eq!(status, OrderStatus::Complete);
    Order {
        id: OrderId::new(row.whole(0)),
        updated_at: Timestamp::parse_stored(row.text(24)).unwrap(),
        state: OrderState::Closed {
            broker_order_id: Some(row.text(19).parse().unwrap()),
            outcome: Outcome::Complete(executed),
        },
        change: None,
        intent,
    }
}

fn intent(row: &Statement<'_>) -> OrderIntent {
    let kind: PriceType = row.text(9).parse().unwrap();
    assert_eq!(kind, PriceType::Limit);
    OrderIntent {
        id: row.text(15).parse().unwrap(),
        user: UserId::new(row.whole(1)),
        broker: row.text(2).parse().unwrap(),
        mode: row.text(17).parse().unwrap(),
        trading_day: row.text(18).parse().unwrap(),
        at: Timestamp::parse_stored(row.text(14)).unwrap(),
        token: row.optional_text(5).map(|text| text.parse().unwrap()),
        ltp: None,
        request: row.optional_text(26).map(|text| text.parse().unwrap()),
        order: NewOrder {
            instrument: InstrumentKey::new(
                row.text(3).parse().unwrap(),
                row.text(4).parse().unwrap(),
            ),
            side: row.text(6).parse().unwrap(),
            quantity: Quantity::try_new(row.whole(7)).unwrap(),
            product: row.text(8).parse().unwrap(),
            kind: OrderKind::Limit {
                price: Price::try_new(decimal(row, 10)).unwrap(),
            },
            strategy: row.optional_text(12).map(str::to_owned),
            source: row.text(13).parse().unwrap(),
            client_order_id: row.optional_text(16).map(|text| text.parse().unwrap()),
        },
    }
}

/// The exact decimal of four places in a REAL column.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the benchmark's own numbers, which fit"
)]
fn decimal(row: &Statement<'_>, column: c_int) -> Decimal {
    Decimal::new((row.real(column) * 10_000.0).round() as i64, PLACES)
}
