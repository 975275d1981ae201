//! What bots keep.

use crate::bridge::{Context, Database};
use crate::column::{Place, Text};
use crate::error::{Explain, Fault};
use crate::schema::bot_state as table;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::BotName;
use openalgo_core::port::{BotStateRepository, StoreError};
use openalgo_core::strategy::{BotChanges, BotKey, BotState};

const fn place(row: i64) -> Place {
    let table = "bot_state";
    Place { table, row }
}

/// The rows of a bot, which is named by a table's columns.
macro_rules! of_bot {
    ($bot:expr) => {
        table::table
            .filter(table::user_id.eq($bot.user.get()))
            .filter(table::bot.eq($bot.bot.as_str()))
    };
}

fn read_pair((id, key, value): (i64, Text, Text)) -> Result<(String, String), StoreError> {
    let place = place(id);
    let key = place.text("key", &key)?;
    Ok((key.to_owned(), place.text("value", &value)?.to_owned()))
}

fn read(c: &mut SqliteConnection, bot: &BotKey) -> Result<BotState, Fault> {
    let rows = of_bot!(bot).select((table::id, table::key, table::value));
    let rows = rows.load::<(i64, Text, Text)>(c)?.into_iter();
    Ok(rows.map(read_pair).collect::<Result<_, _>>()?)
}

fn save(
    c: &mut SqliteConnection,
    ctx: &Context,
    (bot, changes): (&BotKey, &BotChanges),
) -> Result<(), Fault> {
    let now = ctx.clock.now().to_string();
    for (key, change) in changes {
        let Some(value) = change else {
            diesel::delete(of_bot!(bot).filter(table::key.eq(key))).execute(c)?;
            continue;
        };
        let kept = (table::value.eq(value), table::updated_at.eq(&now));
        let row = (
            table::user_id.eq(bot.user.get()),
            table::bot.eq(bot.bot.as_str()),
            table::key.eq(key),
        );
        diesel::insert_into(table::table)
            .values((row, kept))
            .on_conflict((table::user_id, table::bot, table::key))
            .do_update()
            .set(kept)
            .execute(c)
            .dangling("user", bot.user)?;
    }
    Ok(())
}

fn forget(c: &mut SqliteConnection, bot: &BotKey) -> Result<u64, Fault> {
    let count = diesel::delete(of_bot!(bot)).execute(c)?;
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Reads every row; gives the first that cannot be.
pub(crate) fn read_all(c: &mut SqliteConnection) -> Result<(), Fault> {
    type Row = (i64, Text, Text, Text, Text);
    let columns = (
        table::id,
        table::bot,
        table::key,
        table::value,
        table::updated_at,
    );
    let rows = table::table.order(table::id.asc()).select(columns);
    for row in rows.load_iter::<Row, _>(c)? {
        let (id, bot, key, value, updated_at) = row?;
        place(id).word::<BotName>("bot", &bot)?;
        place(id).instant("updated_at", &updated_at)?;
        read_pair((id, key, value))?;
    }
    Ok(())
}

#[async_trait]
impl BotStateRepository for Database {
    async fn read(&self, bot: &BotKey) -> Result<BotState, StoreError> {
        let bot = bot.clone();
        self.read("read what a bot keeps", move |c, _| read(c, &bot))
            .await
    }

    async fn save(&self, bot: &BotKey, changes: &BotChanges) -> Result<(), StoreError> {
        let (bot, changes) = (bot.clone(), changes.clone());
        self.write("keep what a bot needs", move |c, ctx| {
            save(c, ctx, (&bot, &changes))
        })
        .await
    }

    async fn forget(&self, bot: &BotKey) -> Result<u64, StoreError> {
        let bot = bot.clone();
        self.write("forget a bot", move |c, _| forget(c, &bot))
            .await
    }
}
