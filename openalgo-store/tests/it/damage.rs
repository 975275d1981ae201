//! Single flipped bits: reported by opening or by the check, and never read as data.

use crate::support::{Place, accepted, all_of, event, intent, user, zerodha};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use openalgo_core::account::User;
use openalgo_core::order::Order;
use openalgo_core::port::RandomSource;
use openalgo_core::testing::FakeRandom;
use openalgo_store::{OpenError, Store};
use std::fs;
use std::path::Path;

const PAGE: u64 = 4096;

/// A place for a flipped bit: a byte of the file and a mask.
#[derive(Debug, Clone, Copy)]
struct Bit {
    byte: u64,
    mask: u8,
}

/// Repeats from run to run.
struct Bits(FakeRandom);

impl Bits {
    fn below(&self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes).unwrap();
        u64::from_le_bytes(bytes) % end
    }

    /// A bit of the bytes from `start` to `end`.
    fn within(&self, start: u64, end: u64) -> Bit {
        Bit {
            byte: start + self.below(end - start),
            mask: 1 << self.below(8),
        }
    }
}

/// A file of some pages with a known content.
struct Original {
    place: Place,
    owner: User,
    orders: Vec<Order>,
}

impl Original {
    /// The store that is given back is open; while there are few orders, its WAL holds every
    /// commit.
    async fn with(orders: usize) -> (Self, Store) {
        let place = Place::new();
        let store = place.create();
        let owner = user(&store, "owner").await;
        for number in 0..orders {
            let order = store.orders().insert(&intent(&owner, zerodha())).await;
            let id = order.unwrap().id;
            let accepted = event(1, accepted(&format!("Z{number}")));
            store.orders().append(id, &accepted).await.unwrap();
        }
        let orders = store.orders().list(&all_of(&owner)).await.unwrap();
        let original = Self {
            place,
            owner,
            orders,
        };
        (original, store)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.place.folder.path().join(name)).unwrap()
    }

    /// Everything that can be read of a damaged copy is as it was.
    async fn assert_reads_are_true(&self, store: &Store, bit: Bit) {
        if let Ok(orders) = store.orders().list(&all_of(&self.owner)).await {
            assert_eq!(orders, self.orders, "{bit:?}");
        }
        if let Ok(owner) = store.users().owner().await {
            let email = owner.map(|owner| owner.email);
            assert_eq!(email.as_ref(), Some(&self.owner.email), "{bit:?}");
        }
        for order in self.orders.iter().step_by(8) {
            let found = store.orders().find(self.owner.id, &order.public_id()).await;
            if let Ok(found) = found {
                assert_eq!(found.as_ref(), Some(order), "{bit:?}");
            }
            if let Ok(journal) = store.orders().journal(order.id).await {
                assert_eq!(Order::fold(order.id, &journal).unwrap(), *order, "{bit:?}");
            }
        }
    }
}

fn write_flipped(path: &Path, content: &[u8], bit: Bit) {
    let mut content = content.to_vec();
    content[usize::try_from(bit.byte).unwrap()] ^= bit.mask;
    fs::write(path, content).unwrap();
}

#[tokio::test]
async fn every_flipped_bit_of_the_file_is_reported() {
    let (original, store) = Original::with(40).await;
    store.close().await;
    let content = original.read("main.db");
    let size = u64::try_from(content.len()).unwrap();
    let bits = Bits(FakeRandom::default());
    let mut refused = 0;
    for number in 0..300 {
        let bit = match number {
            0..30 => bits.within(0, PAGE),
            30..60 => bits.within(size - PAGE, size),
            _ => bits.within(0, size),
        };
        let copy = Place::new();
        write_flipped(&copy.path, &content, bit);
        match copy.try_open() {
            Err(OpenError::WrongKeyOrDamaged { .. } | OpenError::Damaged { .. }) => refused += 1,
            Err(other) => panic!("{bit:?}: {other}"),
            Ok(store) => {
                original.assert_reads_are_true(&store, bit).await;
                let report = store.check().await.unwrap();
                let mut findings = report.findings();
                assert!(findings.any(|(check, _)| check == "pages"), "{bit:?}");
            }
        }
    }
    // Both ways of reporting were met.
    assert!(
        (30..270).contains(&refused),
        "{refused} of 300 were refused"
    );
}

