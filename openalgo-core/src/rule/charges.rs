//! What a trade costs besides its price (`docs/paper-exchange.md`).

use crate::market::{Exchange, Instrument, InstrumentKind};
use crate::order::{Product, Side};
use crate::value::{Money, ValueError};
use crate::wire::wire_enum;
use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

wire_enum! {
    /// Whose charges trades on paper bear.
    pub enum ChargesOf as "charges" {
        /// Nobody's.
        None = "none",
        /// Those of Zerodha.
        Zerodha = "zerodha",
    }
}

wire_enum! {
    /// What charges depend on besides the exchange.
    pub enum ChargeSegment as "segment" {
        /// Shares that are delivered.
        Delivery = "delivery",
        /// Shares within a day.
        Intraday = "intraday",
        /// Futures.
        Futures = "futures",
        /// Options, by their premium.
        Options = "options",
    }
}

impl ChargeSegment {
    /// The segment of a trade; `None` for what is not traded.
    pub fn of(instrument: &Instrument, product: Product) -> Option<Self> {
        match (instrument.kind, product) {
            (InstrumentKind::Equity, Product::Mis) => Some(Self::Intraday),
            (InstrumentKind::Equity, Product::Cnc | Product::Nrml) => Some(Self::Delivery),
            (InstrumentKind::Future, _) => Some(Self::Futures),
            (InstrumentKind::Call | InstrumentKind::Put, _) => Some(Self::Options),
            (InstrumentKind::Index, _) => None,
        }
    }
}

/// The rates of an exchange and segment, in per cent of what is traded unless said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeRates {
    /// The first date on which they hold.
    pub since: NaiveDate,
    /// Where.
    pub exchange: Exchange,
    /// For what.
    pub segment: ChargeSegment,
    /// What the broker takes.
    pub brokerage: Decimal,
    /// The most that the broker takes for an order, in rupees.
    pub most_brokerage: Money,
    /// Tax on transactions, of buyers.
    pub stt_buy: Decimal,
    /// Tax on transactions, of sellers.
    pub stt_sell: Decimal,
    /// What the exchange takes.
    pub exchange_fee: Decimal,
    /// What the supervisor takes.
    pub sebi_fee: Decimal,
    /// Stamp duty, of buyers.
    pub stamp_buy: Decimal,
    /// Tax on services, in per cent of what broker, exchange and supervisor take.
    pub gst: Decimal,
}

/// What a trade costs besides its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Charges {
    /// What the broker takes.
    pub brokerage: Money,
    /// Tax on transactions.
    pub stt: Money,
    /// What the exchange takes.
    pub exchange_fee: Money,
    /// What the supervisor takes.
    pub sebi_fee: Money,
    /// Tax on services.
    pub gst: Money,
    /// Stamp duty.
    pub stamp_duty: Money,
}

impl Charges {
    /// All of it.
    pub fn total(&self) -> Result<Money, ValueError> {
        let parts = [
            self.stt,
            self.exchange_fee,
            self.sebi_fee,
            self.gst,
            self.stamp_duty,
        ];
        parts.into_iter().try_fold(self.brokerage, Money::plus)
    }
}

/// The charges of a broker.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChargeProfile(Vec<ChargeRates>);

impl ChargeProfile {
    /// The charges at these rates. Of two for the same, the later ones count.
    pub fn new(mut rates: Vec<ChargeRates>) -> Self {
        rates.sort_by_key(|rates| std::cmp::Reverse(rates.since));
        Self(rates)
    }

    /// What a trade of this value costs on a date; nothing where no rates are known. Each part is
    /// rounded to a paisa.
    pub fn charges(
        &self,
        (instrument, product, side): (&Instrument, Product, Side),
        value: Money,
        date: NaiveDate,
    ) -> Result<Charges, ValueError> {
        let segment = ChargeSegment::of(instrument, product);
        let exchange = instrument.key.exchange;
        let mut rates = self.0.iter();
        let rates = rates.find(|rates| {
            rates.exchange == exchange && Some(rates.segment) == segment && rates.since <= date
        });
        let Some(rates) = rates else {
            return Ok(Charges::default());
        };
        let brokerage = share(value, rates.brokerage)?.min(rates.most_brokerage);
        let (stt, stamp) = match side {
            Side::Buy => (rates.stt_buy, rates.stamp_buy),
            Side::Sell => (rates.stt_sell, Decimal::ZERO),
        };
        let exchange_fee = share(value, rates.exchange_fee)?;
        let sebi_fee = share(value, rates.sebi_fee)?;
        let services = brokerage.plus(exchange_fee)?.plus(sebi_fee)?;
        Ok(Charges {
            brokerage,
            stt: share(value, stt)?,
            exchange_fee,
            sebi_fee,
            gst: share(services, rates.gst)?,
            stamp_duty: share(value, stamp)?,
        })
    }
}

/// So many per cent of an amount, to the paisa.
fn share(of: Money, percent: Decimal) -> Result<Money, ValueError> {
    let too_large = ValueError::TooLarge { kind: "amount" };
    let share = of
        .to_decimal()
        .checked_mul(percent)
        .and_then(|hundredfold| hundredfold.checked_div(Decimal::ONE_HUNDRED))
        .ok_or(too_large)?;
    let paise = share.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    Money::try_new(paise)
}
