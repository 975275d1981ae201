//! Fakes of the ports, for tests of their callers, conformance suites for those who implement
//! them, and values for both.

mod clock;
pub mod contract;
mod ids;
pub mod sample;

pub use clock::FakeClock;
pub use ids::{CountingIds, FakeRandom};
