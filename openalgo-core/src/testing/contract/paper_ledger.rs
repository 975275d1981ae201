//! The suite of [`PaperLedger`](crate::port::PaperLedger).

use super::Repositories;
use super::given::user;
use crate::id::UserId;
use crate::order::{Execution, Order, OrderStatus, Product, TradingMode};
use crate::paper::{
    DailyPnl, LedgerEntry, Movement, MovementKind, OrderChange, PaperAccountKey, PaperOpening,
    PaperState, Reservation,
};
use crate::port::StoreError;
use crate::portfolio::{DayTotals, Funds, Position};
use crate::testing::sample::{
    NOBODY, accepted, all_of, at, day, event, execution, filled, holding, intent, money, paper,
    position, units, zerodha,
};
use crate::value::{Money, NetQuantity};

/// Runs the suite of the paper ledger; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! paper_ledger_contract {
    ($run:path) => {
        $crate::contract_cases! { paper_ledger on $run:
            an_account_is_opened_when_there_is_none,
            an_account_is_opened_anew_until_something_is_committed,
            an_account_belongs_to_a_user,
            a_resting_order_is_loaded_with_its_margin,
            an_order_is_filled_with_everything_it_moves,
            closed_positions_are_loaded_with_what_they_made,
            an_account_is_loaded_without_what_others_have,
            entries_follow_each_other_or_are_refused,
            entries_are_committed_in_the_order_of_the_calls,
            a_failed_entry_takes_those_decided_on_it_along,
            a_failing_part_leaves_nothing,
            an_account_that_starts_anew_has_nothing,
            what_moved_is_listed_the_newest_first,
            a_day_is_kept_once,
            how_far_an_account_has_come_by_itself_is_kept,
            what_is_reserved_is_kept_until_it_is_given_back,
        }
    };
}

fn key(user: UserId) -> PaperAccountKey {
    PaperAccountKey {
        user,
        broker: paper(),
    }
}

fn opening() -> PaperOpening {
    PaperOpening {
        capital: money("10000000.00"),
        day: day(25),
        at: at(0),
    }
}

/// An open account without an entry.
async fn account(store: &Repositories) -> UserId {
    let owner = user(store, "owner").await;
    load(store, owner).await;
    owner
}

async fn load(store: &Repositories, user: UserId) -> PaperState {
    let ledger = &store.paper_ledger;
    ledger.load(&key(user), &opening()).await.unwrap()
}

async fn commit(store: &Repositories, entry: LedgerEntry) -> Result<Vec<Order>, StoreError> {
    store.paper_ledger.commit(entry).await?.await
}

fn entry(user: UserId, version: u64) -> LedgerEntry {
    LedgerEntry {
        key: key(user),
        version,
        orders: Vec::new(),
        starts_anew: false,
        movements: Vec::new(),
        daily: None,
        positions: Vec::new(),
        holdings: Vec::new(),
        reservations: Vec::new(),
        funds: Funds::opening(opening().capital),
        trading_day: day(25),
        jobs_until: at(3),
        last_order_number: version,
        at: at(10),
    }
}

fn resting(user: UserId, id: &str) -> OrderChange {
    let mut intent = intent(user, paper());
    intent.mode = TradingMode::Paper;
    OrderChange {
        intent: intent.id,
        placed: Some(intent),
        events: vec![event(10, accepted(id))],
        trades: Vec::new(),
        margin: money("30001"),
    }
}

fn bought(user: UserId) -> Position {
    Position {
        quantity: NetQuantity::try_new(100).unwrap(),
        cost: money("150005.25"),
        margin: money("30001.05"),
        ..position(user, paper())
    }
}

/// An entry that opens the account with an order that is filled at once, and all it moves.
fn purchase(user: UserId) -> LedgerEntry {
    let mut entry = entry(user, 1);
    entry.orders = vec![OrderChange {
        events: vec![
            event(10, accepted("P1")),
            event(20, filled(100, "1500.0525")),
        ],
        trades: vec![execution(100)],
        margin: Money::ZERO,
        ..resting(user, "P1")
    }];
    entry.positions = vec![bought(user)];
    entry.holdings = vec![holding(user, paper())];
    entry.funds.available = money("9969998.95");
    entry.funds.used_margin = money("30001.05");
    entry.funds.summed_pnl = money("-12.5");
    entry
}

