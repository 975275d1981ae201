//! Logins at brokers. Credentials and tokens are sealed under the user's number and the broker's
//! name.

use crate::bridge::{Context, Database};
use crate::column::{Place, Text};
use crate::error::{Explain, Fault, met_a_row};
use crate::schema::broker_connections as table;
use crate::sealed::{
    BROKER_API_KEY, BROKER_API_SECRET, BROKER_AUTH_TOKEN, BROKER_FEED_TOKEN, BROKER_REFRESH_TOKEN,
    SealedColumn,
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::account::{BrokerConnection, BrokerCredentials, BrokerTokens};
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::port::{BrokerConnectionRepository, Sealer, StoreError};
use secrecy::SecretString;

/// What a login is made of, apart from its times of creation and change.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = table,
    check_for_backend(Sqlite),
    treat_none_as_default_value = false,
    treat_none_as_null = true
)]
pub(crate) struct ConnectionRow {
    user_id: i64,
    broker_name: Text,
    client_id: Option<Text>,
    auth_token: Option<Text>,
    refresh_token: Option<Text>,
    feed_token: Option<Text>,
    user_broker_id: Option<Text>,
    is_revoked: bool,
    expires_at: Option<Text>,
    api_key: Option<Text>,
    api_secret: Option<Text>,
}

/// The row key of the sealed fields; the name of a broker holds no colon.
fn row_key(user: i64, broker: &str) -> String {
    format!("{user}:{broker}")
}

impl ConnectionRow {
    fn of(ctx: &Context, connection: &BrokerConnection) -> Result<Self, Fault> {
        let BrokerConnection {
            user,
            broker,
            credentials,
            tokens,
            ..
        } = connection;
        let key = row_key(user.get(), broker.as_str());
        let seal = |column: SealedColumn, secret: &Option<SecretString>| {
            let sealed = secret
                .as_ref()
                .map(|it| ctx.sealer.seal(column.place(&key), it))
                .transpose()?;
            Ok::<_, Fault>(sealed.map(Text::from))
        };
        Ok(Self {
            user_id: user.get(),
            broker_name: broker.to_string().into(),
            client_id: connection.client_id.clone().map(Text::from),
            auth_token: seal(BROKER_AUTH_TOKEN, &tokens.auth)?,
            refresh_token: seal(BROKER_REFRESH_TOKEN, &tokens.refresh)?,
            feed_token: seal(BROKER_FEED_TOKEN, &tokens.feed)?,
            user_broker_id: connection.user_broker_id.clone().map(Text::from),
            is_revoked: connection.is_revoked,
            expires_at: connection.expires_at.map(|at| at.to_string().into()),
            api_key: seal(BROKER_API_KEY, &credentials.api_key)?,
            api_secret: seal(BROKER_API_SECRET, &credentials.api_secret)?,
        })
    }

    fn into_connection(self, id: i64, by: &dyn Sealer) -> Result<BrokerConnection, Fault> {
        let place = Place {
            table: "broker_connections",
            row: id,
        };
        let broker = place.broker(&self.broker_name)?;
        let key = row_key(self.user_id, broker.as_str());
        let open = |column: SealedColumn, cell: Option<&Text>| {
            let sealed = place.optional_text(column.name(), cell)?;
            let open = |sealed: String| by.open(column.place(&key), &sealed);
            Ok::<_, Fault>(sealed.map(open).transpose()?)
        };
        Ok(BrokerConnection {
            user: UserId::new(self.user_id),
            client_id: place.optional_text("client_id", self.client_id.as_ref())?,
            user_broker_id: place.optional_text("user_broker_id", self.user_broker_id.as_ref())?,
            credentials: BrokerCredentials {
                api_key: open(BROKER_API_KEY, self.api_key.as_ref())?,
                api_secret: open(BROKER_API_SECRET, self.api_secret.as_ref())?,
            },
            tokens: BrokerTokens {
                auth: open(BROKER_AUTH_TOKEN, self.auth_token.as_ref())?,
                refresh: open(BROKER_REFRESH_TOKEN, self.refresh_token.as_ref())?,
                feed: open(BROKER_FEED_TOKEN, self.feed_token.as_ref())?,
            },
            is_revoked: self.is_revoked,
            expires_at: place.optional_instant("expires_at", self.expires_at.as_ref())?,
            broker,
        })
    }
}

