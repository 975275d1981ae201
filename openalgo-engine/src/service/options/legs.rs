//! A set of legs on one underlying: what it earns at expiry, how it moves, and about what it needs.

use super::{GreeksError, GreeksQuery, OptionService, PriceSays};
use crate::market::{LookupError, client_words};
use chrono::NaiveDate;
use openalgo_core::analytics::{
    Greeks, MOST_LEGS, OptionLife, Payoff, PayoffError, PayoffLeg, ScanLeg, ScanMargin, ScanRule,
};
use openalgo_core::market::{
    Contract, Exchange, Instrument, InstrumentKey, OptionRight, SymbolError,
};
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
    /// What the last price says; `None` of a future, and where nothing can be computed.
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
    pub fn hedge_benefit(&self) -> f64 {
        self.margin
            .less_than(self.legs.iter().map(|leg| &leg.margin))
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
        "Position {number}: {other} is not on {first}; look at the legs of one underlying at a time"
    )]
    Mixed {
        /// The number of the first one that is on another.
        number: usize,
        /// Which one that is.
        other: InstrumentKey,
        /// What those before are on.
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
        if queries.len() > MOST_LEGS {
            return Err(PayoffError::TooMany(queries.len()).into());
        }
        let mut root: Option<(Exchange, String)> = None;
        let mut views: Vec<LegView> = Vec::new();
        let mut forwards = BTreeMap::new();
        for (number, query) in (1..).zip(queries) {
            let contract = contract_of(number, query)?;
            let own = (query.instrument.exchange, contract.base().to_owned());
            let first = root.get_or_insert_with(|| own.clone());
            if *first != own {
                return Err(LegSetError::Mixed {
                    number,
                    other: query.instrument.clone(),
                    first: format!("{} at {}", first.1, first.0),
                });
            }
            let leg = (number, query, &contract);
            views.push(self.leg_view(leg, rate, &mut forwards).await?);
        }
        let base = root.map_or_else(String::new, |(_, base)| base);
        let rule = rule_of(&base, &*self.market.instruments().await);
        let scanned: Vec<_> = views.iter().map(|view| self.scanned(view)).collect();
        for (view, leg) in views.iter_mut().zip(&scanned) {
            view.margin = ScanMargin::of(&[*leg], rule);
        }
        let mut expiries = views.iter().map(|view| view.expiry);
        let first = expiries.next();
        let is_one_day = expiries.all(|expiry| Some(expiry) == first);
        let payoff = Payoff::try_new(views.iter().map(|view| view.leg).collect())?;
        Ok(LegSet {
            base,
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
        let (no_price, key) = (
            |source| LegSetError::NoPrice { number, source },
            &query.instrument,
        );
        let instrument = self.market.instrument(key).await.map_err(no_price)?;
        let ltp = self.market.quote(key).await.map_err(no_price)?.ltp;
        let (expiry, option) = terms(contract).ok_or_else(|| LegSetError::NoContract {
            number,
            key: key.clone(),
        })?;
        let (forward, says) = if let Some((right, strike)) = option {
            let asked = GreeksQuery {
                rate,
                ..GreeksQuery::of(key.clone())
            };
            let forward = match forwards.get(&expiry) {
                Some(forward) => Ok(*forward),
                None => self.forward(&asked, contract.base(), expiry).await,
            };
            let forward = forward.map_err(|source| LegSetError::Greeks { number, source })?;
            forwards.insert(expiry, forward);
            // What cannot be computed keeps nobody from what needs no model.
            let says = self.says((right, forward, strike), (&asked, expiry), ltp);
            (forward, says.ok())
        } else {
            (ltp, None)
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
            margin: ScanMargin::NONE,
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

/// The last day of a contract, and the right and strike of an option.
fn terms(contract: &Contract) -> Option<(NaiveDate, Option<(OptionRight, Price)>)> {
    match contract {
        Contract::Option {
            expiry,
            strike,
            right,
            ..
        } => Some((*expiry, Some((*right, *strike)))),
        Contract::Future { expiry, .. } => Some((*expiry, None)),
        Contract::Cash { .. } | Contract::Index { .. } | Contract::Perpetual { .. } => None,
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
        let one = match (view.says, view.leg.option) {
            (Some(PriceSays::Volatility(explained)), _) => explained.greeks,
            // A future moves with the underlying, and by nothing else.
            (None, None) => Greeks::FUTURE,
            (Some(PriceSays::NoTimeValue { .. }), _) | (None, Some(_)) => return None,
        };
        Some(sum.plus(&one, view.leg.signed_units()))
    })
}
