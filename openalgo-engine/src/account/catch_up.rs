//! Lets resting paper orders meet the prices that were since they were last looked at.
//!
//! With prices whose whole course is known, nothing is missed while the program is off: the
//! orders meet what would have touched them, in the order of time. With any other source they
//! meet the present price.

use super::{AccountError, AccountHandle};
use crate::market::{LookupError, Market};
use openalgo_core::market::{InstrumentKey, Quote, Span, Timestamp};
use openalgo_core::paper::Watch;
use openalgo_core::port::{MarketError, PricePath};
use std::collections::BTreeSet;
use std::sync::Arc;
use thiserror::Error;

/// Why an account was not brought up to the present.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CatchUpError {
    /// The account failed.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The instruments of a day could not be listed. Which one it is about is left to the cause:
    /// this is logged, and symbols are in no log.
    #[error("an instrument that an order waits for cannot be found")]
    Lookup(#[from] LookupError),
    /// The search was stopped.
    #[error("the search for prices was stopped")]
    Stopped,
}

/// Brings an account up to `until`.
pub(crate) async fn catch_up(
    account: &AccountHandle,
    market: &Market,
    until: Timestamp,
) -> Result<(), CatchUpError> {
    let watches = match market.path() {
        Some(path) => follow(account, market, (&path, until)).await?,
        None => look_once(account, market).await?,
    };
    Ok(account.seen_until(watches, until).await?)
}

/// Follows the known course of prices from touch to touch; gives the watches that have seen all
/// of it.
async fn follow(
    account: &AccountHandle,
    market: &Market,
    (path, until): (&Arc<dyn PricePath>, Timestamp),
) -> Result<Vec<Watch>, CatchUpError> {
    loop {
        let watches = account.watches().await?;
        if watches.is_empty() {
            return Ok(watches);
        }
        let path = Arc::clone(path);
        // Weeks of prices are a matter of milliseconds of computing, and not for this thread.
        let search = tokio::task::spawn_blocking(move || first_touch(&*path, watches, until));
        let found = search.await.map_err(|_stopped| CatchUpError::Stopped)?;
        let Some(quote) = found.touch else {
            return Ok(found.watched);
        };
        // What was touched may have expired since; its rules are those of that day.
        let instrument = market
            .instrument_at(&quote.instrument, quote.timestamp)
            .await?;
        account.price(instrument, quote).await?;
    }
}

/// Lets the orders meet the present price of each instrument that they wait for; gives the
/// watches that have met one.
async fn look_once(account: &AccountHandle, market: &Market) -> Result<Vec<Watch>, CatchUpError> {
    let mut watches = account.watches().await?;
    let wanted: BTreeSet<InstrumentKey> = watches
        .iter()
        .map(|watch| watch.instrument.clone())
        .collect();
    for key in wanted {
        match (market.instrument(&key).await, market.quote(&key).await) {
            (Ok(instrument), Ok(quote)) => account.price(instrument, quote).await?,
            (Err(_), _) | (_, Err(_)) => watches.retain(|watch| {
                let has_price = watch.instrument != key;
                if !has_price {
                    // The error would name the symbol.
                    tracing::warn!(order = %watch.order, "a resting order has no price");
                }
                has_price
            }),
        }
    }
    Ok(watches)
}

/// What a search along the course of prices came to.
struct Found {
    /// The earliest market that one of the orders waits for.
    touch: Option<Quote>,
    /// The watches whose prices could be followed.
    watched: Vec<Watch>,
}

fn first_touch(path: &dyn PricePath, watches: Vec<Watch>, until: Timestamp) -> Found {
    let mut found = Found {
        touch: None,
        watched: Vec::new(),
    };
    for watch in watches {
        let until = found.touch.as_ref().map_or(until, |quote| quote.timestamp);
        let span = Span {
            from: watch.seen,
            until,
        };
        match path.first_inside(&watch.instrument, watch.band, span) {
            Ok(touch) => {
                found.touch = touch.or(found.touch);
                found.watched.push(watch);
            }
            // The contract exists no more; nothing can touch the order.
            Err(MarketError::UnknownInstrument(_)) => found.watched.push(watch),
            Err(error) => tracing::warn!(error = %error, "prices could not be followed"),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo_core::testing::sample::instrument;

    #[test]
    fn what_is_logged_names_no_symbol() {
        let unknown = LookupError::UnknownSymbol {
            key: instrument("INFY"),
            suggestions: Vec::new(),
        };
        let logged = CatchUpError::from(unknown).to_string();
        assert!(!logged.contains("INFY"), "{logged}");
    }
}
