//! Follows every chain from its beginning.

use super::gaps::Gaps;
use super::origin;
use super::stretch::Stretches;
use crate::error::Fault;
use crate::journal::{self, GENESIS, Mac};
use crate::row::event::{LooseEvent, NumberedEvent, read_payload};
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::OrderId;
use openalgo_core::journal::{BadEntry, ChainKey, ChainReport, Flaw, JournalReport, JournalScope};
use openalgo_crypto::JournalKey;
use std::collections::BTreeMap;

/// How many ends of a chain are remembered behind an entry that does not follow: enough to tell
/// where the next one belongs when some in a row were edited.
const ENDS: usize = 6;

/// What is known of a chain so far.
#[derive(Debug)]
struct Chain {
    /// What the next entry may follow: the last entry and, where that does not follow, what it
    /// should have been and what came before it.
    ends: Vec<Mac>,
    /// The number of the last entry.
    last: i64,
    entries: u64,
    sound: u64,
    first_bad: Option<BadEntry>,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            ends: vec![GENESIS],
            last: 0,
            entries: 0,
            sound: 0,
            first_bad: None,
        }
    }
}

impl Chain {
    /// Whether an entry follows from the one before it; the next one follows it.
    fn follow(&mut self, key: &JournalKey, entry: &NumberedEvent) -> bool {
        let seals = self.ends.iter();
        let seals: Vec<_> = seals
            .map(|end| journal::seal(key, end, &entry.event))
            .collect();
        let stored = journal::from_hex(&entry.event.mac);
        if stored.is_some_and(|stored| seals.contains(&stored)) {
            self.ends = stored.into_iter().collect();
            return true;
        }
        self.doubt(stored, seals);
        false
    }

    /// The last entry does not follow: it was edited, or its seal was, or it was put in between.
    fn doubt(&mut self, stored: Option<Mac>, seals: Vec<Mac>) {
        let before = std::mem::take(&mut self.ends);
        self.ends.extend(stored);
        self.ends.extend(before);
        self.ends.extend(seals);
        self.ends.truncate(ENDS);
    }

    /// The entry that was taken out of it first, when nothing tells yet what it was and it came
    /// after `last`.
    fn unnamed_loss(&mut self, last: i64) -> Option<&mut BadEntry> {
        let bad = self.first_bad.as_mut()?;
        let is_it = bad.flaw == Flaw::Missing && bad.order.is_none() && bad.number > Some(last);
        is_it.then_some(bad)
    }
}

