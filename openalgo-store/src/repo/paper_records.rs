//! What an account of the paper exchange keeps beside orders, positions and money.

use crate::error::Fault;
use crate::row::daily_pnl::DailyPnlRow;
use crate::row::paper_movement::MovementRow;
use crate::row::paper_reservation::ReservationRow;
use crate::schema::{
    daily_pnl as days, holdings, paper_movements as table, paper_reservations as reservations,
    positions,
};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::paper::{DailyPnl, LedgerEntry, Movement, PaperAccountKey, Reservation};

/// Keeps what moved in an entry, and the day that has ended with it.
pub(crate) fn keep(c: &mut SqliteConnection, entry: &LedgerEntry) -> Result<(), Fault> {
    let key = &entry.key;
    for movement in &entry.movements {
        diesel::insert_into(table::table)
            .values(MovementRow::of(key, movement))
            .execute(c)?;
    }
    if let Some(day) = &entry.daily {
        let row = DailyPnlRow::of(key, day);
        diesel::insert_into(days::table)
            .values(&row)
            .on_conflict((days::user_id, days::broker_name, days::date))
            .do_update()
            .set(&row)
            .execute(c)?;
    }
    Ok(())
}

/// Keeps what an entry reserves for orders that wait for a price, and forgets what it reserves no
/// more.
pub(crate) fn keep_reservations(
    c: &mut SqliteConnection,
    entry: &LedgerEntry,
) -> Result<(), Fault> {
    for reservation in &entry.reservations {
        if reservation.margin.is_zero() {
            let gone = reservations::table
                .filter(reservations::user_id.eq(entry.key.user.get()))
                .filter(reservations::broker_name.eq(entry.key.broker.as_str()))
                .filter(reservations::trigger_id.eq(reservation.gtt.as_str()));
            diesel::delete(gone).execute(c)?;
            continue;
        }
        let row = ReservationRow::of(&entry.key, reservation);
        diesel::insert_into(reservations::table)
            .values(&row)
            .on_conflict((
                reservations::user_id,
                reservations::broker_name,
                reservations::trigger_id,
            ))
            .do_update()
            .set(&row)
            .execute(c)?;
    }
    Ok(())
}

/// What an account reserves for orders that wait for a price.
pub(crate) fn reservations(
    c: &mut SqliteConnection,
    key: &PaperAccountKey,
) -> Result<Vec<Reservation>, Fault> {
    let rows: Vec<(i64, ReservationRow)> = reservations::table
        .filter(reservations::user_id.eq(key.user.get()))
        .filter(reservations::broker_name.eq(key.broker.as_str()))
        .order(reservations::id.asc())
        .select((reservations::id, ReservationRow::as_select()))
        .load(c)?;
    let reserved = rows
        .into_iter()
        .map(|(id, row)| row.into_reservation(id))
        .collect::<Result<_, _>>()?;
    Ok(reserved)
}

/// Takes the positions, holdings and reservations of an account away.
pub(crate) fn clear(c: &mut SqliteConnection, key: &PaperAccountKey) -> Result<(), Fault> {
    let of_account = positions::table
        .filter(positions::user_id.eq(key.user.get()))
        .filter(positions::broker_name.eq(key.broker.as_str()));
    diesel::delete(of_account).execute(c)?;
    let of_account = holdings::table
        .filter(holdings::user_id.eq(key.user.get()))
        .filter(holdings::broker_name.eq(key.broker.as_str()));
    diesel::delete(of_account).execute(c)?;
    let of_account = reservations::table
        .filter(reservations::user_id.eq(key.user.get()))
        .filter(reservations::broker_name.eq(key.broker.as_str()));
    diesel::delete(of_account).execute(c)?;
    Ok(())
}

/// The movements of an account, the newest first.
pub(crate) fn movements(
    c: &mut SqliteConnection,
    key: &PaperAccountKey,
    limit: u32,
) -> Result<Vec<Movement>, Fault> {
    let rows: Vec<(i64, MovementRow)> = table::table
        .filter(table::user_id.eq(key.user.get()))
        .filter(table::broker_name.eq(key.broker.as_str()))
        .order(table::id.desc())
        .limit(limit.into())
        .select((table::id, MovementRow::as_select()))
        .load(c)?;
    let movements = rows
        .into_iter()
        .map(|(id, row)| Ok(row.into_movement(id)?.1))
        .collect::<Result<_, Fault>>()?;
    Ok(movements)
}

/// The days of an account, the newest first.
pub(crate) fn daily(
    c: &mut SqliteConnection,
    key: &PaperAccountKey,
    limit: u32,
) -> Result<Vec<DailyPnl>, Fault> {
    let rows: Vec<(i64, DailyPnlRow)> = days::table
        .filter(days::user_id.eq(key.user.get()))
        .filter(days::broker_name.eq(key.broker.as_str()))
        .order(days::date.desc())
        .limit(limit.into())
        .select((days::id, DailyPnlRow::as_select()))
        .load(c)?;
    let days = rows
        .into_iter()
        .map(|(id, row)| row.into_day(id))
        .collect::<Result<_, _>>()?;
    Ok(days)
}
