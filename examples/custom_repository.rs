//! Brings a store of its own, which keeps everything in memory, and changes a setting in it.
//!
//! A store implements the repository ports of `openalgo_core::port`; `custom_repository/` has a file
//! for each. What it must do beyond their signatures is in the conformance suites of
//! `openalgo_core::testing::contract`, which `cargo test --example custom_repository` runs on it.
//!
//! `cargo run --example custom_repository`

#[path = "custom_repository/memory.rs"]
mod memory;

use memory::Memory;
use openalgo::SystemClock;
use openalgo::core::account::SettingKey;
use openalgo::core::port::SettingRepository;
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store: Arc<dyn SettingRepository> = Arc::new(Memory::new(Arc::new(SystemClock)));
    let theme = store.set(SettingKey::Theme, "light").await?;
    #[expect(clippy::print_stdout, reason = "an example shows what it did")]
    {
        println!(
            "{} is {} since {}",
            theme.key, theme.value, theme.updated_at
        );
    }
    Ok(())
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
        let store = Arc::new(Memory::new(Arc::clone(&clock) as _));
        let repositories = Repositories {
            users: Arc::clone(&store) as _,
            settings: Arc::clone(&store) as _,
            broker_connections: Arc::clone(&store) as _,
            sessions: Arc::clone(&store) as _,
            strategies: Arc::clone(&store) as _,
            pending_orders: Arc::clone(&store) as _,
            telegram: Arc::clone(&store) as _,
            order_logs: Arc::clone(&store) as _,
            latency_metrics: store,
            clock,
        };
        Runtime::new().unwrap().block_on(case(&repositories));
    }
}
