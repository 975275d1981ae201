//! The chain of an expiry: calls and puts by strike, with their quotes and what these say.

use super::{ChainError, OptionService};
use crate::market::{OptionError, Prices, UnderlyingPrice, UnderlyingQuery};
use chrono::NaiveDate;
use openalgo_core::analytics::{
    Explained, OpenInterest, OptionLife, OptionModel, StrikeInterest, straddle, synthetic_future,
};
use openalgo_core::market::{Instrument, InstrumentKey, OptionRight, Quote, Timestamp};
use openalgo_core::rule::strike::{at_the_money, label};
use openalgo_core::value::{Percent, Price};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainQuery {
    /// Of what.
    pub underlying: UnderlyingQuery,
    /// Its last day; an expiry in the name of the underlying comes before it.
    pub expiry: NaiveDate,
    /// How many strikes on either side of the money; all of them where none is said.
    pub strikes: Option<usize>,
    /// The yearly interest rate at which volatilities and Greeks are computed, if they are wanted.
    pub greeks_at: Option<Percent>,
}

/// The options of an expiry.
#[derive(Debug, Clone)]
pub struct OptionChain {
    /// The root of the symbols, the underlying's own expiry, and its market.
    pub underlying: UnderlyingPrice,
    /// The last day.
    pub expiry: NaiveDate,
    /// How long the options still live.
    pub life: OptionLife,
    /// When the chain was made.
    pub at: Timestamp,
    /// The strike nearest to the price of the underlying.
    pub at_the_money: Price,
    /// What the underlying costs on the last day: by the options at the money, or else its own
    /// price.
    pub forward: Price,
    /// Its strikes, the lowest first.
    pub rows: Vec<ChainRow>,
    /// How many strikes are listed, whether they are among these or not.
    pub listed: usize,
}

/// The options of a strike.
#[derive(Debug, Clone)]
pub struct ChainRow {
    /// The strike.
    pub strike: Price,
    /// The call, if one is listed.
    pub call: Option<ChainSide>,
    /// The put, if one is listed.
    pub put: Option<ChainSide>,
}

/// An option of a chain.
#[derive(Debug, Clone)]
pub struct ChainSide {
    /// The option.
    pub instrument: Arc<Instrument>,
    /// How far from the money among those of its right: `ATM`, `ITM2`, `OTM1`.
    pub label: String,
    /// Its market; `None` where there is no price.
    pub quote: Option<Quote>,
    /// What its price says; `None` where that was not asked for or cannot be computed.
    pub says: Option<Explained>,
}

impl ChainSide {
    /// The last price.
    pub fn ltp(&self) -> Option<Price> {
        let quote = self.quote.as_ref()?;
        (!quote.ltp.is_zero()).then_some(quote.ltp)
    }
}

impl ChainRow {
    /// The prices of call and put, where there are both.
    fn prices(&self) -> Option<(Price, Price)> {
        Some((self.call.as_ref()?.ltp()?, self.put.as_ref()?.ltp()?))
    }

    fn sides(&self) -> impl Iterator<Item = &ChainSide> {
        [&self.call, &self.put].into_iter().flatten()
    }
}

impl OptionChain {
    /// The row at the money.
    pub fn money(&self) -> Option<&ChainRow> {
        self.rows.iter().find(|row| row.strike == self.at_the_money)
    }

    /// What call and put at the money cost together.
    pub fn straddle(&self) -> Option<Price> {
        let (call, put) = self.money()?.prices()?;
        straddle(call, put).ok()
    }

    /// The open interest of its strikes.
    pub fn open_interest(&self) -> OpenInterest {
        let open = |side: &Option<ChainSide>| {
            let quote = side.as_ref().and_then(|side| side.quote.as_ref());
            quote.and_then(|quote| quote.oi).unwrap_or_default()
        };
        let strikes = self.rows.iter().map(|row| StrikeInterest {
            strike: row.strike,
            calls: open(&row.call),
            puts: open(&row.put),
        });
        OpenInterest::new(strikes.collect())
    }

    /// Tells the quotes of its options, and what they say of the future.
    fn quoted(mut self, prices: &Prices) -> Self {
        for row in &mut self.rows {
            for side in [&mut row.call, &mut row.put].into_iter().flatten() {
                side.quote = prices.get(&side.instrument.key).cloned();
            }
        }
        let forward = self.money().and_then(|row| {
            let (call, put) = row.prices()?;
            synthetic_future(row.strike, call, put).ok()
        });
        self.forward = forward.unwrap_or(self.underlying.quote.ltp);
        self
    }

