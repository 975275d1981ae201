//! The chain of an expiry: calls and puts by strike, with their quotes and what these say.

use super::{ChainError, OptionService};
use crate::market::{UnderlyingPrice, UnderlyingQuery};
use chrono::NaiveDate;
use futures_util::stream::{self, StreamExt};
use openalgo_core::analytics::{
    Explained, OpenInterest, OptionLife, OptionModel, StrikeInterest, straddle, synthetic_future,
};
use openalgo_core::market::{Contract, Instrument, InstrumentKey, OptionRight, Quote, Timestamp};
use openalgo_core::rule::strike::{at_the_money, label};
use openalgo_core::value::{Percent, Price};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Quotes that are asked for at a time.
const AT_ONCE: usize = 16;

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
    /// How far from the money: `ATM`, `ITM2`, `OTM1`.
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

impl OptionChain {
    /// The row at the money.
    pub fn money(&self) -> Option<&ChainRow> {
        self.rows.iter().find(|row| row.strike == self.at_the_money)
    }

    /// What call and put at the money cost together.
    pub fn straddle(&self) -> Option<Price> {
        let row = self.money()?;
        let (call, put) = (row.call.as_ref()?.ltp()?, row.put.as_ref()?.ltp()?);
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
}

/// What a chain is made of.
struct Frame {
    underlying: UnderlyingPrice,
    expiry: NaiveDate,
    money: usize,
    strikes: Vec<Price>,
}

impl OptionService {
    /// The chain of an expiry.
    pub async fn chain(&self, query: &ChainQuery) -> Result<OptionChain, ChainError> {
        let now = self.market.now();
        let underlying = &query.underlying;
        let underlying = self
            .market
            .underlying(underlying, Some(query.expiry))
            .await?;
        let expiry = underlying.expiry.unwrap_or(query.expiry);
        let frame = self.frame(underlying, expiry).await?;
        let around = query.strikes.unwrap_or(frame.strikes.len());
        let first = frame.money.saturating_sub(around);
        let last = frame.money.saturating_add(around);
        let shown = frame.strikes.iter().copied().enumerate();
        let shown = shown.filter(|(place, _)| (first..=last).contains(place));
        let rows = stream::iter(shown).map(|(place, strike)| self.row(&frame, place, strike));
        let rows: Vec<ChainRow> = rows.buffered(AT_ONCE).collect().await;
        if rows
            .iter()
            .all(|row| row.call.is_none() && row.put.is_none())
        {
            return Err(ChainError::NoOptions);
        }
        let at_the_money = frame.strikes.get(frame.money).copied();
        let forward = forward(&frame.underlying, &rows, at_the_money);
        let life = OptionLife::at(now, (frame.underlying.options_on, expiry), None);
        let mut chain = OptionChain {
            underlying: frame.underlying,
            expiry,
            life,
            at: now,
            at_the_money: at_the_money.unwrap_or_default(),
            forward,
            rows,
            listed: frame.strikes.len(),
        };
        if let Some(rate) = query.greeks_at {
            chain.explain(rate);
        }
        Ok(chain)
    }

    /// The strikes of calls and puts, and which is at the money.
    async fn frame(
        &self,
        underlying: UnderlyingPrice,
        expiry: NaiveDate,
    ) -> Result<Frame, ChainError> {
        let calls = self.market.strikes(&underlying, expiry, OptionRight::Call);
        let mut strikes: BTreeSet<Price> = calls.await?.into_iter().collect();
        if let Ok(puts) = self
            .market
            .strikes(&underlying, expiry, OptionRight::Put)
            .await
        {
            strikes.extend(puts);
        }
        let strikes: Vec<_> = strikes.into_iter().collect();
        let money = at_the_money(&strikes, underlying.quote.ltp).ok_or(ChainError::NoOptions)?;
        Ok(Frame {
            underlying,
            expiry,
            money,
            strikes,
        })
    }

    async fn row(&self, frame: &Frame, place: usize, strike: Price) -> ChainRow {
        let signed = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let above = signed(place).saturating_sub(signed(frame.money));
        let side = |right| self.side(frame, strike, (right, label(above, right)));
        ChainRow {
            strike,
            call: side(OptionRight::Call).await,
            put: side(OptionRight::Put).await,
        }
    }

    async fn side(
        &self,
        frame: &Frame,
        strike: Price,
        (right, label): (OptionRight, String),
    ) -> Option<ChainSide> {
        let contract = Contract::Option {
            base: frame.underlying.base.as_str().into(),
            expiry: frame.expiry,
            strike,
            right,
        };
        let key = InstrumentKey::new(frame.underlying.options_on, contract.to_symbol().ok()?);
        let instrument = self.market.instrument(&key).await.ok()?;
        let quote = self.market.quote(&key).await;
        Some(ChainSide {
            instrument,
            label,
            quote: quote.ok(),
            says: None,
        })
    }
}

/// What the underlying costs on the last day: what the options at the money say, else its price.
fn forward(underlying: &UnderlyingPrice, rows: &[ChainRow], money: Option<Price>) -> Price {
    let row = rows.iter().find(|row| Some(row.strike) == money);
    let prices = row.and_then(|row| {
        let (call, put) = (row.call.as_ref()?.ltp()?, row.put.as_ref()?.ltp()?);
        synthetic_future(row.strike, call, put).ok()
    });
    prices.unwrap_or(underlying.quote.ltp)
}

impl OptionChain {
    /// Computes what the prices say.
    fn explain(&mut self, rate: Percent) {
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
    }
}
