//! What exists on a day: shares and indices always, contracts until they expire.

use super::SimulatedError;
use super::asset::Asset;
use super::calendar::Calendar;
use super::expiry::Expiries;
use super::pricing::{self, Pricing};
use super::root::Root;
use super::row::{self, RowKind};
use super::{course, instrument};
use chrono::NaiveDate;
use openalgo_core::market::{Contract, Exchange, Instrument, InstrumentKey};
use openalgo_core::port::BoxError;
use openalgo_core::value::{Quantity, Tick};
use std::collections::BTreeMap;
use std::sync::Arc;

const HOLIDAYS: &str = include_str!("../../data/holidays-2026.csv");

/// All instruments, past and future.
#[derive(Debug)]
pub(super) struct Listing {
    /// In the order of the file.
    assets: Vec<Arc<Asset>>,
    spots: BTreeMap<InstrumentKey, Arc<Asset>>,
    roots: BTreeMap<InstrumentKey, Root>,
    calendar: Calendar,
}

/// An instrument, as far as its price and its order book need it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed<'l> {
    pub(super) asset: &'l Asset,
    pub(super) pricing: Pricing,
    pub(super) lot: Quantity,
    pub(super) tick: Tick,
    pub(super) expiry: Option<NaiveDate>,
}

impl Listing {
    pub(super) fn parse(seed: u64, market_data: &str) -> Result<Self, SimulatedError> {
        let mut listing = Self {
            assets: Vec::new(),
            spots: BTreeMap::new(),
            roots: BTreeMap::new(),
            calendar: Calendar::parse(HOLIDAYS)?,
        };
        let mut stocks = 0..;
        for row in row::parse(market_data)? {
            let is_stock = row.kind == RowKind::Equity && row.key.exchange == Exchange::Nse;
            let stock_number = if is_stock { stocks.next() } else { None };
            listing.add(Arc::new(Asset::new(seed, row)), stock_number)?;
        }
        Ok(listing)
    }

    fn add(
        &mut self,
        asset: Arc<Asset>,
        stock_number: Option<usize>,
    ) -> Result<(), SimulatedError> {
        let key = &asset.row.key;
        let root = Root::of(&asset, stock_number)?;
        let is_new = root.is_none_or(|root| self.roots.insert(root.key(), root).is_none());
        let has_spot = asset.row.kind != RowKind::FutureRoot;
        if !is_new || has_spot && self.spots.insert(key.clone(), Arc::clone(&asset)).is_some() {
            return Err(asset.row.duplicate());
        }
        self.assets.push(asset);
        Ok(())
    }

    /// The instrument of a key, where it exists on a day.
    pub(super) fn find(&self, key: &InstrumentKey, day: NaiveDate) -> Option<Listed<'_>> {
        if let Some(asset) = self.spots.get(key) {
            return Some(Listed {
                asset,
                pricing: Pricing::Spot,
                lot: Quantity::ONE,
                tick: asset.row.tick,
                expiry: None,
            });
        }
        let (root, contract) = self.contract(key)?;
        let dates = self.expiries(root);
        let (pricing, expiry) = match contract {
            Contract::Future { expiry, .. } => {
                let expires = pricing::expiry_second(expiry);
                let listed = dates.months(day).contains(&expiry);
                (listed.then_some(Pricing::Future { expires })?, expiry)
            }
            Contract::Option {
                expiry,
                strike,
                right,
                ..
            } => {
                let listed = root.option_dates(dates, day).contains(&expiry)
                    && root.strikes?.contain(strike);
                let pricing = Pricing::Option {
                    expires: pricing::expiry_second(expiry),
                    strike: pricing::strike(strike),
                    right,
                    volatility: course::yearly_volatility(&root.asset.row),
                };
                (listed.then_some(pricing)?, expiry)
            }
            Contract::Cash { .. } | Contract::Index { .. } | Contract::Perpetual { .. } => {
                return None;
            }
        };
        Some(Listed {
            asset: &root.asset,
            pricing,
            lot: root.lot,
            tick: root.tick,
            expiry: Some(expiry),
        })
    }

    /// When the contract of a key expires, whether it exists yet or not.
    pub(super) fn expiry(&self, key: &InstrumentKey) -> Option<NaiveDate> {
        match self.contract(key)?.1 {
            Contract::Future { expiry, .. } | Contract::Option { expiry, .. } => Some(expiry),
            Contract::Cash { .. } | Contract::Index { .. } | Contract::Perpetual { .. } => None,
        }
    }

    /// Everything that exists on a day.
    pub(super) fn all(&self, day: NaiveDate) -> Result<Vec<Instrument>, BoxError> {
        let mut all = Vec::new();
        for asset in &self.assets {
            if asset.row.kind != RowKind::FutureRoot {
                all.push(instrument::of_spot(&asset.row)?);
            }
        }
        for root in self.roots.values() {
            let expiries = self.expiries(root);
            for expiry in expiries.months(day) {
                all.push(instrument::of_future(root, expiry)?);
            }
            for expiry in root.option_dates(expiries, day) {
                instrument::add_options(root, expiry, &mut all)?;
            }
        }
        Ok(all)
    }

    fn contract(&self, key: &InstrumentKey) -> Option<(&Root, Contract)> {
        let contract = Contract::parse(key.exchange, &key.symbol).ok()?;
        let base = contract.base().parse().ok()?;
        let root = self.roots.get(&InstrumentKey::new(key.exchange, base))?;
        Some((root, contract))
    }

    fn expiries(&self, root: &Root) -> Expiries<'_> {
        Expiries {
            calendar: &self.calendar,
            exchange: root.exchange,
            schedule: root.schedule,
        }
    }
}
