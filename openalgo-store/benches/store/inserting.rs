//! Inserting orders: alone, group-committed, and many at once.

use crate::folder::{Folder, Intents};
use crate::raw::{Cell, Connection, Statement};
use crate::samples::{Comparison, timed};
use openalgo_core::order::{OrderEvent, OrderEventKind, OrderIntent};
use openalgo_store::Store;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

const ORDER: &str = "INSERT INTO orders (user_id, broker_name, exchange, symbol, token, action, \
    quantity, product, price_type, price, trigger_price, strategy, order_source, placed_at, \
    created_at, intent_id, client_order_id, mode, trading_day, margin, broker_order_id, \
    filled_quantity, pending_quantity, average_price, status, status_message, updated_at, \
    intent_state, filled_value, request) \
    VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

const EVENT: &str = "INSERT INTO order_events (order_id, user_id, broker_name, seq, event, \
    payload, at, mac) VALUES (?,?,?,?,?,?,?,?)";

/// One order at a time, each on the disk before the next.
pub(crate) fn alone(runtime: &Runtime) {
    Comparison {
        name: "order insert, durable, one at a time",
        operations: 1,
        turns: 2_000,
        budget: Some(1.15),
    }
    .run_with(runtime, 1, 1);
}

/// Sixteen callers at once: they share a flush. A yardstick with one caller cannot share.
pub(crate) fn together(runtime: &Runtime) {
    Comparison {
        name: "  16 callers; yardstick commits each",
        operations: 16,
        turns: 100,
        budget: None,
    }
    .run_with(runtime, 16, 1);
    Comparison {
        name: "  16 callers; yardstick commits 16 at once",
        operations: 16,
        turns: 200,
        budget: None,
    }
    .run_with(runtime, 16, 16);
}

/// A thousand orders, as fast as they go, in groups of at most 64.
pub(crate) fn batched(runtime: &Runtime) {
    Comparison {
        name: "  1,024 callers; yardstick commits 64 at once",
        operations: 1_024,
        turns: 10,
        budget: None,
    }
    .run_with(runtime, 1_024, 64);
}

impl Comparison {
    /// Inserts `callers` orders at a time through the store; the yardstick commits every
    /// `group` of them.
    fn run_with(&self, runtime: &Runtime, callers: usize, group: usize) {
        let (ours, theirs) = (Folder::new(runtime), Folder::new(runtime));
        let store = ours.open();
        let c = theirs.raw();
        let mut yardstick = Yardstick::new(&c);
        let (mut intents, mut same) = (Intents::new(), Intents::new());
        self.run(
            || insert(runtime, &store, intents.by_ref().take(callers).collect()),
            || yardstick.insert(&same.by_ref().take(callers).collect::<Vec<_>>(), group),
        );
        drop(store);
        assert!(content(&ours.raw()) == content(&c), "both write the same");
    }
}

fn insert(runtime: &Runtime, store: &Store, mut intents: Vec<OrderIntent>) -> Duration {
    let orders = store.orders();
    if let ([_], Some(intent)) = (intents.as_slice(), intents.last()) {
        return timed(|| runtime.block_on(orders.insert(intent)).unwrap());
    }
    timed(|| {
        runtime.block_on(async {
            let mut callers = JoinSet::new();
            for intent in intents.drain(..) {
                let orders = store.orders();
                callers.spawn(async move { orders.insert(&intent).await.unwrap() });
            }
            callers.join_all().await
        })
    })
}

/// Prepared statements that write what the store writes.
struct Yardstick<'c> {
    begin: Statement<'c>,
    order: Statement<'c>,
    event: Statement<'c>,
    commit: Statement<'c>,
}

impl<'c> Yardstick<'c> {
    fn new(c: &'c Connection) -> Self {
        Self {
            begin: c.prepare("BEGIN IMMEDIATE"),
            order: c.prepare(ORDER),
            event: c.prepare(EVENT),
            commit: c.prepare("COMMIT"),
        }
    }

