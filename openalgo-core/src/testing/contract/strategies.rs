//! The suite of [`StrategyRepository`](crate::port::StrategyRepository).

use super::Repositories;
use super::given::{is_duplicate, is_missing, nobody, share, user};
use crate::id::{StrategyId, UserId};
use crate::order::Product;
use crate::port::Clock;
use crate::strategy::{
    Direction, NewStrategy, Platform, Schedule, Strategy, StrategyPlan, StrategySymbol,
    TradingHours, WebhookId,
};
use crate::value::Quantity;
use chrono::Duration;

/// Runs the suite of strategies; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! strategy_contract {
    ($run:path) => {
        $crate::contract_cases! { strategies on $run:
            a_strategy_is_found_as_made,
            every_plan_is_kept,
            strategies_are_listed_by_name,
            a_name_is_taken_once_by_each_user,
            a_webhook_id_is_taken_once,
            a_strategy_with_a_symbol_twice_is_not_made,
            a_plan_is_replaced_as_a_whole,
            a_strategy_is_started_and_stopped,
            symbols_are_replaced_as_a_whole,
            a_removed_strategy_is_gone_with_its_symbols,
            a_strategy_needs_a_user,
            a_strategy_that_is_not_there_is_named,
        }
    };
}

fn webhook_id(name: &str) -> WebhookId {
    format!("webhook-of-{name}-strategy").parse().unwrap()
}

fn hours(start: &str, end: &str, square_off: &str) -> Schedule {
    let time = |text: &str| text.parse().unwrap();
    let hours = TradingHours::try_new(time(start), time(end), time(square_off));
    Schedule::Intraday(hours.unwrap())
}

fn plan(name: &str) -> StrategyPlan {
    StrategyPlan {
        name: name.parse().unwrap(),
        description: Some("buys high, sells low".into()),
        platform: Platform::TradingView,
        direction: Direction::Both,
        schedule: hours("09:20", "15:00", "15:15"),
    }
}

fn symbol(name: &str, units: i64) -> StrategySymbol {
    StrategySymbol {
        instrument: share(name),
        quantity: Quantity::try_new(units).unwrap(),
        product: Product::Mis,
    }
}

/// An active strategy that trades INFY and TCS.
fn new(user: UserId, name: &str) -> NewStrategy {
    NewStrategy {
        user,
        webhook_id: webhook_id(name),
        plan: plan(name),
        is_active: true,
        symbols: vec![symbol("TCS", 5), symbol("INFY", 10)],
    }
}

async fn made(store: &Repositories, user: UserId, name: &str) -> Strategy {
    store.strategies.insert(&new(user, name)).await.unwrap()
}

/// The answer, the strategy by its number and the one behind its webhook are the same.
pub async fn a_strategy_is_found_as_made(store: &Repositories) {
    let user = user(store, "owner").await;
    let made = made(store, user, "momentum").await;
    self::made(store, user, "other").await;
    let asked = new(user, "momentum");
    let expected = Strategy {
        id: made.id,
        user,
        webhook_id: asked.webhook_id.clone(),
        plan: asked.plan,
        is_active: true,
        symbols: asked.symbols,
        created_at: store.clock.now(),
        updated_at: store.clock.now(),
    };
    assert_eq!(made, expected);
    assert_eq!(store.strategies.get(made.id).await.unwrap(), expected);
    let strategies = &store.strategies;
    let behind = strategies.find_by_webhook(&asked.webhook_id).await.unwrap();
    assert_eq!(behind, Some(expected));
    let unknown = webhook_id("unknown");
    let none = strategies.find_by_webhook(&unknown).await.unwrap();
    assert_eq!(none, None);
}

/// Every platform and direction, with hours and without.
pub async fn every_plan_is_kept(store: &Repositories) {
    let user = user(store, "owner").await;
    let id = made(store, user, "momentum").await.id;
    let schedules = [Schedule::Positional, hours("09:15", "23:30", "23:30")];
    for platform in Platform::ALL {
        for direction in Direction::ALL {
            for schedule in schedules {
                let plan = StrategyPlan {
                    description: None,
                    platform: *platform,
                    direction: *direction,
                    schedule,
                    ..plan("momentum")
                };
                store.strategies.set_plan(id, &plan).await.unwrap();
                assert_eq!(store.strategies.get(id).await.unwrap().plan, plan);
            }
        }
    }
}

/// The list is one user's, in the order of the names.
pub async fn strategies_are_listed_by_name(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    let second = made(store, owner, "reversal").await;
    let first = made(store, owner, "momentum").await;
    made(store, other, "breakout").await;
    let listed = store.strategies.list(owner).await.unwrap();
    assert_eq!(listed, [first, second]);
}

/// Two users may use the same name, one user may not.
pub async fn a_name_is_taken_once_by_each_user(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    made(store, owner, "momentum").await;
    let twin = NewStrategy {
        webhook_id: webhook_id("twin"),
        ..new(owner, "momentum")
    };
    let refused = store.strategies.insert(&twin).await;
    assert!(is_duplicate(&refused), "{refused:?}");
    let third = made(store, owner, "third").await;
    let renamed = store.strategies.set_plan(third.id, &twin.plan).await;
    assert!(is_duplicate(&renamed), "{renamed:?}");
    assert_eq!(store.strategies.get(third.id).await.unwrap(), third);
    let same_name = NewStrategy {
        user: other,
        ..twin
    };
    store.strategies.insert(&same_name).await.unwrap();
}

