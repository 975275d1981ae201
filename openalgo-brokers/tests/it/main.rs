//! Tests of the broker adapters through their public interface.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests may panic like the tests themselves"
)]

mod calendar_file;
mod course;
mod freeze_file;
mod kite_file;
mod paper;
mod recorded;
mod recording;
mod replay;
mod simulated;
mod simulated_feed;
mod simulated_history;
