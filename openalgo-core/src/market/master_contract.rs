//! The list of instruments of a broker, as it was taken and proven.

use crate::id::BrokerName;
use crate::market::Timestamp;
use chrono::NaiveDate;
use std::fmt;

/// What is known of a broker's list of instruments that was proven and written to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterContract {
    /// Whose list it is.
    pub broker: BrokerName,
    /// The date of the session in which it was taken.
    pub date: NaiveDate,
    /// How many there are.
    pub instruments: u64,
    /// How many rows were left out, since they could not be used.
    pub refused: u64,
    /// Where it was taken from: the name of a file, or an address.
    pub taken_from: Box<str>,
    /// When it was.
    pub taken_at: Timestamp,
    /// By what its file is known again.
    pub mark: FileMark,
}

/// What a file is known again by that lies in clear where others may change it: a key that was made
/// for this file only, and its code under this key (HMAC-SHA256). Who cannot write here cannot make
/// another file that has the code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FileMark {
    /// The key.
    pub key: [u8; 32],
    /// The code.
    pub code: [u8; 32],
}

impl fmt::Debug for FileMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileMark([REDACTED])")
    }
}