/// A bit of the last page of orders.
fn in_orders(original: &Original) -> Bit {
    let page = sql::<BigInt>("SELECT max(pageno) FROM dbstat WHERE name = 'orders'")
        .get_result::<i64>(&mut original.place.raw())
        .unwrap();
    Bit {
        byte: PAGE * u64::try_from(page).unwrap() - 1,
        mask: 1,
    }
}

/// SQLCipher gives up a connection for good that met a damaged page.
#[tokio::test]
async fn damage_of_one_table_keeps_nobody_from_the_others() {
    let (original, store) = Original::with(40).await;
    store.close().await;
    let bit = in_orders(&original);
    let store = original.place.open();
    let content = original.read("main.db");
    let settings = store.settings();
    let all = all_of(&original.owner);
    write_flipped(&original.place.path, &content, bit);
    store.orders().list(&all).await.unwrap_err();
    settings.list().await.unwrap();
    assert!(!store.check().await.unwrap().is_sound());
    settings.list().await.unwrap();
    fs::write(&original.place.path, &content).unwrap();
    assert_eq!(store.orders().list(&all).await.unwrap(), original.orders);
    assert!(store.check().await.unwrap().is_sound());
}

/// The same holds for the writer: what it is asked next is written.
#[tokio::test]
async fn damage_of_one_table_keeps_nobody_from_writing_to_the_others() {
    let (original, store) = Original::with(40).await;
    store.close().await;
    let bit = in_orders(&original);
    let store = original.place.open();
    let content = original.read("main.db");
    write_flipped(&original.place.path, &content, bit);
    let last = original.orders.iter().map(|order| order.id).max().unwrap();
    let change = event(60, accepted("after"));
    store.orders().append(last, &change).await.unwrap_err();
    let another = user(&store, "another").await;
    let found = store.users().find(&another.username).await.unwrap();
    assert_eq!(found.unwrap().id, another.id);
}

/// What the WAL holds behind damage is taken for torn by a crash, as SQLite cannot tell the two
/// apart: what is read is an earlier commit as a whole, never a part of one and never other data.
#[tokio::test]
async fn a_flipped_bit_of_the_log_leads_to_an_earlier_commit() {
    let (original, _open) = Original::with(15).await;
    let (file, log) = (original.read("main.db"), original.read("main.db-wal"));
    let size = u64::try_from(log.len()).unwrap();
    let bits = Bits(FakeRandom::default());
    let (mut refused, mut earlier) = (0, 0);
    for number in 0..60 {
        let bit = match number {
            // The header of the log and of its first frame.
            0..6 => bits.within(0, 56),
            6..12 => bits.within(size - PAGE, size),
            _ => bits.within(0, size),
        };
        let copy = Place::new();
        fs::write(&copy.path, &file).unwrap();
        write_flipped(&copy.folder.path().join("main.db-wal"), &log, bit);
        let Ok(store) = copy.try_open() else {
            refused += 1;
            continue;
        };
        let kept = store.orders().list(&all_of(&original.owner)).await.unwrap();
        let report = store.check().await.unwrap();
        assert!(report.is_sound(), "{bit:?}: {report:?}");
        assert_is_earlier(&kept, &original.orders, bit);
        earlier += usize::from(kept != original.orders);
    }
    assert_eq!(refused + earlier, 60);
    assert!(earlier > 50, "{refused} of 60 were refused");
}

/// Newest first: the first orders, all but the last of them accepted.
fn assert_is_earlier(kept: &[Order], all: &[Order], bit: Bit) {
    let same = kept.iter().rev().zip(all.iter().rev());
    for (number, (kept_order, order)) in (1..).zip(same) {
        assert_eq!(kept_order.intent, order.intent, "{bit:?}");
        assert!(kept_order == order || number == kept.len(), "{bit:?}");
    }
    assert!(kept.len() <= all.len(), "{bit:?}");
}
