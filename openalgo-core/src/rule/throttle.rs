//! How long a login waits after others have failed.
//!
//! Failures are counted for each place (an address, or a device that has logged in before) and
//! for each account. A few cost nothing; each one more doubles the wait, up to
//! [`LONGEST_WAIT`]; ten quiet minutes make up for one.
//!
//! | who asks | waits for failures of |
//! |---|---|
//! | a device that proves an earlier session of the account | that device |
//! | anybody else | their address, and the account wherever they came from |
//!
//! The wait of an account is not shared: each address waits it out by itself, from its own last
//! attempt or, if it is new, from the moment it first asked. So strangers make the owner wait
//! once, for [`LONGEST_WAIT`] at most from the first try on, and never take the owner's turn; a
//! device of the owner does not notice them. What they gain is one guess a minute for each address, and no more than
//! [`REMEMBERED`] of them altogether.
//!
//! Wrong one-time codes are different: only somebody who has the password gets to them, and six
//! digits are soon guessed from many addresses. All strangers to an account share one turn there.
//!
//! An attempt counts as failed as soon as it is let through, until it is forgiven: attempts that
//! come at once cannot all pass before the first of them has failed.

use crate::account::LoginAddress;
use crate::id::{SessionId, Username};
use crate::market::Timestamp;
use crate::wire::wire_enum;
use chrono::Duration;
use std::collections::BTreeMap;

/// The longest that anybody waits before an attempt is looked at.
pub const LONGEST_WAIT: Duration = Duration::seconds(60);

/// How many subjects of each kind are remembered; the one that was quiet for longest goes.
pub const REMEMBERED: usize = 256;

/// Quiet time that makes up for one failure.
const MAKES_UP_FOR_ONE: Duration = Duration::minutes(10);

/// Failures beyond the free ones after which waits do not grow any more.
const STEPS: u32 = 6;

/// After so much quiet time, every failure is made up for.
pub const FORGOTTEN_AFTER: Duration = Duration::minutes(160);

wire_enum! {
    /// What failures are counted for.
    pub enum SubjectKind as "subject of failed logins" {
        /// A device that proved an earlier session of the account.
        Device = "device",
        /// An address.
        Address = "address",
        /// An account, for logins from addresses.
        Account = "account",
        /// The one-time codes of an account, for logins from addresses.
        Codes = "codes",
    }
}

impl SubjectKind {
    /// Failures that cost nothing: people mistype, and several may share an address.
    fn free(self) -> u32 {
        match self {
            Self::Device | Self::Address => 5,
            Self::Account => 10,
            Self::Codes => 3,
        }
    }

    /// The failures after which it does not get worse.
    fn worst(self) -> u32 {
        self.free().saturating_add(STEPS)
    }

    /// The wait after so many failures.
    fn wait_after(self, failures: u32) -> Duration {
        match failures.checked_sub(self.free()) {
            None => Duration::zero(),
            Some(over) => {
                let seconds = 1_u32.checked_shl(over).unwrap_or(u32::MAX);
                Duration::seconds(seconds.into()).min(LONGEST_WAIT)
            }
        }
    }
}

/// What failures are counted for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// Its kind.
    pub kind: SubjectKind,
    /// Which one of its kind.
    pub name: Box<str>,
}

impl Subject {
    fn new(kind: SubjectKind, name: &str) -> Self {
        let name = name.into();
        Self { kind, name }
    }
}

/// The failures of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// How many there were when it last changed.
    pub failures: u32,
    /// The last attempt that was let through, or the first that had to wait.
    pub last: Timestamp,
}

impl Tally {
    /// The failures that are not made up for.
    fn standing(self, now: Timestamp) -> u32 {
        let quiet = now.since(self.last).num_seconds().max(0);
        let made_up = quiet
            .checked_div(MAKES_UP_FOR_ONE.num_seconds())
            .unwrap_or_default();
        let made_up = u32::try_from(made_up).unwrap_or(u32::MAX);
        self.failures.saturating_sub(made_up)
    }
}

/// From where somebody logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginPlace {
    /// The device that this earlier session of the account was opened on.
    Device(SessionId),
    /// Anybody at this address.
    Address(LoginAddress),
}

/// Somebody who wants to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginAttempt {
    /// The account.
    pub account: Username,
    /// From where.
    pub place: LoginPlace,
}

impl LoginAttempt {
    fn place(&self) -> Subject {
        match &self.place {
            LoginPlace::Device(session) => Subject::new(SubjectKind::Device, &session.to_string()),
            LoginPlace::Address(address) => Subject::new(SubjectKind::Address, address.as_str()),
        }
    }

    /// The account or its codes, which only strangers wait for.
    fn shared(&self, kind: SubjectKind) -> Option<Subject> {
        match self.place {
            LoginPlace::Device(_) => None,
            LoginPlace::Address(_) => Some(Subject::new(kind, self.account.as_str())),
        }
    }

