//! Opening an existing database with a raw key.

use crate::folder::{Folder, Intents};
use crate::samples::{Comparison, timed};
use tokio::runtime::Runtime;

/// The store opens two connections, looks at the migrations and starts the writer; the yardstick
/// opens one connection and proves the key.
pub(crate) fn existing(runtime: &Runtime) {
    let folder = Folder::new(runtime);
    let store = folder.open();
    runtime.block_on(async {
        for intent in Intents::new().take(1_000) {
            store.orders().insert(&intent).await.unwrap();
        }
    });
    drop(store);
    Comparison {
        name: "open an existing database with a raw key",
        operations: 1,
        turns: 200,
        budget: None,
    }
    .run(
        || {
            let mut store = None;
            let time = timed(|| store = Some(folder.open()));
            drop(store);
            time
        },
        || {
            let mut c = None;
            let time = timed(|| c = Some(folder.raw()));
            drop(c);
            time
        },
    );
}
