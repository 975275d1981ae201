//! The main API key of each user. The copy for its owner is sealed under the user's number.

use crate::bridge::{Context, Database};
use crate::column::{Place, Text};
use crate::error::{Explain, Fault, met_a_row};
use crate::schema::api_keys as table;
use crate::sealed::API_KEY;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::account::{ApiKeyRecord, NewApiKey, PasswordHash};
use openalgo_core::id::UserId;
use openalgo_core::order::OrderMode;
use openalgo_core::port::{ApiKeyRepository, Sealer, StoreError};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(Sqlite))]
pub(crate) struct ApiKeyRow {
    id: i64,
    user_id: i64,
    key_hash: Text,
    key_encrypted: Text,
    order_mode: Text,
    created_at: Text,
}

impl ApiKeyRow {
    fn into_record(self, by: &dyn Sealer) -> Result<ApiKeyRecord, Fault> {
        let place = Place {
            table: "api_keys",
            row: self.id,
        };
        let user = self.user_id.to_string();
        let sealed = place.text("key_encrypted", &self.key_encrypted)?;
        Ok(ApiKeyRecord {
            user: UserId::new(self.user_id),
            key_hash: PasswordHash::new(place.text("key_hash", &self.key_hash)?),
            key: by.open(API_KEY.place(&user), sealed)?,
            order_mode: place.word("order_mode", &self.order_mode)?,
            created_at: place.instant("created_at", &self.created_at)?,
        })
    }
}

fn replace(c: &mut SqliteConnection, ctx: &Context, key: &NewApiKey) -> Result<(), Fault> {
    let sealed = ctx
        .sealer
        .seal(API_KEY.place(&key.user.to_string()), &key.key)?;
    let replaced = (
        table::key_hash.eq(key.key_hash.as_str()),
        table::key_encrypted.eq(sealed),
        table::created_at.eq(ctx.clock.now().to_string()),
    );
    diesel::insert_into(table::table)
        .values((table::user_id.eq(key.user.get()), replaced.clone()))
        .on_conflict(table::user_id)
        .do_update()
        .set(replaced)
        .execute(c)
        .dangling("user", key.user)?;
    Ok(())
}

fn find(
    c: &mut SqliteConnection,
    ctx: &Context,
    user: UserId,
) -> Result<Option<ApiKeyRecord>, Fault> {
    table::table
        .filter(table::user_id.eq(user.get()))
        .select(ApiKeyRow::as_select())
        .get_result(c)
        .optional()?
        .map(|row| row.into_record(ctx.sealer.as_ref()))
        .transpose()
}

fn list(c: &mut SqliteConnection, ctx: &Context) -> Result<Vec<ApiKeyRecord>, Fault> {
    table::table
        .order(table::id.asc())
        .select(ApiKeyRow::as_select())
        .load(c)?
        .into_iter()
        .map(|row| row.into_record(ctx.sealer.as_ref()))
        .collect()
}

fn set_order_mode(c: &mut SqliteConnection, user: UserId, mode: OrderMode) -> Result<(), Fault> {
    let rows = diesel::update(table::table.filter(table::user_id.eq(user.get())))
        .set(table::order_mode.eq(mode.as_str()))
        .execute(c)?;
    met_a_row(rows, "API key of user", user)
}

/// Reads every row, its sealed fields by `sealer`; gives the first that cannot be.
pub(crate) fn read_all(c: &mut SqliteConnection, sealer: &dyn Sealer) -> Result<(), Fault> {
    let rows = table::table
        .order(table::id.asc())
        .select(ApiKeyRow::as_select());
    for row in rows.load_iter::<ApiKeyRow, _>(c)? {
        row?.into_record(sealer)?;
    }
    Ok(())
}

#[async_trait]
impl ApiKeyRepository for Database {
    async fn replace(&self, key: &NewApiKey) -> Result<(), StoreError> {
        let key = key.clone();
        self.write("replace the API key", move |c, ctx| replace(c, ctx, &key))
            .await
    }

    async fn find(&self, user: UserId) -> Result<Option<ApiKeyRecord>, StoreError> {
        self.read("find the API key", move |c, ctx| find(c, ctx, user))
            .await
    }

    async fn list(&self) -> Result<Vec<ApiKeyRecord>, StoreError> {
        self.read("list the API keys", list).await
    }

    async fn set_order_mode(&self, user: UserId, mode: OrderMode) -> Result<(), StoreError> {
        self.write("change the order mode", move |c, _| {
            set_order_mode(c, user, mode)
        })
        .await
    }
}
