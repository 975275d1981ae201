//! Users. The secret of the second factor is sealed under the user's name.

use crate::bridge::{Context, Database};
use crate::column::{Place, Text, Whole};
use crate::error::{Explain, Fault, met_a_row};
use crate::repo::sessions;
use crate::schema::users as table;
use crate::sealed::TOTP_SECRET;
use async_trait::async_trait;
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{self, Bool};
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::account::{NewUser, PasswordHash, User};
use openalgo_core::id::{BrokerName, SessionId, UserId, Username};
use openalgo_core::port::{Sealer, StoreError, UserRepository};
use secrecy::SecretString;

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(Sqlite))]
pub(crate) struct UserRow {
    id: i64,
    username: Text,
    email: Text,
    password_hash: Text,
    totp_secret: Option<Text>,
    is_admin: bool,
    created_at: Text,
    updated_at: Text,
    order_broker: Option<Text>,
    totp_step: Option<Whole>,
}

impl UserRow {
    fn into_user(self, by: &dyn Sealer) -> Result<User, Fault> {
        let place = Place {
            table: "users",
            row: self.id,
        };
        let username = place.text("username", &self.username)?;
        let totp_secret = place.optional_text("totp_secret", self.totp_secret.as_ref())?;
        let open = |sealed: &str| by.open(TOTP_SECRET.place(username), sealed);
        Ok(User {
            id: UserId::new(self.id),
            username: place.word("username", &self.username)?,
            email: place.word("email", &self.email)?,
            password_hash: PasswordHash::new(place.text("password_hash", &self.password_hash)?),
            totp_secret: totp_secret.as_deref().map(open).transpose()?,
            totp_step: self
                .totp_step
                .map(|step| place.counter("totp_step", step))
                .transpose()?,
            is_admin: self.is_admin,
            order_broker: place.optional("order_broker", self.order_broker.as_ref())?,
            created_at: place.instant("created_at", &self.created_at)?,
            updated_at: place.instant("updated_at", &self.updated_at)?,
        })
    }
}

fn insert(c: &mut SqliteConnection, ctx: &Context, user: &NewUser) -> Result<User, Fault> {
    let now = ctx.clock.now();
    if let Some(taken) = name_like(c, &user.username)? {
        let what = "user name";
        return Err(StoreError::Duplicate { what, id: taken }.into());
    }
    // Decided by the one writer: two who ask at once do not both become the owner.
    let is_admin = user.is_admin && !has_admin(c)?;
    let id: i64 = diesel::insert_into(table::table)
        .values((
            table::username.eq(user.username.as_str()),
            table::email.eq(user.email.as_str()),
            table::password_hash.eq(user.password_hash.as_str()),
            table::is_admin.eq(is_admin),
            table::created_at.eq(now.to_string()),
            table::updated_at.eq(now.to_string()),
        ))
        .returning(table::id)
        .get_result(c)
        .duplicate("users.email", "e-mail address", &user.email)?;
    Ok(User {
        id: UserId::new(id),
        username: user.username.clone(),
        email: user.email.clone(),
        password_hash: user.password_hash.clone(),
        totp_secret: None,
        totp_step: None,
        is_admin,
        order_broker: None,
        created_at: now,
        updated_at: now,
    })
}

/// The name that is taken and differs from this one in case at most: both are ASCII.
fn name_like(c: &mut SqliteConnection, name: &Username) -> Result<Option<String>, Fault> {
    let is_like = sql::<Bool>("username = ").bind::<sql_types::Text, _>(name.as_str());
    let taken = table::table
        .filter(is_like.sql(" COLLATE NOCASE"))
        .select(table::username);
    Ok(taken.get_result(c).optional()?)
}

fn has_admin(c: &mut SqliteConnection) -> Result<bool, Fault> {
    let admins = table::table.filter(table::is_admin.eq(true));
    Ok(diesel::select(exists(admins)).get_result(c)?)
}

fn find(
    c: &mut SqliteConnection,
    ctx: &Context,
    username: &Username,
) -> Result<Option<User>, Fault> {
    table::table
        .filter(table::username.eq(username.as_str()))
        .select(UserRow::as_select())
        .get_result(c)
        .optional()?
        .map(|row| row.into_user(ctx.sealer.as_ref()))
        .transpose()
}

fn get(c: &mut SqliteConnection, ctx: &Context, id: UserId) -> Result<User, Fault> {
    table::table
        .find(id.get())
        .select(UserRow::as_select())
        .get_result(c)
        .optional()?
        .ok_or_else(|| Fault::not_found("user", id))?
        .into_user(ctx.sealer.as_ref())
}

fn owner(c: &mut SqliteConnection, ctx: &Context) -> Result<Option<User>, Fault> {
    table::table
        .filter(table::is_admin.eq(true))
        .order(table::id.asc())
        .select(UserRow::as_select())
        .get_result(c)
        .optional()?
        .map(|row| row.into_user(ctx.sealer.as_ref()))
        .transpose()
}

fn list(c: &mut SqliteConnection, ctx: &Context) -> Result<Vec<User>, Fault> {
    table::table
        .order(table::id.asc())
        .select(UserRow::as_select())
        .load(c)?
        .into_iter()
        .map(|row| row.into_user(ctx.sealer.as_ref()))
        .collect()
}

fn set_password(
    c: &mut SqliteConnection,
    ctx: &Context,
    (id, hash, keep): (UserId, &PasswordHash, Option<SessionId>),
) -> Result<(), Fault> {
    let rows = diesel::update(table::table.find(id.get()))
        .set((
            table::password_hash.eq(hash.as_str()),
            table::updated_at.eq(ctx.clock.now().to_string()),
        ))
        .execute(c)?;
    met_a_row(rows, "user", id)?;
    sessions::end_all(c, id, keep)?;
    Ok(())
}