    fn insert(&mut self, intents: &[OrderIntent], group: usize) -> Duration {
        // The cells are made before the clock runs: only the database's own work counts.
        let mut rows: Vec<_> = intents.iter().map(Rows::of).collect();
        timed(|| {
            for rows in rows.chunks_mut(group) {
                self.begin.insert(&[]);
                for row in rows {
                    let id = self.order.insert(&row.order);
                    for event in &mut row.events {
                        if let Some(order_id) = event.first_mut() {
                            *order_id = id.into();
                        }
                        self.event.insert(event);
                    }
                }
                self.commit.insert(&[]);
            }
        })
    }
}

/// What one insert writes.
struct Rows {
    order: [Cell; 30],
    events: [[Cell; 8]; 2],
}

impl Rows {
    fn of(intent: &OrderIntent) -> Self {
        let planned = OrderEventKind::Planned {
            intent: Box::new(intent.clone()),
        };
        Self {
            order: order_row(intent),
            events: [
                event_row(intent, 1, planned),
                event_row(intent, 2, OrderEventKind::Sent),
            ],
        }
    }
}

fn order_row(intent: &OrderIntent) -> [Cell; 30] {
    let order = &intent.order;
    [
        intent.user.get().into(),
        intent.broker.as_str().into(),
        order.instrument.exchange.to_string().into(),
        order.instrument.symbol.as_str().into(),
        optional(intent.token.as_ref()),
        order.side.to_string().into(),
        order.quantity.get().into(),
        order.product.to_string().into(),
        order.kind.price_type().to_string().into(),
        1500.05.into(),
        0.0.into(),
        optional(order.strategy.as_ref()),
        order.source.to_string().into(),
        intent.at.to_string().into(),
        intent.at.to_string().into(),
        intent.id.to_string().into(),
        optional(order.client_order_id.as_ref()),
        intent.mode.to_string().into(),
        intent.trading_day.to_string().into(),
        0.0.into(),
        intent.id.local_order_id().into(),
        0.into(),
        order.quantity.get().into(),
        0.0.into(),
        "PENDING".into(),
        Cell::Null,
        intent.at.to_string().into(),
        "sent".into(),
        0.0.into(),
        optional(intent.request.as_ref()),
    ]
}

fn event_row(intent: &OrderIntent, seq: i64, kind: OrderEventKind) -> [Cell; 8] {
    let word = kind.as_str();
    let event = OrderEvent {
        at: intent.at,
        kind,
    };
    [
        Cell::Null,
        intent.user.get().into(),
        intent.broker.as_str().into(),
        seq.into(),
        word.into(),
        serde_json::to_string(&event).unwrap().into(),
        intent.at.to_string().into(),
        // As long as a seal; the chain's arithmetic is the store's own.
        "0123456789abcdef".repeat(4).into(),
    ]
}

fn optional(value: Option<impl ToString>) -> Cell {
    value.map_or(Cell::Null, |value| value.to_string().into())
}

/// What the inserts wrote, but for the seals and the order of those that came at once.
fn content(c: &Connection) -> (i64, String) {
    let mut orders = c.prepare(
        "SELECT count(*), group_concat(concat_ws('|', user_id, broker_name, exchange, symbol, \
         token, action, quantity, product, price_type, price, trigger_price, strategy, \
         order_source, placed_at, created_at, intent_id, client_order_id, mode, trading_day, \
         margin, broker_order_id, filled_quantity, pending_quantity, average_price, status, \
         status_message, updated_at, intent_state, filled_value, \
         (SELECT group_concat(concat_ws('|', user_id, broker_name, seq, event, payload, at, \
         length(mac))) FROM order_events WHERE order_id = orders.id)) ORDER BY intent_id) \
         FROM orders",
    );
    assert!(orders.step());
    (orders.whole(0), orders.text(1).to_owned())
}