    /// Computes what the prices say.
    fn explained(mut self, rate: Percent) -> Self {
        let (forward, life) = (self.forward, self.life);
        for row in &mut self.rows {
            let strike = row.strike;
            let sides = [
                (OptionRight::Call, &mut row.call),
                (OptionRight::Put, &mut row.put),
            ];
            for (right, side) in sides {
                let Some(side) = side else { continue };
                let model = OptionModel::on_forward(right, (forward, strike), &life, rate).ok();
                let price = side.ltp();
                side.says = price.and_then(|price| model?.explain(price).ok());
            }
        }
        self
    }
}

impl OptionService {
    /// The chain of an expiry.
    pub async fn chain(&self, query: &ChainQuery) -> Result<OptionChain, ChainError> {
        let (asked, expiry) = (&query.underlying, Some(query.expiry));
        let underlying = self.market.underlying(asked, expiry).await;
        let underlying = underlying.map_err(|error| match error {
            OptionError::NoPrice { symbol, source } => ChainError::NoPrice { symbol, source },
            other @ (OptionError::NoExpiry
            | OptionError::ZeroPrice(_)
            | OptionError::NoFuture { .. }
            | OptionError::NoStrikes { .. }
            | OptionError::OutOfRange(_)
            | OptionError::NoSuchOption(_)
            | OptionError::Symbol(_)
            | OptionError::Value(_)) => ChainError::Option(other),
        })?;
        let expiry = underlying.expiry.unwrap_or(query.expiry);
        let chain = self.frame(underlying, expiry, query.strikes).await?;
        let keys = chain.rows.iter().flat_map(ChainRow::sides);
        let keys: Vec<InstrumentKey> = keys.map(|side| side.instrument.key.clone()).collect();
        let chain = chain.quoted(&self.market.prices(keys).await);
        Ok(match query.greeks_at {
            Some(rate) => chain.explained(rate),
            None => chain,
        })
    }

    /// The options around the money, without prices.
    pub(super) async fn frame(
        &self,
        underlying: UnderlyingPrice,
        expiry: NaiveDate,
        around: Option<usize>,
    ) -> Result<OptionChain, ChainError> {
        let of = |right| self.market.strikes(&underlying, expiry, right);
        let (calls, puts) = match (of(OptionRight::Call).await, of(OptionRight::Put).await) {
            (Err(none), Err(_)) => return Err(none.into()),
            (calls, puts) => (calls.unwrap_or_default(), puts.unwrap_or_default()),
        };
        let strikes: BTreeSet<Price> = calls.iter().chain(&puts).copied().collect();
        let strikes: Vec<Price> = strikes.into_iter().collect();
        let ltp = underlying.quote.ltp;
        let money = at_the_money(&strikes, ltp).ok_or(ChainError::NoOptions)?;
        let around = around.unwrap_or(strikes.len());
        let shown = money.saturating_sub(around)..=money.saturating_add(around);
        let shown = (0..)
            .zip(&strikes)
            .filter(|(place, _)| shown.contains(place));
        let index = self.market.instruments().await;
        let side = |strike: Price, (right, own): (OptionRight, &[Price])| {
            let key = underlying.option(expiry, strike, right).ok()?;
            Some(ChainSide {
                instrument: index.find(&key)?,
                label: label(places_above(own, strike, ltp)?, right),
                quote: None,
                says: None,
            })
        };
        let rows = shown.map(|(_, strike)| ChainRow {
            strike: *strike,
            call: side(*strike, (OptionRight::Call, &calls)),
            put: side(*strike, (OptionRight::Put, &puts)),
        });
        let now = self.market.now();
        let rows: Vec<_> = rows.collect();
        if rows.iter().all(|row| row.sides().next().is_none()) {
            return Err(ChainError::NoOptions);
        }
        Ok(OptionChain {
            expiry,
            life: OptionLife::at(now, (underlying.options_on, expiry), None),
            at: now,
            at_the_money: strikes.get(money).copied().unwrap_or_default(),
            forward: ltp,
            rows,
            listed: strikes.len(),
            underlying,
        })
    }
}

/// How many places a strike is above the money among those of its right.
fn places_above(strikes: &[Price], strike: Price, ltp: Price) -> Option<i64> {
    let place = strikes.binary_search(&strike).ok()?;
    let money = at_the_money(strikes, ltp)?;
    let signed = |place: usize| i64::try_from(place).ok();
    signed(place)?.checked_sub(signed(money)?)
}
