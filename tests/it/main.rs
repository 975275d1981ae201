//! Whole stories: a data folder, the engine and the paper exchange together.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests may panic like the tests themselves"
)]

mod crash;
mod failures;
mod idempotency;
mod order_flow;
mod restart;
mod routing;
mod wire;
mod world;
