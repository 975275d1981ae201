//! Lists of instruments of brokers.

use crate::bridge::Database;
use crate::column::{Place, Text, Whole};
use crate::error::Fault;
use crate::journal::{from_hex, to_hex};
use crate::schema::master_contracts as table;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::id::BrokerName;
use openalgo_core::market::{FileMark, MasterContract};
use openalgo_core::port::{MasterContractRepository, StoreError};

/// How many lists of a broker are kept.
const KEPT: i64 = 2;

/// A row without its number.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(Sqlite))]
struct ContractRow {
    broker_name: Text,
    date: Text,
    instruments: Whole,
    refused: Whole,
    taken_from: Text,
    taken_at: Text,
    file_key: Text,
    file_hmac: Text,
}

impl ContractRow {
    fn of(contract: &MasterContract) -> Self {
        Self {
            broker_name: contract.broker.to_string().into(),
            date: contract.date.to_string().into(),
            instruments: contract.instruments.into(),
            refused: contract.refused.into(),
            taken_from: contract.taken_from.to_string().into(),
            taken_at: contract.taken_at.to_string().into(),
            file_key: to_hex(&contract.mark.key).into(),
            file_hmac: to_hex(&contract.mark.code).into(),
        }
    }
}

fn read((id, row): (i64, ContractRow)) -> Result<MasterContract, StoreError> {
    let place = Place {
        table: "master_contracts",
        row: id,
    };
    let bytes = |column, cell: &Text| {
        let bytes = from_hex(place.text(column, cell)?);
        bytes.ok_or_else(|| place.corrupt(column, "it is no 64 hex digits"))
    };
    Ok(MasterContract {
        broker: place.broker(&row.broker_name)?,
        date: place.word("date", &row.date)?,
        instruments: place.counter("instruments", row.instruments)?,
        refused: place.counter("refused", row.refused)?,
        taken_from: place.text("taken_from", &row.taken_from)?.into(),
        taken_at: place.instant("taken_at", &row.taken_at)?,
        mark: FileMark {
            key: bytes("file_key", &row.file_key)?,
            code: bytes("file_hmac", &row.file_hmac)?,
        },
    })
}

fn newest(c: &mut SqliteConnection, broker: &BrokerName) -> Result<Vec<MasterContract>, Fault> {
    let rows: Vec<(i64, ContractRow)> = table::table
        .filter(table::broker_name.eq(broker.as_str()))
        .order(table::id.desc())
        .limit(KEPT)
        .select((table::id, ContractRow::as_select()))
        .load(c)?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// No more than [`KEPT`] rows of each broker are ever there.
fn list(c: &mut SqliteConnection) -> Result<Vec<MasterContract>, Fault> {
    let rows: Vec<(i64, ContractRow)> = table::table
        .order((table::broker_name.asc(), table::id.desc()))
        .select((table::id, ContractRow::as_select()))
        .load(c)?;
    let contracts: Result<Vec<_>, _> = rows.into_iter().map(read).collect();
    let mut contracts = contracts?;
    contracts.dedup_by(|older, newer| older.broker == newer.broker);
    Ok(contracts)
}

fn keep(c: &mut SqliteConnection, contract: &MasterContract) -> Result<(), Fault> {
    diesel::insert_into(table::table)
        .values(ContractRow::of(contract))
        .execute(c)?;
    let broker = contract.broker.as_str();
    let kept: Vec<i64> = table::table
        .filter(table::broker_name.eq(broker))
        .order(table::id.desc())
        .limit(KEPT)
        .select(table::id)
        .load(c)?;
    let older = table::table
        .filter(table::broker_name.eq(broker))
        .filter(table::id.ne_all(kept));
    diesel::delete(older).execute(c)?;
    Ok(())
}

/// Reads every row; gives the first that cannot be.
pub(crate) fn read_all(c: &mut SqliteConnection) -> Result<(), Fault> {
    let rows = table::table
        .order(table::id.asc())
        .select((table::id, ContractRow::as_select()));
    for row in rows.load_iter::<(i64, ContractRow), _>(c)? {
        read(row?)?;
    }
    Ok(())
}

#[async_trait]
impl MasterContractRepository for Database {
    async fn list(&self) -> Result<Vec<MasterContract>, StoreError> {
        self.read("list the lists of instruments", |c, _| list(c))
            .await
    }

    async fn newest(&self, broker: &BrokerName) -> Result<Vec<MasterContract>, StoreError> {
        let broker = broker.clone();
        self.read("find the list of instruments", move |c, _| {
            newest(c, &broker)
        })
        .await
    }

    async fn keep(&self, contract: &MasterContract) -> Result<(), StoreError> {
        let contract = contract.clone();
        self.write("keep the list of instruments", move |c, _| {
            keep(c, &contract)
        })
        .await
    }
}
