//! Which contracts are generated from a row of the market data.

use super::SimulatedError;
use super::asset::Asset;
use super::expiry::{Expiries, Schedule};
use super::row::RowKind;
use chrono::{NaiveDate, Weekday};
use openalgo_core::market::{Exchange, InstrumentKey};
use openalgo_core::port::BoxError;
use openalgo_core::value::{Price, Quantity, Tick, ValueError};
use rust_decimal::{Decimal, RoundingStrategy};
use std::sync::Arc;

/// Which expiries have options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OptionDates {
    /// The weeks and the month ends.
    WeeksAndMonths,
    /// The month ends.
    Months,
    /// The next month end.
    Month,
}

/// Index, its options' expiries and the distance of their strikes.
const INDICES: [(&str, OptionDates, i64); 6] = [
    ("NIFTY", OptionDates::WeeksAndMonths, 50),
    ("BANKNIFTY", OptionDates::Months, 100),
    ("FINNIFTY", OptionDates::Months, 50),
    ("MIDCPNIFTY", OptionDates::Months, 25),
    ("SENSEX", OptionDates::WeeksAndMonths, 100),
    ("BANKEX", OptionDates::Months, 100),
];
const INDEX_STRIKES_EACH_SIDE: i64 = 20;
const STOCK_STRIKES_EACH_SIDE: i64 = 10;

/// Rupees that one lot of a stock is worth, about.
const STOCK_LOT_VALUE: i64 = 750_000;
const STOCK_LOT_STEP: i64 = 25;
const LARGEST_STOCK_LOT: i64 = 1_000_000;

/// The strikes of a root.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strikes {
    dates: OptionDates,
    middle: Price,
    step: Tick,
    each_side: i64,
}

/// What contracts are made of.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) asset: Arc<Asset>,
    pub(super) exchange: Exchange,
    pub(super) lot: Quantity,
    pub(super) tick: Tick,
    pub(super) schedule: Schedule,
    pub(super) strikes: Option<Strikes>,
}

impl Root {
    /// The root of an asset; `None` for one without contracts. `stock_number` counts the shares of
    /// NSE from zero: every tenth has contracts.
    pub(super) fn of(
        asset: &Arc<Asset>,
        stock_number: Option<usize>,
    ) -> Result<Option<Self>, SimulatedError> {
        let root = match asset.row.kind {
            RowKind::Equity if stock_number.is_some_and(|n| n.is_multiple_of(10)) => stock(asset),
            RowKind::Equity => Ok(None),
            RowKind::Index => index(asset),
            RowKind::FutureRoot => Ok(Some(commodity(asset))),
        };
        root.map_err(|source| asset.row.unusable_price(source))
    }

    /// What names it: the symbol of its row on the exchange of its contracts.
    pub(super) fn key(&self) -> InstrumentKey {
        InstrumentKey::new(self.exchange, self.asset.row.key.symbol.clone())
    }

    /// The expiries of its options on a day.
    pub(super) fn option_dates(&self, expiries: Expiries<'_>, day: NaiveDate) -> Vec<NaiveDate> {
        let mut dates = expiries.months(day);
        match self.strikes.map(|strikes| strikes.dates) {
            Some(OptionDates::WeeksAndMonths) => dates.extend(expiries.weeks(day)),
            Some(OptionDates::Months) => {}
            Some(OptionDates::Month) => dates.truncate(1),
            None => dates.clear(),
        }
        dates.sort_unstable();
        dates.dedup();
        dates
    }
}

impl Strikes {
    /// Every strike with its number, lowest first.
    pub(super) fn all(self) -> impl Iterator<Item = (i64, Price)> {
        let numbers = self.each_side.saturating_neg()..=self.each_side;
        (0..)
            .zip(numbers)
            .filter_map(move |(number, steps)| {
                Some((number, self.step.steps_from(self.middle, steps).ok()?))
            })
            .filter(|(_, strike)| !strike.is_zero())
    }

