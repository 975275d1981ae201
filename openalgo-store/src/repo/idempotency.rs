//! Answers that are given again when a request comes again.

use crate::bridge::Database;
use crate::column::{Place, Text};
use crate::error::{Explain, Fault};
use crate::schema::idempotency_keys as table;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::id::UserId;
use openalgo_core::market::Timestamp;
use openalgo_core::monitor::{FirstAnswer, IdempotencyKey, REMEMBERED};
use openalgo_core::port::{IdempotencyRepository, StoreError};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(Sqlite))]
struct AnswerRow {
    id: i64,
    user_id: i64,
    operation: Text,
    client_id: Text,
    body_hash: Text,
    answer: Text,
    created_at: Text,
}

impl AnswerRow {
    fn into_answer(self) -> Result<FirstAnswer, StoreError> {
        let place = Place {
            table: "idempotency_keys",
            row: self.id,
        };
        Ok(FirstAnswer {
            key: IdempotencyKey {
                user: UserId::new(self.user_id),
                operation: place.word("operation", &self.operation)?,
                id: place.word("client_id", &self.client_id)?,
            },
            body: place.word("body_hash", &self.body_hash)?,
            answer: place.text("answer", &self.answer)?.to_owned(),
            at: place.instant("created_at", &self.created_at)?,
        })
    }
}

/// The stored form of the instant up to which everything is forgotten at `now`.
fn forgotten(now: Timestamp) -> String {
    now.plus(-REMEMBERED).to_string()
}

fn find(
    c: &mut SqliteConnection,
    key: &IdempotencyKey,
    now: Timestamp,
) -> Result<Option<FirstAnswer>, Fault> {
    let row = table::table
        .filter(table::user_id.eq(key.user.get()))
        .filter(table::operation.eq(key.operation.as_str()))
        .filter(table::client_id.eq(key.id.as_str()))
        .filter(table::created_at.gt(forgotten(now)))
        .select(AnswerRow::as_select())
        .get_result(c)
        .optional()?;
    Ok(row.map(AnswerRow::into_answer).transpose()?)
}

fn remember(c: &mut SqliteConnection, answer: &FirstAnswer) -> Result<(), Fault> {
    let FirstAnswer { key, at, .. } = answer;
    diesel::delete(table::table)
        .filter(table::user_id.eq(key.user.get()))
        .filter(table::operation.eq(key.operation.as_str()))
        .filter(table::client_id.eq(key.id.as_str()))
        .filter(table::created_at.le(forgotten(*at)))
        .execute(c)?;
    diesel::insert_into(table::table)
        .values((
            table::user_id.eq(key.user.get()),
            table::operation.eq(key.operation.as_str()),
            table::client_id.eq(key.id.as_str()),
            table::body_hash.eq(answer.body.to_string()),
            table::answer.eq(&answer.answer),
            table::created_at.eq(at.to_string()),
        ))
        .execute(c)
        .duplicate("idempotency_keys.client_id", "answer to", &key.id)
        .dangling("user", key.user)?;
    Ok(())
}

fn purge(c: &mut SqliteConnection, now: Timestamp) -> Result<u64, Fault> {
    let old = table::table.filter(table::created_at.le(forgotten(now)));
    let removed = diesel::delete(old).execute(c)?;
    u64::try_from(removed).map_err(Fault::other)
}

/// Reads every row; gives the first that makes no sense.
pub(crate) fn read_all(c: &mut SqliteConnection) -> Result<(), Fault> {
    let rows = table::table.select(AnswerRow::as_select());
    for row in rows.load_iter::<AnswerRow, _>(c)? {
        row?.into_answer()?;
    }
    Ok(())
}

#[async_trait]
impl IdempotencyRepository for Database {
    async fn find(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<FirstAnswer>, StoreError> {
        let key = key.clone();
        self.read("find the first answer", move |c, _| find(c, &key, now))
            .await
    }

    async fn remember(&self, answer: &FirstAnswer) -> Result<(), StoreError> {
        let answer = answer.clone();
        self.write("keep the answer", move |c, _| remember(c, &answer))
            .await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.write("forget old answers", move |c, _| purge(c, now))
            .await
    }
}
