//! An engine on a store of this test's own: what it runs on besides.

use openalgo::brokers::paper::PaperBroker;
use openalgo::brokers::simulated::SimulatedExchange;
use openalgo::core::port::{Clock, IdSource, RandomSource};
use openalgo::crypto::{ApiKeys, Argon2Cost, Argon2Hasher, Rfc6238};
use openalgo::engine::Ports;
use openalgo::store::Store;
use openalgo_core::testing::sample;
use std::sync::Arc;

/// Ports on a store, with a clock, chance and ids of the test.
pub(crate) fn stored_ports(
    store: &Store,
    (clock, random): (Arc<dyn Clock>, Arc<dyn RandomSource>),
    ids: Arc<dyn IdSource>,
) -> Ports {
    Ports {
        users: store.users(),
        api_keys: store.api_keys(),
        risk: store.risk(),
        audit_log: store.audit_log(),
        sessions: store.sessions(),
        login_failures: store.login_failures(),
        settings: store.settings(),
        orders: store.orders(),
        gtt_orders: store.gtt_orders(),
        pending_orders: store.pending_orders(),
        trades: store.trades(),
        positions: store.positions(),
        holdings: store.holdings(),
        latency_metrics: store.latency_metrics(),
        order_logs: store.order_logs(),
        candles: store.candles(),
        ledger: store.paper_ledger(),
        paper: sample::paper(),
        exchange: Arc::new(PaperBroker),
        market: Arc::new(SimulatedExchange::new(1, Arc::clone(&clock)).unwrap()).source(),
        passwords: Arc::new(Argon2Hasher::new(Arc::clone(&random), Argon2Cost::TEST)),
        totp: Arc::new(Rfc6238::new(Arc::clone(&random))),
        keys: Arc::new(ApiKeys::new(random, Argon2Cost::TEST)),
        clock,
        ids,
    }
}