    /// Whether `strike` is one of them.
    pub(super) fn contain(self, strike: Price) -> bool {
        self.all().any(|(_, listed)| listed == strike)
    }
}

fn commodity(asset: &Arc<Asset>) -> Root {
    let exchange = asset.row.key.exchange;
    Root {
        asset: Arc::clone(asset),
        exchange,
        lot: asset.row.lot,
        tick: asset.row.tick,
        schedule: if matches!(exchange, Exchange::Cds | Exchange::Bcd) {
            Schedule::TwoBeforeLast
        } else {
            Schedule::Twentieth
        },
        strikes: None,
    }
}

fn index(asset: &Arc<Asset>) -> Result<Option<Root>, BoxError> {
    let row = &asset.row;
    let plan = INDICES
        .iter()
        .find(|(name, ..)| *name == row.key.symbol.as_str());
    let (Some((_, dates, step)), Some(exchange)) = (plan, row.key.exchange.option_exchange())
    else {
        return Ok(None);
    };
    let step = Tick::try_new(Price::try_new((*step).into())?)?;
    Ok(Some(Root {
        asset: Arc::clone(asset),
        exchange,
        lot: row.lot,
        tick: contract_tick()?,
        schedule: Schedule::Last(if exchange == Exchange::Bfo {
            Weekday::Thu
        } else {
            Weekday::Tue
        }),
        strikes: Some(Strikes {
            dates: *dates,
            middle: step.nearest(row.base.to_decimal())?,
            step,
            each_side: INDEX_STRIKES_EACH_SIDE,
        }),
    }))
}

fn stock(asset: &Arc<Asset>) -> Result<Option<Root>, BoxError> {
    let base = asset.row.base.to_decimal();
    let step = round_step(base)?;
    Ok(Some(Root {
        asset: Arc::clone(asset),
        exchange: Exchange::Nfo,
        lot: stock_lot(base)?,
        tick: contract_tick()?,
        schedule: Schedule::Last(Weekday::Tue),
        strikes: Some(Strikes {
            dates: OptionDates::Month,
            middle: step.nearest(base)?,
            step,
            each_side: STOCK_STRIKES_EACH_SIDE,
        }),
    }))
}

/// 0.05, the tick of contracts on shares and indices.
fn contract_tick() -> Result<Tick, ValueError> {
    Tick::try_new(Price::try_new(Decimal::new(5, 2))?)
}

fn stock_lot(base: Decimal) -> Result<Quantity, BoxError> {
    let step = Decimal::from(STOCK_LOT_STEP);
    let units = Decimal::from(STOCK_LOT_VALUE)
        .checked_div(base)
        .and_then(|units| units.checked_div(step))
        .map(|lots| lots.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero))
        .and_then(|lots| lots.checked_mul(step))
        .ok_or("it leaves no lot size")?;
    let units = i64::try_from(units)?.clamp(STOCK_LOT_STEP, LARGEST_STOCK_LOT);
    Ok(Quantity::try_new(units)?)
}

/// The round number whose ratio to a hundredth of the price is closest to one.
fn round_step(base: Decimal) -> Result<Tick, BoxError> {
    let target = base
        .checked_div(Decimal::ONE_HUNDRED)
        .ok_or("it leaves no strikes")?;
    let mut best: Option<(Decimal, Decimal)> = None;
    for power in 0..8 {
        let scale = 10_i64.pow(power);
        for hundredths in [5, 10, 20, 25] {
            let step = Decimal::new(scale.saturating_mul(hundredths), 2);
            let (Some(up), Some(down)) = (step.checked_div(target), target.checked_div(step))
            else {
                continue;
            };
            let ratio = up.max(down);
            if best.is_none_or(|(least, _)| ratio < least) {
                best = Some((ratio, step));
            }
        }
    }
    let (_, step) = best.ok_or("it leaves no strikes")?;
    Ok(Tick::try_new(Price::try_new(step)?)?)
}
