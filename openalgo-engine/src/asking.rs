//! Asking the adapter of a broker: not for ever, and a panic of it is its own failure and nobody
//! else's.

use crate::brokers::{BrokerSessionError, Brokers, Login};
use futures_util::FutureExt;
use openalgo_core::port::{BrokerReadError, BrokerSession};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
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

/// Why a broker did not tell something.
#[derive(Debug)]
pub(crate) enum Untold {
    /// It does not take the session any more, which is over then.
    Over(BrokerSessionError),
    /// It said so, or nothing in time.
    Failed(BrokerReadError),
}

/// What a broker tells in a session within `deadline`.
pub(crate) async fn read<T>(
    brokers: &Brokers,
    (login, session): (&Login, &Arc<BrokerSession>),
    (deadline, asked): (Duration, impl Future<Output = Result<T, BrokerReadError>>),
) -> Result<T, Untold> {
    let answer = ask(deadline, asked).await;
    let answer = answer.unwrap_or_else(|none| Err(BrokerReadError::Failed(none.into())));
    answer.map_err(|error| {
        if matches!(error, BrokerReadError::SessionExpired) {
            Untold::Over(brokers.refuse(login, session))
        } else {
            Untold::Failed(error)
        }
    })
}