/// An account that nobody loaded before has its capital and nothing else.
pub async fn an_account_is_opened_when_there_is_none(store: &Repositories) {
    let owner = user(store, "owner").await;
    let state = load(store, owner).await;
    assert_eq!(state.key, key(owner));
    assert_eq!((state.version, state.last_order_number), (0, 0));
    assert_eq!(state.trading_day, day(25));
    assert_eq!(state.funds, Funds::opening(opening().capital));
    assert_eq!((state.positions, state.holdings), (vec![], vec![]));
    assert_eq!(state.orders, []);
}

/// A capital that was chosen since counts, as long as nothing was decided on the former.
pub async fn an_account_is_opened_anew_until_something_is_committed(store: &Repositories) {
    let owner = account(store).await;
    let poorer = PaperOpening {
        capital: money("100000"),
        day: day(26),
        at: at(100),
    };
    let ledger = &store.paper_ledger;
    let state = ledger.load(&key(owner), &poorer).await.unwrap();
    assert_eq!(state.funds, Funds::opening(poorer.capital));
    assert_eq!(state.trading_day, day(26));
    let mut first = entry(owner, 1);
    first.funds = state.funds.clone();
    commit(store, first).await.unwrap();
    let kept = load(store, owner).await;
    assert_eq!((kept.version, kept.funds), (1, state.funds));
}

/// There is no account of nobody, neither to load nor to commit to.
pub async fn an_account_belongs_to_a_user(store: &Repositories) {
    let refused = store.paper_ledger.load(&key(NOBODY), &opening()).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    let owner = account(store).await;
    let mut unopened = entry(owner, 1);
    unopened.key.broker = zerodha();
    let refused = commit(store, unopened).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
}

/// What rests is loaded as it stands, the oldest first.
pub async fn a_resting_order_is_loaded_with_its_margin(store: &Repositories) {
    let owner = account(store).await;
    let mut first = entry(owner, 1);
    first.orders = vec![resting(owner, "P1"), resting(owner, "P2")];
    let placed = commit(store, first).await.unwrap();
    let ids: Vec<_> = placed.iter().map(Order::public_id).collect();
    assert_eq!(ids, ["P1", "P2"]);
    let state = load(store, owner).await;
    assert_eq!(state.version, 1);
    assert_eq!(state.orders.len(), 2);
    for (loaded, order) in state.orders.iter().zip(&placed) {
        assert_eq!(loaded.margin, money("30001"));
        assert_eq!(loaded.intent, order.intent);
        assert_eq!(loaded.state, order.state);
        assert_eq!(loaded.updated_at, order.updated_at);
    }
}

/// The answer is the order as it is kept; journal, trades, position, holding and money are there
/// with it.
pub async fn an_order_is_filled_with_everything_it_moves(store: &Repositories) {
    let owner = account(store).await;
    let mut first = entry(owner, 1);
    first.orders = vec![resting(owner, "P1")];
    let placed = commit(store, first).await.unwrap();
    let placed = placed.first().unwrap();
    let change = OrderChange {
        intent: placed.intent.id,
        placed: None,
        events: vec![
            event(20, filled(40, "1500")),
            event(21, filled(60, "1500.0525")),
        ],
        trades: vec![execution(40), execution(60)],
        margin: Money::ZERO,
    };
    let second = LedgerEntry {
        version: 2,
        last_order_number: 2,
        orders: vec![change],
        ..purchase(owner)
    };
    let done = commit(store, second.clone()).await.unwrap();
    let done = done.first().unwrap();
    assert_eq!((done.id, done.status()), (placed.id, OrderStatus::Complete));
    let found = store.orders.find(owner, "P1").await.unwrap();
    assert_eq!(found.as_ref(), Some(done));
    let journal = store.orders.journal(done.id).await.unwrap();
    assert_eq!(journal.len(), 4);
    assert_eq!(Order::fold(done.id, &journal).as_ref(), Ok(done));

    let state = load(store, owner).await;
    assert_eq!((state.version, state.last_order_number), (2, 2));
    assert_eq!(state.funds, second.funds);
    assert_eq!(state.positions, second.positions);
    assert_eq!(state.holdings, second.holdings);
    assert_eq!(state.orders, []);
    let trades = store.trades.list(&all_of(owner)).await.unwrap();
    assert!(trades.iter().all(|trade| trade.order == Some(done.id)));
    let executions: Vec<Execution> = trades.into_iter().map(|it| it.execution).collect();
    assert_eq!(executions, [execution(60), execution(40)]);
}

