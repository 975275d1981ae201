//! Strategies whose alerts arrive at a webhook.

use super::{Schedule, WebhookId};
use crate::id::{StrategyId, StrategyName, UserId};
use crate::market::{InstrumentKey, Timestamp};
use crate::order::Product;
use crate::value::Quantity;
use crate::wire::wire_enum;

wire_enum! {
    /// What sends the alerts of a strategy.
    pub enum Platform as "platform" {
        /// `TradingView`.
        TradingView = "tradingview",
        /// `AmiBroker`.
        AmiBroker = "amibroker",
        /// A Python program.
        Python = "python",
        /// `MetaTrader`.
        MetaTrader = "metatrader",
        /// Excel.
        Excel = "excel",
        /// `ChartInk`, whose alerts name several stocks.
        ChartInk = "chartink",
        /// Anything else.
        Others = "others",
    }
}

wire_enum! {
    /// Which positions a strategy may open.
    pub enum Direction as "trading mode" {
        /// Only long ones: a sale closes.
        Long = "LONG",
        /// Only short ones: a purchase closes.
        Short = "SHORT",
        /// Either; each alert says the position that is wanted.
        Both = "BOTH",
    }
}

/// What a person decides about a strategy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrategyPlan {
    /// Its name, unique for the user.
    pub name: StrategyName,
    /// What it does.
    pub description: Option<String>,
    /// What sends its alerts.
    pub platform: Platform,
    /// Which positions it may open.
    pub direction: Direction,
    /// When it trades.
    pub schedule: Schedule,
}

/// A strategy whose alerts arrive at a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strategy {
    /// Row number.
    pub id: StrategyId,
    /// Whose strategy.
    pub user: UserId,
    /// The unguessable part of its webhook address.
    pub webhook_id: WebhookId,
    /// What was decided about it.
    pub plan: StrategyPlan,
    /// Whether its alerts are followed.
    pub is_active: bool,
    /// The instruments it may trade.
    pub symbols: Vec<StrategySymbol>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A strategy to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStrategy {
    /// Whose strategy.
    pub user: UserId,
    /// The unguessable part of its webhook address.
    pub webhook_id: WebhookId,
    /// What was decided about it.
    pub plan: StrategyPlan,
    /// Whether its alerts are followed from the start.
    pub is_active: bool,
    /// The instruments it may trade.
    pub symbols: Vec<StrategySymbol>,
}

/// An instrument that a strategy may trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrategySymbol {
    /// What.
    pub instrument: InstrumentKey,
    /// How many units per alert.
    pub quantity: Quantity,
    /// Under which product.
    pub product: Product,
}
