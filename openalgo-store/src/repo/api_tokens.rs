//! Named API keys. The copy for its owner is sealed under the user's number and the key's name.

use crate::bridge::{Context, Database};
use crate::column::{Place, Text};
use crate::error::{Explain, Fault, met_a_row};
use crate::schema::api_tokens as table;
use crate::sealed::API_TOKEN;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::account::{ApiToken, NewApiToken, PasswordHash};
use openalgo_core::id::{ApiTokenId, KeyPrefix, TokenName, UserId};
use openalgo_core::market::Timestamp;
use openalgo_core::port::{ApiTokenRepository, CryptoError, Sealer, StoreError};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(Sqlite))]
struct TokenRow {
    id: i64,
    user_id: i64,
    name: Text,
    key_prefix: Text,
    key_hash: Text,
    key_encrypted: Text,
    scopes: Text,
    expires_at: Option<Text>,
    last_used_at: Option<Text>,
    created_at: Text,
}

/// The natural key of a row. A name may hold any character, a number only digits, so no two rows
/// have the same.
fn row_key(user: i64, name: &str) -> String {
    format!("{user}:{name}")
}

impl TokenRow {
    fn into_token(self, by: &dyn Sealer) -> Result<ApiToken, Fault> {
        let place = Place {
            table: "api_tokens",
            row: self.id,
        };
        let row = row_key(self.user_id, place.text("name", &self.name)?);
        let sealed = place.text("key_encrypted", &self.key_encrypted)?;
        Ok(ApiToken {
            id: ApiTokenId::new(self.id),
            user: UserId::new(self.user_id),
            name: place.word("name", &self.name)?,
            prefix: place.word("key_prefix", &self.key_prefix)?,
            key_hash: PasswordHash::new(place.text("key_hash", &self.key_hash)?),
            key: by.open(API_TOKEN.place(&row), sealed)?,
            scopes: place.word("scopes", &self.scopes)?,
            expires_at: place.optional_instant("expires_at", self.expires_at.as_ref())?,
            last_used_at: place.optional_instant("last_used_at", self.last_used_at.as_ref())?,
            created_at: place.instant("created_at", &self.created_at)?,
        })
    }
}

fn insert(c: &mut SqliteConnection, ctx: &Context, token: &NewApiToken) -> Result<ApiToken, Fault> {
    let now = ctx.clock.now();
    let what = "API key";
    let prefix = KeyPrefix::of(&token.key).ok_or(CryptoError::Malformed { what })?;
    let row = row_key(token.user.get(), token.name.as_str());
    let sealed = ctx.sealer.seal(API_TOKEN.place(&row), &token.key)?;
    let id: i64 = diesel::insert_into(table::table)
        .values((
            table::user_id.eq(token.user.get()),
            table::name.eq(token.name.as_str()),
            table::key_prefix.eq(prefix.as_str()),
            table::key_hash.eq(token.key_hash.as_str()),
            table::key_encrypted.eq(sealed),
            table::scopes.eq(token.scopes.to_string()),
            table::expires_at.eq(token.expires_at.map(|at| at.to_string())),
            table::created_at.eq(now.to_string()),
        ))
        .returning(table::id)
        .get_result(c)
        .duplicate("api_tokens.name", what, &token.name)
        .dangling("user", token.user)?;
    Ok(ApiToken {
        id: ApiTokenId::new(id),
        user: token.user,
        name: token.name.clone(),
        prefix,
        key_hash: token.key_hash.clone(),
        key: token.key.clone(),
        scopes: token.scopes.clone(),
        expires_at: token.expires_at,
        last_used_at: None,
        created_at: now,
    })
}

fn into_tokens(rows: Vec<TokenRow>, by: &dyn Sealer) -> Result<Vec<ApiToken>, Fault> {
    rows.into_iter().map(|row| row.into_token(by)).collect()
}

fn list(c: &mut SqliteConnection, ctx: &Context, user: UserId) -> Result<Vec<ApiToken>, Fault> {
    let rows = table::table
        .filter(table::user_id.eq(user.get()))
        .order(table::name.asc())
        .select(TokenRow::as_select())
        .load(c)?;
    into_tokens(rows, ctx.sealer.as_ref())
}

fn candidates(
    c: &mut SqliteConnection,
    ctx: &Context,
    prefix: &KeyPrefix,
) -> Result<Vec<ApiToken>, Fault> {
    let rows = table::table
        .filter(table::key_prefix.eq(prefix.as_str()))
        .order(table::id.asc())
        .select(TokenRow::as_select())
        .load(c)?;
    into_tokens(rows, ctx.sealer.as_ref())
}

fn touch(c: &mut SqliteConnection, id: ApiTokenId, at: Timestamp) -> Result<(), Fault> {
    let at = at.to_string();
    let is_known = table::table
        .find(id.get())
        .select(table::id)
        .get_result::<i64>(c);
    is_known
        .optional()?
        .ok_or_else(|| Fault::not_found("API key", id))?;
    let older = table::last_used_at
        .is_null()
        .or(table::last_used_at.lt(at.clone()));
    diesel::update(table::table.find(id.get()).filter(older))
        .set(table::last_used_at.eq(at))
        .execute(c)?;
    Ok(())
}

fn delete(c: &mut SqliteConnection, user: UserId, name: &TokenName) -> Result<(), Fault> {
    let rows = diesel::delete(table::table)
        .filter(table::user_id.eq(user.get()))
        .filter(table::name.eq(name.as_str()))
        .execute(c)?;
    met_a_row(rows, "API key", name)
}

/// Reads every row; gives the first that makes no sense.
pub(crate) fn read_all(c: &mut SqliteConnection, sealer: &dyn Sealer) -> Result<(), Fault> {
    let rows = table::table.select(TokenRow::as_select()).load(c)?;
    into_tokens(rows, sealer).map(drop)
}

#[async_trait]
impl ApiTokenRepository for Database {
    async fn insert(&self, token: &NewApiToken) -> Result<ApiToken, StoreError> {
        let token = token.clone();
        self.write("keep the API key", move |c, ctx| insert(c, ctx, &token))
            .await
    }

    async fn list(&self, user: UserId) -> Result<Vec<ApiToken>, StoreError> {
        self.read("list the API keys", move |c, ctx| list(c, ctx, user))
            .await
    }

    async fn candidates(&self, prefix: &KeyPrefix) -> Result<Vec<ApiToken>, StoreError> {
        let prefix = prefix.clone();
        self.read("find the API key", move |c, ctx| {
            candidates(c, ctx, &prefix)
        })
        .await
    }

    async fn touch(&self, id: ApiTokenId, at: Timestamp) -> Result<(), StoreError> {
        self.write("note the use of the API key", move |c, _| touch(c, id, at))
            .await
    }

    async fn delete(&self, user: UserId, name: &TokenName) -> Result<(), StoreError> {
        let name = name.clone();
        self.write("remove the API key", move |c, _| delete(c, user, &name))
            .await
    }
}