/// A position that is closed keeps what it made: the account goes on from there.
pub async fn closed_positions_are_loaded_with_what_they_made(store: &Repositories) {
    let owner = account(store).await;
    let closed = Position {
        quantity: NetQuantity::FLAT,
        cost: Money::ZERO,
        margin: Money::ZERO,
        realized_pnl: money("1"),
        day_sell: DayTotals {
            quantity: units(100),
            value: money("150006"),
        },
        ..position(owner, paper())
    };
    let mut first = entry(owner, 1);
    first.positions = vec![closed.clone()];
    commit(store, first).await.unwrap();
    assert_eq!(load(store, owner).await.positions, [closed]);
    assert_eq!(store.positions.list(owner, None).await.unwrap(), []);
}

/// Orders, positions and holdings of another account stay out of sight.
pub async fn an_account_is_loaded_without_what_others_have(store: &Repositories) {
    let owner = account(store).await;
    let other = user(store, "other").await;
    load(store, other).await;
    let mut theirs = purchase(other);
    theirs.orders.push(resting(other, "P2"));
    commit(store, theirs).await.unwrap();
    let live = intent(owner, zerodha());
    store.orders.insert(&live).await.unwrap();
    store
        .positions
        .upsert(&position(owner, zerodha()))
        .await
        .unwrap();
    let state = load(store, owner).await;
    assert_eq!(state.version, 0);
    assert_eq!((state.positions, state.holdings), (vec![], vec![]));
    assert_eq!(state.orders, []);
}

/// An entry that does not follow the committed one was decided on something that never came true.
pub async fn entries_follow_each_other_or_are_refused(store: &Repositories) {
    let owner = account(store).await;
    let refuse = async |given, committed| {
        let refused = commit(store, entry(owner, given)).await.unwrap_err();
        let expected = StoreError::OutOfOrder { given, committed };
        assert_eq!(refused.to_string(), expected.to_string());
    };
    for given in [0, 2, 7] {
        refuse(given, 0).await;
    }
    commit(store, entry(owner, 1)).await.unwrap();
    refuse(1, 1).await;
    refuse(3, 1).await;
    assert_eq!(load(store, owner).await.version, 1);
}

/// Entries are on their way as soon as they are taken: nobody needs to wait for a receipt.
pub async fn entries_are_committed_in_the_order_of_the_calls(store: &Repositories) {
    let owner = account(store).await;
    let mut receipts = Vec::new();
    for version in 1..=150 {
        let mut entry = entry(owner, version);
        entry.orders = vec![resting(owner, &format!("P{version}"))];
        receipts.push(store.paper_ledger.commit(entry).await.unwrap());
    }
    let state = load(store, owner).await;
    assert_eq!((state.version, state.orders.len()), (150, 150));
    for receipt in receipts {
        receipt.await.unwrap();
    }
}

/// An entry that was decided on one that failed is refused, too.
pub async fn a_failed_entry_takes_those_decided_on_it_along(store: &Repositories) {
    let owner = account(store).await;
    let mut bad = entry(owner, 1);
    bad.orders = vec![resting(owner, "P1"), resting(owner, "P1")];
    let bad = store.paper_ledger.commit(bad).await.unwrap();
    let next = store.paper_ledger.commit(entry(owner, 2)).await.unwrap();
    assert!(matches!(bad.await, Err(StoreError::Duplicate { .. })));
    let given = next.await.unwrap_err().to_string();
    let expected = StoreError::OutOfOrder {
        given: 2,
        committed: 0,
    };
    assert_eq!(given, expected.to_string());
}

