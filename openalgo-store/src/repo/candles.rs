//! Candles that are kept.

use crate::bridge::Database;
use crate::column::{Place, Real, Text, Whole};
use crate::error::Fault;
use crate::schema::candles as table;
use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::market::{Candle, CandleSeries, InstrumentKey, Span, StoredSeries, Timestamp};
use openalgo_core::port::{CandleRepository, StoreError};

/// A row without its number.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, check_for_backend(Sqlite), treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false)]
pub(crate) struct CandleRow {
    exchange: Text,
    symbol: Text,
    interval: Text,
    timestamp: Whole,
    open: Real,
    high: Real,
    low: Real,
    close: Real,
    volume: Whole,
    oi: Option<Whole>,
}

impl CandleRow {
    fn of(series: &CandleSeries, candle: &Candle) -> Self {
        let InstrumentKey { exchange, symbol } = &series.instrument;
        Self {
            exchange: exchange.to_string().into(),
            symbol: symbol.to_string().into(),
            interval: series.interval.to_string().into(),
            timestamp: candle.timestamp.to_seconds().into(),
            open: candle.open.into(),
            high: candle.high.into(),
            low: candle.low.into(),
            close: candle.close.into(),
            volume: candle.volume.into(),
            oi: candle.oi.map(Whole::from),
        }
    }
}

fn place(row: i64) -> Place {
    Place {
        table: "candles",
        row,
    }
}

fn instant(place: Place, cell: Whole) -> Result<Timestamp, StoreError> {
    let seconds = place.whole("timestamp", cell)?;
    let micros = seconds.checked_mul(1_000_000);
    let instant = micros.and_then(Timestamp::from_micros);
    instant.ok_or_else(|| place.corrupt("timestamp", "it is no time"))
}

fn read_row((id, row): (i64, CandleRow)) -> Result<(CandleSeries, Candle), StoreError> {
    let place = place(id);
    let series = CandleSeries {
        instrument: place.instrument(&row.exchange, &row.symbol)?,
        interval: place.word("interval", &row.interval)?,
    };
    let candle = Candle {
        timestamp: instant(place, row.timestamp)?,
        open: place.price("open", row.open)?,
        high: place.price("high", row.high)?,
        low: place.price("low", row.low)?,
        close: place.price("close", row.close)?,
        volume: place.whole("volume", row.volume)?,
        oi: place.optional_whole("oi", row.oi)?,
    };
    Ok((series, candle))
}

fn save(c: &mut SqliteConnection, series: &CandleSeries, candles: &[Candle]) -> Result<(), Fault> {
    for candle in candles {
        let row = CandleRow::of(series, candle);
        diesel::insert_into(table::table)
            .values(&row)
            .on_conflict((
                table::symbol,
                table::exchange,
                table::interval,
                table::timestamp,
            ))
            .do_update()
            .set(&row)
            .execute(c)?;
    }
    Ok(())
}

/// Seconds from which on a candle begins at an instant or later.
fn first_second(at: Timestamp) -> i64 {
    let second = at.to_micros().div_euclid(1_000_000);
    let is_whole = at.to_micros().rem_euclid(1_000_000) == 0;
    if is_whole {
        second
    } else {
        second.saturating_add(1)
    }
}

fn read(c: &mut SqliteConnection, series: &CandleSeries, span: Span) -> Result<Vec<Candle>, Fault> {
    let InstrumentKey { exchange, symbol } = &series.instrument;
    let rows = table::table
        .filter(table::symbol.eq(symbol.as_str()))
        .filter(table::exchange.eq(exchange.as_str()))
        .filter(table::interval.eq(series.interval.as_str()))
        .filter(table::timestamp.ge(first_second(span.from)))
        .filter(table::timestamp.lt(first_second(span.until)))
        .order(table::timestamp.asc())
        .select((table::id, CandleRow::as_select()));
    let rows = rows.load::<(i64, CandleRow)>(c)?.into_iter();
    let candles = rows.map(|row| read_row(row).map(|(_, candle)| candle));
    Ok(candles.collect::<Result<_, _>>()?)
}

/// Exchange, symbol, length, a row's number, the first and the last time and how many there are.
type Group = (Text, Text, Text, i64, Whole, Whole, Whole);

