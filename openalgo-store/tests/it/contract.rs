//! What every store must do, on Diesel: each case on a database of its own.

use crate::support::Place;
use openalgo_core::testing::contract::Repositories;
use openalgo_store::Store;
use std::sync::Arc;
use tokio::runtime::Runtime;

openalgo_core::repository_contract!(crate::contract::on_diesel);

/// Runs a case; whatever it did must leave a sound database.
fn on_diesel(case: impl AsyncFnOnce(&Repositories)) {
    let place = Place::new();
    let store = place.create();
    Runtime::new().unwrap().block_on(async {
        case(&repositories(&store, &place)).await;
        let report = store.check().await.unwrap();
        assert!(report.is_sound(), "{report:?}");
        store.close().await;
    });
}

fn repositories(store: &Store, place: &Place) -> Repositories {
    Repositories {
        settings: store.settings(),
        clock: Arc::clone(&place.clock),
    }
}
