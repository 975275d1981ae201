//! The suite of [`JournalArchive`](crate::port::JournalArchive).

use super::Repositories;
use super::given::user;
use crate::id::{BrokerName, UserId};
use crate::journal::{ChainKey, ChainReport, JournalExtent, JournalScope, StoredEntry};
use crate::order::Order;
use crate::testing::sample::{accepted, at, event, intent, paper, zerodha};
use std::collections::BTreeMap;

/// Runs the suite of the journal as a whole; see
/// [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! journal_archive_contract {
    ($run:path) => {
        $crate::contract_cases! { journal_archive on $run:
            entries_are_read_as_they_were_written,
            entries_are_read_in_pages,
            the_journal_is_narrowed_by_user_broker_time_and_order,
            every_entry_names_the_seal_of_the_one_before,
            a_journal_that_nobody_touched_is_sound,
            a_part_of_the_journal_is_verified_alone,
        }
    };
}

/// Places an order and has it accepted a minute later under this id: three entries.
async fn placed(store: &Repositories, user: UserId, broker: BrokerName, id: &str) -> Order {
    let order = store.orders.insert(&intent(user, broker)).await.unwrap();
    let accepted = event(60, accepted(id));
    store.orders.append(order.id, &accepted).await.unwrap()
}

/// Two orders of one account and one each of two others, in turn.
async fn filled(store: &Repositories) -> (UserId, UserId) {
    let (one, two) = (user(store, "one").await, user(store, "two").await);
    placed(store, one, zerodha(), "Z1").await;
    placed(store, two, paper(), "P1").await;
    placed(store, one, zerodha(), "Z2").await;
    placed(store, one, paper(), "P1").await;
    (one, two)
}

async fn all(store: &Repositories, scope: &JournalScope) -> Vec<StoredEntry> {
    let entries = store.journal.entries(scope, 0, 1_000).await.unwrap();
    let extent = store.journal.extent(scope).await.unwrap();
    let expected = JournalExtent {
        entries: u64::try_from(entries.len()).unwrap(),
        last: entries.last().map_or(0, |entry| entry.number),
    };
    assert_eq!(extent, expected);
    entries
}

async fn numbers(store: &Repositories, scope: JournalScope) -> Vec<i64> {
    let entries = all(store, &scope).await;
    entries.into_iter().map(|entry| entry.number).collect()
}

