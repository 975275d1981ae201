//! Present prices of several things at once.

use super::Market;
use futures_util::StreamExt;
use openalgo_core::market::{InstrumentKey, Quote};
use openalgo_core::value::Price;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::sleep;

/// How long all of them may take: there is something to show, or to go by, without them, too.
const DEADLINE: Duration = Duration::from_secs(3);

/// Prices that are asked for at a time.
const AT_ONCE: usize = 16;

/// The present markets of some instruments, as far as they are known.
#[derive(Debug, Default)]
pub(crate) struct Prices(BTreeMap<InstrumentKey, Quote>);

impl Prices {
    pub(crate) fn get(&self, key: &InstrumentKey) -> Option<&Quote> {
        self.0.get(key)
    }

    /// The present price, or the last one known where there is none.
    pub(crate) fn price_or(&self, key: &InstrumentKey, last: Price) -> Price {
        let known = self.get(key).map(|quote| quote.ltp);
        known.filter(|price| !price.is_zero()).unwrap_or(last)
    }
}

impl Market {
    /// The present markets of instruments. However many they are, it takes a few seconds at most:
    /// what the source does not tell in time is missing.
    pub(crate) async fn prices(&self, wanted: impl IntoIterator<Item = InstrumentKey>) -> Prices {
        let wanted: BTreeSet<InstrumentKey> = wanted.into_iter().collect();
        let asked = wanted.into_iter().map(async |key| {
            let quote = self.quote(&key).await.ok()?;
            Some((key, quote))
        });
        let told = futures_util::stream::iter(asked).buffer_unordered(AT_ONCE);
        let known = told.filter_map(std::future::ready);
        Prices(known.take_until(sleep(DEADLINE)).collect().await)
    }
}
