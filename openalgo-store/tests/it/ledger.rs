//! The ledger of the paper exchange, as somebody with the key sees and changes it.

use crate::support::{Place, accepted, at, day, event, intent, money, paper, user};
use diesel::connection::SimpleConnection;
use openalgo_core::account::User;
use openalgo_core::order::{Order, OrderIntent, TradingMode};
use openalgo_core::paper::{LedgerEntry, OrderChange, PaperAccountKey, PaperOpening};
use openalgo_core::port::StoreError;
use openalgo_core::portfolio::Funds;
use openalgo_core::testing::sample;
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
            starts_anew: false,
            movements: Vec::new(),
            daily: None,
            positions: Vec::new(),
            holdings: Vec::new(),
            reservations: Vec::new(),
            funds: Funds::opening(self.opening.capital),
            trading_day: day(25),
            jobs_until: at(0),
            last_order_number: version,
            at: at(10),
        }
    }

    fn intent(&self) -> OrderIntent {
        OrderIntent {
            mode: TradingMode::Paper,
            token: None,
            request: None,
            ltp: None,
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
}

async fn commit(store: &Store, entry: LedgerEntry) -> Result<Vec<Order>, StoreError> {
    store.paper_ledger().commit(entry).await.unwrap().await
}

/// An account with a resting order, a position and a holding, in which somebody with the key then
/// changed a cell.
async fn tampered(change: &str) -> StoreError {
    let place = Place::new();
    let store = place.create();
    let account = account(&store).await;
    let mut entry = account.entry(1);
    entry.orders = vec![account.resting("P1")];
    entry.positions = vec![sample::position(account.owner.id, paper())];
    entry.holdings = vec![sample::holding(account.owner.id, paper())];
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
         today_realized_pnl summed_pnl reset_count trading_day",
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
    entry.funds.last_reset = Some(at(10));
    commit(&store, entry).await.unwrap();
    commit(
        &store,
        LedgerEntry {
            at: at(99),
            funds: Funds {
                reset_count: 1,
                last_reset: Some(at(10)),
                ..Funds::opening(money("5"))
            },
            ..account.entry(3)
        },
    )
    .await
    .unwrap();
    assert_eq!(reset_at(), Some(at(10).to_string()));
}
