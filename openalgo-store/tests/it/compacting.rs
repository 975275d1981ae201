//! Making the file as small as what is in it.

use crate::support::{Place, all_of, intent, user, zerodha};
use diesel::connection::SimpleConnection;
use openalgo_core::account::{SettingKey, User};
use openalgo_store::{AnchorRule, OpenMode, Store};

const TEXT: &str = "VERY-RECOGNISABLE-TEXT";

/// A database with an anchor and an order, and with a gap of some megabytes.
async fn with_gap() -> (Place, Store, User) {
    let place = Place::new();
    let store = open(&place, OpenMode::Create);
    let owner = user(&store, "owner").await;
    store
        .orders()
        .insert(&intent(&owner, zerodha()))
        .await
        .unwrap();
    store.close().await;
    let fill = format!(
        "CREATE TABLE gap (text TEXT); INSERT INTO gap WITH RECURSIVE n (i) AS \
         (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) \
         SELECT '{TEXT}' || hex(randomblob(2000)) FROM n; DROP TABLE gap;"
    );
    place.raw().batch_execute(&fill).unwrap();
    let store = open(&place, OpenMode::Existing);
    (place, store, owner)
}

fn open(place: &Place, mode: OpenMode) -> Store {
    let mut options = place.options(mode);
    options.anchor = AnchorRule::Hold;
    Store::open(&place.path, options).unwrap()
}

fn size(place: &Place, name: &str) -> u64 {
    let path = place.folder.path().join(name);
    path.metadata().unwrap().len()
}

#[tokio::test]
async fn the_file_shrinks_and_is_as_it_was() {
    let (place, store, owner) = with_gap().await;
    let before = size(&place, "main.db");
    let done = store.compact().await.unwrap();
    assert!(!done.is_held);
    assert!(done.before >= before && before > 3_000_000, "{done:?}");
    assert_eq!(size(&place, "main.db-wal"), 0);
    assert_eq!(size(&place, "main.db"), done.after);
    assert!(done.after < 1_000_000, "{done:?}");
    assert!(store.check().await.unwrap().is_sound());
    let theme = store.settings().set(SettingKey::Theme, "light").await;
    theme.unwrap();
    store.close().await;
    let store = open(&place, OpenMode::Existing);
    assert!(store.check().await.unwrap().is_sound());
    assert_eq!(store.orders().list(&all_of(&owner)).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_or_writes_meanwhile_is_served() {
    let (_place, store, owner) = with_gap().await;
    let mut writing = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (orders, intent) = (store.orders(), intent(&owner, zerodha()));
        writing.spawn(async move { orders.insert(&intent).await });
    }
    let compacting = tokio::spawn({
        let store = store.clone();
        async move { store.compact().await }
    });
    for _ in 0..50 {
        let (orders, intent) = (store.orders(), intent(&owner, zerodha()));
        writing.spawn(async move { orders.insert(&intent).await });
        assert!(
            !store
                .orders()
                .list(&all_of(&owner))
                .await
                .unwrap()
                .is_empty()
        );
    }
    for written in writing.join_all().await {
        written.unwrap();
    }
    let done = compacting.await.unwrap().unwrap();
    assert!(done.after < done.before, "{done:?}");
    assert_eq!(
        store.orders().list(&all_of(&owner)).await.unwrap().len(),
        101
    );
    assert!(store.check().await.unwrap().is_sound());
}
