//! The rows of the symbol master.

use super::root::Root;
use super::row::{Row, RowKind};
use chrono::NaiveDate;
use openalgo_core::id::InstrumentToken;
use openalgo_core::market::{Contract, Instrument, InstrumentKey, InstrumentKind, OptionRight};
use openalgo_core::port::BoxError;
use openalgo_core::value::{Price, Quantity};

pub(super) fn of_spot(row: &Row) -> Result<Instrument, BoxError> {
    Ok(Instrument {
        key: row.key.clone(),
        name: row.name.clone(),
        kind: match row.kind {
            RowKind::Equity => InstrumentKind::Equity,
            RowKind::Index | RowKind::FutureRoot => InstrumentKind::Index,
        },
        expiry: None,
        strike: None,
        lot_size: Quantity::ONE,
        tick: row.tick,
        token: Some(row.number.to_string().parse()?),
        freeze_quantity: None,
    })
}

pub(super) fn of_future(root: &Root, expiry: NaiveDate) -> Result<Instrument, BoxError> {
    let base = root.asset.row.key.symbol.as_str().into();
    let contract = Contract::Future { base, expiry };
    of_contract(root, &contract, token(root, expiry, 0)?)
}

/// Adds the calls and puts of one expiry.
pub(super) fn add_options(
    root: &Root,
    expiry: NaiveDate,
    all: &mut Vec<Instrument>,
) -> Result<(), BoxError> {
    let strikes = root.strikes.iter().flat_map(|strikes| strikes.all());
    for (number, strike) in strikes {
        for (side, right) in [(1, OptionRight::Call), (2, OptionRight::Put)] {
            let contract = Contract::Option {
                base: root.asset.row.key.symbol.as_str().into(),
                expiry,
                strike,
                right,
            };
            let place = number.saturating_mul(2).saturating_add(side);
            all.push(of_contract(root, &contract, token(root, expiry, place)?)?);
        }
    }
    Ok(())
}

fn of_contract(
    root: &Root,
    contract: &Contract,
    token: InstrumentToken,
) -> Result<Instrument, BoxError> {
    let (kind, expiry, strike) = terms(contract);
    Ok(Instrument {
        key: InstrumentKey::new(root.exchange, contract.to_symbol()?),
        name: contract.base().into(),
        kind,
        expiry,
        strike,
        lot_size: root.lot,
        tick: root.tick,
        token: Some(token),
        freeze_quantity: None,
    })
}

fn terms(contract: &Contract) -> (InstrumentKind, Option<NaiveDate>, Option<Price>) {
    match contract {
        Contract::Option {
            expiry,
            strike,
            right,
            ..
        } => {
            let kind = match right {
                OptionRight::Call => InstrumentKind::Call,
                OptionRight::Put => InstrumentKind::Put,
            };
            (kind, Some(*expiry), Some(*strike))
        }
        Contract::Future { expiry, .. } => (InstrumentKind::Future, Some(*expiry), None),
        Contract::Perpetual { .. } => (InstrumentKind::Future, None, None),
        Contract::Cash { .. } => (InstrumentKind::Equity, None, None),
        Contract::Index { .. } => (InstrumentKind::Index, None, None),
    }
}

/// Row, day of the expiry and place among the contracts of that day, side by side as digits, so
/// that a contract keeps its number and no two share one.
fn token(root: &Root, expiry: NaiveDate, place: i64) -> Result<InstrumentToken, BoxError> {
    let epoch = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
    let day = expiry.signed_duration_since(epoch).num_days();
    Ok(format!("{}{day:05}{place:03}", root.asset.row.number).parse()?)
}
