//! Strategies, approvals, sessions and logs: what only somebody with the key can do to their rows.

use crate::support::{Place, instrument, now, only_finding, units, user, zerodha};
use chrono::Duration;
use diesel::connection::SimpleConnection;
use openalgo_core::account::{NewSession, User};
use openalgo_core::id::PendingOrderId;
use openalgo_core::market::Timestamp;
use openalgo_core::monitor::{LatencyMetric, NewOrderLog, Operation};
use openalgo_core::order::{NewOrder, Product, Side, TradingMode};
use openalgo_core::port::{OrderLogQuery, StoreError};
use openalgo_core::strategy::{
    ApprovalStatus, BasketPlace, Direction, NewPendingOrder, NewStrategy, PendingOrder, Platform,
    Schedule, StrategyPlan, StrategySymbol, TradingHours,
};
use openalgo_store::Store;
use secrecy::SecretString;

fn strategy(owner: &User) -> NewStrategy {
    let time = |text: &str| text.parse().unwrap();
    let hours = TradingHours::try_new(time("09:20"), time("15:00"), time("15:15"));
    NewStrategy {
        user: owner.id,
        webhook_id: "an-unguessable-webhook".parse().unwrap(),
        plan: StrategyPlan {
            name: "momentum".parse().unwrap(),
            description: None,
            platform: Platform::TradingView,
            direction: Direction::Long,
            schedule: Schedule::Intraday(hours.unwrap()),
        },
        is_active: true,
        symbols: vec![StrategySymbol {
            instrument: instrument("INFY"),
            quantity: units(1),
            product: Product::Mis,
        }],
    }
}

fn pending(owner: &User) -> NewPendingOrder {
    NewPendingOrder {
        user: owner.id,
        broker: zerodha(),
        mode: TradingMode::Live,
        order: NewOrder::market(instrument("INFY"), Side::Buy, units(1)),
        position_size: None,
        gtt: None,
        basket: Some(BasketPlace {
            basket: "basket-1".parse().unwrap(),
            row: 0,
        }),
        request: None,
        last_price: None,
        expires_at: None,
    }
}

fn log() -> NewOrderLog {
    NewOrderLog {
        user: None,
        endpoint: "placeorder".into(),
        method: "POST".into(),
        request: None,
        response: None,
        status_code: Some(200),
        latency: None,
        ip_address: None,
        user_agent: None,
    }
}

fn session(place: &Place, owner: &User) -> NewSession {
    NewSession {
        token_id: "token-of-the-session".parse().unwrap(),
        user: owner.id,
        broker: None,
        token: SecretString::from("token"),
        feed_token: None,
        device: None,
        expires_at: now(place).plus(Duration::minutes(10)),
    }
}

/// One row in every table.
async fn filled() -> (Place, Store) {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    place
        .raw()
        .batch_execute(&format!(
            "INSERT INTO broker_connections (user_id, broker_name) VALUES ({0}, 'zerodha'); \
             INSERT INTO telegram_config (user_id) VALUES ({0})",
            owner.id
        ))
        .unwrap();
    store
        .sessions()
        .insert(&session(&place, &owner))
        .await
        .unwrap();
    store.strategies().insert(&strategy(&owner)).await.unwrap();
    let pending = pending(&owner);
    store.pending_orders().insert(&[pending]).await.unwrap();
    store.order_logs().insert(&log()).await.unwrap();
    let metric = LatencyMetric {
        user: None,
        broker: zerodha(),
        order_id: None,
        operation: Operation::Place,
        latency: std::time::Duration::from_millis(5),
        split: None,
        created_at: now(&place),
    };
    store.latency_metrics().insert(&metric).await.unwrap();
    assert!(store.check().await.unwrap().is_sound());
    (place, store)
}

/// What is put into a cell, what belongs there, and what is found meanwhile.
const DAMAGES: [(&str, [&str; 3], &str); 16] = [
    (
        "users",
        ["email", "'nowhere'", "'owner@example.com'"],
        "users.email of row 1 is damaged: e-mail address 'nowhere' must be",
    ),
    (
        "broker_connections",
        ["expires_at", "'soon'", "NULL"],
        "broker_connections.expires_at of row 1 is damaged: 'soon' is not a time",
    ),
    (
        "sessions",
        ["expires_at", "'soon'", "'2026-11-25 05:00:00'"],
        "sessions.expires_at of row 1 is damaged: 'soon' is not a time",
    ),
    (
        "telegram_config",
        ["chat_id", "x'ff'", "NULL"],
        "telegram_config.chat_id of row 1 is damaged: it is not a text",
    ),
    (
        "strategies",
        ["trading_mode", "'UP'", "'LONG'"],
        "strategies.trading_mode of row 1 is damaged: unknown trading mode 'UP'",
    ),
    (
        "strategies",
        ["start_time", "'15:00'", "'09:20'"],
        "strategies.squareoff_time of row 1 is damaged: start 15:00, end 15:00",
    ),
    (
        "strategies",
        ["end_time", "NULL", "'15:00'"],
        "strategies.is_intraday of row 1 is damaged: an intraday strategy has three times",
    ),
    (
        "strategies",
        ["is_intraday", "0", "1"],
        "strategies.is_intraday of row 1 is damaged: an intraday strategy has three times",
    ),
    (
        "strategies",
        ["webhook_id", "'short'", "'an-unguessable-webhook'"],
        "strategies.webhook_id of row 1 is damaged: a webhook id must be",
    ),
    (
        "strategy_symbols",
        ["quantity", "'x'", "1"],
        "strategy_symbols.quantity of row 1 is damaged: it is not a whole number",
    ),
    (
        "pending_orders",
        ["mode", "NULL", "'live'"],
        "pending_orders.mode of row 1 is damaged: it is not a text",
    ),
    (
        "pending_orders",
        ["status", "'APPROVED'", "'PENDING'"],
        "pending_orders.approved_at of row 1 is damaged: the status says",
    ),
    (
        "pending_orders",
        ["basket_row", "NULL", "0"],
        "pending_orders.basket_row of row 1 is damaged: it goes with basket_id",
    ),
    (
        "pending_orders",
        ["last_price", "-1", "NULL"],
        "pending_orders.last_price of row 1 is damaged: ",
    ),
    (
        "order_logs",
        ["status_code", "70000", "200"],
        "order_logs.status_code of row 1 is damaged: out of range",
    ),
    (
        "latency_metrics",
        ["operation", "'think'", "'place'"],
        "latency_metrics.operation of row 1 is damaged: unknown operation 'think'",
    ),
];

