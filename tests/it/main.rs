//! Whole stories: a data folder, the engine and the paper exchange together.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic like the tests themselves"
)]

use std::alloc::System;
use zeroizing_alloc::ZeroAlloc;

/// The same as the programs have: what is freed is wiped.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

mod ahead;
mod analyze;
mod approvals;
mod bots;
mod broker_sessions;
mod canaries;
mod closing;
mod concurrency;
mod control;
mod crash;
mod delivery;
mod exchange;
mod failures;
mod feed;
mod flaky;
#[cfg(unix)]
mod full_disk;
mod governor;
mod gtt;
mod hanging;
mod history;
mod idempotency;
mod in_memory;
mod journal;
mod kills;
mod latency;
mod leaks;
mod legs;
mod limits;
mod live_portfolio;
mod login;
#[path = "../../examples/custom_repository/memory.rs"]
mod memory;
mod modes;
mod modifying;
mod no_price;
mod older;
mod options;
mod order_flow;
#[cfg(unix)]
mod order_kills;
mod paper_late;
mod paper_month;
mod paper_overtaken;
mod reconcile;
mod replay;
mod restart;
mod restore;
mod risk;
mod routing;
mod same_ids;
mod simulation;
mod smart;
mod standing;
mod stored_ports;
mod tapped;
mod told;
mod two_stores;
mod victim;
mod wire;
mod world;
