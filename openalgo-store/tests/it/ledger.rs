//! The ledger of the paper exchange.

use crate::support::{
    Place, accepted, all_of, at, day, event, instrument, intent, money, paper, price, units, user,
    zerodha,
};
use diesel::connection::SimpleConnection;
use openalgo_core::account::User;
use openalgo_core::id::UserId;
use openalgo_core::order::{
    Execution, Fill, Order, OrderEventKind, OrderIntent, OrderStatus, Product, Side, TradingMode,
};
use openalgo_core::paper::{LedgerEntry, OrderChange, PaperAccountKey, PaperOpening, PaperState};
use openalgo_core::port::StoreError;
use openalgo_core::portfolio::{Funds, Holding, HoldingKey, Position, PositionKey};
use openalgo_core::value::{Money, NetQuantity};
use openalgo_store::Store;

struct Account {
    owner: User,
    key: PaperAccountKey,
    opening: PaperOpening,
}

async fn account(store: &Store) -> Account {
    let owner = user(store, "owner").await;
    let account = Account {
        key: PaperAccountKey {
            user: owner.id,
            broker: paper(),
        },
        opening: PaperOpening {
            capital: money("10000000.00"),
            day: day(25),
            at: at(0),
        },
        owner,
    };
    store
        .paper_ledger()
        .load(&account.key, &account.opening)
        .await
        .unwrap();
    account
}

impl Account {
    fn entry(&self, version: u64) -> LedgerEntry {
        LedgerEntry {
            key: self.key.clone(),
            version,
            orders: Vec::new(),
            positions: Vec::new(),
            holdings: Vec::new(),
            funds: Funds::opening(self.opening.capital),
            trading_day: day(25),
            last_order_number: version,
            at: at(10),
        }
    }

    fn intent(&self) -> OrderIntent {
        OrderIntent {
            mode: TradingMode::Paper,
            token: None,
            ..intent(&self.owner, paper())
        }
    }

    fn resting(&self, id: &str) -> OrderChange {
        let intent = self.intent();
        OrderChange {
            intent: intent.id,
            placed: Some(intent),
            events: vec![event(10, accepted(id))],
            trades: Vec::new(),
            margin: money("30001"),
        }
    }

    fn position(&self) -> Position {
        let key = PositionKey {
            user: self.owner.id,
            broker: paper(),
            instrument: instrument("INFY"),
            product: Product::Mis,
        };
        Position {
            quantity: NetQuantity::try_new(100).unwrap(),
            cost: money("150005"),
            margin: money("30001"),
            ltp: price("1500.05"),
            ..Position::flat(key, at(20))
        }
    }

    fn holding(&self) -> Holding {
        Holding {
            key: HoldingKey {
                user: self.owner.id,
                broker: paper(),
                instrument: instrument("TCS"),
            },
            token: None,
            isin: None,
            quantity: units(5),
            t1_quantity: units(0),
            cost: money("20000"),
            ltp: price("4000"),
            updated_at: at(20),
        }
    }
}

fn filled(quantity: i64) -> OrderEventKind {
    OrderEventKind::Filled {
        fill: Fill {
            quantity: units(quantity),
            price: price("1500.05"),
        },
    }
}

fn execution(quantity: i64) -> Execution {
    Execution {
        broker_trade_id: Some("T1".parse().unwrap()),
        instrument: instrument("INFY"),
        side: Side::Buy,
        quantity: units(quantity),
        price: price("1500.05"),
        product: Product::Mis,
        at: at(20),
    }
}

async fn commit(store: &Store, entry: LedgerEntry) -> Result<Vec<Order>, StoreError> {
    store.paper_ledger().commit(entry).await.unwrap().await
}

#[tokio::test]
async fn an_account_is_opened_anew_until_something_is_committed() {
    let place = Place::new();
    let store = place.create();
    let account = account(&store).await;
    let ledger = store.paper_ledger();
    let poorer = PaperOpening {
        capital: money("100000"),
        day: day(26),
        at: at(100),
    };
    let state = ledger.load(&account.key, &poorer).await.unwrap();
    assert_eq!(state.funds, Funds::opening(money("100000")));
    assert_eq!((state.version, state.last_order_number), (0, 0));
    assert_eq!(state.trading_day, day(26));
    assert!(state.orders.is_empty() && state.positions.is_empty());
    let mut first = account.entry(1);
    first.funds = state.funds.clone();
    commit(&store, first).await.unwrap();
    let state = ledger.load(&account.key, &account.opening).await.unwrap();
    assert_eq!(state.funds, Funds::opening(money("100000")));
    assert_eq!(state.version, 1);
    let summary = store.summary().await.unwrap();
    assert_eq!(summary.rows("paper_accounts"), Some(1));
    let nobody = PaperAccountKey {
        user: UserId::new(99),
        broker: paper(),
    };
    let refused = ledger.load(&nobody, &poorer).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
}

async fn load(store: &Store, account: &Account) -> PaperState {
    let ledger = store.paper_ledger();
    ledger.load(&account.key, &account.opening).await.unwrap()
}

