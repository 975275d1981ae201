//! Group commit, and readers beside it.

use crate::support::{Place, accepted, all_of, event, intent, keys, paper, user, zerodha};
use openalgo_core::id::{OrderId, UserId};
use openalgo_core::port::StoreError;
use std::sync::Arc;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_writes_at_once_are_all_durable() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let mut writes = JoinSet::new();
    for number in 0..200 {
        let orders = store.orders();
        let mut intent = intent(&owner, if number % 2 == 0 { paper() } else { zerodha() });
        // One in ten cannot be written, and must harm nobody in its group.
        let is_bad = number % 10 == 3;
        if is_bad {
            intent.user = UserId::new(99);
        }
        writes.spawn(async move {
            let outcome = orders.insert(&intent).await;
            match outcome {
                Err(StoreError::NotFound { .. }) if is_bad => None,
                other => Some(other.unwrap()),
            }
        });
    }
    let mut written: Vec<_> = writes.join_all().await.into_iter().flatten().collect();
    assert_eq!(written.len(), 180);
    store.close().await;

    let store = place.open();
    written.sort_by_key(|order| std::cmp::Reverse(order.id));
    assert_eq!(store.orders().list(&all_of(&owner)).await.unwrap(), written);
    assert!(store.check().await.unwrap().is_sound());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_was_answered_survives_the_end_of_the_process() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let order = store
        .orders()
        .insert(&intent(&owner, paper()))
        .await
        .unwrap();
    // What a killed process leaves: the file and its WAL as they are now.
    let copy = Place::new();
    for name in ["main.db", "main.db-wal"] {
        let from = place.folder.path().join(name);
        std::fs::copy(from, copy.folder.path().join(name)).unwrap();
    }
    assert_eq!(
        copy.open().orders().list(&all_of(&owner)).await.unwrap(),
        [order]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reader_sees_what_was_answered() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let mut tasks = JoinSet::new();
    for task in 0..16 {
        let orders = store.orders();
        let intents: Vec<_> = (0..10).map(|_| intent(&owner, zerodha())).collect();
        let owner = owner.id;
        tasks.spawn(async move {
            for (number, intent) in intents.into_iter().enumerate() {
                let order = orders.insert(&intent).await.unwrap();
                let id = format!("Z{task}-{number}");
                let order = orders
                    .append(order.id, &event(1, accepted(&id)))
                    .await
                    .unwrap();
                assert_eq!(orders.find(owner, &id).await.unwrap(), Some(order));
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(
        store.orders().list(&all_of(&owner)).await.unwrap().len(),
        160
    );
}

#[tokio::test]
async fn work_whose_caller_left_is_done() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let orders = store.orders();
    let intent = intent(&owner, paper());
    let impatient = tokio::spawn({
        let orders = Arc::clone(&orders);
        async move { orders.insert(&intent).await }
    });
    tokio::task::yield_now().await;
    impatient.abort();
    assert!(impatient.await.is_err());
    // Queued behind it.
    let missing = orders
        .append(OrderId::new(99), &event(1, accepted("Z1")))
        .await;
    assert!(missing.is_err());
    assert_eq!(orders.list(&all_of(&owner)).await.unwrap().len(), 1);
}

/// What is written to a file without a name is gone when it is closed, and must not count.
#[cfg(unix)]
#[tokio::test]
async fn nothing_counts_as_stored_once_the_file_has_lost_its_name() {
    use std::fs;

    for name in ["main.db", "main.db-wal"] {
        for replaced in [false, true] {
            let place = Place::new();
            let store = place.create();
            let owner = user(&store, "owner").await;
            let orders = store.orders();
            orders.insert(&intent(&owner, paper())).await.unwrap();
            let file = place.path.with_file_name(name);
            let aside = file.with_extension("aside");
            fs::rename(&file, &aside).unwrap();
            if replaced {
                fs::copy(&aside, &file).unwrap();
            }
            let is_lost = |error: StoreError| {
                let StoreError::Lost { file: named } = error else {
                    panic!("{error}");
                };
                assert_eq!(named, file.display().to_string());
            };
            is_lost(orders.insert(&intent(&owner, paper())).await.unwrap_err());
            is_lost(store.check().await.unwrap_err());
            is_lost(store.summary().await.map(drop).unwrap_err());
            let compacted = store.compact().await.map(drop).unwrap_err();
            assert!(
                compacted.to_string().contains("removed or replaced"),
                "{compacted}"
            );
            let copy = place.path.with_file_name("copy.db");
            let copied = store
                .copy_to(&copy, keys(&place.key), &|_| ())
                .await
                .unwrap_err();
            assert!(
                copied.to_string().contains("removed or replaced"),
                "{copied}"
            );
            assert!(!copy.exists());
            if !replaced {
                assert!(!file.exists(), "nobody makes an empty one in its place");
            }
            // Whoever puts it back goes on.
            fs::rename(&aside, &file).unwrap();
            orders.insert(&intent(&owner, paper())).await.unwrap();
            store.close().await;
            assert!(place.open().check().await.unwrap().is_sound());
        }
    }
}
