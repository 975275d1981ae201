//! What an order reserves (`docs/paper-exchange.md`).

use crate::market::{Exchange, Instrument, InstrumentKind};
use crate::order::{OrderKind, Product, Side};
use crate::value::{Money, Price, Quantity, ValueError};
use rust_decimal::Decimal;

/// How many rupees of exposure one rupee of margin carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leverage {
    /// NSE and BSE, intraday.
    pub equity_mis: u8,
    /// NSE and BSE, delivery.
    pub equity_cnc: u8,
    /// Futures, either side.
    pub futures: u8,
    /// Options bought.
    pub option_buy: u8,
    /// Options sold.
    pub option_sell: u8,
}

impl Default for Leverage {
    /// The sandbox's defaults (`docs/paper-exchange.md`).
    fn default() -> Self {
        Self {
            equity_mis: 5,
            equity_cnc: 1,
            futures: 10,
            option_buy: 1,
            option_sell: 1,
        }
    }
}

impl Leverage {
    /// The factor for an order of this side and product.
    pub fn factor(&self, instrument: &Instrument, side: Side, product: Product) -> Decimal {
        let factor = match (instrument.key.exchange, instrument.kind, side) {
            (Exchange::Nse | Exchange::Bse, _, _) if product == Product::Mis => self.equity_mis,
            (Exchange::Nse | Exchange::Bse, _, _) => self.equity_cnc,
            (_, InstrumentKind::Future, _) => self.futures,
            (_, InstrumentKind::Call | InstrumentKind::Put, Side::Buy) => self.option_buy,
            (_, InstrumentKind::Call | InstrumentKind::Put, Side::Sell) => self.option_sell,
            (_, InstrumentKind::Equity | InstrumentKind::Index, _) => 1,
        };
        Decimal::from(factor.max(1))
    }

    /// Margin of `quantity` units at `price`: quantity times price over leverage.
    pub fn margin(
        &self,
        (instrument, side, product): (&Instrument, Side, Product),
        quantity: Quantity,
        price: Price,
    ) -> Result<Money, ValueError> {
        price
            .times(quantity)?
            .over(self.factor(instrument, side, product))
    }
}

/// The price that an order's margin is taken at: the last price for a market order, the limit
/// for a limit order, the trigger for a stop order.
pub fn margin_price(kind: OrderKind, ltp: Option<Price>) -> Option<Price> {
    match kind {
        OrderKind::Market => ltp,
        OrderKind::Limit { price } => Some(price),
        OrderKind::StopLimit { trigger, .. } | OrderKind::StopMarket { trigger } => Some(trigger),
    }
}
