//! Fakes and conformance suites for implementations of the ports and tests of their callers.

mod clock;
mod ids;

pub use clock::FakeClock;
pub use ids::{CountingIds, FakeRandom};