#[tokio::test]
async fn a_resting_order_is_loaded_with_its_margin() {
    let place = Place::new();
    let store = place.create();
    let account = account(&store).await;
    let mut entry = account.entry(1);
    entry.orders = vec![account.resting("P1")];
    let placed = commit(&store, entry).await.unwrap();
    assert_eq!(placed[0].public_id(), "P1");
    let state = load(&store, &account).await;
    assert_eq!(state.version, 1);
    assert_eq!(state.orders.len(), 1);
    assert_eq!(state.orders[0].margin, money("30001"));
    assert_eq!(state.orders[0].state, placed[0].state);
    assert_eq!(state.orders[0].intent, placed[0].intent);
}

#[tokio::test]
async fn an_order_is_filled_with_everything_it_moves() {
    let place = Place::new();
    let store = place.create();
    let account = account(&store).await;
    let mut entry = account.entry(1);
    entry.orders = vec![account.resting("P1")];
    let placed = commit(&store, entry).await.unwrap();

    let mut entry = account.entry(2);
    entry.orders = vec![OrderChange {
        intent: placed[0].intent.id,
        placed: None,
        events: vec![event(20, filled(40)), event(21, filled(60))],
        trades: vec![execution(40), execution(60)],
        margin: Money::ZERO,
    }];
    entry.positions = vec![account.position()];
    entry.holdings = vec![account.holding()];
    entry.funds.available = money("9969999");
    entry.funds.used_margin = money("30001");
    let funds = entry.funds.clone();
    let done = commit(&store, entry).await.unwrap();
    assert_eq!(done[0].status(), OrderStatus::Complete);
    assert_eq!(done[0].id, placed[0].id);

    let state = load(&store, &account).await;
    assert_eq!((state.version, state.last_order_number), (2, 2));
    assert_eq!(state.funds, funds);
    assert_eq!(state.positions, [account.position()]);
    assert_eq!(state.holdings, [account.holding()]);
    assert!(state.orders.is_empty());
    let trades = store.trades().list(&all_of(&account.owner)).await.unwrap();
    assert_eq!(trades.len(), 2);
    assert!(trades.iter().all(|trade| trade.order == Some(done[0].id)));
    assert_eq!(store.orders().journal(done[0].id).await.unwrap().len(), 4);
    assert!(store.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn closed_positions_are_loaded_with_what_they_made() {
    let place = Place::new();
    let store = place.create();
    let account = account(&store).await;
    let mut closed = account.position();
    closed.quantity = NetQuantity::FLAT;
    closed.cost = Money::ZERO;
    closed.day_sell.quantity = units(100);
    closed.day_sell.value = money("150006");
    closed.realized_pnl = money("1");
    let mut old = closed.clone();
    old.key.product = Product::Nrml;
    old.day_sell = openalgo_core::portfolio::DayTotals::default();
    let mut entry = account.entry(1);
    entry.positions = vec![closed.clone(), old.clone()];
    commit(&store, entry).await.unwrap();
    let state = store
        .paper_ledger()
        .load(&account.key, &account.opening)
        .await
        .unwrap();
    assert_eq!(state.positions, [closed, old]);
    let open = store.positions().list(account.owner.id, None).await;
    assert_eq!(open.unwrap(), []);
}

/// An account with a resting order, a position and a holding, in which somebody with the key then
/// changed a cell.
async fn tampered(change: &str) -> StoreError {
    let place = Place::new();
    let store = place.create();
    let account = account(&store).await;
    let mut entry = account.entry(1);
    entry.orders = vec![account.resting("P1")];
    entry.positions = vec![account.position()];
    entry.holdings = vec![account.holding()];
    commit(&store, entry).await.unwrap();
    place.raw().batch_execute(change).unwrap();
    let ledger = store.paper_ledger();
    let loaded = ledger.load(&account.key, &account.opening).await;
    loaded.unwrap_err()
}

/// The columns that say what an account has.
const CELLS: [(&str, &str); 4] = [
    (
        "paper_accounts",
        "version last_order_number total_capital available used_margin realized_pnl \
         today_realized_pnl reset_count trading_day",
    ),
    (
        "orders",
        "exchange symbol token action quantity filled_quantity product price_type price \
         trigger_price order_source placed_at updated_at intent_id client_order_id mode \
         trading_day filled_value margin broker_order_id",
    ),
    (
        "positions",
        "exchange symbol token product quantity cost margin realized_pnl today_realized_pnl \
         day_buy_qty day_sell_qty day_buy_value day_sell_value ltp updated_at",
    ),
    (
        "holdings",
        "exchange symbol quantity t1_quantity cost ltp updated_at",
    ),
];

#[tokio::test]
async fn a_damaged_cell_is_named_when_the_account_is_loaded() {
    for (table, columns) in CELLS {
        for column in columns.split_whitespace() {
            // Neither a number, nor a word, nor an id, nor a moment; and no text at all.
            for bad in ["' '", "x'ff00'"] {
                let change = format!("UPDATE {table} SET {column} = {bad}");
                let damaged = tampered(&change).await;
                let expected = format!("{table}.{column} of row 1 is damaged: ");
                assert!(matches!(damaged, StoreError::Corrupt { .. }), "{change}");
                assert!(damaged.to_string().starts_with(&expected), "{damaged}");
            }
        }
    }
}

#[tokio::test]
async fn entries_follow_each_other_or_are_refused() {
    let place = Place::new();
    let store = place.create();
    let account = account(&store).await;
    for given in [0, 2, 7] {
        let refused = commit(&store, account.entry(given)).await.unwrap_err();
        let expected = StoreError::OutOfOrder {
            given,
            committed: 0,
        };
        assert_eq!(refused.to_string(), expected.to_string());
    }
    commit(&store, account.entry(1)).await.unwrap();
    let again = commit(&store, account.entry(1)).await;
    assert!(matches!(
        again,
        Err(StoreError::OutOfOrder {
            given: 1,
            committed: 1
        })
    ));
    let mut unopened = account.entry(1);
    unopened.key.broker = zerodha();
    assert!(matches!(
        commit(&store, unopened).await,
        Err(StoreError::NotFound { .. })
    ));
}

#[tokio::test]
async fn entries_are_committed_in_the_order_of_the_calls() {
    let place = Place::new();
    let store = place.create();
    let account = account(&store).await;
    let ledger = store.paper_ledger();
    let mut receipts = Vec::new();
    for version in 1..=150 {
        let mut entry = account.entry(version);
        entry.orders = vec![account.resting(&format!("P{version}"))];
        receipts.push(ledger.commit(entry).await.unwrap());
    }
    // Nobody has waited for a receipt, and loading comes after all of them.
    let state = ledger.load(&account.key, &account.opening).await.unwrap();
    assert_eq!((state.version, state.orders.len()), (150, 150));
    for receipt in receipts {
        receipt.await.unwrap();
    }
}

#[tokio::test]
async fn a_failed_entry_takes_those_decided_on_it_along() {
    let place = Place::new();
    let store = place.create();
    let account = account(&store).await;
    let ledger = store.paper_ledger();
    let mut bad = account.entry(1);
    bad.orders = vec![account.resting("P1"), account.resting("P1")];
    let (bad, next) = (
        ledger.commit(bad).await.unwrap(),
        ledger.commit(account.entry(2)).await.unwrap(),
    );
    assert!(matches!(bad.await, Err(StoreError::Duplicate { .. })));
    assert!(matches!(
        next.await,
        Err(StoreError::OutOfOrder {
            given: 2,
            committed: 0
        })
    ));
}

#[tokio::test]
async fn a_failing_part_leaves_nothing() {
    let place = Place::new();
    let store = place.create();
    let account = account(&store).await;
    let whole = || {
        let mut entry = account.entry(1);
        entry.orders = vec![OrderChange {
            events: vec![event(10, accepted("P1")), event(20, filled(100))],
            trades: vec![execution(100)],
            margin: Money::ZERO,
            ..account.resting("P1")
        }];
        entry.funds.available = money("9969999");
        entry.funds.used_margin = money("30001");
        entry.positions = vec![account.position()];
        entry.holdings = vec![account.holding()];
        entry
    };
    let mut overfilled = whole();
    overfilled.orders[0].events.push(event(20, filled(1)));
    let mut unknown = whole();
    unknown.orders.push(OrderChange {
        placed: None,
        ..account.resting("P2")
    });
    let mut strangers = whole();
    strangers.holdings[0].key.broker = zerodha();
    let mut renamed = whole();
    renamed.orders[0].intent = account.intent().id;
    for entry in [overfilled, unknown, strangers, renamed] {
        commit(&store, entry).await.unwrap_err();
    }
    let summary = store.summary().await.unwrap();
    for table in ["orders", "order_events", "trades", "positions", "holdings"] {
        assert_eq!(summary.rows(table), Some(0), "{table}");
    }
    commit(&store, whole()).await.unwrap();
    assert!(store.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn a_reset_is_dated() {
    use diesel::dsl::sql;
    use diesel::prelude::*;
    use diesel::sql_types::{Nullable, Text};
    let place = Place::new();
    let store = place.create();
    let account = account(&store).await;
    commit(&store, account.entry(1)).await.unwrap();
    let reset_at = || {
        sql::<Nullable<Text>>("SELECT last_reset_at FROM paper_accounts")
            .get_result::<Option<String>>(&mut place.raw())
            .unwrap()
    };
    assert_eq!(reset_at(), None);
    let mut entry = account.entry(2);
    entry.funds.reset_count = 1;
    commit(&store, entry).await.unwrap();
    commit(
        &store,
        LedgerEntry {
            at: at(99),
            funds: Funds {
                reset_count: 1,
                ..Funds::opening(money("5"))
            },
            ..account.entry(3)
        },
    )
    .await
    .unwrap();
    assert_eq!(reset_at(), Some(at(10).to_string()));
}
