//! Candles of prices as they come.

use super::{Candle, CandleGrid, Slot};
use crate::market::{InstrumentKey, Tick, Timestamp};
use thiserror::Error;

/// Why a price is no part of a candle.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CandleRefusal {
    /// It is that of another instrument.
    #[error("the price is one of {found}, not of {expected}")]
    Foreign {
        /// The instrument of the candles.
        expected: InstrumentKey,
        /// That of the price.
        found: InstrumentKey,
    },
    /// The exchange does not trade at its time.
    #[error("the exchange does not trade at {at}")]
    OutOfHours {
        /// The time of the price.
        at: Timestamp,
    },
    /// It is older than one that came before.
    #[error("the price of {at} came after the one of {last}")]
    Older {
        /// The time of the price.
        at: Timestamp,
        /// That of the last one.
        last: Timestamp,
    },
}

/// A candle that has come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeCandle {
    /// The candle.
    pub candle: Candle,
    /// Whether prices were listened to from its beginning on.
    pub is_whole: bool,
}

/// Makes candles of the prices of one instrument.
///
/// The volume of a candle is what the volume of the day has grown by since the price before its first,
/// so that the volumes of a session add up to its volume also where prices were missed. Where the
/// beginning of the session was missed, what was traded until the first price is in no candle.
#[derive(Debug, Clone)]
pub struct CandleBuilder {
    instrument: InstrumentKey,
    grid: CandleGrid,
    since: Timestamp,
    forming: Option<(Slot, Candle)>,
    last_at: Option<Timestamp>,
    /// The volume of a day that is in candles already, and when its session began.
    counted: Option<(Timestamp, i64)>,
}

impl CandleBuilder {
    /// Makes candles of prices that are listened to since an instant.
    pub fn new(instrument: InstrumentKey, grid: CandleGrid, since: Timestamp) -> Self {
        Self {
            instrument,
            grid,
            since,
            forming: None,
            last_at: None,
            counted: None,
        }
    }

    /// The candle that is not over yet.
    pub fn forming(&self) -> Option<&Candle> {
        self.forming.as_ref().map(|(_, candle)| candle)
    }

    /// Takes a price; the candle before it, if that one is over with it.
    pub fn take(&mut self, tick: &Tick) -> Result<Option<MadeCandle>, CandleRefusal> {
        let at = tick.at();
        if tick.instrument != self.instrument {
            return Err(CandleRefusal::Foreign {
                expected: self.instrument.clone(),
                found: tick.instrument.clone(),
            });
        }
        if let Some(last) = self.last_at.filter(|last| at < *last) {
            return Err(CandleRefusal::Older { at, last });
        }
        let slot = self.grid.slot_at(at);
        let slot = slot.ok_or(CandleRefusal::OutOfHours { at })?;
        self.last_at = Some(at);
        let news = Candle {
            timestamp: slot.starts,
            open: tick.ltp,
            high: tick.ltp,
            low: tick.ltp,
            close: tick.ltp,
            volume: self.traded(tick),
            oi: tick.quote.as_ref().and_then(|quote| quote.oi),
        };
        match &mut self.forming {
            Some((same, candle)) if *same == slot => {
                candle.join(&news);
                Ok(None)
            }
            _ => {
                let before = self.finish();
                self.forming = Some((slot, news));
                Ok(before)
            }
        }
    }

    /// Lets time pass; the candle that is over with it.
    pub fn advance(&mut self, now: Timestamp) -> Option<MadeCandle> {
        let is_over = self
            .forming
            .as_ref()
            .is_some_and(|(slot, _)| self.grid.closing(*slot) <= now);
        if is_over { self.finish() } else { None }
    }

    /// Ends the candle that is not over yet, if there is one.
    pub fn finish(&mut self) -> Option<MadeCandle> {
        let (slot, candle) = self.forming.take()?;
        Some(MadeCandle {
            candle,
            is_whole: self.since <= self.grid.opening(slot),
        })
    }

    /// What was traded since the price before.
    fn traded(&mut self, tick: &Tick) -> i64 {
        let Some(volume) = tick.quote.as_ref().map(|quote| quote.volume) else {
            return 0;
        };
        let Some(session) = self.grid.session_start(tick.at()) else {
            return 0;
        };
        let known = self.counted.filter(|(of, _)| *of == session);
        let before = match known {
            Some((_, counted)) => counted,
            None if self.since <= session => 0,
            None => volume,
        };
        self.counted = Some((session, volume));
        volume.saturating_sub(before).max(0)
    }
}
