//! Prices that cannot be, and how many there were.

use openalgo_core::market::{Tick, Timestamp};
use openalgo_core::paper::PriceBand;
use std::fmt;

/// How far the clock of the exchange may be ahead of ours. A time beyond that is no time, and
/// everything that comes after it would look old.
const FARTHEST_AHEAD: chrono::Duration = chrono::Duration::minutes(15);

/// Why a price cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Impossible {
    /// Nobody subscribed to the instrument.
    Foreign,
    /// It tells no price.
    Mute,
    /// It is older than the last one.
    Older,
    /// Its time is yet to come.
    Ahead,
    /// It lies outside the circuit limits of the day.
    OutOfBand,
}

impl Impossible {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Foreign,
        Self::Mute,
        Self::Older,
        Self::Ahead,
        Self::OutOfBand,
    ];

    /// A word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Foreign => "not_subscribed",
            Self::Mute => "no_price",
            Self::Older => "older_than_the_last",
            Self::Ahead => "ahead_of_time",
            Self::OutOfBand => "outside_the_band",
        }
    }
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How many prices were kept from everybody, by the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quarantined([u64; Impossible::ALL.len()]);

impl Quarantined {
    /// How many for this reason.
    pub fn of(self, why: Impossible) -> u64 {
        let numbered = Impossible::ALL.iter().zip(self.0);
        let mut of = numbered.filter(|(kind, _)| **kind == why);
        of.next().map_or(0, |(_, count)| count)
    }

    /// How many altogether.
    pub fn total(self) -> u64 {
        self.0
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }

    pub(super) fn count(&mut self, why: Impossible) {
        for (kind, count) in Impossible::ALL.iter().zip(&mut self.0) {
            if *kind == why {
                *count = count.saturating_add(1);
            }
        }
    }
}

/// What a price of an instrument that is subscribed to is judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judge {
    /// When the market was as the last price says.
    pub(super) last: Option<Timestamp>,
    /// The circuit limits of its day.
    pub(super) band: Option<PriceBand>,
}

impl Judge {
    /// Whether a price can be.
    pub(super) fn admit(self, tick: &Tick) -> Result<(), Impossible> {
        if tick.ltp.is_zero() {
            return Err(Impossible::Mute);
        }
        if tick.at().since(tick.received_at) > FARTHEST_AHEAD {
            return Err(Impossible::Ahead);
        }
        if self.last.is_some_and(|last| tick.at() < last) {
            return Err(Impossible::Older);
        }
        if self.band.is_some_and(|band| !band.contains(tick.ltp)) {
            return Err(Impossible::OutOfBand);
        }
        Ok(())
    }
}
