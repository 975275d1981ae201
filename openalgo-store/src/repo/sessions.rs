//! Login sessions. Their tokens are sealed under the token id.

use crate::bridge::{Context, Database};
use crate::column::{Place, Text};
use crate::error::{Explain, Fault, met_a_row};
use crate::schema::sessions as table;
use crate::sealed::{SESSION_FEED_TOKEN, SESSION_TOKEN, SealedColumn};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::account::{NewSession, Session};
use openalgo_core::id::{BrokerName, SessionId, SessionTokenId, UserId};
use openalgo_core::market::Timestamp;
use openalgo_core::port::{Sealer, SessionRepository, StoreError};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(Sqlite))]
pub(crate) struct SessionRow {
    id: i64,
    user_id: i64,
    token_id: Text,
    broker_id: Option<Text>,
    access_token: Text,
    feed_token: Option<Text>,
    device: Option<Text>,
    expires_at: Text,
    is_active: bool,
    created_at: Text,
    last_used_at: Text,
}

impl SessionRow {
    fn into_session(self, by: &dyn Sealer) -> Result<Session, Fault> {
        let place = Place {
            table: "sessions",
            row: self.id,
        };
        let token_id = place.text("token_id", &self.token_id)?;
        let token = place.text("access_token", &self.access_token)?;
        let feed_token = place.optional_text("feed_token", self.feed_token.as_ref())?;
        let open = |column: SealedColumn, sealed: &str| by.open(column.place(token_id), sealed);
        Ok(Session {
            id: SessionId::new(self.id),
            token_id: place.word("token_id", &self.token_id)?,
            user: UserId::new(self.user_id),
            broker: place.optional("broker_id", self.broker_id.as_ref())?,
            token: open(SESSION_TOKEN, token)?,
            feed_token: feed_token
                .map(|sealed| open(SESSION_FEED_TOKEN, &sealed))
                .transpose()?,
            device: place.optional_text("device", self.device.as_ref())?,
            created_at: place.instant("created_at", &self.created_at)?,
            last_used_at: place.instant("last_used_at", &self.last_used_at)?,
            expires_at: place.instant("expires_at", &self.expires_at)?,
            is_active: self.is_active,
        })
    }
}

fn insert(c: &mut SqliteConnection, ctx: &Context, session: &NewSession) -> Result<Session, Fault> {
    let now = ctx.clock.now();
    let token_id = session.token_id.as_str();
    let seal = |column: SealedColumn, secret| ctx.sealer.seal(column.place(token_id), secret);
    let feed_token = session.feed_token.as_ref();
    let row: SessionRow = diesel::insert_into(table::table)
        .values((
            table::user_id.eq(session.user.get()),
            table::token_id.eq(token_id),
            table::broker_id.eq(session.broker.as_ref().map(BrokerName::as_str)),
            table::access_token.eq(seal(SESSION_TOKEN, &session.token)?),
            table::feed_token.eq(feed_token
                .map(|it| seal(SESSION_FEED_TOKEN, it))
                .transpose()?),
            table::device.eq(session.device.as_deref()),
            table::expires_at.eq(session.expires_at.to_string()),
            table::is_active.eq(true),
            table::created_at.eq(now.to_string()),
            table::last_used_at.eq(now.to_string()),
        ))
        .returning(SessionRow::as_returning())
        .get_result(c)
        .duplicate("sessions.token_id", "session token id", token_id)
        .dangling("user", session.user)?;
    row.into_session(ctx.sealer.as_ref())
}

fn find(
    c: &mut SqliteConnection,
    ctx: &Context,
    token_id: &SessionTokenId,
) -> Result<Option<Session>, Fault> {
    table::table
        .filter(table::token_id.eq(token_id.as_str()))
        .select(SessionRow::as_select())
        .get_result(c)
        .optional()?
        .map(|row| row.into_session(ctx.sealer.as_ref()))
        .transpose()
}

fn active(
    c: &mut SqliteConnection,
    ctx: &Context,
    (user, now): (UserId, Timestamp),
) -> Result<Vec<Session>, Fault> {
    table::table
        .filter(table::user_id.eq(user.get()))
        .filter(table::is_active.eq(true))
        .filter(table::expires_at.gt(now.to_string()))
        .order(table::id.desc())
        .select(SessionRow::as_select())
        .load(c)?
        .into_iter()
        .map(|row| row.into_session(ctx.sealer.as_ref()))
        .collect()
}

fn touch(c: &mut SqliteConnection, id: SessionId, at: Timestamp) -> Result<(), Fault> {
    let rows = diesel::update(table::table.find(id.get()))
        .set(table::last_used_at.eq(at.to_string()))
        .execute(c)?;
    met_a_row(rows, "session", id)
}

fn end(c: &mut SqliteConnection, id: SessionId) -> Result<(), Fault> {
    let rows = diesel::update(table::table.find(id.get()))
        .set((
            table::is_active.eq(false),
            table::feed_token.eq(None::<String>),
        ))
        .execute(c)?;
    met_a_row(rows, "session", id)
}

/// Ends every session of a user but `keep`.
pub(crate) fn end_all(
    c: &mut SqliteConnection,
    user: UserId,
    keep: Option<SessionId>,
) -> Result<usize, Fault> {
    let active = table::table
        .filter(table::user_id.eq(user.get()))
        .filter(table::id.nullable().is_not(keep.map(SessionId::get)))
        .filter(table::is_active.eq(true));
    let ended = diesel::update(active)
        .set((
            table::is_active.eq(false),
            table::feed_token.eq(None::<String>),
        ))
        .execute(c)?;
    Ok(ended)
}

fn delete_expired(c: &mut SqliteConnection, now: Timestamp) -> Result<usize, Fault> {
    let expired = table::table.filter(table::expires_at.le(now.to_string()));
    Ok(diesel::delete(expired).execute(c)?)
}

/// Reads every row, its sealed fields by `sealer`; gives the first that cannot be.
pub(crate) fn read_all(c: &mut SqliteConnection, sealer: &dyn Sealer) -> Result<(), Fault> {
    let rows = table::table
        .order(table::id.asc())
        .select(SessionRow::as_select());
    for row in rows.load_iter::<SessionRow, _>(c)? {
        row?.into_session(sealer)?;
    }
    Ok(())
}

#[async_trait]
impl SessionRepository for Database {
    async fn insert(&self, session: &NewSession) -> Result<Session, StoreError> {
        let session = session.clone();
        self.write("open the session", move |c, ctx| insert(c, ctx, &session))
            .await
    }

    async fn find(&self, token_id: &SessionTokenId) -> Result<Option<Session>, StoreError> {
        let token_id = token_id.clone();
        self.read("find the session", move |c, ctx| find(c, ctx, &token_id))
            .await
    }

    async fn active(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        self.read("list the sessions", move |c, ctx| {
            active(c, ctx, (user, now))
        })
        .await
    }

    async fn touch(&self, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
        self.write("keep the use of the session", move |c, _| touch(c, id, at))
            .await
    }

    async fn end(&self, id: SessionId) -> Result<(), StoreError> {
        self.write("end the session", move |c, _| end(c, id)).await
    }

    async fn end_all(&self, user: UserId) -> Result<usize, StoreError> {
        self.write("end the sessions", move |c, _| end_all(c, user, None))
            .await
    }

    async fn delete_expired(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.write("remove expired sessions", move |c, _| {
            delete_expired(c, now)
        })
        .await
    }
}
