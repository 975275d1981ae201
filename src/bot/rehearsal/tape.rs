//! Prices of the past in the order of time.

use crate::recording::{RecordError, open_recording};
use openalgo_brokers::recording::{RecordingError, RecordingReader};
use openalgo_core::market::{
    Candle, CandleGrid, Instrument, Interval, MarketHours, Tick, TickQuote, TickSource, Timestamp,
};
use openalgo_core::value::{Price, Quantity};
use std::collections::VecDeque;
use std::io::Read;
use std::iter::Peekable;
use std::path::Path;
use thiserror::Error;
use tokio::task::JoinError;

/// So many prices are read at a time.
const AT_A_TIME: usize = 4_096;

/// Why prices of the past cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TapeError {
    /// The file is no recording.
    #[error(transparent)]
    Open(#[from] RecordError),
    /// The recording cannot be read on.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// There are no candles.
    #[error("there are no candles to trade on")]
    NoCandles,
    /// Candles are not in the order of time, or lie within each other.
    #[error("the candle of {at} of {symbol} begins before the one before it ends")]
    Unordered {
        /// Of what.
        symbol: String,
        /// The candle that comes too late.
        at: Timestamp,
    },
    /// A candle whose prices cannot be.
    #[error("the prices of the candle of {at} of {symbol} contradict each other")]
    Incoherent {
        /// Of what.
        symbol: String,
        /// Which one.
        at: Timestamp,
    },
    /// The runtime was stopped.
    #[error("reading prices was interrupted")]
    Interrupted(#[from] JoinError),
}

/// Candles of one instrument, such as [`HistoryService`](openalgo_engine::service::HistoryService)
/// tells them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandleTrack {
    /// Of what.
    pub instrument: Instrument,
    /// How long each lasts.
    pub interval: Interval,
    /// The candles, the oldest first.
    pub candles: Vec<Candle>,
}

type Ticks = Box<dyn Iterator<Item = Result<Tick, TapeError>> + Send>;

enum Source {
    Recording(RecordingReader<Box<dyn Read + Send>>),
    Candles(Vec<CandleTrack>),
}

/// Prices of the past in the order of time, and what they are the prices of.
pub struct Tape {
    pub(super) begins: Timestamp,
    pub(super) instruments: Vec<Instrument>,
    source: Source,
}

impl std::fmt::Debug for Tape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Tape");
        let shown = shown.field("begins", &self.begins);
        shown
            .field("instruments", &self.instruments.len())
            .finish_non_exhaustive()
    }
}

impl Tape {
    /// The prices of a recording of ticks, which [`crate::OpenAlgo::record`] writes.
    pub fn recording(reader: RecordingReader<Box<dyn Read + Send>>) -> Self {
        let preamble = reader.preamble();
        Self {
            begins: preamble.begun,
            instruments: preamble.instruments.clone(),
            source: Source::Recording(reader),
        }
    }

    /// The same from a file.
    pub async fn open(path: &Path) -> Result<Self, TapeError> {
        let path = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || open_recording(&path));
        Ok(Self::recording(opened.await??))
    }

    /// Prices out of candles: each is told as four, the open, the low and the high (the one that is
    /// nearer to the open first) and the close, spread over its time. What happened in between no
    /// candle knows.
    pub fn candles(tracks: Vec<CandleTrack>) -> Result<Self, TapeError> {
        for track in &tracks {
            check(track)?;
        }
        let firsts = tracks.iter().filter_map(|track| track.candles.first());
        let begins = firsts.map(|candle| candle.timestamp).min();
        Ok(Self {
            begins: begins.ok_or(TapeError::NoCandles)?,
            instruments: tracks
                .iter()
                .map(|track| track.instrument.clone())
                .collect(),
            source: Source::Candles(tracks),
        })
    }

    /// Begins to read, at the hours that bind.
    pub(super) fn play(self, hours: &MarketHours) -> Playing {
        let ticks: Ticks = match self.source {
            Source::Recording(reader) => Box::new(Recorded {
                reader,
                block: Vec::new().into_iter(),
            }),
            Source::Candles(tracks) => Box::new(Merged::new(tracks, hours).map(Ok)),
        };
        Playing(Some(ticks))
    }
}

fn check(track: &CandleTrack) -> Result<(), TapeError> {
    let symbol = || track.instrument.key.to_string();
    let length = track.interval.seconds().unwrap_or_default();
    let mut ends = None;
    for candle in &track.candles {
        let at = candle.timestamp;
        if ends.is_some_and(|ends| at < ends) {
            let symbol = symbol();
            return Err(TapeError::Unordered { symbol, at });
        }
        if !candle.is_coherent() {
            let symbol = symbol();
            return Err(TapeError::Incoherent { symbol, at });
        }
        let length = chrono::Duration::seconds(length.max(1));
        ends = Some(at.plus(length));
    }
    Ok(())
}

/// Prices that are being read.
pub(super) struct Playing(Option<Ticks>);

impl Playing {
    /// The next prices; none at the end. They are read on a thread that may wait for the disk.
    pub(super) async fn next(&mut self) -> Result<Vec<Tick>, TapeError> {
        let Some(mut ticks) = self.0.take() else {
            return Ok(Vec::new());
        };
        let read = tokio::task::spawn_blocking(move || {
            let some: Result<Vec<_>, _> = ticks.by_ref().take(AT_A_TIME).collect();
            (ticks, some)
        });
        let (ticks, some) = read.await?;
        self.0 = Some(ticks);
        some
    }
}

