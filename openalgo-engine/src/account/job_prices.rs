//! Finds prices for what a paper account does by itself.
//!
//! Where the whole course of prices is known, they are those of the time at which it is due. With
//! any other source it is the present price, as long as it says something about that time.

use super::handle::PricedJob;
use crate::market::{LookupError, Market};
use futures_util::StreamExt;
use openalgo_core::market::{Exchange, Instrument, InstrumentKey, MarketHours, Quote, Timestamp};
use openalgo_core::paper::PaperJob;
use openalgo_core::port::PricePath;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many prices are asked for at a time.
const AT_ONCE: usize = 16;

/// A job with the prices that there are for it.
pub(super) async fn priced(
    market: &Market,
    (job, wanted): (PaperJob, BTreeSet<InstrumentKey>),
    now: Timestamp,
) -> PricedJob {
    let asked = wanted
        .into_iter()
        .map(|key| async move { price(market, (job, &key), now).await });
    let found = futures_util::stream::iter(asked).buffer_unordered(AT_ONCE);
    let prices = found.filter_map(std::future::ready).collect().await;
    PricedJob { job, prices, now }
}

/// A price at which a job can be done with an instrument.
async fn price(
    market: &Market,
    (job, key): (PaperJob, &InstrumentKey),
    now: Timestamp,
) -> Option<(Arc<Instrument>, Quote)> {
    let found = match market.path() {
        Some(path) => then(market, &*path, (key, job.at)).await,
        None if is_still_valid(market.hours(), (key.exchange, job.at), now) => {
            present(market, key).await
        }
        None => return None,
    };
    // The error would name the symbol.
    let warn = |_error: &LookupError| tracing::debug!("what an account holds has no price");
    found.inspect_err(warn).ok()
}

/// The price of an instrument at an instant of the past.
async fn then(
    market: &Market,
    path: &dyn PricePath,
    (key, at): (&InstrumentKey, Timestamp),
) -> Result<(Arc<Instrument>, Quote), LookupError> {
    let instrument = market.instrument_at(key, at).await?;
    Ok((instrument, path.quote_at(key, at)?))
}

/// The present price of an instrument.
async fn present(
    market: &Market,
    key: &InstrumentKey,
) -> Result<(Arc<Instrument>, Quote), LookupError> {
    let instrument = market.instrument(key).await?;
    Ok((instrument, market.quote(key).await?))
}

/// Whether the present price says what something was worth at an instant: the exchange has not
/// opened again since, or, where it never closes, the day is not over.
fn is_still_valid(
    hours: &MarketHours,
    (exchange, at): (Exchange, Timestamp),
    now: Timestamp,
) -> bool {
    match hours.calendar() {
        Some(calendar) => {
            let next = calendar.next_session(exchange, at);
            next.is_none_or(|session| session.from > now)
        }
        None => at.to_ist().date_naive() == now.to_ist().date_naive(),
    }
}
