//! How long to try for a folder that somebody else owns.

use crate::error::CliError;
use openalgo::{LockError, Owner};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long one owner may keep a command waiting.
const LIMIT: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(80);

/// The patience with the present owner. Another owner means that things move on, and gets as much.
#[derive(Debug)]
pub(crate) struct Patience {
    limit: Duration,
    owner: Option<Owner>,
    /// Whether the present owner said nothing when it was last called at its address.
    is_silent: bool,
    until: Instant,
    pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self::of(LIMIT)
    }
}

impl Patience {
    fn of(limit: Duration) -> Self {
        Self {
            limit,
            owner: None,
            is_silent: false,
            until: from_now(limit),
            pause: FIRST_PAUSE,
        }
    }

    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self::of(Duration::ZERO)
    }

    /// The present owner, as far as it is known.
    pub(crate) fn meet(&mut self, owner: &Owner) {
        if self.owner.as_ref() != Some(owner) {
            self.owner = Some(owner.clone());
            self.renew();
        }
    }

    /// The present owner has been waited for until it said that it ends.
    pub(crate) fn renew(&mut self) {
        self.is_silent = false;
        self.until = from_now(self.limit);
        self.pause = FIRST_PAUSE;
    }

    /// The present owner was called at its address, and answered or did not.
    pub(crate) fn called(&mut self, has_answered: bool) {
        self.is_silent = !has_answered;
    }

    /// Why the folder was not to be had, when patience has run out.
    pub(crate) fn verdict(&self, taken: LockError) -> CliError {
        match taken {
            LockError::Owned {
                folder,
                owner: Some(owner),
            } if self.is_silent => CliError::silent(&folder, &owner),
            taken => taken.into(),
        }
    }

    /// When it runs out.
    pub(crate) fn until(&self) -> Instant {
        self.until
    }

    /// Waits a while; `false` when it has run out.
    pub(crate) async fn wait(&mut self) -> bool {
        if Instant::now() >= self.until {
            return false;
        }
        sleep(self.pause).await;
        self.pause = self.pause.saturating_mul(2).min(LONGEST_PAUSE);
        true
    }
}

fn from_now(limit: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(limit).unwrap_or(now)
}