fn group(
    (exchange, symbol, interval, id, first, last, count): Group,
) -> Result<StoredSeries, StoreError> {
    let place = place(id);
    Ok(StoredSeries {
        series: CandleSeries {
            instrument: place.instrument(&exchange, &symbol)?,
            interval: place.word("interval", &interval)?,
        },
        first: instant(place, first)?,
        last: instant(place, last)?,
        count: place.counter("timestamp", count)?,
    })
}

fn catalogue(
    c: &mut SqliteConnection,
    only: Option<&CandleSeries>,
) -> Result<Vec<StoredSeries>, Fault> {
    let mut rows = table::table
        .group_by((table::symbol, table::exchange, table::interval))
        .select((
            table::exchange,
            table::symbol,
            table::interval,
            sql::<BigInt>("min(id)"),
            sql::<BigInt>("min(timestamp)"),
            sql::<BigInt>("max(timestamp)"),
            sql::<BigInt>("count(*)"),
        ))
        .order((
            table::symbol.asc(),
            table::exchange.asc(),
            table::interval.asc(),
        ))
        .into_boxed();
    if let Some(series) = only {
        let InstrumentKey { exchange, symbol } = &series.instrument;
        rows = rows
            .filter(table::symbol.eq(symbol.as_str()))
            .filter(table::exchange.eq(exchange.as_str()))
            .filter(table::interval.eq(series.interval.as_str()));
    }
    let groups = rows.load::<Group>(c)?.into_iter().map(group);
    Ok(groups.collect::<Result<_, _>>()?)
}

fn delete(c: &mut SqliteConnection, series: &CandleSeries) -> Result<u64, Fault> {
    let InstrumentKey { exchange, symbol } = &series.instrument;
    let rows = table::table
        .filter(table::symbol.eq(symbol.as_str()))
        .filter(table::exchange.eq(exchange.as_str()))
        .filter(table::interval.eq(series.interval.as_str()));
    let count = diesel::delete(rows).execute(c)?;
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Reads every row; gives the first that cannot be.
pub(crate) fn read_all(c: &mut SqliteConnection) -> Result<(), Fault> {
    let rows = table::table
        .order(table::id.asc())
        .select((table::id, CandleRow::as_select()));
    for row in rows.load_iter::<(i64, CandleRow), _>(c)? {
        read_row(row?)?;
    }
    Ok(())
}

#[async_trait]
impl CandleRepository for Database {
    async fn save(&self, series: &CandleSeries, candles: &[Candle]) -> Result<(), StoreError> {
        let (series, candles) = (series.clone(), candles.to_vec());
        self.write("keep candles", move |c, _| save(c, &series, &candles))
            .await
    }

    async fn read(&self, series: &CandleSeries, span: Span) -> Result<Vec<Candle>, StoreError> {
        let series = series.clone();
        self.read("read candles", move |c, _| read(c, &series, span))
            .await
    }

    async fn find(&self, series: &CandleSeries) -> Result<Option<StoredSeries>, StoreError> {
        let series = series.clone();
        let found = self.read("look candles up", move |c, _| catalogue(c, Some(&series)));
        Ok(found.await?.pop())
    }

    async fn catalogue(&self) -> Result<Vec<StoredSeries>, StoreError> {
        self.read("list candles", |c, _| catalogue(c, None)).await
    }

    async fn delete(&self, series: &CandleSeries) -> Result<u64, StoreError> {
        let series = series.clone();
        self.write("take candles away", move |c, _| delete(c, &series))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan_of;
    use openalgo_core::market::Interval;

    #[test]
    fn a_span_is_read_from_the_index() {
        let symbol = "INFY".parse().unwrap();
        let series = CandleSeries {
            instrument: InstrumentKey::new(openalgo_core::market::Exchange::Nse, symbol),
            interval: Interval::Minute1,
        };
        let at = Timestamp::from_micros(0).unwrap();
        let span = Span {
            from: at,
            until: at,
        };
        let plan = plan_of(|c| read(c, &series, span));
        assert!(
            plan.contains("SEARCH") && !plan.contains("TEMP B-TREE"),
            "{plan}"
        );
    }
}
