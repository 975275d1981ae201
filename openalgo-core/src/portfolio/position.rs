//! Open positions, netted per instrument and product.

use crate::id::{BrokerName, InstrumentToken, UserId};
use crate::market::{InstrumentKey, Timestamp};
use crate::order::Product;
use crate::value::{Money, NetQuantity, Percent, Price, Quantity, ValueError};

/// What names a position.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PositionKey {
    /// Whose position.
    pub user: UserId,
    /// At which broker.
    pub broker: BrokerName,
    /// What is held.
    pub instrument: InstrumentKey,
    /// Under which product.
    pub product: Product,
}

/// What was bought or sold on one side during the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayTotals {
    /// Units.
    pub quantity: Quantity,
    /// Their exact value.
    pub value: Money,
}

impl DayTotals {
    /// The average price of the side, rounded to four places; zero when nothing was traded.
    pub fn average(self) -> Result<Price, ValueError> {
        if self.quantity.is_zero() {
            Ok(Price::ZERO)
        } else {
            self.value.per_unit(self.quantity)
        }
    }
}

/// A netted position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Whose, where, what and how.
    pub key: PositionKey,
    /// The broker's number for the instrument.
    pub token: Option<InstrumentToken>,
    /// Net units: positive long, negative short, zero when closed today.
    pub quantity: NetQuantity,
    /// Exact value at which the open units were entered; the average price is rounded from it.
    pub cost: Money,
    /// Margin reserved for the open units.
    pub margin: Money,
    /// Realised since the position was first opened.
    pub realized_pnl: Money,
    /// Realised since the last session boundary.
    pub today_realized_pnl: Money,
    /// Bought today.
    pub day_buy: DayTotals,
    /// Sold today.
    pub day_sell: DayTotals,
    /// Last price seen.
    pub ltp: Price,
    /// When the row last changed.
    pub updated_at: Timestamp,
}

impl Position {
    /// A position in which nothing has happened yet.
    pub fn flat(key: PositionKey, at: Timestamp) -> Self {
        Self {
            key,
            token: None,
            quantity: NetQuantity::FLAT,
            cost: Money::ZERO,
            margin: Money::ZERO,
            realized_pnl: Money::ZERO,
            today_realized_pnl: Money::ZERO,
            day_buy: DayTotals::default(),
            day_sell: DayTotals::default(),
            ltp: Price::ZERO,
            updated_at: at,
        }
    }

    /// Entry price per unit, rounded to four places; zero when flat.
    pub fn average_price(&self) -> Result<Price, ValueError> {
        if self.quantity.is_flat() {
            Ok(Price::ZERO)
        } else {
            self.cost.per_unit(self.quantity.size())
        }
    }

    /// The position valued at `ltp`.
    pub fn marked_at(self, ltp: Price) -> Result<MarkedPosition, ValueError> {
        let value = ltp.times(self.quantity.size())?;
        let unrealized_pnl = if self.quantity.is_short() {
            self.cost.minus(value)?
        } else {
            value.minus(self.cost)?
        };
        let pnl = self.today_realized_pnl.plus(unrealized_pnl)?;
        let pnl_percent = Percent::of(pnl, self.cost)?;
        let position = Self { ltp, ..self };
        Ok(MarkedPosition {
            position,
            unrealized_pnl,
            pnl,
            pnl_percent,
        })
    }
}

/// A position with its profit at a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedPosition {
    /// The position, its `ltp` set to that price.
    pub position: Position,
    /// Profit of the open units.
    pub unrealized_pnl: Money,
    /// Profit of the open units and what was realised today.
    pub pnl: Money,
    /// Profit in per cent of the cost of the open units; zero when flat.
    pub pnl_percent: Percent,
}