/// Numbers run over all accounts, and the entries of an order tell its journal.
pub async fn entries_are_read_as_they_were_written(store: &Repositories) {
    assert_eq!(all(store, &JournalScope::default()).await, []);
    let owner = user(store, "owner").await;
    let order = placed(store, owner, zerodha(), "Z1").await;
    let entries = all(store, &JournalScope::default()).await;
    let journal = store.orders.journal(order.id).await.unwrap();
    assert_eq!(entries.len(), journal.len());
    for ((number, entry), written) in (1..).zip(&entries).zip(&journal) {
        assert_eq!((entry.number, entry.seq), (number, number));
        assert_eq!(entry.user, owner.get());
        assert_eq!(entry.broker, "zerodha");
        assert_eq!(entry.order, order.id.get());
        assert_eq!(entry.event, written.kind.as_str());
        assert_eq!(entry.at, written.at.to_string());
        let word = format!(r#""event":"{}""#, entry.event);
        assert!(entry.payload.contains(&word), "{entry:?}");
    }
}

/// A page begins behind the number that was given and is no longer than asked.
pub async fn entries_are_read_in_pages(store: &Repositories) {
    filled(store).await;
    let everything = JournalScope::default();
    let page = async |after, limit| {
        let page = store.journal.entries(&everything, after, limit).await;
        let page = page.unwrap().into_iter();
        page.map(|entry| entry.number).collect::<Vec<_>>()
    };
    assert_eq!(page(0, 2).await, [1, 2]);
    assert_eq!(page(2, 3).await, [3, 4, 5]);
    assert_eq!(page(11, 5).await, [12]);
    assert_eq!(page(12, 5).await, [0; 0]);
    assert_eq!(page(0, 0).await, [0; 0]);
}

/// The beginning of a time belongs to it, its end does not.
pub async fn the_journal_is_narrowed_by_user_broker_time_and_order(store: &Repositories) {
    let (one, two) = filled(store).await;
    let everything = JournalScope::default;
    let of_two = JournalScope {
        user: Some(two),
        ..everything()
    };
    assert_eq!(numbers(store, of_two).await, [4, 5, 6]);
    let at_paper = JournalScope {
        broker: Some(paper()),
        ..everything()
    };
    assert_eq!(numbers(store, at_paper).await, [4, 5, 6, 10, 11, 12]);
    let later = JournalScope {
        from: Some(at(60)),
        ..everything()
    };
    assert_eq!(numbers(store, later).await, [3, 6, 9, 12]);
    let earlier = JournalScope {
        user: Some(one),
        until: Some(at(60)),
        ..everything()
    };
    assert_eq!(numbers(store, earlier).await, [1, 2, 7, 8, 10, 11]);
    let named = |order: &str| JournalScope {
        order: Some(order.to_owned()),
        ..everything()
    };
    assert_eq!(numbers(store, named("P1")).await, [4, 5, 6, 10, 11, 12]);
    assert_eq!(numbers(store, named("nothing")).await, [0; 0]);
    let order = store.orders.find(one, "Z2").await.unwrap().unwrap();
    let local = named(&order.intent.id.local_order_id());
    assert_eq!(numbers(store, local).await, [7, 8, 9]);
}

/// Where a store keeps a chain, each account has one of its own, also when only a part of it is
/// read.
pub async fn every_entry_names_the_seal_of_the_one_before(store: &Repositories) {
    filled(store).await;
    let entries = all(store, &JournalScope::default()).await;
    let mut ends = BTreeMap::new();
    for entry in &entries {
        let Some(link) = &entry.link else { return };
        let end = ends.insert((entry.user, &entry.broker), &link.seal);
        let end = end.map_or_else(|| "0".repeat(64), Clone::clone);
        assert_eq!(link.previous, end, "entry {}", entry.number);
    }
    let part = JournalScope {
        from: Some(at(60)),
        ..JournalScope::default()
    };
    for entry in all(store, &part).await {
        assert!(entries.contains(&entry), "{entry:?}");
    }
}

fn sound(user: UserId, broker: &str, entries: u64) -> ChainReport {
    let broker = broker.to_owned();
    ChainReport {
        key: ChainKey { user, broker },
        entries,
        sound: entries,
        first_bad: None,
    }
}

/// Every account has its chain in the report, by user and broker.
pub async fn a_journal_that_nobody_touched_is_sound(store: &Repositories) {
    let everything = JournalScope::default();
    let nothing = store.journal.verify(&everything).await.unwrap();
    assert!(nothing.is_sound() && nothing.chains.is_empty());
    let (one, two) = filled(store).await;
    let report = store.journal.verify(&everything).await.unwrap();
    let expected = [
        sound(one, "paper", 3),
        sound(one, "zerodha", 6),
        sound(two, "paper", 3),
    ];
    assert_eq!(report.chains, expected);
    assert!(report.is_sound(), "{report:?}");
}

/// Only the chains of the scope are in the report.
pub async fn a_part_of_the_journal_is_verified_alone(store: &Repositories) {
    let (one, two) = filled(store).await;
    let verify = async |scope: JournalScope| {
        let report = store.journal.verify(&scope).await.unwrap();
        assert!(report.is_sound(), "{report:?}");
        report.chains
    };
    let of_one = JournalScope {
        user: Some(one),
        ..JournalScope::default()
    };
    let expected = [sound(one, "paper", 3), sound(one, "zerodha", 6)];
    assert_eq!(verify(of_one).await, expected);
    let at_paper = JournalScope {
        broker: Some(paper()),
        ..JournalScope::default()
    };
    let expected = [sound(one, "paper", 3), sound(two, "paper", 3)];
    assert_eq!(verify(at_paper).await, expected);
    let never = JournalScope {
        from: Some(at(61)),
        ..JournalScope::default()
    };
    assert_eq!(verify(never).await, []);
}
