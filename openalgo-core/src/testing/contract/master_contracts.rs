//! The suite of [`MasterContractRepository`](crate::port::MasterContractRepository).

use super::Repositories;
use crate::id::BrokerName;
use crate::market::{FileMark, MasterContract};
use crate::testing::sample::{at, day, paper, zerodha};

/// Runs the suite of lists of instruments; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! master_contract_contract {
    ($run:path) => {
        $crate::contract_cases! { master_contracts on $run:
            a_list_comes_back_as_it_was_kept,
            the_newest_two_of_a_broker_are_kept,
            the_latest_of_each_broker_are_listed_by_name,
        }
    };
}

/// A list that is unlike all others by a number.
fn list(broker: BrokerName, number: u8) -> MasterContract {
    MasterContract {
        broker,
        date: day(number.into()).date(),
        instruments: 110_000 + u64::from(number),
        refused: number.into(),
        taken_from: format!("instruments of अ{number}.csv").into(),
        taken_at: at(number.into()),
        mark: FileMark {
            key: [number; 32],
            code: [number ^ 0xff; 32],
        },
    }
}

/// Every field, the key and the code among them.
pub async fn a_list_comes_back_as_it_was_kept(store: &Repositories) {
    let lists = &store.master_contracts;
    assert_eq!(lists.newest(&zerodha()).await.unwrap(), []);
    assert_eq!(lists.list().await.unwrap(), []);
    let kept = list(zerodha(), 24);
    lists.keep(&kept).await.unwrap();
    let newest = lists.newest(&zerodha()).await.unwrap();
    assert_eq!(newest.as_slice(), std::slice::from_ref(&kept));
    assert_eq!(lists.list().await.unwrap(), [kept]);
    assert_eq!(lists.newest(&paper()).await.unwrap(), []);
}

/// The one before is kept, an older one is not; the lists of other brokers are let alone. What
/// counts is in which order they were kept, not what their dates say.
pub async fn the_newest_two_of_a_broker_are_kept(store: &Repositories) {
    let lists = &store.master_contracts;
    let [first, second, third] = [26, 25, 24].map(|number| list(zerodha(), number));
    let other = list(paper(), 1);
    for kept in [&first, &other, &second, &third] {
        lists.keep(kept).await.unwrap();
    }
    assert_eq!(lists.newest(&zerodha()).await.unwrap(), [third, second]);
    assert_eq!(lists.newest(&paper()).await.unwrap(), [other]);
}

/// One of each broker, and the newest.
pub async fn the_latest_of_each_broker_are_listed_by_name(store: &Repositories) {
    let lists = &store.master_contracts;
    let [old, new] = [24, 25].map(|number| list(zerodha(), number));
    let other = list(paper(), 24);
    for kept in [&old, &new, &other] {
        lists.keep(kept).await.unwrap();
    }
    assert_eq!(lists.list().await.unwrap(), [other, new]);
}
