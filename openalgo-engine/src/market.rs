//! Instruments and quotes.

mod index;
mod options;
mod prices;
mod search;

pub use index::InstrumentIndex;
pub(crate) use options::client_words;
pub use options::{OptionChoice, OptionError, ResolvedOption, UnderlyingPrice, UnderlyingQuery};
pub(crate) use prices::Prices;

use crate::asking::ask;
use chrono::{NaiveDate, TimeDelta};
use openalgo_core::market::{
    Depth, Exchange, Instrument, InstrumentKey, InstrumentList, ListSize, MarketHours, Quote,
    SizeRule, Timestamp,
};
use openalgo_core::port::{
    Clock, HistorySource, MarketError, MarketFeed, MarketSource, PriceOrigin, PricePath,
};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use thiserror::Error;

/// Why an instrument cannot be traded or quoted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LookupError {
    /// There is no such instrument.
    #[error("Symbol {} not found on {}", key.symbol, key.exchange)]
    UnknownSymbol {
        /// What was looked for.
        key: InstrumentKey,
        /// Instruments that may have been meant, the likeliest first.
        suggestions: Vec<InstrumentKey>,
    },
    /// The source of prices or instruments failed.
    #[error(transparent)]
    Market(#[from] MarketError),
}

/// How long a source may take to tell a price. One that does not answer must hold up nothing else.
const DEADLINE: Duration = Duration::from_secs(5);
/// How long a source that could not list its instruments is left alone.
const RETRY_AFTER: TimeDelta = TimeDelta::minutes(1);

/// Why a new list of instruments is not used; the one that there was is.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The source does not list them.
    #[error(transparent)]
    Market(#[from] MarketError),
    /// Much of it is missing.
    #[error("the new list has {} instruments, and the last one had {}", .0.now, .0.before)]
    Short(ListSize),
}

/// A list of instruments that took the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Updated {
    /// The date whose instruments they are.
    pub date: NaiveDate,
    /// How many there were.
    pub before: usize,
    /// How many there are.
    pub now: usize,
}

/// The instruments of the day and their prices.
#[derive(Debug)]
pub struct Market {
    source: MarketSource,
    clock: Arc<dyn Clock>,
    index: RwLock<Listed>,
    /// The instruments of the earlier day that was asked for last.
    earlier: RwLock<Option<(NaiveDate, Arc<InstrumentList>)>>,
}

/// The instruments that are used.
#[derive(Debug, Clone)]
struct Listed {
    index: Arc<InstrumentIndex>,
    /// When the list of another day could not be had.
    failed_at: Option<Timestamp>,
}

impl Listed {
    fn new(index: InstrumentIndex) -> Self {
        Self {
            index: Arc::new(index),
            failed_at: None,
        }
    }
}

