//! A set of legs on one underlying: what it earns at expiry, how it moves, and about what it needs.

use super::{GreeksError, GreeksQuery, OptionService, PriceSays};
use crate::market::{LookupError, client_words};
use chrono::NaiveDate;
use openalgo_core::analytics::{
    Greeks, OptionLife, Payoff, PayoffError, PayoffLeg, ScanLeg, ScanMargin, ScanRule,
};
use openalgo_core::market::{Contract, Exchange, Instrument, InstrumentKey, SymbolError};
use openalgo_core::order::Side;
use openalgo_core::value::{Percent, Price, Quantity};
use std::collections::BTreeMap;
use std::sync::Arc;
use thiserror::Error;

/// A leg that is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegQuery {
    /// A future or an option.
    pub instrument: InstrumentKey,
    /// Bought or sold.
    pub side: Side,
    /// In units.
    pub quantity: Quantity,
    /// What was paid or received for a unit; its last price where nothing is said.
    pub price: Option<Price>,
}

/// A leg and what its price says.
#[derive(Debug, Clone)]
pub struct LegView {
    /// The instrument.
    pub instrument: Arc<Instrument>,
    /// The leg, with its price.
    pub leg: PayoffLeg,
    /// Its last day.
    pub expiry: NaiveDate,
    /// The last price.
    pub ltp: Price,
    /// What the underlying costs on the last day.
    pub forward: Price,
    /// What the last price says; `None` of a future.
    pub says: Option<PriceSays>,
    /// What it needs by itself, by the estimate of [`ScanMargin`].
    pub margin: ScanMargin,
}

/// A set of legs.
#[derive(Debug, Clone)]
pub struct LegSet {
    /// The root of their symbols.
    pub base: String,
    /// The legs, in the order in which they were asked for.
    pub legs: Vec<LegView>,
    /// What they earn at expiry; `None` where they do not expire on one day.
    pub payoff: Option<Payoff>,
    /// The sensitivities of all of them together; `None` where one cannot be computed.
    pub greeks: Option<Greeks>,
    /// What they need together, by the estimate of [`ScanMargin`].
    pub margin: ScanMargin,
}

impl LegSet {
    /// What the legs would need without each other, and do not need together: an estimate.
    #[expect(
        clippy::float_arithmetic,
        reason = "an estimate, by which nothing is booked"
    )]
    pub fn hedge_benefit(&self) -> f64 {
        let alone: f64 = self.legs.iter().map(|leg| leg.margin.total()).sum();
        alone - self.margin.total()
    }
}

/// Why a set of legs is not told of.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LegSetError {
    /// They make no payoff.
    #[error(transparent)]
    Payoff(#[from] PayoffError),
    /// A leg is no future and no option.
    #[error("Position {number}: {key} is no future and no option")]
    NoContract {
        /// Its number; the first is 1.
        number: usize,
        /// What it is.
        key: InstrumentKey,
    },
    /// The legs are on more than one underlying.
    #[error(
        "Position {number}: {base} is not {first}; look at the legs of one underlying at a time"
    )]
    Mixed {
        /// The number of the first one that is on another.
        number: usize,
        /// Its root.
        base: String,
        /// The root of those before.
        first: String,
    },
    /// A leg has no price.
    #[error("Position {number}: {}", client_words(.source))]
    NoPrice {
        /// Its number.
        number: usize,
        /// Why not.
        source: LookupError,
    },
    /// What its price says cannot be told.
    #[error("Position {number}: {source}")]
    Greeks {
        /// Its number.
        number: usize,
        /// Why not.
        source: GreeksError,
    },
    /// A root makes no symbol.
    #[error(transparent)]
    Symbol(#[from] SymbolError),
}

