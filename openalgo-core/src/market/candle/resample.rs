//! Longer candles of shorter ones.

use super::{Candle, CandleGrid, Slot};
use crate::market::{Interval, Timestamp};
use thiserror::Error;

/// Why candles make no longer ones.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ResampleError {
    /// The longer interval is not made of whole shorter ones.
    #[error("candles of {to} cannot be made of candles of {from}")]
    NotMadeUp {
        /// The shorter interval.
        from: Interval,
        /// The longer one.
        to: Interval,
    },
    /// They are not in the order of time.
    #[error("the candle of {at} comes after the one of {last}")]
    Unordered {
        /// The candle that comes too late.
        at: Timestamp,
        /// The one before it.
        last: Timestamp,
    },
}

/// Longer candles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resampled {
    /// The candles, the oldest first.
    pub candles: Vec<Candle>,
    /// Shorter candles that belong to none, since the exchange does not trade at their time.
    pub left_out: usize,
}

/// Makes candles on a grid out of shorter ones, which are in the order of time.
pub fn resample(
    candles: &[Candle],
    from: Interval,
    grid: &CandleGrid,
) -> Result<Resampled, ResampleError> {
    let to = grid.interval();
    if !from.makes_up(to) {
        return Err(ResampleError::NotMadeUp { from, to });
    }
    let mut made = Resampled::default();
    let mut forming: Option<(Slot, Candle)> = None;
    let mut last = None;
    for candle in candles {
        let at = candle.timestamp;
        if let Some(last) = last.filter(|last| at <= *last) {
            return Err(ResampleError::Unordered { at, last });
        }
        last = Some(at);
        let Some(slot) = grid.slot_of_candle(from, candle) else {
            made.left_out = made.left_out.saturating_add(1);
            continue;
        };
        match &mut forming {
            Some((same, longer)) if *same == slot => longer.join(candle),
            _ => {
                made.candles
                    .extend(forming.take().map(|(_, longer)| longer));
                let first = Candle {
                    timestamp: slot.starts,
                    ..candle.clone()
                };
                forming = Some((slot, first));
            }
        }
    }
    made.candles.extend(forming.map(|(_, longer)| longer));
    Ok(made)
}
