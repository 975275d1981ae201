//! Recordings of ticks: prices as they came, in a compact file, and played again.
//!
//! A recording lists its instruments and holds their prices in blocks. Each block has a checksum and
//! needs no other one, so that a file whose end was lost is read up to there. The format is in
//! `docs/tick-recordings.md`; a file is anything that reads or writes, and opening one is left to
//! the caller.
//!
//! | file | what is in it |
//! |---|---|
//! | `bytes` | numbers and texts as bytes, and the checksum |
//! | `fields` | the numbers that a price is made of |
//! | `preamble` | what a recording says of itself |
//! | `block` | prices as a block, and back |
//! | `write`, `read` | a whole recording |
//! | `pace` | how fast time goes by in a replay |
//! | `course` | a recording as a market whose prices are a function of the time |
//! | `replay` | a recording as a source of prices |
//! | `replay_feed` | the prices that a replay streams |

mod block;
mod bytes;
mod course;
mod fields;
mod pace;
mod preamble;
mod read;
mod replay;
mod replay_feed;
mod write;

pub use course::{CourseMarket, CourseView, RecordedCourse};
pub use pace::{Pace, ReplayClock, Speed, SpeedError};
pub use preamble::Preamble;
pub use read::{Ending, RecordingReader};
pub use replay::{Replay, ReplayEnd, ReplayTask};
pub use write::{BlockWriter, RecordingWriter};

use openalgo_core::market::InstrumentKey;
use openalgo_core::port::BoxError;
use std::io;
use thiserror::Error;

/// The first bytes of a recording; the last of them is the version of the format.
const MAGIC: [u8; 8] = *b"OATICKS\x01";

/// No block is larger: what claims to be is damaged.
const LARGEST_BLOCK: usize = 4 << 20;

/// Why a recording cannot be written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// The file cannot be read or written.
    #[error("the recording cannot be read or written")]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("this is no recording of ticks")]
    NoRecording,
    /// It was written in a format that this program does not know.
    #[error(
        "the recording is in version {found} of the format, and this program reads version {known}: update it"
    )]
    Version {
        /// The version of the file.
        found: u8,
        /// The one that is known.
        known: u8,
    },
    /// A block is not what was written.
    #[error(
        "block {block} of the recording, at byte {offset}, is damaged: what comes before it is sound"
    )]
    Damaged {
        /// Its number; the first one is 0.
        block: u64,
        /// Where it begins.
        offset: u64,
        /// What is wrong with it, where its checksum is right.
        #[source]
        source: Option<BoxError>,
    },
    /// The list of instruments ends in the middle: nothing was recorded.
    #[error("the recording ends before its list of instruments does: nothing was recorded")]
    NothingRecorded,
    /// A price is one of an instrument that the recording does not list.
    #[error("the recording does not list {0}")]
    NotListed(InstrumentKey),
    /// It is too long to be traded on.
    #[error(
        "the recording has more than {most} prices, which are too many to trade on; record fewer \
         instruments or a shorter time"
    )]
    TooManyPrices {
        /// How many there may be.
        most: usize,
    },
    /// A recording is to list more than a block can hold.
    #[error("the recording is to list too many instruments: {0}")]
    TooManyInstruments(usize),
}
