//! Runs the engine on a store of its own, which keeps everything in memory, and places a paper order.
//!
//! A store implements the repository ports of `openalgo_core::port`; `custom_repository/` has a file
//! for each. What it must do beyond their signatures is in the conformance suites of
//! `openalgo_core::testing::contract`, which `cargo test --example custom_repository` runs on it.
//!
//! `cargo run --example custom_repository`

#[path = "custom_repository/memory.rs"]
mod memory;

use memory::Memory;
use openalgo::brokers::paper::{BROKER_NAME, PaperBroker};
use openalgo::brokers::simulated::SimulatedExchange;
use openalgo::core::id::BrokerName;
use openalgo::core::port::{Clock, RandomSource};
use openalgo::crypto::{ApiKeys, Argon2Cost, Argon2Hasher, Rfc6238, SystemRandom, make_password};
use openalgo::engine::{Engine, EngineConfig, Ports};
use openalgo::prelude::*;
use openalgo::{SystemClock, SystemIds};
use std::error::Error;
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let engine = Engine::start(ports()?, EngineConfig::default()).await?;
    let (name, address) = ("owner".parse()?, "owner@localhost".parse()?);
    let password = make_password(&SystemRandom)?;
    let owner = engine.users().create(name, address, &password).await?;

    let reliance = InstrumentKey::new(Exchange::Nse, "RELIANCE".parse()?);
    let order = NewOrder::market(reliance, Side::Buy, Quantity::try_new(10)?);
    let placed = engine.orders().place(owner.id, order).await?.order;
    let journal = engine.orders().journal(placed.id).await?;

    let (status, price) = (placed.status(), placed.average_price()?);
    #[expect(clippy::print_stdout, reason = "an example shows what it did")]
    {
        println!("order {}: {status} at ₹{price}", placed.public_id());
        for event in journal {
            println!("  {} {}", event.at, event.kind.as_str());
        }
    }
    engine.stop().await;
    Ok(())
}

/// What the engine runs on: the store in memory, the paper broker and the simulated exchange.
fn ports() -> Result<Ports, Box<dyn Error>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let random: Arc<dyn RandomSource> = Arc::new(SystemRandom);
    let memory = Arc::new(Memory::new(Arc::clone(&clock)));
    let store = || Arc::clone(&memory);
    let paper: BrokerName = BROKER_NAME.parse()?;
    let (passwords, keys) = (Argon2Cost::LOGIN, Argon2Cost::API_KEY);
    Ok(Ports {
        users: store(),
        api_keys: store(),
        risk: store(),
        audit_log: store(),
        sessions: store(),
        login_failures: store(),
        settings: store(),
        orders: store(),
        gtt_orders: store(),
        pending_orders: store(),
        trades: store(),
        positions: store(),
        holdings: store(),
        latency_metrics: store(),
        order_logs: store(),
        candles: store(),
        ledger: store(),
        paper,
        exchange: Arc::new(PaperBroker),
        market: Arc::new(SimulatedExchange::new(1, Arc::clone(&clock))?).source(),
        passwords: Arc::new(Argon2Hasher::new(Arc::clone(&random), passwords)),
        totp: Arc::new(Rfc6238::new(Arc::clone(&random))),
        keys: Arc::new(ApiKeys::new(Arc::clone(&random), keys)),
        ids: Arc::new(SystemIds::new(Arc::clone(&clock), random)),
        clock,
    })
}

#[cfg(test)]
mod tests {
    use super::Memory;
    use openalgo_core::testing::FakeClock;
    use openalgo_core::testing::contract::Repositories;
    use std::sync::Arc;
    use tokio::runtime::Runtime;

    openalgo_core::repository_contract!(crate::tests::in_memory);

    fn in_memory(case: impl AsyncFnOnce(&Repositories)) {
        let clock = Arc::new(FakeClock::at("2026-11-25T10:30:00+05:30"));
        let memory = Arc::new(Memory::new(Arc::clone(&clock) as _));
        let store = || Arc::clone(&memory);
        let repositories = Repositories {
            users: store(),
            api_keys: store(),
            settings: store(),
            orders: store(),
            journal: store(),
            trades: store(),
            positions: store(),
            holdings: store(),
            paper_ledger: store(),
            broker_connections: store(),
            sessions: store(),
            strategies: store(),
            pending_orders: store(),
            telegram: store(),
            order_logs: store(),
            latency_metrics: store(),
            login_failures: store(),
            api_tokens: store(),
            gtt_orders: store(),
            watchlists: store(),
            risk: store(),
            master_contracts: store(),
            audit_log: store(),
            candles: store(),
            bot_states: store(),
            clock,
        };
        Runtime::new().unwrap().block_on(case(&repositories));
    }
}
