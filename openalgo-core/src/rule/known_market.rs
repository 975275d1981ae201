//! What is known of the market of an instrument, and which prices cannot be.

use crate::market::{Quote, SessionBoundary, Tick, Timestamp, TradingDay};
use crate::paper::PriceBand;
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

/// The market of one instrument as the prices that came say it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownMarket {
    quote: Option<Quote>,
    /// The circuit limits, and the day on which they hold.
    band: Option<(TradingDay, PriceBand)>,
}

impl KnownMarket {
    /// What the last price that can be has made of it.
    pub fn quote(&self) -> Option<&Quote> {
        self.quote.as_ref()
    }

    /// Takes a price of the instrument, unless it cannot be.
    pub fn take(&mut self, tick: &Tick) -> Result<(), Impossible> {
        let day = SessionBoundary::default().day_of(tick.at());
        if let Some(band) = tick.quote.as_ref().and_then(|quote| quote.band) {
            self.band = Some((day, band));
        }
        let band = self.band.filter(|(of, _)| *of == day);
        let last = self.quote.as_ref().map(|quote| quote.timestamp);
        judge(tick, last, band.map(|(_, band)| band))?;
        // What a price leaves open is known from the one before, but not from yesterday's.
        let before = self.quote.as_ref();
        let before = before.filter(|last| SessionBoundary::default().day_of(last.timestamp) == day);
        self.quote = Some(tick.quote_after(before));
        Ok(())
    }
}

/// Whether a price can be after the last one, and within the circuit limits of its day.
fn judge(tick: &Tick, last: Option<Timestamp>, band: Option<PriceBand>) -> Result<(), Impossible> {
    if tick.ltp.is_zero() {
        return Err(Impossible::Mute);
    }
    if tick.at().since(tick.received_at) > FARTHEST_AHEAD {
        return Err(Impossible::Ahead);
    }
    if last.is_some_and(|last| tick.at() < last) {
        return Err(Impossible::Older);
    }
    if band.is_some_and(|band| !band.contains(tick.ltp)) {
        return Err(Impossible::OutOfBand);
    }
    Ok(())
}