/// Entries of which only the last part cannot be kept.
fn flawed(user: UserId) -> Vec<LedgerEntry> {
    let mut overfilled = purchase(user);
    let mut unknown = purchase(user);
    let mut foreign_position = purchase(user);
    let mut foreign_holding = purchase(user);
    let mut foreign_order = purchase(user);
    let mut renamed = purchase(user);
    unknown.orders.push(OrderChange {
        placed: None,
        ..resting(user, "P2")
    });
    foreign_position.positions.push(position(user, zerodha()));
    foreign_holding.holdings.push(holding(user, zerodha()));
    let mut foreign = resting(user, "P2");
    foreign.placed = Some(intent(user, zerodha()));
    foreign.intent = foreign.placed.as_ref().map_or(foreign.intent, |it| it.id);
    foreign_order.orders.push(foreign);
    for change in &mut overfilled.orders {
        change.events.push(event(20, filled(1, "1500")));
    }
    for change in &mut renamed.orders {
        change.intent = intent(user, paper()).id;
    }
    vec![
        overfilled,
        unknown,
        foreign_position,
        foreign_holding,
        foreign_order,
        renamed,
    ]
}

/// An entry is committed whole or not at all, and what was refused can be decided again.
pub async fn a_failing_part_leaves_nothing(store: &Repositories) {
    let owner = account(store).await;
    for flawed in flawed(owner) {
        commit(store, flawed).await.unwrap_err();
        let state = load(store, owner).await;
        assert_eq!((state.version, state.last_order_number), (0, 0));
        assert_eq!(state.funds, Funds::opening(opening().capital));
        assert_eq!((state.positions, state.holdings), (vec![], vec![]));
        assert_eq!(store.orders.list(&all_of(owner)).await.unwrap(), []);
        assert_eq!(store.trades.list(&all_of(owner)).await.unwrap(), []);
        assert_eq!(store.positions.list(owner, None).await.unwrap(), []);
        assert_eq!(store.holdings.list(owner, None).await.unwrap(), []);
    }
    commit(store, purchase(owner)).await.unwrap();
    assert_eq!(load(store, owner).await.version, 1);
}

/// Case: when an account starts anew, its positions and holdings from before are gone, and those of
/// others stay.
pub async fn an_account_that_starts_anew_has_nothing(store: &Repositories) {
    let owner = account(store).await;
    let mut bought = entry(owner, 1);
    bought.positions = vec![position(owner, paper())];
    bought.holdings = vec![holding(owner, paper())];
    commit(store, bought).await.unwrap();
    let elsewhere = position(owner, zerodha());
    store.positions.upsert(&elsewhere).await.unwrap();
    store
        .holdings
        .upsert(&holding(owner, zerodha()))
        .await
        .unwrap();
    let mut anew = entry(owner, 2);
    anew.starts_anew = true;
    anew.funds.reset_count = 1;
    anew.funds.last_reset = Some(at(9));
    commit(store, anew).await.unwrap();
    let state = load(store, owner).await;
    assert_eq!(state.positions, Vec::new());
    assert_eq!(state.holdings, Vec::new());
    assert_eq!(state.funds.reset_count, 1);
    assert_eq!(state.funds.last_reset, Some(at(9)));
    let left = store.positions.list(owner, None).await.unwrap();
    assert_eq!(left, [elsewhere]);
    let left = store.holdings.list(owner, None).await.unwrap();
    assert_eq!(left, [holding(owner, zerodha())]);
}

fn movement(kind: MovementKind, size: i64) -> Movement {
    Movement {
        instrument: holding(NOBODY, paper()).key.instrument,
        product: Product::Cnc,
        kind,
        units: NetQuantity::try_new(size).unwrap(),
        cash: money("-12.3456"),
        at: at(7),
    }
}

