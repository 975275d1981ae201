//! The journal as it is stored, and whether it is what was written.

use crate::id::{BrokerName, OrderId, UserId};
use crate::market::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which part of the journal is meant; where nothing is named, all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalScope {
    /// Only what happened to orders of this user.
    pub user: Option<UserId>,
    /// Only what happened to orders at this broker.
    pub broker: Option<BrokerName>,
    /// Only what happened at this instant or later.
    pub from: Option<Timestamp>,
    /// Only what happened before this instant.
    pub until: Option<Timestamp>,
    /// Only what happened to orders with this public id, or `local:<intent>`; ids return from day
    /// to day and from user to user.
    pub order: Option<String>,
}

/// How much of the journal is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalExtent {
    /// How many entries there are.
    pub entries: u64,
    /// The number of the last one; zero where there is none.
    pub last: i64,
}

/// An entry as it is stored; in a journal that was changed it need not make sense.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredEntry {
    /// Its number; numbers are given out one after another for all accounts together.
    pub number: i64,
    /// Whose order it is about.
    pub user: i64,
    /// The broker of that order; the entries of a user at a broker form one chain.
    pub broker: String,
    /// Our number of the order.
    pub order: i64,
    /// The how manieth entry of the order it is, from 1.
    pub seq: i64,
    /// The word of what happened.
    pub event: String,
    /// When it happened, UTC.
    pub at: String,
    /// What happened, as JSON.
    pub payload: String,
    /// Its place in the chain; `None` where a store keeps no chain.
    #[serde(flatten)]
    pub link: Option<ChainLink>,
}

/// What ties an entry to the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainLink {
    /// The seal of the entry before it in the chain, 64 hex digits; zeros before the first.
    pub previous: String,
    /// Its own seal, over the one before it and what it says.
    pub seal: String,
}

/// The entries of an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainKey {
    /// Whose account.
    pub user: UserId,
    /// At which broker, as it is stored.
    pub broker: String,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// It, or its seal, is not what was written.
    Edited,
    /// What it says is what was written, and its word is another.
    Misnamed,
    /// It is what was written, and stood elsewhere: behind this entry, or at the beginning (0).
    Reordered {
        /// The entry that it followed.
        follows: i64,
    },
    /// It is not there any more.
    Missing,
    /// It stands in the chain of another account.
    Moved {
        /// Where it is now.
        to: ChainKey,
    },
    /// It and all that were written after it are not there any more.
    Truncated {
        /// The number of the last entry that was ever written.
        last: i64,
    },
    /// It follows from the one before it and cannot be read.
    Unreadable {
        /// Why.
        reason: String,
    },
    /// It is the last of its order, whose row says something else.
    OrderDiffers {
        /// The column of the order.
        column: &'static str,
    },
    /// There is no order that it could be about.
    OrderMissing,
    /// With it the entries of its order cannot have happened.
    Impossible {
        /// Why.
        reason: String,
    },
    /// Its order has no entries at all.
    NoEntries,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited => f.write_str("edited: it does not match its seal"),
            Self::Misnamed => f.write_str("edited: it is not the event that it is called"),
            Self::Reordered { follows: 0 } => {
                f.write_str("reordered: it was written as the first of its account")
            }
            Self::Reordered { follows } => {
                write!(f, "reordered: it was written after entry {follows}")
            }
            Self::Missing => f.write_str("missing: it was taken out"),
            Self::Moved { to } => write!(
                f,
                "missing: it stands among the entries of user {} at {}",
                to.user, to.broker
            ),
            Self::Truncated { last } => {
                write!(f, "truncated: it and all up to entry {last} were taken out")
            }
            Self::Unreadable { reason } => write!(f, "unreadable: {reason}"),
            Self::OrderDiffers { column } => {
                write!(f, "order differs: its {column} is not what the entries say")
            }
            Self::OrderMissing => f.write_str("order missing: there is no order of that number"),
            Self::Impossible { reason } => write!(f, "impossible: {reason}"),
            Self::NoEntries => f.write_str("missing: the order has no entries at all"),
        }
    }
}

impl Flaw {
    /// The word that names it for programs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Edited | Self::Misnamed => "edited",
            Self::Reordered { .. } => "reordered",
            Self::Missing | Self::NoEntries => "missing",
            Self::Moved { .. } => "moved",
            Self::Truncated { .. } => "truncated",
            Self::Unreadable { .. } => "unreadable",
            Self::OrderDiffers { .. } => "order_differs",
            Self::OrderMissing => "order_missing",
            Self::Impossible { .. } => "impossible",
        }
    }
}

/// An entry that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadEntry {
    /// Its number; `None` where nothing tells it.
    pub number: Option<i64>,
    /// Which order it is about, as far as that can be told.
    pub order: Option<OrderId>,
    /// The id under which people know that order.
    pub public_id: Option<String>,
    /// The how manieth entry of the order it is.
    pub seq: Option<i64>,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// What came of verifying the entries of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// Which account.
    pub key: ChainKey,
    /// How many entries there are.
    pub entries: u64,
    /// How many of them say what was written, and follow from the entry before them.
    pub sound: u64,
    /// The first that is not as it must be.
    pub first_bad: Option<BadEntry>,
}

/// What came of verifying the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalReport {
    /// The chains, by user and broker.
    pub chains: Vec<ChainReport>,
    /// What is wrong and belongs to no chain.
    pub findings: Vec<String>,
}

impl JournalReport {
    /// Whether nothing was found.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty() && self.chains.iter().all(|chain| chain.first_bad.is_none())
    }
}
