//! Recording prices into a file, and opening such a file. The format is that of
//! [`openalgo_brokers::recording`].

mod error;
mod file;

pub use error::RecordError;

use crate::app::OpenAlgo;
use file::Sink;
use openalgo_brokers::recording::{BlockWriter, Ending, Preamble, RecordedCourse, RecordingReader};
use openalgo_core::market::{Instrument, InstrumentKey, Timestamp};
use openalgo_core::port::Subscription;
use openalgo_engine::hub::{NextTick, TickReader};
use openalgo_engine::service::CandleKeeper;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// How long prices wait at most before they are written.
const WRITE_EVERY: Duration = Duration::from_secs(2);

/// Why a recording ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordEnd {
    /// It was asked to.
    Asked,
    /// The engine has stopped.
    EngineStopped,
    /// Prices came faster than they could be written.
    TooSlow,
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The file.
    pub path: PathBuf,
    /// How many prices are in it.
    pub prices: u64,
    /// How many were replaced by later ones before they could be taken.
    pub left_out: u64,
    /// How many candles of a minute were made of them and kept; `None` where the last ones could
    /// not be.
    pub candles: Option<u64>,
    /// How long the file is.
    pub bytes: u64,
    /// Why it ended.
    pub end: RecordEnd,
}

/// What is in a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingSummary {
    /// When it was begun.
    pub begun: Timestamp,
    /// What it holds prices of, and how many.
    pub instruments: Vec<(Instrument, u64)>,
    /// When its first and its last price arrived; `None` without any.
    pub span: Option<(Timestamp, Timestamp)>,
    /// How it ends.
    pub ending: Ending,
}

impl RecordingSummary {
    /// How many prices there are.
    pub fn prices(&self) -> u64 {
        let counts = self.instruments.iter().map(|(_, count)| *count);
        counts.fold(0, u64::saturating_add)
    }
}

/// Opens a recording. Blocks while it reads the beginning.
pub fn open_recording(path: &Path) -> Result<RecordingReader<Box<dyn Read + Send>>, RecordError> {
    let file = File::open(path).map_err(|source| RecordError::open(path, source.into()))?;
    let file: Box<dyn Read + Send> = Box::new(BufReader::new(file));
    RecordingReader::open(file).map_err(|source| RecordError::open(path, source))
}

/// Reads a whole recording and tells what is in it. Blocks while it reads.
pub fn examine_recording(path: &Path) -> Result<RecordingSummary, RecordError> {
    let mut reader = open_recording(path)?;
    let (mut counts, mut span) = (BTreeMap::<InstrumentKey, u64>::new(), None);
    while let Some(ticks) = reader
        .next_block()
        .map_err(|source| RecordError::open(path, source))?
    {
        for tick in &ticks {
            let count = counts.entry(tick.instrument.clone()).or_default();
            *count = count.saturating_add(1);
            let at = tick.received_at;
            let (first, _) = span.unwrap_or((at, at));
            span = Some((first, at));
        }
    }
    let preamble = reader.preamble();
    let count = |it: &Instrument| counts.get(&it.key).copied().unwrap_or_default();
    let instruments = preamble.instruments.iter();
    Ok(RecordingSummary {
        begun: preamble.begun,
        instruments: instruments.map(|it| (it.clone(), count(it))).collect(),
        span,
        ending: reader.ending().unwrap_or(Ending::Whole),
    })
}

/// Reads a whole recording, to trade on it. Blocks while it reads.
pub fn read_course(path: &Path) -> Result<RecordedCourse, RecordError> {
    let course = RecordedCourse::read(open_recording(path)?);
    let course = course.map_err(|source| RecordError::open(path, source))?;
    if let Ending::Torn { block, offset } = course.ending() {
        tracing::warn!(block, offset, "the recording ends in the middle of a block");
    }
    Ok(course)
}

impl OpenAlgo {
    /// Records prices into a new file until `stop` is over, and tells how many there are so far.
    ///
    /// Candles of a minute are made of them and kept, too, as [`CandleKeeper`] makes them.
    ///
    /// The file grows as prices come: what is there when the program is killed can be played.
    /// Abandoned, it leaves such a file.
    pub async fn record(
        &self,
        (wanted, path): (&[Subscription], &Path),
        stop: impl Future<Output = ()>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Recorded, RecordError> {
        let mut instruments = Vec::new();
        for subscription in wanted {
            let instrument = self.market().instrument(&subscription.instrument).await?;
            instruments.push((*instrument).clone());
        }
        let reader = self.hub().subscribe(wanted).await?;
        let keys = wanted.iter().map(|it| it.instrument.clone());
        let keeper = self.history().keeper(keys);
        let preamble = Preamble {
            begun: self.now(),
            instruments,
        };
        let (writer, first) =
            BlockWriter::begin(&preamble).map_err(|source| RecordError::write(path, source))?;
        let sink = Sink::create(path, first).await?;
        let recorder = Recorder {
            reader,
            keeper,
            writer,
            sink,
            prices: 0,
        };
        recorder.run(stop, progress).await
    }
}

/// A recording that goes on.
struct Recorder {
    reader: TickReader,
    keeper: CandleKeeper,
    writer: BlockWriter,
    sink: Sink,
    prices: u64,
}

impl Recorder {
    async fn run(
        mut self,
        stop: impl Future<Output = ()>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Recorded, RecordError> {
        let mut write = tokio::time::interval(WRITE_EVERY);
        write.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::pin!(stop);
        let end = loop {
            tokio::select! {
                biased;
                () = &mut stop => break RecordEnd::Asked,
                _ = write.tick() => {
                    progress(self.prices);
                    if let Err(error) = self.keeper.keep().await {
                        tracing::warn!(%error, "candles could not be kept; it is tried again");
                    }
                    if let Some(bytes) = self.writer.end_block()
                        && !self.sink.write(bytes).await
                    {
                        break RecordEnd::Asked;
                    }
                }
                next = self.reader.next() => match next {
                    NextTick::Tick(tick) => {
                        self.keeper.take(&tick);
                        let pushed = self.writer.push(&tick);
                        let bytes = pushed.map_err(|source| self.sink.failed(source))?;
                        self.prices = self.prices.saturating_add(1);
                        if let Some(bytes) = bytes
                            && !self.sink.write(bytes).await
                        {
                            break RecordEnd::Asked;
                        }
                    }
                    NextTick::TooSlow => break RecordEnd::TooSlow,
                    NextTick::End => break RecordEnd::EngineStopped,
                },
            }
        };
        self.end(end).await
    }

    /// Writes what is left, and tells what came of it.
    async fn end(mut self, end: RecordEnd) -> Result<Recorded, RecordError> {
        if let Some(bytes) = self.writer.end_block() {
            // What became of it is told at the end.
            self.sink.write(bytes).await;
        }
        let left_out = self.reader.conflated();
        let candles = self.keeper.finish().await;
        let candles = candles.inspect_err(|error| tracing::warn!(%error, "candles are not kept"));
        let (path, bytes) = self.sink.finish().await?;
        Ok(Recorded {
            path,
            prices: self.prices,
            left_out,
            candles: candles.ok(),
            bytes,
            end,
        })
    }
}
