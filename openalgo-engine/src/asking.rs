//! Asking the adapter of a broker: not for ever, and a panic of it is its own failure and nobody
//! else's.

use futures_util::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use thiserror::Error;

/// Why an adapter gave no answer. What was asked for may have been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum NoAnswer {
    /// It took too long.
    #[error("the broker did not answer in time")]
    Late,
    /// It failed in a way it must not.
    #[error("the adapter panicked")]
    Panicked,
}

/// What an adapter answers within `deadline`.
pub(crate) async fn ask<T>(
    deadline: Duration,
    asked: impl Future<Output = T>,
) -> Result<T, NoAnswer> {
    let asked = AssertUnwindSafe(asked).catch_unwind();
    match tokio::time::timeout(deadline, asked).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_panic)) => Err(NoAnswer::Panicked),
        Err(_late) => Err(NoAnswer::Late),
    }
}
