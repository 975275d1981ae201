//! What every store must do, on Diesel: each case on a database of its own.

use crate::support::Place;
use openalgo_core::testing::contract::Repositories;
use openalgo_store::Store;
use std::sync::Arc;
use tokio::runtime::Runtime;

openalgo_core::repository_contract!(crate::contract::on_diesel);

/// Checks that add up books: cases make up figures that no machine would.
const BOOKS: [&str; 3] = ["trades", "positions", "funds"];

/// Runs a case; whatever it did must leave a sound database.
fn on_diesel(case: impl AsyncFnOnce(&Repositories)) {
    let place = Place::new();
    let store = place.create();
    Runtime::new().unwrap().block_on(async {
        case(&repositories(&store, &place)).await;
        let report = store.check().await.unwrap();
        for (check, finding) in report.findings() {
            assert!(BOOKS.contains(&check), "{check}: {finding}");
        }
        store.close().await;
    });
}

fn repositories(store: &Store, place: &Place) -> Repositories {
    Repositories {
        users: store.users(),
        api_keys: store.api_keys(),
        settings: store.settings(),
        orders: store.orders(),
        journal: store.journal(),
        trades: store.trades(),
        positions: store.positions(),
        holdings: store.holdings(),
        paper_ledger: store.paper_ledger(),
        broker_connections: store.broker_connections(),
        sessions: store.sessions(),
        strategies: store.strategies(),
        pending_orders: store.pending_orders(),
        telegram: store.telegram(),
        order_logs: store.order_logs(),
        latency_metrics: store.latency_metrics(),
        login_failures: store.login_failures(),
        api_tokens: store.api_tokens(),
        gtt_orders: store.gtt_orders(),
        watchlists: store.watchlists(),
        risk: store.risk(),
        master_contracts: store.master_contracts(),
        audit_log: store.audit_log(),
        candles: store.candles(),
        bot_states: store.bot_states(),
        clock: Arc::clone(&place.clock),
    }
}
