//! Lets resting paper orders meet the prices that were since they were last looked at.
//!
//! With prices whose whole course is known, nothing is missed while the program is off: the
//! orders meet what would have touched them, in the order of time. With any other source they
//! meet the present price.

use super::{AccountError, AccountHandle};
use crate::market::Market;
use openalgo_core::market::{InstrumentKey, Quote, Span, Timestamp};
use openalgo_core::paper::Watch;
use openalgo_core::port::{MarketError, PricePath};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Brings an account up to `until`.
pub(crate) async fn catch_up(
    account: &AccountHandle,
    market: &Market,
    until: Timestamp,
) -> Result<(), AccountError> {
    match market.path() {
        Some(path) => follow(account, market, (&path, until)).await?,
        None => look_once(account, market).await?,
    }
    account.seen_until(until).await
}

/// Follows the known course of prices from touch to touch.
async fn follow(
    account: &AccountHandle,
    market: &Market,
    (path, until): (&Arc<dyn PricePath>, Timestamp),
) -> Result<(), AccountError> {
    // A contract that has expired since cannot be met any more.
    let mut unlisted = BTreeSet::new();
    loop {
        let mut watches = account.watches().await?;
        watches.retain(|watch| !unlisted.contains(&watch.instrument));
        let path = Arc::clone(path);
        // Weeks of prices are a matter of milliseconds of computing, and not for this thread.
        let search = tokio::task::spawn_blocking(move || first_touch(&*path, &watches, until));
        let Ok(Some(quote)) = search.await else {
            return Ok(());
        };
        let instrument = quote.instrument.clone();
        if !meet(account, market, quote).await? {
            unlisted.insert(instrument);
        }
    }
}

/// Lets the orders meet the present price of each instrument that they wait for.
async fn look_once(account: &AccountHandle, market: &Market) -> Result<(), AccountError> {
    let watches = account.watches().await?;
    let instruments: BTreeSet<InstrumentKey> =
        watches.into_iter().map(|watch| watch.instrument).collect();
    for instrument in instruments {
        if let Ok(quote) = market.quote(&instrument).await {
            meet(account, market, quote).await?;
        }
    }
    Ok(())
}

/// Lets resting orders meet a price; false when their instrument is not listed any more.
async fn meet(
    account: &AccountHandle,
    market: &Market,
    quote: Quote,
) -> Result<bool, AccountError> {
    match market.instrument(&quote.instrument).await {
        Ok(instrument) => account.price(instrument, quote).await.map(|()| true),
        Err(error) => {
            tracing::warn!(error = %error, "a resting order's instrument is not listed");
            Ok(false)
        }
    }
}

/// The earliest market that one of the orders waits for.
fn first_touch(path: &dyn PricePath, watches: &[Watch], until: Timestamp) -> Option<Quote> {
    let mut earliest: Option<Quote> = None;
    for watch in watches {
        let until = earliest.as_ref().map_or(until, |quote| quote.timestamp);
        let span = Span {
            from: watch.seen,
            until,
        };
        match path.first_inside(&watch.instrument, watch.band, span) {
            Ok(Some(quote)) => earliest = Some(quote),
            Ok(None) | Err(MarketError::UnknownInstrument(_)) => {}
            Err(error) => tracing::warn!(error = %error, "prices could not be followed"),
        }
    }
    earliest
}
