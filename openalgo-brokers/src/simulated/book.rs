//! The order book and the day's figures around a price: bids, offers, volume, open interest.

use super::float::{self, mix};
use super::listing::Listed;
use super::row::RowKind;
use openalgo_core::market::{DepthLevel, InstrumentKey};
use openalgo_core::value::{Price, Quantity, Tick, ValueError};
use rust_decimal::Decimal;

const HOUR: i64 = 3_600;
const LEVELS: i64 = 5;
/// Rupees of a share that change hands in an hour, about.
const SHARE_TURNOVER: i64 = 50_000_000;
/// Lots of a contract that change hands in an hour, about.
const CONTRACT_LOTS: i64 = 2_000;

/// Purposes of random numbers, so that they are independent of each other.
const SPREAD: u64 = 1;
const SKEW: u64 = 2;
const VOLUME: u64 = 3;
const OPEN_INTEREST: u64 = 4;
const BIDS: u64 = 100;
const ASKS: u64 = 200;

/// Which side of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BookSide {
    Bids,
    Asks,
}

/// The book of one instrument in one second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Book {
    key: u64,
    second: i64,
    ltp: Price,
    tick: Tick,
    lot: Quantity,
    kind: BookKind,
    /// Lots traded in an average hour.
    usual_hour: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BookKind {
    Share,
    Index,
    Contract,
}

impl Book {
    pub(super) fn new(
        seed: u64,
        instrument: (&InstrumentKey, Listed<'_>),
        at: (i64, Price),
    ) -> Self {
        let (key, listed) = instrument;
        let (second, ltp) = at;
        let exchange = float::key_of(seed, key.exchange.as_str());
        let row = &listed.asset.row;
        let kind = match row.kind {
            _ if listed.expiry.is_some() => BookKind::Contract,
            RowKind::Equity => BookKind::Share,
            RowKind::Index | RowKind::FutureRoot => BookKind::Index,
        };
        Self {
            key: float::key_of(exchange, key.symbol.as_str()),
            second,
            ltp,
            tick: listed.tick,
            lot: listed.lot,
            kind,
            usual_hour: match kind {
                BookKind::Index => 0,
                BookKind::Contract => CONTRACT_LOTS,
                BookKind::Share => shares_an_hour(row.base),
            },
        }
    }

    /// The best five levels of a side; fewer where prices end, none for an index.
    pub(super) fn levels(self, side: BookSide) -> Result<Vec<DepthLevel>, ValueError> {
        (0..LEVELS)
            .filter_map(|level| self.level(side, level).transpose())
            .collect()
    }

    /// One level of a side, 0 being the best.
    pub(super) fn level(
        self,
        side: BookSide,
        level: i64,
    ) -> Result<Option<DepthLevel>, ValueError> {
        if self.kind == BookKind::Index {
            return Ok(None);
        }
        // One to three ticks, of which the last price may be anywhere, ends included.
        let spread = self.pick(SPREAD, self.second, 3).saturating_add(1);
        let below = self.pick(SKEW, self.second, spread.saturating_add(1));
        let (distance, purpose) = match side {
            BookSide::Bids => (below.saturating_add(level).saturating_neg(), BIDS),
            BookSide::Asks => (spread.saturating_sub(below).saturating_add(level), ASKS),
        };
        // Below the first tick there are no bids.
        let price = self.tick.steps_from(self.ltp, distance).ok();
        let Some(price) = price.filter(|price| !price.is_zero()) else {
            return Ok(None);
        };
        let purpose = purpose.wrapping_add(level.cast_unsigned());
        let most = if self.kind == BookKind::Share {
            2_000
        } else {
            40
        };
        let lots = self.pick(purpose, self.second, most).saturating_add(1);
        let orders = self.pick(purpose, lots, lots.min(20)).saturating_add(1);
        Ok(Some(DepthLevel {
            price,
            quantity: Quantity::try_new(lots.saturating_mul(self.lot.get()))?,
            orders: u32::try_from(orders).unwrap_or(1),
        }))
    }

    /// Units traded since the second in which the day began; it never falls during a day.
    pub(super) fn volume(self, day_start: i64) -> i64 {
        let usual = self.usual_hour;
        let elapsed = self.second.saturating_sub(day_start).max(0);
        let mut lots: i64 = 0;
        let mut begin = 0;
        while begin < elapsed {
            let percent = self.pick(VOLUME, day_start.saturating_add(begin), 101);
            let of_hour = usual.saturating_mul(percent.saturating_add(50)) / 100;
            let part = elapsed.saturating_sub(begin).min(HOUR);
            lots = lots.saturating_add(of_hour.saturating_mul(part) / HOUR);
            begin = begin.saturating_add(HOUR);
        }
        lots.saturating_mul(self.lot.get())
    }

    /// Units of contracts that are open; `None` for what is no contract.
    pub(super) fn open_interest(self) -> Option<i64> {
        let hour = self.second.div_euclid(HOUR);
        let held = self.pick(OPEN_INTEREST, 0, 40_000);
        let moving = self.pick(OPEN_INTEREST, hour, 500);
        let lots = held.saturating_add(moving).saturating_add(10_000);
        (self.kind == BookKind::Contract).then(|| lots.saturating_mul(self.lot.get()))
    }

    /// A random number from 0 up to but without `end`.
    fn pick(self, purpose: u64, moment: i64, end: i64) -> i64 {
        let hash = mix(mix(self.key, purpose), moment.cast_unsigned());
        // Without its sign bit, so that it is an index.
        (hash >> 1)
            .cast_signed()
            .checked_rem(end)
            .unwrap_or_default()
    }
}

fn shares_an_hour(base: Price) -> i64 {
    let shares = Decimal::from(SHARE_TURNOVER).checked_div(base.to_decimal());
    let shares = shares.and_then(|shares| i64::try_from(shares.trunc()).ok());
    shares.unwrap_or_default().max(1)
}
