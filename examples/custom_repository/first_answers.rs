//! Answers that are given again when a request comes again.

use super::{Memory, Tables, duplicate};
use async_trait::async_trait;
use openalgo::core::market::Timestamp;
use openalgo::core::monitor::{FirstAnswer, IdempotencyKey, REMEMBERED};
use openalgo::core::port::{IdempotencyRepository, StoreError};

fn is_remembered(answer: &FirstAnswer, now: Timestamp) -> bool {
    now.since(answer.at) < REMEMBERED
}

impl Tables {
    fn remember(&mut self, answer: &FirstAnswer) -> Result<(), StoreError> {
        self.require_user(answer.key.user)?;
        let present = self.first_answers.get(&answer.key);
        if present.is_some_and(|present| is_remembered(present, answer.at)) {
            return Err(duplicate("answer to", &answer.key.id));
        }
        self.first_answers
            .insert(answer.key.clone(), answer.clone());
        Ok(())
    }

    fn forget(&mut self, now: Timestamp) -> usize {
        let before = self.first_answers.len();
        self.first_answers
            .retain(|_, answer| is_remembered(answer, now));
        before - self.first_answers.len()
    }
}

#[async_trait]
impl IdempotencyRepository for Memory {
    async fn find(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<FirstAnswer>, StoreError> {
        let found = self.read(|tables| tables.first_answers.get(key).cloned());
        Ok(found.filter(|answer| is_remembered(answer, now)))
    }

    async fn remember(&self, answer: &FirstAnswer) -> Result<(), StoreError> {
        self.write(|tables, _| tables.remember(answer))
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let forgotten = self.write(|tables, _| Ok(tables.forget(now)))?;
        Ok(u64::try_from(forgotten).unwrap_or(u64::MAX))
    }
}