/// An address leads to one strategy. The refusal does not say the id, which is a secret.
pub async fn a_webhook_id_is_taken_once(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    let first = made(store, owner, "momentum").await;
    let twin = NewStrategy {
        webhook_id: first.webhook_id.clone(),
        ..new(other, "reversal")
    };
    let refused = store.strategies.insert(&twin).await;
    assert!(is_duplicate(&refused), "{refused:?}");
    let said = refused.unwrap_err().to_string();
    assert!(!said.contains(first.webhook_id.as_str()), "{said}");
}

/// A strategy is made with all its symbols or not at all.
pub async fn a_strategy_with_a_symbol_twice_is_not_made(store: &Repositories) {
    let user = user(store, "owner").await;
    let twice = NewStrategy {
        symbols: vec![symbol("INFY", 1), symbol("TCS", 1), symbol("INFY", 2)],
        ..new(user, "momentum")
    };
    let refused = store.strategies.insert(&twice).await;
    assert!(is_duplicate(&refused), "{refused:?}");
    assert_eq!(store.strategies.list(user).await.unwrap(), []);
}

/// A new plan changes the name and the date, and leaves all else.
pub async fn a_plan_is_replaced_as_a_whole(store: &Repositories) {
    let user = user(store, "owner").await;
    let before = made(store, user, "momentum").await;
    let other = made(store, user, "other").await;
    store.clock.advance(Duration::seconds(5));
    let plan = StrategyPlan {
        description: None,
        schedule: Schedule::Positional,
        ..plan("reversal")
    };
    store.strategies.set_plan(before.id, &plan).await.unwrap();
    let expected = Strategy {
        plan,
        updated_at: store.clock.now(),
        ..before
    };
    assert_eq!(store.strategies.get(expected.id).await.unwrap(), expected);
    assert_eq!(store.strategies.get(other.id).await.unwrap(), other);
}

/// Stopping a strategy changes nothing but that.
pub async fn a_strategy_is_started_and_stopped(store: &Repositories) {
    let user = user(store, "owner").await;
    let mut expected = made(store, user, "momentum").await;
    let other = made(store, user, "other").await;
    for is_active in [false, false, true] {
        store.clock.advance(Duration::seconds(5));
        let strategies = &store.strategies;
        strategies.set_active(expected.id, is_active).await.unwrap();
        expected.is_active = is_active;
        expected.updated_at = store.clock.now();
        let found = strategies.get(expected.id).await.unwrap();
        assert_eq!(found, expected);
    }
    assert_eq!(store.strategies.get(other.id).await.unwrap(), other);
}

/// New symbols take the place of the present ones, in their own order, or nothing changes.
pub async fn symbols_are_replaced_as_a_whole(store: &Repositories) {
    let user = user(store, "owner").await;
    let mut expected = made(store, user, "momentum").await;
    let other = made(store, user, "other").await;
    store.clock.advance(Duration::seconds(5));
    let strategies = &store.strategies;
    let symbols = vec![symbol("SBIN", 1), symbol("INFY", 7)];
    strategies.set_symbols(expected.id, &symbols).await.unwrap();
    expected.symbols = symbols;
    expected.updated_at = store.clock.now();
    assert_eq!(strategies.get(expected.id).await.unwrap(), expected);
    store.clock.advance(Duration::seconds(5));
    let twice = [symbol("TCS", 1), symbol("TCS", 1)];
    let refused = strategies.set_symbols(expected.id, &twice).await;
    assert!(is_duplicate(&refused), "{refused:?}");
    assert_eq!(strategies.get(expected.id).await.unwrap(), expected);
    strategies.set_symbols(expected.id, &[]).await.unwrap();
    assert_eq!(strategies.get(expected.id).await.unwrap().symbols, []);
    assert_eq!(strategies.get(other.id).await.unwrap(), other);
}

/// Name and address are free again, and the next strategy begins without symbols.
pub async fn a_removed_strategy_is_gone_with_its_symbols(store: &Repositories) {
    let user = user(store, "owner").await;
    let first = made(store, user, "momentum").await;
    let other = made(store, user, "other").await;
    store.strategies.delete(first.id).await.unwrap();
    let gone = store.strategies.get(first.id).await;
    assert!(is_missing(&gone), "{gone:?}");
    assert_eq!(store.strategies.list(user).await.unwrap(), [other]);
    let bare = NewStrategy {
        symbols: Vec::new(),
        ..new(user, "momentum")
    };
    let again = store.strategies.insert(&bare).await.unwrap();
    assert_eq!(again.symbols, []);
}

/// Nobody's strategy is not made.
pub async fn a_strategy_needs_a_user(store: &Repositories) {
    let refused = store.strategies.insert(&new(nobody(), "momentum")).await;
    assert!(is_missing(&refused), "{refused:?}");
}

/// What cannot be changed because it is not there is an error, not a silence.
pub async fn a_strategy_that_is_not_there_is_named(store: &Repositories) {
    let missing = StrategyId::new(99);
    let strategies = &store.strategies;
    for refused in [
        strategies.get(missing).await.map(drop),
        strategies.set_plan(missing, &plan("momentum")).await,
        strategies.set_active(missing, true).await,
        strategies.set_symbols(missing, &[]).await,
        strategies.set_symbols(missing, &[symbol("INFY", 1)]).await,
        strategies.delete(missing).await,
    ] {
        assert!(is_missing(&refused), "{refused:?}");
    }
}
