//! Telegram bots. Their tokens are sealed under the user's number.

use crate::bridge::{Context, Database};
use crate::column::{Place, Text};
use crate::error::{Explain, Fault};
use crate::schema::telegram_config as table;
use crate::sealed::BOT_TOKEN;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::account::TelegramConfig;
use openalgo_core::id::UserId;
use openalgo_core::port::{Sealer, StoreError, TelegramRepository};

/// What is configured, apart from its times of creation and change.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = table,
    check_for_backend(Sqlite),
    treat_none_as_default_value = false,
    treat_none_as_null = true
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each flag is one column of the user's design"
)]
pub(crate) struct TelegramRow {
    user_id: i64,
    chat_id: Option<Text>,
    bot_token: Option<Text>,
    is_active: bool,
    send_order_updates: bool,
    send_position_updates: bool,
    send_daily_summary: bool,
}

impl TelegramRow {
    fn of(ctx: &Context, config: &TelegramConfig) -> Result<Self, Fault> {
        let user = config.user.to_string();
        let token = config.bot_token.as_ref();
        let sealed = token
            .map(|token| ctx.sealer.seal(BOT_TOKEN.place(&user), token))
            .transpose()?;
        Ok(Self {
            user_id: config.user.get(),
            chat_id: config.chat_id.clone().map(Text::from),
            bot_token: sealed.map(Text::from),
            is_active: config.is_active,
            send_order_updates: config.send_order_updates,
            send_position_updates: config.send_position_updates,
            send_daily_summary: config.send_daily_summary,
        })
    }

    fn into_config(self, id: i64, by: &dyn Sealer) -> Result<TelegramConfig, Fault> {
        let place = Place {
            table: "telegram_config",
            row: id,
        };
        let user = self.user_id.to_string();
        let sealed = place.optional_text("bot_token", self.bot_token.as_ref())?;
        let open = |sealed: String| by.open(BOT_TOKEN.place(&user), &sealed);
        Ok(TelegramConfig {
            user: UserId::new(self.user_id),
            chat_id: place.optional_text("chat_id", self.chat_id.as_ref())?,
            bot_token: sealed.map(open).transpose()?,
            is_active: self.is_active,
            send_order_updates: self.send_order_updates,
            send_position_updates: self.send_position_updates,
            send_daily_summary: self.send_daily_summary,
        })
    }
}

fn upsert(c: &mut SqliteConnection, ctx: &Context, config: &TelegramConfig) -> Result<(), Fault> {
    let row = TelegramRow::of(ctx, config)?;
    let now = ctx.clock.now().to_string();
    diesel::insert_into(table::table)
        .values((
            row.clone(),
            table::created_at.eq(&now),
            table::updated_at.eq(&now),
        ))
        .on_conflict(table::user_id)
        .do_update()
        .set((row, table::updated_at.eq(&now)))
        .execute(c)
        .dangling("user", config.user)?;
    Ok(())
}

fn find(
    c: &mut SqliteConnection,
    ctx: &Context,
    user: UserId,
) -> Result<Option<TelegramConfig>, Fault> {
    table::table
        .filter(table::user_id.eq(user.get()))
        .select((table::id, TelegramRow::as_select()))
        .get_result::<(i64, TelegramRow)>(c)
        .optional()?
        .map(|(id, row)| row.into_config(id, ctx.sealer.as_ref()))
        .transpose()
}

/// Reads every row, its sealed fields by `sealer`; gives the first that cannot be.
pub(crate) fn read_all(c: &mut SqliteConnection, sealer: &dyn Sealer) -> Result<(), Fault> {
    let rows = table::table
        .order(table::id.asc())
        .select((table::id, TelegramRow::as_select()));
    for row in rows.load_iter::<(i64, TelegramRow), _>(c)? {
        let (id, row) = row?;
        row.into_config(id, sealer)?;
    }
    Ok(())
}

#[async_trait]
impl TelegramRepository for Database {
    async fn upsert(&self, config: &TelegramConfig) -> Result<(), StoreError> {
        let config = config.clone();
        self.write("keep the Telegram bot", move |c, ctx| {
            upsert(c, ctx, &config)
        })
        .await
    }

    async fn find(&self, user: UserId) -> Result<Option<TelegramConfig>, StoreError> {
        self.read("find the Telegram bot", move |c, ctx| find(c, ctx, user))
            .await
    }
}