fn renew_password_hash(
    c: &mut SqliteConnection,
    ctx: &Context,
    (id, from, to): (UserId, &PasswordHash, &PasswordHash),
) -> Result<bool, Fault> {
    let unchanged = table::password_hash.eq(from.as_str());
    let rows = diesel::update(table::table.find(id.get()).filter(unchanged))
        .set((
            table::password_hash.eq(to.as_str()),
            table::updated_at.eq(ctx.clock.now().to_string()),
        ))
        .execute(c)?;
    Ok(rows > 0)
}

fn use_totp_step(c: &mut SqliteConnection, id: UserId, step: u64) -> Result<bool, Fault> {
    let step = Whole::from(step);
    let unused = table::totp_step.is_null().or(table::totp_step.lt(step));
    let rows = diesel::update(table::table.find(id.get()).filter(unused))
        .set(table::totp_step.eq(step))
        .execute(c)?;
    Ok(rows > 0)
}

fn enrol_totp(
    c: &mut SqliteConnection,
    ctx: &Context,
    (id, secret, step): (UserId, &SecretString, u64),
) -> Result<bool, Fault> {
    let username: String = table::table
        .find(id.get())
        .select(table::username)
        .get_result(c)
        .optional()?
        .ok_or_else(|| Fault::not_found("user", id))?;
    let sealed = ctx.sealer.seal(TOTP_SECRET.place(&username), secret)?;
    let without = table::table
        .find(id.get())
        .filter(table::totp_secret.is_null());
    let rows = diesel::update(without)
        .set((
            table::totp_secret.eq(sealed),
            table::totp_step.eq(Whole::from(step)),
            table::updated_at.eq(ctx.clock.now().to_string()),
        ))
        .execute(c)?;
    Ok(rows > 0)
}

fn remove_totp(c: &mut SqliteConnection, ctx: &Context, id: UserId) -> Result<(), Fault> {
    let rows = diesel::update(table::table.find(id.get()))
        .set((
            table::totp_secret.eq(None::<String>),
            table::totp_step.eq(None::<Whole>),
            table::updated_at.eq(ctx.clock.now().to_string()),
        ))
        .execute(c)?;
    met_a_row(rows, "user", id)
}

fn set_order_broker(
    c: &mut SqliteConnection,
    ctx: &Context,
    (id, broker): (UserId, Option<&BrokerName>),
) -> Result<(), Fault> {
    let rows = diesel::update(table::table.find(id.get()))
        .set((
            table::order_broker.eq(broker.map(BrokerName::as_str)),
            table::updated_at.eq(ctx.clock.now().to_string()),
        ))
        .execute(c)?;
    met_a_row(rows, "user", id)
}

/// Reads every row, its sealed fields by `sealer`; gives the first that cannot be.
pub(crate) fn read_all(c: &mut SqliteConnection, sealer: &dyn Sealer) -> Result<(), Fault> {
    let rows = table::table
        .order(table::id.asc())
        .select(UserRow::as_select());
    for row in rows.load_iter::<UserRow, _>(c)? {
        row?.into_user(sealer)?;
    }
    Ok(())
}

#[async_trait]
impl UserRepository for Database {
    async fn insert(&self, user: &NewUser) -> Result<User, StoreError> {
        let user = user.clone();
        self.write("add the user", move |c, ctx| insert(c, ctx, &user))
            .await
    }

    async fn find(&self, username: &Username) -> Result<Option<User>, StoreError> {
        let username = username.clone();
        self.read("find the user", move |c, ctx| find(c, ctx, &username))
            .await
    }

    async fn get(&self, id: UserId) -> Result<User, StoreError> {
        self.read("read the user", move |c, ctx| get(c, ctx, id))
            .await
    }

    async fn owner(&self) -> Result<Option<User>, StoreError> {
        self.read("find the owner", owner).await
    }

    async fn list(&self) -> Result<Vec<User>, StoreError> {
        self.read("list the users", list).await
    }

    async fn set_password(
        &self,
        id: UserId,
        hash: &PasswordHash,
        keep: Option<SessionId>,
    ) -> Result<(), StoreError> {
        let hash = hash.clone();
        self.write("change the password", move |c, ctx| {
            set_password(c, ctx, (id, &hash, keep))
        })
        .await
    }

    async fn renew_password_hash(
        &self,
        id: UserId,
        from: &PasswordHash,
        to: &PasswordHash,
    ) -> Result<bool, StoreError> {
        let (from, to) = (from.clone(), to.clone());
        self.write("renew the hash of the password", move |c, ctx| {
            renew_password_hash(c, ctx, (id, &from, &to))
        })
        .await
    }

    async fn use_totp_step(&self, id: UserId, step: u64) -> Result<bool, StoreError> {
        self.write("mark the one-time code as used", move |c, _| {
            use_totp_step(c, id, step)
        })
        .await
    }

    async fn enrol_totp(
        &self,
        id: UserId,
        secret: &SecretString,
        step: u64,
    ) -> Result<bool, StoreError> {
        let secret = secret.clone();
        self.write("enrol the second factor", move |c, ctx| {
            enrol_totp(c, ctx, (id, &secret, step))
        })
        .await
    }

    async fn remove_totp(&self, id: UserId) -> Result<(), StoreError> {
        self.write("remove the second factor", move |c, ctx| {
            remove_totp(c, ctx, id)
        })
        .await
    }

    async fn set_order_broker<'a>(
        &self,
        id: UserId,
        broker: Option<&'a BrokerName>,
    ) -> Result<(), StoreError> {
        let broker = broker.cloned();
        self.write("choose the order broker", move |c, ctx| {
            set_order_broker(c, ctx, (id, broker.as_ref()))
        })
        .await
    }
}
