//! Conformance suites: what every implementation of the repository ports must do.
//!
//! There is one suite for each port, a module with one async function for each promise. An
//! implementation runs all of them, each case as a `#[test]` of its own, by telling how one runs:
//!
//! ```ignore
//! fn on_my_store(case: impl AsyncFnOnce(&Repositories)) {
//!     let store = MyStore::new();
//!     my_runtime().block_on(case(&store.repositories()));
//! }
//!
//! openalgo_core::repository_contract!(crate::on_my_store);
//! ```
//!
//! The runtime is the caller's: this crate knows none. A case must get a store that is fresh and
//! its own. `examples/custom_repository.rs` is a store that passes, and can be read as a model.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "cases are tests: they fail by a panic"
)]

pub mod settings;

use super::FakeClock;
use crate::port::SettingRepository;
use std::sync::Arc;

/// A store to be examined, of which every repository sees what the others wrote. Nothing is in it
/// yet but the settings.
#[derive(Debug, Clone)]
pub struct Repositories {
    /// Its settings.
    pub settings: Arc<dyn SettingRepository>,
    /// The clock by which it dates changes that carry no time of their own.
    pub clock: Arc<FakeClock>,
}

/// Runs every suite: a module for each, with a `#[test]` for each case.
///
/// Takes the absolute path of a function that makes a fresh store and runs one case on it, an
/// `impl AsyncFnOnce(&Repositories)`.
#[macro_export]
macro_rules! repository_contract {
    ($run:path) => {
        mod settings {
            $crate::setting_contract!($run);
        }
    };
}

/// Makes a `#[test]` of each case of a suite. Only suites need it.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_cases {
    ($suite:ident on $run:path: $($case:ident,)+) => {
        $(
            #[test]
            fn $case() {
                $run($crate::testing::contract::$suite::$case);
            }
        )+
    };
}