impl OptionService {
    /// Looks at a set of legs on one underlying.
    pub async fn legs(&self, queries: &[LegQuery], rate: Percent) -> Result<LegSet, LegSetError> {
        let mut base: Option<String> = None;
        let mut views: Vec<LegView> = Vec::new();
        let mut forwards = BTreeMap::new();
        for (number, query) in (1..).zip(queries) {
            let contract = contract_of(number, query)?;
            let root = contract.base().to_owned();
            let first = base.get_or_insert_with(|| root.clone());
            if *first != root {
                let first = first.clone();
                return Err(LegSetError::Mixed {
                    number,
                    base: root,
                    first,
                });
            }
            let leg = (number, query, &contract);
            views.push(self.leg_view(leg, rate, &mut forwards).await?);
        }
        let index = self.market.instruments().await;
        let rule = rule_of(base.as_deref().unwrap_or_default(), &index);
        let scanned: Vec<_> = views.iter().map(|view| self.scanned(view)).collect();
        for (view, leg) in views.iter_mut().zip(&scanned) {
            view.margin = ScanMargin::of(&[*leg], rule);
        }
        let mut expiries = views.iter().map(|view| view.expiry);
        let first = expiries.next();
        let is_one_day = expiries.all(|expiry| Some(expiry) == first);
        let legs = views.iter().map(|view| view.leg).collect();
        let payoff = Payoff::try_new(legs)?;
        Ok(LegSet {
            base: base.unwrap_or_default(),
            greeks: together(&views),
            legs: views,
            payoff: is_one_day.then_some(payoff),
            margin: ScanMargin::of(&scanned, rule),
        })
    }

    async fn leg_view(
        &self,
        (number, query, contract): (usize, &LegQuery, &Contract),
        rate: Percent,
        forwards: &mut BTreeMap<NaiveDate, Price>,
    ) -> Result<LegView, LegSetError> {
        let no_price = |source| LegSetError::NoPrice { number, source };
        let key = &query.instrument;
        let instrument = self.market.instrument(key).await.map_err(no_price)?;
        let ltp = self.market.quote(key).await.map_err(no_price)?.ltp;
        let (expiry, option, forward, says) = match contract {
            Contract::Option {
                expiry,
                strike,
                right,
                ..
            } => {
                let asked = GreeksQuery {
                    rate,
                    forward: forwards.get(expiry).copied(),
                    ..GreeksQuery::of(key.clone())
                };
                let greeks = self.greeks(&asked).await;
                let greeks = greeks.map_err(|source| LegSetError::Greeks { number, source })?;
                forwards.insert(*expiry, greeks.forward);
                let option = Some((*right, *strike));
                (*expiry, option, greeks.forward, Some(greeks.says))
            }
            Contract::Future { expiry, .. } => (*expiry, None, ltp, None),
            Contract::Cash { .. } | Contract::Index { .. } | Contract::Perpetual { .. } => {
                return Err(LegSetError::NoContract {
                    number,
                    key: key.clone(),
                });
            }
        };
        Ok(LegView {
            instrument,
            leg: PayoffLeg {
                option,
                side: query.side,
                quantity: query.quantity,
                price: query.price.unwrap_or(ltp),
            },
            expiry,
            ltp,
            forward,
            says,
            margin: ScanMargin {
                span: 0.0,
                exposure: 0.0,
            },
        })
    }

    fn scanned(&self, view: &LegView) -> ScanLeg {
        let life = OptionLife::at(
            self.market.now(),
            (view.instrument.key.exchange, view.expiry),
            None,
        );
        let volatility = match view.says {
            Some(PriceSays::Volatility(explained)) => Some(explained.volatility),
            Some(PriceSays::NoTimeValue { .. }) | None => None,
        };
        ScanLeg::new(
            &view.leg,
            (view.ltp, view.forward),
            (volatility, life.years()),
        )
    }
}

fn contract_of(number: usize, query: &LegQuery) -> Result<Contract, LegSetError> {
    let key = &query.instrument;
    match Contract::parse(key.exchange, &key.symbol) {
        Ok(contract @ (Contract::Option { .. } | Contract::Future { .. })) => Ok(contract),
        Ok(_) | Err(_) => Err(LegSetError::NoContract {
            number,
            key: key.clone(),
        }),
    }
}

/// Indices move less than shares do.
fn rule_of(base: &str, index: &crate::market::InstrumentIndex) -> ScanRule {
    let is_index = [Exchange::NseIndex, Exchange::BseIndex]
        .into_iter()
        .any(|exchange| {
            let symbol = base.parse();
            symbol.is_ok_and(|symbol| index.find(&InstrumentKey::new(exchange, symbol)).is_some())
        });
    if is_index {
        ScanRule::INDEX
    } else {
        ScanRule::SHARE
    }
}

/// The sensitivities of all legs together.
fn together(views: &[LegView]) -> Option<Greeks> {
    views.iter().try_fold(Greeks::NONE, |sum, view| {
        let one = match view.says {
            Some(PriceSays::Volatility(explained)) => explained.greeks,
            // A future moves with the underlying, and by nothing else.
            None => Greeks::FUTURE,
            Some(PriceSays::NoTimeValue { .. }) => return None,
        };
        Some(sum.plus(&one, view.leg.signed_units()))
    })
}
