//! Fakes of the ports, for tests of their callers, and conformance suites for those who implement
//! them.

mod clock;
pub mod contract;
mod ids;

pub use clock::FakeClock;
pub use ids::{CountingIds, FakeRandom};
