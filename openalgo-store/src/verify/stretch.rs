//! Which entries of each chain are counted, and which are judged.

use super::CHUNK;
use crate::error::Fault;
use crate::repo::journal_archive::within;
use crate::row::event::LooseEvent;
use crate::schema::order_events as table;
use diesel::dsl::{max, min};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::journal::{ChainKey, JournalScope};
use std::collections::BTreeMap;

/// The part of a chain from the first to the last entry of a scope.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    first: i64,
    last: i64,
    /// The entry right before the first one, and the one right after the last: whatever was taken
    /// out beside the part shows there.
    judged: (i64, i64),
}

/// The parts of the chains that are looked at.
#[derive(Debug, Default)]
pub(super) enum Stretches {
    /// All of every chain.
    #[default]
    Whole,
    /// These.
    Parts(BTreeMap<ChainKey, Stretch>),
}

impl Stretches {
    pub(super) fn of(c: &mut SqliteConnection, scope: &JournalScope) -> Result<Self, Fault> {
        if scope.from.is_none() && scope.until.is_none() && scope.order.is_none() {
            return Ok(Self::Whole);
        }
        let mut parts = BTreeMap::new();
        let mut seen = 0;
        loop {
            let rows: Vec<LooseEvent> = table::table
                .filter(within(c, scope)?)
                .filter(table::id.gt(seen))
                .order(table::id.asc())
                .limit(CHUNK)
                .select(LooseEvent::as_select())
                .load(c)?;
            let Some(last) = rows.last() else { break };
            seen = last.id;
            for row in rows {
                let Some(key) = row.chain() else { continue };
                let part = parts.entry(key).or_insert(Stretch {
                    first: row.id,
                    last: row.id,
                    judged: (i64::MIN, i64::MAX),
                });
                part.last = row.id;
            }
        }
        for (key, part) in &mut parts {
            part.judged = neighbours(c, key, part)?;
        }
        Ok(Self::Parts(parts))
    }

    /// Whether an entry is one of those that were asked for.
    pub(super) fn counts(&self, key: &ChainKey, number: i64) -> bool {
        match self {
            Self::Whole => true,
            Self::Parts(parts) => parts
                .get(key)
                .is_some_and(|part| (part.first..=part.last).contains(&number)),
        }
    }

    /// Whether what is wrong with an entry belongs into the report; of one without a number only
    /// where everything does.
    pub(super) fn judges(&self, key: &ChainKey, number: Option<i64>) -> bool {
        let Self::Parts(parts) = self else {
            return true;
        };
        let part = number.zip(parts.get(key));
        part.is_some_and(|(number, part)| (part.judged.0..=part.judged.1).contains(&number))
    }

    /// Whether anything between two numbers may belong to what was asked for.
    pub(super) fn touches(&self, from: i64, to: i64) -> bool {
        match self {
            Self::Whole => true,
            Self::Parts(parts) => parts
                .values()
                .any(|part| from <= part.judged.1 && to >= part.judged.0),
        }
    }
}

fn neighbours(
    c: &mut SqliteConnection,
    key: &ChainKey,
    part: &Stretch,
) -> Result<(i64, i64), Fault> {
    let chain = || {
        table::table
            .filter(table::user_id.eq(key.user.get()))
            .filter(table::broker_name.eq(&key.broker))
    };
    let before: Option<i64> = chain()
        .filter(table::id.lt(part.first))
        .select(max(table::id))
        .get_result(c)?;
    let after: Option<i64> = chain()
        .filter(table::id.gt(part.last))
        .select(min(table::id))
        .get_result(c)?;
    Ok((before.unwrap_or(i64::MIN), after.unwrap_or(i64::MAX)))
}
