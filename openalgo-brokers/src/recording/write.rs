//! Writing a recording.

use super::block::BlockEncoder;
use super::bytes::checksum;
use super::{LARGEST_BLOCK, MAGIC, Preamble, RecordingError};
use openalgo_core::market::{InstrumentKey, Tick};
use std::collections::BTreeMap;
use std::io::Write;

/// A block is written when it has so many bytes.
const FULL: usize = 64 << 10;

/// Makes the bytes of a recording out of prices. Nothing is written here, so that whoever reads
/// prices never waits for a disk.
#[derive(Debug)]
pub struct BlockWriter {
    places: BTreeMap<InstrumentKey, u64>,
    open: BlockEncoder,
    /// How many blocks were made.
    made: u64,
}

impl BlockWriter {
    /// Begins a recording, and gives its first bytes.
    pub fn begin(preamble: &Preamble) -> Result<(Self, Vec<u8>), RecordingError> {
        let listed = preamble.encode();
        if listed.len() > LARGEST_BLOCK {
            let count = preamble.instruments.len();
            return Err(RecordingError::TooManyInstruments(count));
        }
        let keys = preamble.instruments.iter().map(|it| it.key.clone());
        let mut writer = Self {
            places: keys.zip(0..).collect(),
            open: BlockEncoder::default(),
            made: 0,
        };
        let mut bytes = MAGIC.to_vec();
        bytes.extend(writer.framed(&listed));
        Ok((writer, bytes))
    }

    /// Takes a price; the bytes that are to be written next, if there are enough of them.
    pub fn push(&mut self, tick: &Tick) -> Result<Option<Vec<u8>>, RecordingError> {
        let place = self.places.get(&tick.instrument);
        let place = *place.ok_or_else(|| RecordingError::NotListed(tick.instrument.clone()))?;
        let other = (!self.open.takes(&tick.source))
            .then(|| self.end_block())
            .flatten();
        self.open.push(place, tick);
        if other.is_none() && self.open.len() >= FULL {
            return Ok(self.end_block());
        }
        Ok(other)
    }

    /// The bytes of what was taken and not given yet.
    pub fn end_block(&mut self) -> Option<Vec<u8>> {
        if self.open.is_empty() {
            return None;
        }
        let bytes = self.open.take();
        Some(self.framed(&bytes))
    }

    fn framed(&mut self, bytes: &[u8]) -> Vec<u8> {
        // No block comes near the end of this number.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let mut framed = length.to_le_bytes().to_vec();
        framed.extend(checksum(self.made, bytes).to_le_bytes());
        framed.extend(bytes);
        self.made = self.made.saturating_add(1);
        framed
    }
}

/// Writes a recording to where bytes can be written.
#[derive(Debug)]
pub struct RecordingWriter<W> {
    to: W,
    blocks: BlockWriter,
}

impl<W: Write> RecordingWriter<W> {
    /// Begins a recording.
    pub fn begin(mut to: W, preamble: &Preamble) -> Result<Self, RecordingError> {
        let (blocks, first) = BlockWriter::begin(preamble)?;
        to.write_all(&first)?;
        Ok(Self { to, blocks })
    }

    /// Writes a price, in time.
    pub fn push(&mut self, tick: &Tick) -> Result<(), RecordingError> {
        if let Some(bytes) = self.blocks.push(tick)? {
            self.to.write_all(&bytes)?;
        }
        Ok(())
    }

    /// Writes what waits, and gives back where it was written.
    pub fn finish(mut self) -> Result<W, RecordingError> {
        if let Some(bytes) = self.blocks.end_block() {
            self.to.write_all(&bytes)?;
        }
        self.to.flush()?;
        Ok(self.to)
    }
}
