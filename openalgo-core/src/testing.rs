//! Fakes of the ports, for tests of their callers.

mod clock;
mod ids;

pub use clock::FakeClock;
pub use ids::{CountingIds, FakeRandom};
