//! Programs that trade by themselves, and what they keep.

use crate::id::{BotName, UserId};
use std::collections::BTreeMap;
use std::fmt;

/// Names a bot of a user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BotKey {
    /// For whom it trades.
    pub user: UserId,
    /// What it is called.
    pub bot: BotName,
}

impl fmt::Display for BotKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of user {}", self.bot, self.user)
    }
}

/// What a bot keeps, each text under a name of its own.
pub type BotState = BTreeMap<String, String>;

/// What changes of it: a text to be kept instead of the one before, or `None` for one to be taken
/// away.
pub type BotChanges = BTreeMap<String, Option<String>>;
