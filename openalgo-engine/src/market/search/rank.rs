//! Which of two finds comes first.

use chrono::NaiveDate;
use openalgo_core::market::{Exchange, InstrumentEntry, InstrumentKind, PackedStrike};
use std::cmp::Reverse;

/// How well words fit, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Quality {
    /// They are the symbol, or the whole name.
    Exact,
    /// The symbol begins with them.
    Prefix,
    /// Words of the name begin with them.
    Word,
    /// They are in the symbol.
    Inside,
    /// They are in the name.
    Name,
    /// Nothing was said of the underlying.
    Any,
}

/// A find, and its place among others.
#[derive(Debug)]
pub(super) struct Hit<'i> {
    entry: InstrumentEntry<'i>,
    /// How far behind everything that was asked for more clearly; zero if it is not.
    behind: usize,
    quality: Quality,
    liquidity: Reverse<u32>,
    class: u8,
}

impl<'i> Hit<'i> {
    pub(super) fn new(entry: InstrumentEntry<'i>, quality: Quality, liquidity: u32) -> Self {
        let class = match entry.kind() {
            InstrumentKind::Equity | InstrumentKind::Index => 0,
            InstrumentKind::Future => 1,
            InstrumentKind::Call | InstrumentKind::Put => 2,
        };
        Self {
            entry,
            behind: 0,
            quality,
            liquidity: Reverse(liquidity),
            class,
        }
    }

    /// The same, behind all that was asked for, and so far behind others of that kind.
    pub(super) fn behind_all(self, away: usize) -> Self {
        let behind = away.saturating_add(1);
        Self { behind, ..self }
    }

    fn first(&self) -> (usize, Quality, Reverse<u32>, u8) {
        (self.behind, self.quality, self.liquidity, self.class)
    }

    /// What decides between finds that fit equally well: the nearer, the shorter.
    fn then(&self) -> Then<'i> {
        let entry = &self.entry;
        let expiry = entry.expiry().unwrap_or(NaiveDate::MIN);
        (
            (expiry, entry.packed_strike(), entry.kind()),
            (entry.symbol().len(), entry.exchange(), entry.symbol()),
        )
    }
}

type Then<'i> = (
    (NaiveDate, PackedStrike, InstrumentKind),
    (usize, Exchange, &'i str),
);

/// The best of them, the best first.
pub(super) fn best(mut hits: Vec<Hit<'_>>, limit: usize) -> Vec<InstrumentEntry<'_>> {
    let order = |a: &Hit<'_>, b: &Hit<'_>| {
        let first = a.first().cmp(&b.first());
        first.then_with(|| a.then().cmp(&b.then()))
    };
    // Of thousands, only those that are shown need to be in order.
    if let Some(last) = limit.checked_sub(1)
        && limit < hits.len()
    {
        hits.select_nth_unstable_by(last, order);
        hits.truncate(limit);
    }
    hits.sort_unstable_by(order);
    hits.dedup_by(|a, b| a.then() == b.then());
    hits.into_iter().map(|hit| hit.entry).collect()
}
