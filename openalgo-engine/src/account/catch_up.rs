//! Lets resting paper orders meet the prices that were since they were last looked at.
//!
//! With prices whose whole course is known, nothing is missed while the program is off: the
//! orders meet what would have touched them, in the order of time. With any other source they
//! meet the present price.

use super::job_prices::priced;
use super::{AccountError, AccountHandle};
use crate::market::{LookupError, Market};
use openalgo_core::market::{InstrumentKey, MarketHours, Quote, Span, Timestamp};
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

/// Lets an account do by itself what is due by `until`, at prices of its time where they are known,
/// and then go on to that instant. Whoever is about to ask an account for something, or to change
/// it, comes here first.
pub(crate) async fn keep_up(
    account: &AccountHandle,
    market: &Market,
    until: Timestamp,
) -> Result<(), CatchUpError> {
    do_what_is_due(account, market, until).await?;
    Ok(account.go_on(until).await?)
}

/// The same, and resting orders meet prices: all that were, in the order of time, where their
/// course is known, and else the present ones.
pub(crate) async fn catch_up(
    account: &AccountHandle,
    market: &Market,
    until: Timestamp,
) -> Result<(), CatchUpError> {
    let watches = do_what_is_due(account, market, until).await?;
    let Some(path) = market.path() else {
        look_once(account, market, watches).await?;
        return Ok(account.go_on(until).await?);
    };
    let seen = follow(account, market, (&path, watches, until)).await?;
    Ok(account.seen_until(seen, until).await?)
}

/// Does what an account does by itself; gives what its resting orders wait for then.
async fn do_what_is_due(
    account: &AccountHandle,
    market: &Market,
    until: Timestamp,
) -> Result<Vec<Watch>, CatchUpError> {
    let mut outlook = account.outlook(until).await?;
    while let Some(job) = outlook.stop {
        if let Some(path) = market.path() {
            let seen = follow(account, market, (&path, outlook.watches, job.at)).await?;
            account.seen_until(seen, job.at).await?;
        }
        let wanted = account.wanted(job).await?;
        account
            .do_job(priced(market, (job, wanted), until).await)
            .await?;
        outlook = account.outlook(until).await?;
        if outlook.stop == Some(job) {
            // A price is missing; the next look may find it.
            break;
        }
    }
    Ok(outlook.watches)
}

/// Follows the known course of prices from touch to touch; gives the watches that have seen all
/// of it.
async fn follow(
    account: &AccountHandle,
    market: &Market,
    (path, mut watches, until): (&Arc<dyn PricePath>, Vec<Watch>, Timestamp),
) -> Result<Vec<Watch>, CatchUpError> {
    loop {
        if watches.is_empty() {
            return Ok(watches);
        }
        let (path, hours) = (Arc::clone(path), market.hours().clone());
        // Weeks of prices are a matter of milliseconds of computing, and not for this thread.
        let search = move || first_touch((&*path, &hours), watches, until);
        let search = tokio::task::spawn_blocking(search);
        let found = search.await.map_err(|_stopped| CatchUpError::Stopped)?;
        let Some(quote) = found.touch else {
            return Ok(found.watched);
        };
        // What was touched may have expired since; its rules are those of that day.
        let instrument = market
            .instrument_at(&quote.instrument, quote.timestamp)
            .await?;
        account.price(instrument, quote).await?;
        watches = account.watches().await?;
    }
}

/// Lets the orders meet the present price of each instrument that they wait for, if it trades.
async fn look_once(
    account: &AccountHandle,
    market: &Market,
    watches: Vec<Watch>,
) -> Result<(), AccountError> {
    let wanted = watches.into_iter().map(|watch| watch.instrument);
    let wanted: BTreeSet<InstrumentKey> =
        wanted.filter(|key| market.is_open(key.exchange)).collect();
    let prices = market.prices(wanted.iter().cloned()).await;
    for key in wanted {
        match (market.instrument(&key).await, prices.get(&key)) {
            (Ok(instrument), Some(quote)) => account.price(instrument, quote.clone()).await?,
            // The error would name the symbol.
            (Err(_), _) | (_, None) => tracing::warn!("resting orders have no price"),
        }
    }
    Ok(())
}

/// What a search along the course of prices came to.
struct Found {
    /// The earliest market that one of the orders waits for.
    touch: Option<Quote>,
    /// The watches whose prices could be followed.
    watched: Vec<Watch>,
}

fn first_touch(
    (path, hours): (&dyn PricePath, &MarketHours),
    watches: Vec<Watch>,
    until: Timestamp,
) -> Found {
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
        let parts = hours.open_within(watch.instrument.exchange, span);
        let inside = |part| path.first_inside(&watch.instrument, watch.band, part);
        let mut touches = parts.into_iter().map(inside);
        match touches.find_map(Result::transpose).transpose() {
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