/// The prices of a recording.
struct Recorded {
    reader: RecordingReader<Box<dyn Read + Send>>,
    block: std::vec::IntoIter<Tick>,
}

impl Iterator for Recorded {
    type Item = Result<Tick, TapeError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(tick) = self.block.next() {
                let source = TickSource::Recorded;
                return Some(Ok(Tick { source, ..tick }));
            }
            match self.reader.next_block() {
                Ok(block) => self.block = block?.into_iter(),
                Err(error) => return Some(Err(error.into())),
            }
        }
    }
}

/// The prices of several tracks in the order of time; at the same time, in that of the tracks.
struct Merged(Vec<Peekable<Unrolled>>);

impl Merged {
    fn new(tracks: Vec<CandleTrack>, hours: &MarketHours) -> Self {
        let unrolled = |track| Unrolled::new(track, hours).peekable();
        Self(tracks.into_iter().map(unrolled).collect())
    }
}

impl Iterator for Merged {
    type Item = Tick;

    fn next(&mut self) -> Option<Tick> {
        let heads = self.0.iter_mut().enumerate();
        let heads = heads.filter_map(|(place, track)| Some((track.peek()?.received_at, place)));
        let (_, place) = heads.min()?;
        self.0.get_mut(place)?.next()
    }
}

/// What a day has come to so far.
#[derive(Debug, Clone, Copy)]
struct Day {
    begins: Timestamp,
    open: Price,
    high: Price,
    low: Price,
    prev_close: Price,
    volume: i64,
}

/// The candles of an instrument as prices.
struct Unrolled {
    instrument: Instrument,
    grid: CandleGrid,
    days: CandleGrid,
    candles: std::vec::IntoIter<Candle>,
    day: Option<Day>,
    last: Option<Price>,
    ready: VecDeque<Tick>,
}

impl Unrolled {
    fn new(track: CandleTrack, hours: &MarketHours) -> Self {
        let exchange = track.instrument.key.exchange;
        Self {
            grid: CandleGrid::new(hours.clone(), exchange, track.interval),
            days: CandleGrid::new(hours.clone(), exchange, Interval::Day),
            instrument: track.instrument,
            candles: track.candles.into_iter(),
            day: None,
            last: None,
            ready: VecDeque::new(),
        }
    }

    fn unroll(&mut self, candle: &Candle) {
        // A candle at a time without trading has no place.
        let Some(slot) = self.grid.slot_of(candle) else {
            return;
        };
        let (from, until) = (self.grid.opening(slot), self.grid.closing(slot));
        let length = until.since(from).num_microseconds().unwrap_or_default();
        self.begin_day(from, candle.open);
        for (price, place) in course(candle) {
            let offset = length
                .saturating_mul(place)
                .checked_div(3)
                .unwrap_or_default();
            // The close still belongs to the candle.
            let offset = offset.min(length.saturating_sub(1_000)).max(0);
            let traded = if place == 3 { candle.volume } else { 0 };
            let at = from.plus(chrono::Duration::microseconds(offset));
            let tick = self.tick((price, traded), candle.oi, at);
            self.ready.extend(tick);
        }
    }

    fn begin_day(&mut self, at: Timestamp, open: Price) {
        let begins = self.days.slot_at(at).map_or(at, |slot| slot.starts);
        if self.day.is_some_and(|day| day.begins == begins) {
            return;
        }
        self.day = Some(Day {
            begins,
            open,
            high: open,
            low: open,
            prev_close: self.last.unwrap_or(open),
            volume: 0,
        });
    }

    fn tick(
        &mut self,
        (ltp, traded): (Price, i64),
        oi: Option<i64>,
        at: Timestamp,
    ) -> Option<Tick> {
        let day = self.day.as_mut()?;
        day.high = day.high.max(ltp);
        day.low = day.low.min(ltp);
        day.volume = day.volume.saturating_add(traded);
        self.last = Some(ltp);
        let key = self.instrument.key.clone();
        let mut tick = Tick::ltp(key, ltp, at, TickSource::Recorded);
        tick.quote = Some(TickQuote {
            open: day.open,
            high: day.high,
            low: day.low,
            prev_close: day.prev_close,
            volume: day.volume,
            bid: None,
            ask: None,
            bid_quantity: Quantity::ZERO,
            ask_quantity: Quantity::ZERO,
            oi,
            band: None,
        });
        Some(tick)
    }
}

impl Iterator for Unrolled {
    type Item = Tick;

    fn next(&mut self) -> Option<Tick> {
        loop {
            if let Some(tick) = self.ready.pop_front() {
                return Some(tick);
            }
            let candle = self.candles.next()?;
            self.unroll(&candle);
        }
    }
}

/// The course of prices that a candle is told as, each with its place in thirds of its time.
fn course(candle: &Candle) -> impl Iterator<Item = (Price, i64)> {
    let (open, close) = (candle.open, candle.close);
    let [high, middle, low] = [candle.high, open, candle.low].map(Price::to_decimal);
    let (up, down) = (high.saturating_sub(middle), middle.saturating_sub(low));
    let (first, second) = if up < down {
        (candle.high, candle.low)
    } else {
        (candle.low, candle.high)
    };
    let points = [(open, 0), (first, 1), (second, 2), (close, 3)];
    // What says nothing new is left out; the close carries the volume.
    points
        .into_iter()
        .filter(move |(price, place)| matches!(place, 0 | 3) || *price != open && *price != close)
}
