//! Numbers that were given out and are not there any more.

/// Numbers one after another, none of which is there.
#[derive(Debug)]
pub(super) struct Gap {
    pub(super) from: i64,
    pub(super) to: i64,
    /// Whether nothing comes after it.
    pub(super) is_last: bool,
    told_by: Told,
}

/// What tells whose entries are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    /// A chain that breaks there.
    Chain,
    /// An order that is ahead of its entries.
    Order,
}

/// The gaps, in the order of their numbers.
#[derive(Debug, Default)]
pub(super) struct Gaps(Vec<Gap>);

impl Gaps {
    pub(super) fn note(&mut self, from: i64, to: i64, is_last: bool) {
        if from <= to {
            self.0.push(Gap {
                from,
                to,
                is_last,
                told_by: Told::Nothing,
            });
        }
    }

    /// The first number that is missing between two neighbours of a chain that breaks there.
    pub(super) fn between(&mut self, before: i64, after: i64) -> Option<i64> {
        let mut first = None;
        for gap in &mut self.0 {
            if gap.from > before && gap.to < after {
                gap.told_by = Told::Chain;
                first = first.or(Some(gap.from));
            }
        }
        first
    }

    /// Where an order lost entries that came after the entry `last`: where something is missing
    /// that no chain accounts for.
    pub(super) fn behind(&mut self, last: i64) -> Option<&Gap> {
        let is_it =
            |gap: &&mut Gap| gap.from > last && (gap.told_by != Told::Chain || gap.from < gap.to);
        let gap = self.0.iter_mut().find(is_it)?;
        gap.told_by = Told::Order;
        Some(gap)
    }

    /// Those of which nothing tells whose entries they were.
    pub(super) fn unexplained(&self) -> impl Iterator<Item = &Gap> {
        self.0.iter().filter(|gap| gap.told_by == Told::Nothing)
    }
}

impl Gap {
    /// What is to be said of a gap that nothing explains.
    pub(super) fn finding(&self) -> String {
        let Self { from, to, .. } = self;
        let entries = if from == to {
            format!("entry {from} is")
        } else {
            format!("entries {from} to {to} are")
        };
        let which = if self.is_last { ", the newest," } else { "" };
        format!("{entries} missing{which} and nothing tells whose")
    }
}
