//! Lists of instruments.

use crate::bridge::{Context, Database};
use crate::column::{Place, Text};
use crate::error::{Explain, Fault, met_a_row};
use crate::schema::{watchlist_items as items, watchlists as table};
use async_trait::async_trait;
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::account::{Watchlist, WatchlistItems};
use openalgo_core::id::{UserId, WatchlistId, WatchlistName};
use openalgo_core::market::InstrumentKey;
use openalgo_core::port::{StoreError, WatchlistRepository};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(Sqlite))]
struct ListRow {
    id: i64,
    user_id: i64,
    name: Text,
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = items, check_for_backend(Sqlite))]
struct ItemRow {
    id: i64,
    exchange: Text,
    symbol: Text,
}

impl ItemRow {
    fn into_instrument(self) -> Result<InstrumentKey, StoreError> {
        let place = Place {
            table: "watchlist_items",
            row: self.id,
        };
        place.instrument(&self.exchange, &self.symbol)
    }
}

impl ListRow {
    fn into_list(self, c: &mut SqliteConnection) -> Result<Watchlist, Fault> {
        let place = Place {
            table: "watchlists",
            row: self.id,
        };
        let instruments = items::table
            .filter(items::watchlist_id.eq(self.id))
            .order(items::position.asc())
            .select(ItemRow::as_select())
            .load(c)?
            .into_iter()
            .map(ItemRow::into_instrument)
            .collect::<Result<_, _>>()?;
        let items = WatchlistItems::try_new(instruments);
        Ok(Watchlist {
            id: WatchlistId::new(self.id),
            user: UserId::new(self.user_id),
            name: place.word("name", &self.name)?,
            items: items.map_err(|error| place.corrupt("id", error))?,
        })
    }
}

/// A place behind `last`, or the first one.
fn behind(last: Option<i64>) -> i64 {
    last.unwrap_or_default().saturating_add(1)
}

fn insert(
    c: &mut SqliteConnection,
    ctx: &Context,
    (user, name): (UserId, &WatchlistName),
) -> Result<Watchlist, Fault> {
    let now = ctx.clock.now().to_string();
    let last: Option<i64> = table::table
        .filter(table::user_id.eq(user.get()))
        .select(max(table::position))
        .get_result(c)?;
    let id: i64 = diesel::insert_into(table::table)
        .values((
            table::user_id.eq(user.get()),
            table::name.eq(name.as_str()),
            table::position.eq(behind(last)),
            table::created_at.eq(&now),
            table::updated_at.eq(&now),
        ))
        .returning(table::id)
        .get_result(c)
        .duplicate("watchlists.name", "watchlist", name)
        .dangling("user", user)?;
    Ok(Watchlist {
        id: WatchlistId::new(id),
        user,
        name: name.clone(),
        items: WatchlistItems::default(),
    })
}

fn list(c: &mut SqliteConnection, user: UserId) -> Result<Vec<Watchlist>, Fault> {
    let rows: Vec<ListRow> = table::table
        .filter(table::user_id.eq(user.get()))
        .order((table::position.asc(), table::id.asc()))
        .select(ListRow::as_select())
        .load(c)?;
    rows.into_iter().map(|row| row.into_list(c)).collect()
}

fn rename(
    c: &mut SqliteConnection,
    ctx: &Context,
    (id, name): (WatchlistId, &WatchlistName),
) -> Result<(), Fault> {
    let rows = diesel::update(table::table.find(id.get()))
        .set((
            table::name.eq(name.as_str()),
            table::updated_at.eq(ctx.clock.now().to_string()),
        ))
        .execute(c)
        .duplicate("watchlists.name", "watchlist", name)?;
    met_a_row(rows, "watchlist", id)
}

fn set_items(
    c: &mut SqliteConnection,
    ctx: &Context,
    (id, instruments): (WatchlistId, &WatchlistItems),
) -> Result<(), Fault> {
    let rows = diesel::update(table::table.find(id.get()))
        .set(table::updated_at.eq(ctx.clock.now().to_string()))
        .execute(c)?;
    met_a_row(rows, "watchlist", id)?;
    diesel::delete(items::table.filter(items::watchlist_id.eq(id.get()))).execute(c)?;
    for (position, instrument) in (1_i64..).zip(instruments.as_slice()) {
        diesel::insert_into(items::table)
            .values((
                items::watchlist_id.eq(id.get()),
                items::position.eq(position),
                items::exchange.eq(instrument.exchange.as_str()),
                items::symbol.eq(instrument.symbol.as_str()),
            ))
            .execute(c)?;
    }
    Ok(())
}

fn arrange(c: &mut SqliteConnection, user: UserId, first: &[WatchlistId]) -> Result<(), Fault> {
    let present: Vec<i64> = table::table
        .filter(table::user_id.eq(user.get()))
        .order((table::position.asc(), table::id.asc()))
        .select(table::id)
        .load(c)?;
    let mut order: Vec<i64> = Vec::new();
    for id in first {
        if !present.contains(&id.get()) {
            return Err(Fault::not_found("watchlist", id));
        }
        if !order.contains(&id.get()) {
            order.push(id.get());
        }
    }
    let (_, rest): (Vec<i64>, Vec<i64>) = present.into_iter().partition(|id| order.contains(id));
    order.extend(rest);
    for (position, id) in (1_i64..).zip(order) {
        diesel::update(table::table.find(id))
            .set(table::position.eq(position))
            .execute(c)?;
    }
    Ok(())
}

fn delete(c: &mut SqliteConnection, id: WatchlistId) -> Result<(), Fault> {
    let rows = diesel::delete(table::table.find(id.get())).execute(c)?;
    met_a_row(rows, "watchlist", id)
}

/// Reads every list; gives the first that makes no sense.
pub(crate) fn read_all(c: &mut SqliteConnection) -> Result<(), Fault> {
    let rows: Vec<ListRow> = table::table.select(ListRow::as_select()).load(c)?;
    rows.into_iter()
        .try_for_each(|row| row.into_list(c).map(drop))
}

#[async_trait]
impl WatchlistRepository for Database {
    async fn insert(&self, user: UserId, name: &WatchlistName) -> Result<Watchlist, StoreError> {
        let name = name.clone();
        self.write("make the watchlist", move |c, ctx| {
            insert(c, ctx, (user, &name))
        })
        .await
    }

    async fn list(&self, user: UserId) -> Result<Vec<Watchlist>, StoreError> {
        self.read("list the watchlists", move |c, _| list(c, user))
            .await
    }

    async fn rename(&self, id: WatchlistId, name: &WatchlistName) -> Result<(), StoreError> {
        let name = name.clone();
        self.write("rename the watchlist", move |c, ctx| {
            rename(c, ctx, (id, &name))
        })
        .await
    }

    async fn set_items(&self, id: WatchlistId, items: &WatchlistItems) -> Result<(), StoreError> {
        let items = items.clone();
        self.write("change the watchlist", move |c, ctx| {
            set_items(c, ctx, (id, &items))
        })
        .await
    }

    async fn arrange(&self, user: UserId, first: &[WatchlistId]) -> Result<(), StoreError> {
        let first = first.to_owned();
        self.write("arrange the watchlists", move |c, _| {
            arrange(c, user, &first)
        })
        .await
    }

    async fn delete(&self, id: WatchlistId) -> Result<(), StoreError> {
        self.write("remove the watchlist", move |c, _| delete(c, id))
            .await
    }
}