/// Case: movements are listed for their account, the newest first and no more than asked for.
pub async fn what_moved_is_listed_the_newest_first(store: &Repositories) {
    let owner = account(store).await;
    let (first, second) = (
        movement(MovementKind::Delivered, -10),
        movement(MovementKind::Withdrawn, 4),
    );
    let mut moved = entry(owner, 1);
    moved.movements = vec![first.clone(), second.clone()];
    commit(store, moved).await.unwrap();
    let ledger = &store.paper_ledger;
    let all = ledger.movements(&key(owner), 10).await.unwrap();
    assert_eq!(all, [second.clone(), first]);
    assert_eq!(ledger.movements(&key(owner), 1).await.unwrap(), [second]);
    let other = user(store, "other").await;
    assert_eq!(ledger.movements(&key(other), 10).await.unwrap(), []);
}

fn day_of_profit(date: u32, realized: &str) -> DailyPnl {
    DailyPnl {
        date: day(date).date(),
        realized: money(realized),
        positions_unrealized: money("1.25"),
        holdings_unrealized: money("-2.5"),
        total: money("3"),
        available: money("4"),
        used_margin: money("5"),
        portfolio_value: money("9"),
    }
}

/// Case: of one day there is one row, which says what was said last; the newest day comes first.
pub async fn a_day_is_kept_once(store: &Repositories) {
    let owner = account(store).await;
    let days = [
        day_of_profit(24, "1"),
        day_of_profit(25, "2"),
        day_of_profit(25, "3"),
    ];
    for (version, day) in (1..).zip(days.clone()) {
        let mut ended = entry(owner, version);
        ended.daily = Some(day);
        commit(store, ended).await.unwrap();
    }
    let [before, _, last] = days;
    let ledger = &store.paper_ledger;
    let kept = ledger.daily(&key(owner), 10).await.unwrap();
    assert_eq!(kept, [last.clone(), before]);
    assert_eq!(ledger.daily(&key(owner), 1).await.unwrap(), [last]);
}

/// Case: up to when an account has done by itself what is due is part of an entry.
pub async fn how_far_an_account_has_come_by_itself_is_kept(store: &Repositories) {
    let owner = account(store).await;
    assert_eq!(load(store, owner).await.jobs_until, opening().at);
    commit(store, entry(owner, 1)).await.unwrap();
    assert_eq!(load(store, owner).await.jobs_until, at(3));
}

fn reservation(gtt: &str, margin: &str) -> Reservation {
    Reservation {
        gtt: gtt.parse().unwrap(),
        margin: money(margin),
    }
}

/// Case: what is reserved for an order that waits for a price is what was said last, until it is
/// nothing, or the account starts anew; others have theirs.
pub async fn what_is_reserved_is_kept_until_it_is_given_back(store: &Repositories) {
    let owner = account(store).await;
    let mut first = entry(owner, 1);
    let [one, two] = [reservation("GTT-1", "100.5"), reservation("GTT-2", "20")];
    first.reservations = vec![one, two.clone()];
    commit(store, first).await.unwrap();
    let mut second = entry(owner, 2);
    let more = reservation("GTT-1", "150.25");
    second.reservations = vec![more.clone()];
    commit(store, second).await.unwrap();
    let mut kept = load(store, owner).await.reservations;
    kept.sort_by(|a, b| a.gtt.cmp(&b.gtt));
    assert_eq!(kept, [more, two.clone()]);
    let other = user(store, "other").await;
    assert_eq!(load(store, other).await.reservations, []);
    let mut third = entry(owner, 3);
    third.reservations = vec![reservation("GTT-1", "0")];
    commit(store, third).await.unwrap();
    assert_eq!(load(store, owner).await.reservations, [two]);
    let mut anew = entry(owner, 4);
    anew.starts_anew = true;
    commit(store, anew).await.unwrap();
    assert_eq!(load(store, owner).await.reservations, []);
}