#[tokio::test]
async fn a_row_without_a_meaning_is_named() {
    let (place, store) = filled().await;
    let mut c = place.raw();
    for (table, [column, bad, good], expected) in DAMAGES {
        let set = |value: &str| format!("UPDATE {table} SET {column} = {value}");
        c.batch_execute(&set(bad)).unwrap();
        let finding = only_finding(&store, "values").await;
        assert!(finding.starts_with(expected), "{finding}");
        c.batch_execute(&set(good)).unwrap();
    }
    assert!(store.check().await.unwrap().is_sound());
}

/// When orders lapse is asked before anybody looks at any: one that is damaged stops none of that.
#[tokio::test]
async fn a_damaged_order_hides_from_nobody_when_orders_lapse() {
    let (place, store) = filled().await;
    let at = "2026-11-25 21:30:00";
    let damage = format!("UPDATE pending_orders SET symbol = x'00', expires_at = '{at}'");
    place.raw().batch_execute(&damage).unwrap();
    let next = store.pending_orders().next_expiry().await.unwrap();
    assert_eq!(next, Timestamp::parse_stored(at).ok());
    let damage = "UPDATE pending_orders SET expires_at = 'soon'";
    place.raw().batch_execute(damage).unwrap();
    let next = store.pending_orders().next_expiry().await;
    let text = next.unwrap_err().to_string();
    assert!(
        text.starts_with("pending_orders.expires_at of row 1 is damaged"),
        "{text}"
    );
}

/// One that is damaged is neither shown nor in the way: the others are, and all lapse.
#[tokio::test]
async fn a_damaged_order_hides_no_other_and_lapses_with_them() {
    let (place, store) = filled().await;
    let orders = store.pending_orders();
    let first = orders.get(PendingOrderId::new(1)).await.unwrap();
    let user = first.asked.user;
    let more = orders.insert(&[first.asked.clone(), first.asked]).await;
    let more: Vec<_> = more.unwrap().iter().map(|it| it.id).collect();
    let damage = "UPDATE pending_orders SET expires_at = '2026-11-25 21:30:00', status = 'PENDING';
        UPDATE pending_orders SET symbol = x'00' WHERE id = 1";
    place.raw().batch_execute(damage).unwrap();
    let waiting = ApprovalStatus::Pending;
    let ids = |read: Vec<Result<PendingOrder, StoreError>>| -> Vec<_> {
        assert_eq!(read.iter().filter(|it| it.is_err()).count(), 1);
        read.into_iter().flatten().map(|it| it.id).collect()
    };
    let listed = orders.list(user, Some(waiting)).await.unwrap();
    assert_eq!(ids(listed), [more[1], more[0]]);
    assert_eq!(orders.count(user, waiting).await.unwrap(), 3);
    // Nor does a time that comes before all others because it is none.
    let damage = "UPDATE pending_orders SET expires_at = '' WHERE id = 1";
    place.raw().batch_execute(damage).unwrap();
    let next = orders.next_expiry().await.unwrap();
    assert_eq!(next, Timestamp::parse_stored("2026-11-25 21:30:00").ok());
    let end = Timestamp::parse_stored("2026-11-26 00:00:00").unwrap();
    assert_eq!(ids(orders.expire(end).await.unwrap()), more);
    assert_eq!(orders.count(user, waiting).await.unwrap(), 0);
}

/// The trigger measures by SQLite's clock, so a request that was dated by the store's would go at
/// once or never.
#[tokio::test]
async fn a_request_is_dated_by_the_wall_clock() {
    let (place, store) = filled().await;
    place.clock.advance(Duration::days(-3_650));
    store.order_logs().insert(&log()).await.unwrap();
    let all = OrderLogQuery {
        user: None,
        failed: false,
        limit: 10,
    };
    let logs = store.order_logs().list(&all).await.unwrap();
    let [new, old] = logs.as_slice() else {
        panic!("{logs:?}");
    };
    assert!(new.created_at >= old.created_at);
    place
        .raw()
        .batch_execute("UPDATE order_logs SET created_at = datetime('now', '-31 days')")
        .unwrap();
    store.order_logs().insert(&log()).await.unwrap();
    assert_eq!(store.order_logs().list(&all).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_sessions_of_a_user_go_with_the_user() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    store
        .sessions()
        .insert(&session(&place, &owner))
        .await
        .unwrap();
    store.close().await;
    place
        .raw()
        .batch_execute("PRAGMA foreign_keys = ON; DELETE FROM users")
        .unwrap();
    let store = place.open();
    assert_eq!(store.summary().await.unwrap().rows("sessions"), Some(0));
}
