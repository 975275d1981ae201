//! Failed logins.

use super::Memory;
use async_trait::async_trait;
use openalgo::core::market::Timestamp;
use openalgo::core::port::{LoginFailureRepository, StoreError};
use openalgo::core::rule::throttle::{Subject, Tally};

#[async_trait]
impl LoginFailureRepository for Memory {
    async fn recent(&self, since: Timestamp) -> Result<Vec<(Subject, Tally)>, StoreError> {
        Ok(self.read(|tables| {
            let tallies = tables.login_failures.iter();
            let mut recent: Vec<_> = tallies.filter(|it| since <= it.1.last).cloned().collect();
            recent.sort_by_key(|(_, tally)| tally.last);
            recent
        }))
    }

    async fn keep(&self, tallies: &[(Subject, Tally)], since: Timestamp) -> Result<(), StoreError> {
        self.write(|tables, _| {
            let kept = &mut tables.login_failures;
            kept.retain(|(subject, _)| tallies.iter().all(|(replaced, _)| replaced != subject));
            kept.extend_from_slice(tallies);
            kept.retain(|(_, tally)| since <= tally.last);
            Ok(())
        })
    }
}