impl Market {
    /// Lists the instruments of the present session.
    pub(crate) async fn open(
        source: MarketSource,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, MarketError> {
        let date = clock.now().session_date();
        let list = source.instruments.list(date).await?;
        let index = RwLock::new(Listed::new(InstrumentIndex::new(list, date)));
        Ok(Self {
            source,
            clock,
            index,
            earlier: RwLock::default(),
        })
    }

    /// The instruments of the present session. A program that runs on into the next one lists them
    /// anew; where the source cannot, those of the session before are used without what has expired,
    /// and it is asked again a minute later.
    pub async fn instruments(&self) -> Arc<InstrumentIndex> {
        let (now, known) = (self.clock.now(), self.listed());
        let date = now.session_date();
        let is_left_alone = known.failed_at.is_some_and(|at| now < at.plus(RETRY_AFTER));
        if known.index.date() == date || is_left_alone {
            return known.index;
        }
        match self.replace(&known.index, date, SizeRule::AsBefore).await {
            Ok(index) => index,
            Err(error) => {
                tracing::warn!(%error, "the instruments of the day before are used");
                let mut listed = self.index.write().unwrap_or_else(PoisonError::into_inner);
                listed.failed_at = Some(now);
                Arc::clone(&listed.index)
            }
        }
    }

    /// Lists the instruments anew, whether it is time or not.
    pub async fn update(&self, size: SizeRule) -> Result<Updated, UpdateError> {
        let (date, before) = (self.clock.now().session_date(), self.listed().index);
        let now = self.replace(&before, date, size).await?.len();
        Ok(Updated {
            date,
            before: before.len(),
            now,
        })
    }

    fn listed(&self) -> Listed {
        let listed = self.index.read().unwrap_or_else(PoisonError::into_inner);
        listed.clone()
    }

    async fn replace(
        &self,
        before: &InstrumentIndex,
        date: NaiveDate,
        rule: SizeRule,
    ) -> Result<Arc<InstrumentIndex>, UpdateError> {
        let list = self.source.instruments.list(date).await?;
        // What expired since cannot be in it.
        let (now, before) = (list.len(), before.alive_on(date));
        let size = ListSize { now, before };
        if rule == SizeRule::AsBefore && size.is_short() {
            return Err(UpdateError::Short(size));
        }
        let listed = Listed::new(InstrumentIndex::new(list, date));
        let index = Arc::clone(&listed.index);
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = listed;
        Ok(index)
    }

    /// The instrument of this name.
    pub async fn instrument(&self, key: &InstrumentKey) -> Result<Arc<Instrument>, LookupError> {
        let index = self.instruments().await;
        let found = find(&index, key)?;
        // Where the list is that of another day, what has expired since is still in it.
        let today = self.clock.now().session_date();
        if found.expiry.is_some_and(|expiry| expiry < today) {
            return Err(LookupError::UnknownSymbol {
                key: key.clone(),
                suggestions: Vec::new(),
            });
        }
        Ok(found)
    }

    /// The instrument of this name as it was at an earlier instant; it may have expired since.
    pub(crate) async fn instrument_at(
        &self,
        key: &InstrumentKey,
        at: Timestamp,
    ) -> Result<Arc<Instrument>, LookupError> {
        let date = at.session_date();
        let known = self.listed().index;
        if known.date() == date {
            return find(&known, key);
        }
        let list = self.earlier(date).await?;
        let found = list.find(key).and_then(|it| it.to_instrument());
        found
            .map(Arc::new)
            .ok_or_else(|| LookupError::UnknownSymbol {
                key: key.clone(),
                suggestions: Vec::new(),
            })
    }

    /// The instruments of an earlier date. What is due of a day asks for one after the other, so
    /// they are kept until another date is asked for.
    async fn earlier(&self, date: NaiveDate) -> Result<Arc<InstrumentList>, MarketError> {
        let known = || {
            self.earlier
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .clone()
        };
        if let Some((_, list)) = known().filter(|(known, _)| *known == date) {
            return Ok(list);
        }
        let list = Arc::new(self.source.instruments.list(date).await?);
        let listed = Some((date, Arc::clone(&list)));
        *self.earlier.write().unwrap_or_else(PoisonError::into_inner) = listed;
        Ok(list)
    }

    /// The market of an instrument right now, if the source tells it within a few seconds.
    pub async fn quote(&self, key: &InstrumentKey) -> Result<Quote, LookupError> {
        self.quote_within(DEADLINE, key).await
    }

    /// The same for whoever can wait for so long.
    pub(crate) async fn quote_within(
        &self,
        deadline: Duration,
        key: &InstrumentKey,
    ) -> Result<Quote, LookupError> {
        self.instrument(key).await?;
        let quote = ask(deadline, self.source.quotes.quote(key)).await;
        let quote = quote.unwrap_or_else(|none| Err(MarketError::Failed(none.into())));
        Ok(quote?)
    }

    /// The order book of an instrument right now; `None` where the source does not tell any.
    pub async fn depth(&self, key: &InstrumentKey) -> Result<Option<Depth>, LookupError> {
        self.instrument(key).await?;
        match &self.source.depth {
            Some(source) => Ok(Some(source.depth(key).await?)),
            None => Ok(None),
        }
    }

    /// Its past prices, where the source tells them.
    pub(crate) fn history(&self) -> Option<Arc<dyn HistorySource>> {
        self.source.history.clone()
    }

    /// The stream of its prices, where the source has one.
    pub(crate) fn feed(&self) -> Option<Arc<dyn MarketFeed>> {
        self.source.feed.clone()
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether its prices are made up, or those of another time.
    pub fn is_staged(&self) -> bool {
        self.source.origin == PriceOrigin::Staged
    }

    /// Which hours it keeps.
    pub fn hours(&self) -> &MarketHours {
        &self.source.hours
    }

    /// Whether an exchange trades right now.
    pub(crate) fn is_open(&self, exchange: Exchange) -> bool {
        self.source.hours.is_open(exchange, self.clock.now())
    }

    /// The course of past prices, where the source knows it.
    pub(crate) fn path(&self) -> Option<Arc<dyn PricePath>> {
        self.source.path.clone()
    }
}

fn find(index: &InstrumentIndex, key: &InstrumentKey) -> Result<Arc<Instrument>, LookupError> {
    index.find(key).ok_or_else(|| LookupError::UnknownSymbol {
        key: key.clone(),
        suggestions: index.suggestions(key),
    })
}

#[cfg(test)]
mod tests;