/// All chains, as far as their entries have been followed.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    key: &'a JournalKey,
    stretches: Stretches,
    chains: BTreeMap<ChainKey, Chain>,
    gaps: Gaps,
    last: i64,
    findings: Vec<String>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(key: &'a JournalKey) -> Self {
        Self {
            key,
            stretches: Stretches::Whole,
            chains: BTreeMap::new(),
            gaps: Gaps::default(),
            last: 0,
            findings: Vec::new(),
        }
    }

    pub(super) fn look_at(&mut self, stretches: Stretches) {
        self.stretches = stretches;
    }

    /// The number of the last entry that was read.
    pub(super) fn last(&self) -> i64 {
        self.last
    }

    /// Takes the next entry.
    pub(super) fn take(&mut self, c: &mut SqliteConnection, row: LooseEvent) -> Result<(), Fault> {
        let number = row.id;
        self.gaps
            .note(self.last.saturating_add(1), number.saturating_sub(1), false);
        self.last = number;
        let Some(key) = row.chain() else {
            let finding = format!("entry {number} names no account");
            self.findings.push(finding);
            return Ok(());
        };
        let seal = row.seal().and_then(journal::from_hex);
        let bad = match row.strict() {
            Ok(entry) => self.judge(c, &key, &entry)?,
            Err(error) => {
                let reason = error.to_string();
                let chain = self.chains.entry(key.clone()).or_default();
                chain.doubt(seal, Vec::new());
                Some(bad(number, Flaw::Unreadable { reason }))
            }
        };
        let chain = self.chains.entry(key.clone()).or_default();
        chain.last = number;
        if self.stretches.counts(&key, number) {
            chain.entries = chain.entries.saturating_add(1);
            chain.sound = chain.sound.saturating_add(u64::from(bad.is_none()));
        }
        if let Some(bad) = bad {
            self.blame(&key, bad);
        }
        Ok(())
    }

    /// What is wrong with an entry, if something is.
    fn judge(
        &mut self,
        c: &mut SqliteConnection,
        key: &ChainKey,
        entry: &NumberedEvent,
    ) -> Result<Option<BadEntry>, Fault> {
        let chain = self.chains.entry(key.clone()).or_default();
        let (before, is_known) = (chain.last, chain.first_bad.is_some());
        let (order, seq) = (OrderId::new(entry.event.order_id), entry.event.seq);
        let named = |flaw| BadEntry {
            number: Some(entry.id),
            order: Some(order),
            seq: Some(seq),
            public_id: None,
            flaw,
        };
        if chain.follow(self.key, entry) {
            return Ok(misread(entry).map(named));
        }
        if let Some(number) = self.gaps.between(before, entry.id) {
            return Ok(Some(origin::missing(c, key, number)?));
        }
        // Where it came from matters only of the first one.
        if is_known {
            return Ok(Some(named(Flaw::Edited)));
        }
        Ok(Some(match origin::find(c, self.key, &entry.event)? {
            None => named(Flaw::Edited),
            Some(origin) if origin.chain.as_ref().is_none_or(|chain| chain == key) => {
                let follows = origin.number;
                named(Flaw::Reordered { follows })
            }
            // What it followed is genuine, and was taken out of this chain.
            Some(origin) => match origin.chain {
                Some(to) => bad(origin.number, Flaw::Moved { to }),
                None => named(Flaw::Edited),
            },
        }))
    }

    /// Takes note of what is wrong with a chain, if nothing is that comes before.
    pub(super) fn blame(&mut self, key: &ChainKey, bad: BadEntry) {
        if !self.stretches.judges(key, bad.number) {
            return;
        }
        let chain = self.chains.entry(key.clone()).or_default();
        let place = |bad: &BadEntry| bad.number.unwrap_or(i64::MAX);
        match &mut chain.first_bad {
            Some(known) if place(known) < place(&bad) => {}
            // Of what was taken out, its order tells what it was.
            Some(known) if known.number == bad.number => {
                known.order = known.order.or(bad.order);
                known.seq = known.seq.or(bad.seq);
            }
            other => *other = Some(bad),
        }
    }

    /// Whether an order lost what came after its entry `last`; the entry that it lost first.
    pub(super) fn lost_behind(
        &mut self,
        key: &ChainKey,
        last: i64,
        (order, seq): (OrderId, i64),
    ) -> Option<BadEntry> {
        let missing = |number, flaw| BadEntry {
            number,
            order: Some(order),
            seq: Some(seq.saturating_add(1)),
            public_id: None,
            flaw,
        };
        let chain = self.chains.entry(key.clone()).or_default();
        if let Some(bad) = chain.unnamed_loss(last) {
            *bad = missing(bad.number, Flaw::Missing);
            return Some(bad.clone());
        }
        let gap = self.gaps.behind(last)?;
        let flaw = if gap.is_last {
            Flaw::Truncated { last: gap.to }
        } else {
            Flaw::Missing
        };
        Some(missing(Some(gap.from), flaw))
    }

    /// There are no more entries; numbers up to `given` were given out.
    pub(super) fn end(&mut self, given: i64) {
        self.gaps.note(self.last.saturating_add(1), given, true);
    }

    /// The journal could not be read to its end.
    pub(super) fn broke_off(&mut self, why: &str) {
        let last = self.last;
        self.findings.push(format!(
            "what comes after entry {last} cannot be read; `db check` tells more: {why}"
        ));
    }

    /// What is known of each account to be bad, to be told more of.
    pub(super) fn bad_entries(&mut self) -> impl Iterator<Item = &mut BadEntry> {
        self.chains
            .values_mut()
            .filter_map(|chain| chain.first_bad.as_mut())
    }

    pub(super) fn report(self, scope: &JournalScope) -> JournalReport {
        let Self {
            stretches,
            chains,
            gaps,
            mut findings,
            ..
        } = self;
        let unexplained = gaps.unexplained();
        let meant = unexplained.filter(|gap| stretches.touches(gap.from, gap.to));
        findings.extend(meant.map(super::gaps::Gap::finding));
        let is_meant = |(key, chain): &(ChainKey, Chain)| {
            let broker = scope.broker.as_ref();
            scope.user.is_none_or(|user| key.user == user)
                && broker.is_none_or(|broker| broker.as_str() == key.broker)
                && (chain.entries > 0 || chain.first_bad.is_some())
        };
        let chains = chains.into_iter().filter(is_meant);
        JournalReport {
            chains: chains
                .map(|(key, chain)| ChainReport {
                    key,
                    entries: chain.entries,
                    sound: chain.sound,
                    first_bad: chain.first_bad,
                })
                .collect(),
            findings,
        }
    }
}

fn bad(number: i64, flaw: Flaw) -> BadEntry {
    BadEntry {
        number: Some(number),
        order: None,
        seq: None,
        public_id: None,
        flaw,
    }
}

/// What is wrong with an entry whose seal is right.
fn misread(entry: &NumberedEvent) -> Option<Flaw> {
    match read_payload(entry.id, &entry.event.payload) {
        Err(error) => {
            let reason = error.to_string();
            Some(Flaw::Unreadable { reason })
        }
        // The word stands beside what is sealed.
        Ok(event) if event.kind.as_str() != entry.event.event => Some(Flaw::Misnamed),
        Ok(_) => None,
    }
}