fn upsert(
    c: &mut SqliteConnection,
    ctx: &Context,
    connection: &BrokerConnection,
) -> Result<(), Fault> {
    let row = ConnectionRow::of(ctx, connection)?;
    let now = ctx.clock.now().to_string();
    diesel::insert_into(table::table)
        .values((
            row.clone(),
            table::created_at.eq(&now),
            table::updated_at.eq(&now),
        ))
        .on_conflict((table::user_id, table::broker_name))
        .do_update()
        .set((row, table::updated_at.eq(&now)))
        .execute(c)
        .dangling("user", connection.user)?;
    Ok(())
}

fn find(
    c: &mut SqliteConnection,
    ctx: &Context,
    (user, broker): (UserId, &BrokerName),
) -> Result<Option<BrokerConnection>, Fault> {
    table::table
        .filter(table::user_id.eq(user.get()))
        .filter(table::broker_name.eq(broker.as_str()))
        .select((table::id, ConnectionRow::as_select()))
        .get_result::<(i64, ConnectionRow)>(c)
        .optional()?
        .map(|(id, row)| row.into_connection(id, ctx.sealer.as_ref()))
        .transpose()
}

fn list(
    c: &mut SqliteConnection,
    ctx: &Context,
    user: UserId,
) -> Result<Vec<BrokerConnection>, Fault> {
    table::table
        .filter(table::user_id.eq(user.get()))
        .order(table::broker_name.asc())
        .select((table::id, ConnectionRow::as_select()))
        .load::<(i64, ConnectionRow)>(c)?
        .into_iter()
        .map(|(id, row)| row.into_connection(id, ctx.sealer.as_ref()))
        .collect()
}

fn revoke(
    c: &mut SqliteConnection,
    ctx: &Context,
    (user, broker): (UserId, &BrokerName),
) -> Result<(), Fault> {
    let nothing = None::<Text>;
    let login = table::table
        .filter(table::user_id.eq(user.get()))
        .filter(table::broker_name.eq(broker.as_str()));
    let rows = diesel::update(login)
        .set((
            table::is_revoked.eq(true),
            table::auth_token.eq(&nothing),
            table::refresh_token.eq(&nothing),
            table::feed_token.eq(&nothing),
            table::updated_at.eq(ctx.clock.now().to_string()),
        ))
        .execute(c)?;
    met_a_row(rows, "login of this user at", broker)
}

fn delete(c: &mut SqliteConnection, user: UserId, broker: &BrokerName) -> Result<(), Fault> {
    let login = table::table
        .filter(table::user_id.eq(user.get()))
        .filter(table::broker_name.eq(broker.as_str()));
    let rows = diesel::delete(login).execute(c)?;
    met_a_row(rows, "login of this user at", broker)
}

/// Reads every row, its sealed fields by `sealer`; gives the first that cannot be.
pub(crate) fn read_all(c: &mut SqliteConnection, sealer: &dyn Sealer) -> Result<(), Fault> {
    let rows = table::table
        .order(table::id.asc())
        .select((table::id, ConnectionRow::as_select()));
    for row in rows.load_iter::<(i64, ConnectionRow), _>(c)? {
        let (id, row) = row?;
        row.into_connection(id, sealer)?;
    }
    Ok(())
}

#[async_trait]
impl BrokerConnectionRepository for Database {
    async fn upsert(&self, connection: &BrokerConnection) -> Result<(), StoreError> {
        let connection = connection.clone();
        self.write("keep the login at the broker", move |c, ctx| {
            upsert(c, ctx, &connection)
        })
        .await
    }

    async fn find(
        &self,
        user: UserId,
        broker: &BrokerName,
    ) -> Result<Option<BrokerConnection>, StoreError> {
        let broker = broker.clone();
        self.read("find the login at the broker", move |c, ctx| {
            find(c, ctx, (user, &broker))
        })
        .await
    }

    async fn list(&self, user: UserId) -> Result<Vec<BrokerConnection>, StoreError> {
        self.read("list the logins at brokers", move |c, ctx| {
            list(c, ctx, user)
        })
        .await
    }

    async fn revoke(&self, user: UserId, broker: &BrokerName) -> Result<(), StoreError> {
        let broker = broker.clone();
        self.write("withdraw the login at the broker", move |c, ctx| {
            revoke(c, ctx, (user, &broker))
        })
        .await
    }

    async fn delete(&self, user: UserId, broker: &BrokerName) -> Result<(), StoreError> {
        let broker = broker.clone();
        self.write("remove the login at the broker", move |c, _| {
            delete(c, user, &broker)
        })
        .await
    }
}
