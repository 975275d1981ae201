//! The suite of [`HoldingRepository`](crate::port::HoldingRepository).

use super::Repositories;
use super::given::user;
use crate::id::BrokerName;
use crate::market::Exchange;
use crate::port::StoreError;
use crate::testing::sample::{NOBODY, holding, instrument, money, paper, units, zerodha};

/// Runs the suite of the holdings; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! holding_contract {
    ($run:path) => {
        $crate::contract_cases! { holdings on $run:
            a_holding_is_kept_exactly,
            a_holding_is_one_for_its_symbol_on_every_exchange,
            holdings_are_listed_by_user_and_broker,
            what_was_sold_as_a_whole_is_no_holding,
            a_holding_of_nobody_is_refused,
        }
    };
}

/// Every figure reads back without rounding.
pub async fn a_holding_is_kept_exactly(store: &Repositories) {
    let owner = user(store, "owner").await;
    let mut holding = holding(owner, paper());
    holding.token = Some("408065".parse().unwrap());
    holding.cost = money("1000.0001");
    store.holdings.upsert(&holding).await.unwrap();
    let listed = store.holdings.list(owner, None).await.unwrap();
    assert_eq!(listed, [holding]);
}

/// Shares bought on another exchange belong to the same holding, which takes the place of what
/// was known of it.
pub async fn a_holding_is_one_for_its_symbol_on_every_exchange(store: &Repositories) {
    let owner = user(store, "owner").await;
    let mut holding = holding(owner, paper());
    store.holdings.upsert(&holding).await.unwrap();
    holding.key.instrument.exchange = Exchange::Bse;
    holding.isin = None;
    holding.quantity = units(9);
    store.holdings.upsert(&holding).await.unwrap();
    let listed = store.holdings.list(owner, None).await.unwrap();
    assert_eq!(listed, [holding]);
}

/// A list holds what belongs to the user, at the broker if one is named, the oldest first.
pub async fn holdings_are_listed_by_user_and_broker(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    let (here, there) = (holding(owner, paper()), holding(owner, zerodha()));
    let theirs = holding(other, paper());
    let mut more = here.clone();
    more.key.instrument = instrument("ACC");
    for holding in [&here, &there, &theirs, &more] {
        store.holdings.upsert(holding).await.unwrap();
    }
    let list = async |user, broker: Option<BrokerName>| {
        store.holdings.list(user, broker.as_ref()).await.unwrap()
    };
    let expected = [here.clone(), more.clone()];
    assert_eq!(list(owner, Some(paper())).await, expected);
    assert_eq!(list(owner, None).await, [here, there, more]);
    assert_eq!(list(other, None).await, [theirs]);
    assert_eq!(list(other, Some(zerodha())).await, []);
}

/// Units that are not settled yet are held; a holding without any unit is none.
pub async fn what_was_sold_as_a_whole_is_no_holding(store: &Repositories) {
    let owner = user(store, "owner").await;
    let mut holding = holding(owner, paper());
    holding.quantity = units(0);
    holding.cost = money("0");
    store.holdings.upsert(&holding).await.unwrap();
    let listed = store.holdings.list(owner, None).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&holding));
    holding.t1_quantity = units(0);
    store.holdings.upsert(&holding).await.unwrap();
    assert_eq!(store.holdings.list(owner, None).await.unwrap(), []);
}

/// A holding belongs to a user who exists.
pub async fn a_holding_of_nobody_is_refused(store: &Repositories) {
    let refused = store.holdings.upsert(&holding(NOBODY, paper())).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    assert_eq!(store.holdings.list(NOBODY, None).await.unwrap(), []);
}
