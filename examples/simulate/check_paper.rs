//! Whether the paper account is what its trades make it.

use super::check::{query, stored};
use super::plan::Account;
use super::{World, broker};
use openalgo::core::order::{Order, Side, Trade};
use openalgo::core::paper::{PaperAccountKey, PaperOpening, PaperState};
use openalgo::core::port::{PaperLedger, TradeRepository};
use openalgo::core::portfolio::Position;
use openalgo::core::value::Money;
use openalgo::engine::Engine;

/// Accuses the engine of whatever is wrong in the evening.
pub(super) async fn check(world: &World, engine: &Engine) {
    let query = query(world, Account::Paper);
    let trades = TradeRepository::list(&*world.memory, &query).await;
    let trades = trades.unwrap();
    let key = PaperAccountKey {
        user: query.user,
        broker: broker::paper(),
    };
    let opening = PaperOpening {
        capital: Money::ZERO,
        day: world.day(),
        at: engine.now(),
    };
    let account = world.memory.load(&key, &opening).await.unwrap();
    check_fills(world, &trades, &stored(world, Account::Paper).await);
    check_positions(world, &trades, &account);
    check_money(world, &trades, &account);
}

/// What orders say was filled is in the trades.
fn check_fills(world: &World, trades: &[Trade], orders: &[Order]) {
    for order in orders {
        let of_order = trades.iter().filter(|it| it.order == Some(order.id));
        let filled: i64 = of_order.map(|it| it.execution.quantity.get()).sum();
        if filled != order.executed().quantity.get() {
            world.accuse(format!("paper order {} has {filled} in trades", order.id));
        }
    }
}

/// What is held is the sum of the trades.
fn check_positions(world: &World, trades: &[Trade], account: &PaperState) {
    for position in &account.positions {
        let of_position = trades.iter().filter(|it| is_of(it, position));
        let held: i64 = of_position.map(signed_units).sum();
        if held != position.quantity.get() {
            let (key, quantity) = (&position.key, position.quantity);
            world.accuse(format!(
                "paper {key:?} holds {quantity}, and trades make {held}"
            ));
        }
    }
}

/// Cash, margin and profit add up, and what was paid and received is what was earned and is held.
fn check_money(world: &World, trades: &[Trade], account: &PaperState) {
    let (funds, positions) = (&account.funds, &account.positions);
    let waiting = account.orders.iter().map(|it| it.margin);
    let gtts = account.reservations.iter().map(|it| it.margin);
    let reserved = positions.iter().map(|it| it.margin);
    let reserved = sum(reserved.chain(waiting).chain(gtts));
    let realized = sum(positions.iter().map(|it| it.realized_pnl));
    let owned = sum([funds.total_capital, funds.realized_pnl]);
    let split = sum([funds.available, funds.used_margin]);
    if (split, funds.used_margin, funds.realized_pnl) != (owned, reserved, realized) {
        world.accuse(format!(
            "paper money is not conserved: {funds:?}, {reserved}, {realized}"
        ));
    }
    let received = sum(trades.iter().map(|trade| {
        let value = trade.execution.value().unwrap();
        match trade.execution.side {
            Side::Buy => value.negated(),
            Side::Sell => value,
        }
    }));
    let held = sum(positions.iter().map(|position| {
        if position.quantity.is_short() {
            position.cost.negated()
        } else {
            position.cost
        }
    }));
    let earned = sum([received, held]);
    if earned != realized {
        world.accuse(format!(
            "paper trades earned {earned}, and the account says {realized}"
        ));
    }
}

fn sum(amounts: impl IntoIterator<Item = Money>) -> Money {
    let mut amounts = amounts.into_iter();
    amounts.try_fold(Money::ZERO, Money::plus).unwrap()
}

fn is_of(trade: &Trade, position: &Position) -> bool {
    let execution = &trade.execution;
    (&execution.instrument, execution.product) == (&position.key.instrument, position.key.product)
}

fn signed_units(trade: &Trade) -> i64 {
    let units = trade.execution.quantity.get();
    match trade.execution.side {
        Side::Buy => units,
        Side::Sell => -units,
    }
}
