//! The journal as a whole. Nobody gets at what is in memory, so that nothing needs a seal here.

use super::{Memory, Tables};
use async_trait::async_trait;
use openalgo::core::journal::{
    ChainKey, ChainReport, JournalExtent, JournalReport, JournalScope, StoredEntry,
};
use openalgo::core::order::{Order, OrderEvent};
use openalgo::core::port::{JournalArchive, StoreError};
use std::collections::BTreeMap;

/// An event with its number, its place among those of its order, and its order.
type Entry<'a> = (i64, i64, &'a Order, &'a OrderEvent);

impl Tables {
    /// The entries of a scope, in the order of their numbers.
    fn entries(&self, scope: &JournalScope) -> Vec<Entry<'_>> {
        let entries = self.orders.iter().flat_map(|stored| {
            let numbered = (1..).zip(&stored.journal);
            numbered.map(|(seq, (number, event))| (*number, seq, &stored.order, event))
        });
        let meant = entries.filter(|(_, _, order, event)| is_meant(scope, order, event));
        let mut meant: Vec<_> = meant.collect();
        meant.sort_unstable_by_key(|(number, ..)| *number);
        meant
    }
}

fn stored_entry((number, seq, order, event): Entry<'_>) -> Result<StoredEntry, StoreError> {
    let payload = serde_json::to_string(event).map_err(|error| StoreError::Failed {
        operation: "write an event as JSON",
        source: error.into(),
    })?;
    Ok(StoredEntry {
        number,
        user: order.intent.user.get(),
        broker: order.intent.broker.to_string(),
        order: order.id.get(),
        seq,
        event: event.kind.as_str().to_owned(),
        at: event.at.to_string(),
        payload,
        link: None,
    })
}

fn is_meant(scope: &JournalScope, order: &Order, event: &OrderEvent) -> bool {
    let (intent, broker) = (&order.intent, scope.broker.as_ref());
    let ids = [order.public_id(), intent.id.local_order_id()];
    scope.user.is_none_or(|user| intent.user == user)
        && broker.is_none_or(|broker| intent.broker == *broker)
        && scope.from.is_none_or(|from| event.at >= from)
        && scope.until.is_none_or(|until| event.at < until)
        && scope.order.as_ref().is_none_or(|id| ids.contains(id))
}

#[async_trait]
impl JournalArchive for Memory {
    async fn verify(&self, scope: &JournalScope) -> Result<JournalReport, StoreError> {
        let chains = self.read(|tables| {
            let mut chains = BTreeMap::<_, u64>::new();
            for (_, _, order, _) in tables.entries(scope) {
                let (user, broker) = (order.intent.user, order.intent.broker.to_string());
                *chains.entry(ChainKey { user, broker }).or_default() += 1;
            }
            chains
        });
        let chains = chains.into_iter().map(|(key, entries)| ChainReport {
            key,
            entries,
            sound: entries,
            first_bad: None,
        });
        Ok(JournalReport {
            chains: chains.collect(),
            findings: Vec::new(),
        })
    }

    async fn extent(&self, scope: &JournalScope) -> Result<JournalExtent, StoreError> {
        Ok(self.read(|tables| {
            let entries = tables.entries(scope);
            JournalExtent {
                entries: u64::try_from(entries.len()).unwrap_or(u64::MAX),
                last: entries.last().map_or(0, |(number, ..)| *number),
            }
        }))
    }

    async fn entries(
        &self,
        scope: &JournalScope,
        after: i64,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.read(|tables| {
            let entries = tables.entries(scope).into_iter();
            let entries = entries.filter(|(number, ..)| *number > after);
            entries.take(limit).map(stored_entry).collect()
        })
    }
}
