//! Reading a recording.

use super::block;
use super::bytes::checksum;
use super::fields::FieldError;
use super::{LARGEST_BLOCK, MAGIC, Preamble, RecordingError};
use openalgo_core::market::{Tick, Timestamp};
use openalgo_core::port::BoxError;
use std::io::{ErrorKind, Read};

/// How a recording ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With a whole block.
    Whole,
    /// In the middle of a block, as when the program or the machine stopped while it was written.
    Torn {
        /// The block of which the end is missing.
        block: u64,
        /// Where it begins.
        offset: u64,
    },
}

/// What comes next.
enum Next {
    Block(Vec<u8>),
    End(Ending),
}

/// Reads a recording block by block.
#[derive(Debug)]
pub struct RecordingReader<R> {
    from: R,
    preamble: Preamble,
    block: u64,
    offset: u64,
    ending: Option<Ending>,
}

impl<R: Read> RecordingReader<R> {
    /// Reads what a recording says of itself.
    pub fn open(mut from: R) -> Result<Self, RecordingError> {
        let mut magic = [0; MAGIC.len()];
        let length = fill(&mut from, &mut magic)?;
        let ([name @ .., known], [found_name @ .., found]) = (MAGIC, magic);
        if length < MAGIC.len() || name != found_name {
            return Err(RecordingError::NoRecording);
        }
        if found != known {
            return Err(RecordingError::Version { found, known });
        }
        let mut reader = Self {
            from,
            preamble: Preamble {
                begun: Timestamp::new(chrono::DateTime::UNIX_EPOCH),
                instruments: Vec::new(),
            },
            block: 0,
            offset: u64::try_from(MAGIC.len()).unwrap_or_default(),
            ending: None,
        };
        match reader.read_block()? {
            Next::End(_) => Err(RecordingError::NothingRecorded),
            Next::Block(bytes) => {
                let preamble = Preamble::decode(&bytes);
                reader.preamble = preamble.map_err(|error| reader.meaningless(error))?;
                reader.step_over(&bytes);
                Ok(reader)
            }
        }
    }

    /// What the recording says of itself.
    pub fn preamble(&self) -> &Preamble {
        &self.preamble
    }

    /// How it ended, once it has.
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// The prices of the next block, as they came; `None` at the end.
    pub fn next_block(&mut self) -> Result<Option<Vec<Tick>>, RecordingError> {
        if self.ending.is_some() {
            return Ok(None);
        }
        match self.read_block()? {
            Next::End(ending) => {
                self.ending = Some(ending);
                Ok(None)
            }
            Next::Block(bytes) => {
                let ticks = block::decode(&bytes, &self.preamble.instruments);
                let ticks = ticks.map_err(|error| self.meaningless(error))?;
                self.step_over(&bytes);
                Ok(Some(ticks))
            }
        }
    }

    fn read_block(&mut self) -> Result<Next, RecordingError> {
        let torn = Next::End(Ending::Torn {
            block: self.block,
            offset: self.offset,
        });
        let mut head = [0; 8];
        match fill(&mut self.from, &mut head)? {
            0 => return Ok(Next::End(Ending::Whole)),
            8 => {}
            _ => return Ok(torn),
        }
        let [l0, l1, l2, l3, c0, c1, c2, c3] = head;
        let length = u32::from_le_bytes([l0, l1, l2, l3]);
        let expected = u32::from_le_bytes([c0, c1, c2, c3]);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > LARGEST_BLOCK {
            return Err(self.damaged(None));
        }
        let mut bytes = vec![0; length];
        if fill(&mut self.from, &mut bytes)? < length {
            return Ok(torn);
        }
        if length > 0 && checksum(self.block, &bytes) == expected {
            return Ok(Next::Block(bytes));
        }
        // What a file was made longer by and never filled with is nothing but zeros.
        if self.is_empty_from_here()? {
            return Ok(torn);
        }
        Err(self.damaged(None))
    }

    fn is_empty_from_here(&mut self) -> Result<bool, RecordingError> {
        let mut bytes = [0; 4_096];
        loop {
            let count = fill(&mut self.from, &mut bytes)?;
            if bytes.iter().take(count).any(|byte| *byte != 0) {
                return Ok(false);
            }
            if count < bytes.len() {
                return Ok(true);
            }
        }
    }

    fn step_over(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or_default();
        self.offset = self.offset.saturating_add(length).saturating_add(8);
        self.block = self.block.saturating_add(1);
    }

    fn meaningless(&self, error: FieldError) -> RecordingError {
        self.damaged(Some(Box::new(error)))
    }

    fn damaged(&self, source: Option<BoxError>) -> RecordingError {
        RecordingError::Damaged {
            block: self.block,
            offset: self.offset,
            source,
        }
    }
}

/// Reads until there is no more room or nothing more; how much was read.
fn fill(from: &mut impl Read, room: &mut [u8]) -> Result<usize, RecordingError> {
    let mut filled = 0_usize;
    while let Some(rest) = room.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(count) => filled = filled.saturating_add(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(filled)
}
