//! What goes wrong, how often, and how often it did.

use super::dice::Dice;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// A kind of thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// The broker has the order, and its answer is lost.
    LostReply,
    /// The broker tells the same thing twice.
    DuplicateReply,
    /// An order is long on its way.
    Delay,
    /// The broker answers with a server error; it may have the order.
    ServerError,
    /// The broker's answer cannot be read.
    Garbage,
    /// The broker takes an order, and the exchange rejects it later.
    LateRejection,
    /// An order is filled in parts.
    PartialFill,
    /// A later report of an order comes before an earlier one.
    OutOfOrder,
    /// Somebody places an order by hand that looks like ours.
    LookAlike,
    /// The process is killed.
    Restart,
    /// The store cannot commit.
    FailedCommit,
    /// The disk is full for a while.
    FullDisk,
}

impl Fault {
    pub(crate) const ALL: [Self; 12] = [
        Self::LostReply,
        Self::DuplicateReply,
        Self::Delay,
        Self::ServerError,
        Self::Garbage,
        Self::LateRejection,
        Self::PartialFill,
        Self::OutOfOrder,
        Self::LookAlike,
        Self::Restart,
        Self::FailedCommit,
        Self::FullDisk,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::LostReply => "lost reply",
            Self::DuplicateReply => "duplicate reply",
            Self::Delay => "delay",
            Self::ServerError => "server error",
            Self::Garbage => "garbage",
            Self::LateRejection => "rejection after acceptance",
            Self::PartialFill => "partial fill",
            Self::OutOfOrder => "fills out of order",
            Self::LookAlike => "look-alike by hand",
            Self::Restart => "restart",
            Self::FailedCommit => "failed commit",
            Self::FullDisk => "full disk",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How often each thing goes wrong in one world, and how often it did.
#[derive(Debug)]
pub(crate) struct Faults(Mutex<State>);

#[derive(Debug)]
struct State {
    per_mille: BTreeMap<Fault, u32>,
    counts: BTreeMap<Fault, u64>,
    dice: Dice,
    /// From the evening on nothing goes wrong any more.
    over: bool,
}

impl Faults {
    /// In each world most kinds occur, some often, some seldom.
    pub(crate) fn drawn(mut dice: Dice) -> Self {
        let rates = [0, 0, 15, 40, 120];
        let per_mille = Fault::ALL.into_iter().map(|it| (it, *dice.pick(&rates)));
        Self(Mutex::new(State {
            per_mille: per_mille.collect(),
            counts: BTreeMap::new(),
            dice,
            over: false,
        }))
    }

    /// Whether the thing goes wrong now.
    pub(crate) fn strikes(&self, fault: Fault) -> bool {
        let mut state = self.lock();
        let per_mille = state.per_mille.get(&fault).copied().unwrap_or_default();
        let strikes = !state.over && state.dice.chance(per_mille);
        if strikes {
            *state.counts.entry(fault).or_default() += 1;
        }
        strikes
    }

    /// Whether the kind occurs in this world.
    pub(crate) fn occurs(&self, fault: Fault) -> bool {
        self.lock().per_mille.get(&fault).is_some_and(|it| *it > 0)
    }

    /// Counts what was brought about elsewhere.
    pub(crate) fn note(&self, fault: Fault) {
        *self.lock().counts.entry(fault).or_default() += 1;
    }

    /// Nothing goes wrong from now on.
    pub(crate) fn end(&self) {
        self.lock().over = true;
    }

    pub(crate) fn are_over(&self) -> bool {
        self.lock().over
    }

    pub(crate) fn counts(&self) -> BTreeMap<Fault, u64> {
        self.lock().counts.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
