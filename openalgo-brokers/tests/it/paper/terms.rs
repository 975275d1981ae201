//! Other terms, and starting anew.

use super::samples::{limit, money, option, order, share};
use super::world::{CAPITAL, World};
use openalgo_core::order::{OrderKind, Side};
use openalgo_core::paper::PaperTerms;
use openalgo_core::portfolio::Funds;

#[test]
fn another_capital_changes_what_is_free_by_the_difference() {
    let mut world = World::new();
    let share = share();
    let bought = order(&share, Side::Buy, 100, OrderKind::Market);
    world.place(&share, bought, "1500").unwrap();
    let before = world.ledger.funds.clone();
    let smaller = PaperTerms::with_capital(money("100000"));
    world.change_terms(smaller.clone()).unwrap();
    let after = &world.ledger.funds;
    assert_eq!(after.total_capital, money("100000"));
    assert_eq!(after.used_margin, before.used_margin);
    let less = before.available.minus(after.available).unwrap();
    assert_eq!(less, before.total_capital.minus(money("100000")).unwrap());
    world.check();
    assert!(world.change_terms(smaller).is_none(), "nothing has changed");
}

#[test]
fn margin_is_taken_at_the_leverage_of_the_moment() {
    let mut world = World::new();
    let share = share();
    let resting = || order(&share, Side::Buy, 10, limit("1500"));
    let entry = world.place(&share, resting(), "1600").unwrap();
    assert_eq!(entry.orders[0].margin, money("3000"));
    let mut terms = PaperTerms::with_capital(money(CAPITAL));
    terms.leverage.equity_mis = 10;
    assert!(world.change_terms(terms).is_none(), "what rests stays so");
    let entry = world.place(&share, resting(), "1600").unwrap();
    assert_eq!(entry.orders[0].margin, money("1500"));
    assert_eq!(world.ledger.funds.used_margin, money("4500"));
}

#[test]
fn an_account_that_is_reset_has_its_capital_and_nothing_else() {
    let mut world = World::new();
    let share = share();
    for (side, ltp) in [(Side::Buy, "1500"), (Side::Sell, "1510")] {
        let traded = order(&share, side, 100, OrderKind::Market);
        world.place(&share, traded, ltp).unwrap();
    }
    let option = option();
    let held = order(&option, Side::Sell, 65, OrderKind::Market);
    world.place(&option, held, "100").unwrap();
    let waiting = order(&share, Side::Buy, 10, limit("1400"));
    world.place(&share, waiting, "1500").unwrap();
    let earned = world.ledger.funds.realized_pnl;
    let entry = world.reset();
    assert_eq!(
        entry.funds,
        Funds {
            reset_count: 1,
            last_reset: Some(entry.at),
            summed_pnl: earned.negated(),
            ..Funds::opening(money(CAPITAL))
        }
    );
    assert_eq!(entry.movements.len(), 2, "one of profit, one of units");
    assert_eq!(world.ledger.orders, [], "what rested is cancelled");
    assert_eq!(world.ledger.positions, []);
    world.check();
    let again = order(&share, Side::Buy, 1, OrderKind::Market);
    world.place(&share, again, "1500").unwrap();
    world.check();
}