    fn account(&self) -> Option<Subject> {
        self.shared(SubjectKind::Account)
    }

    fn codes(&self) -> Option<Subject> {
        self.shared(SubjectKind::Codes)
    }
}

/// Who failed how often, and who has to wait.
#[derive(Debug, Clone, Default)]
pub struct LoginThrottle {
    tallies: BTreeMap<Subject, Tally>,
}

impl LoginThrottle {
    /// Goes on with the failures that were counted before.
    pub fn restore(tallies: impl IntoIterator<Item = (Subject, Tally)>) -> Self {
        let mut throttle = Self::default();
        for (subject, tally) in tallies {
            throttle.set(subject, tally);
        }
        throttle
    }

    /// Lets an attempt through, or says how long it still has to wait.
    ///
    /// One that is let through counts as failed until it is forgiven. Asking too early changes
    /// nothing.
    pub fn admit(&mut self, attempt: &LoginAttempt, now: Timestamp) -> Result<(), Duration> {
        self.settle(now);
        let (place, account) = (attempt.place(), attempt.account());
        let wait = account.as_ref().map(|account| self.wait_of(account, now));
        let wait = wait.unwrap_or_default().max(self.wait_of(&place, now));
        self.pass(&place, wait, now)?;
        self.count(place, now);
        if let Some(account) = account {
            self.count(account, now);
        }
        Ok(())
    }

    /// The same for looking at the one-time code of an attempt whose password is right.
    pub fn admit_code(&mut self, attempt: &LoginAttempt, now: Timestamp) -> Result<(), Duration> {
        self.settle(now);
        if let Some(codes) = attempt.codes() {
            let wait = self.wait_of(&codes, now);
            self.pass(&codes, wait, now)?;
            self.count(codes, now);
        }
        Ok(())
    }

    /// An attempt that was let through was no failure.
    pub fn forgive(&mut self, attempt: &LoginAttempt) {
        self.uncount(&attempt.place());
        if let Some(account) = attempt.account() {
            self.uncount(&account);
        }
    }

    /// A code that was looked at was right.
    pub fn forgive_code(&mut self, attempt: &LoginAttempt) {
        if let Some(codes) = attempt.codes() {
            self.uncount(&codes);
        }
    }

    /// What an attempt has to do with, for keeping it.
    pub fn tallies_of(&self, attempt: &LoginAttempt) -> Vec<(Subject, Tally)> {
        let subjects = [Some(attempt.place()), attempt.account(), attempt.codes()];
        subjects
            .into_iter()
            .flatten()
            .filter_map(|subject| {
                let tally = *self.tallies.get(&subject)?;
                Some((subject, tally))
            })
            .collect()
    }

    fn wait_of(&self, subject: &Subject, now: Timestamp) -> Duration {
        let tally = self.tallies.get(subject);
        let failures = tally.map_or(0, |tally| tally.standing(now));
        subject.kind.wait_after(failures)
    }

    /// Whether `wait` has gone by since the subject's last attempt. One that is new begins to
    /// wait now.
    fn pass(&mut self, subject: &Subject, wait: Duration, now: Timestamp) -> Result<(), Duration> {
        if wait.is_zero() {
            return Ok(());
        }
        let begun = self.tallies.get(subject).map(|tally| tally.last);
        if begun.is_none() {
            let (failures, last) = (0, now);
            self.set(subject.clone(), Tally { failures, last });
        }
        let left = begun.unwrap_or(now).plus(wait).since(now);
        if left > Duration::zero() {
            Err(left)
        } else {
            Ok(())
        }
    }

    fn count(&mut self, subject: Subject, now: Timestamp) {
        let tally = self.tallies.get(&subject);
        let failures = tally.map_or(0, |tally| tally.standing(now));
        let failures = failures.saturating_add(1).min(subject.kind.worst());
        self.set(
            subject,
            Tally {
                failures,
                last: now,
            },
        );
    }

    fn uncount(&mut self, subject: &Subject) {
        if let Some(tally) = self.tallies.get_mut(subject) {
            tally.failures = tally.failures.saturating_sub(1);
        }
    }

    /// Keeps a tally, and lets go of the quietest one of its kind if there are too many.
    fn set(&mut self, subject: Subject, tally: Tally) {
        let kind = subject.kind;
        self.tallies.insert(subject, tally);
        let same = || self.tallies.iter().filter(|(it, _)| it.kind == kind);
        if same().count() > REMEMBERED {
            let quietest = same().min_by_key(|(_, tally)| tally.last);
            let quietest = quietest.map(|(subject, _)| subject.clone());
            if let Some(quietest) = quietest {
                self.tallies.remove(&quietest);
            }
        }
    }

    /// After the clock was set back nobody waits for a time that was never lived through.
    fn settle(&mut self, now: Timestamp) {
        for tally in self.tallies.values_mut() {
            tally.last = tally.last.min(now);
        }
    }
}
