//! Webhook strategies and orders that wait for approval.

use crate::id::{PendingOrderId, StrategyId, UserId};
use crate::market::{InstrumentKey, Timestamp};
use crate::order::{NewOrder, Product};
use crate::value::{NetQuantity, Quantity};
use crate::wire::wire_enum;

/// A strategy whose alerts arrive at a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strategy {
    /// Row number.
    pub id: StrategyId,
    /// Whose strategy.
    pub user: UserId,
    /// Its name, unique for the user.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// The unguessable part of its webhook address.
    pub webhook_id: String,
    /// Whether its alerts are followed.
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

wire_enum! {
    /// Where an order that needs approval stands.
    pub enum ApprovalStatus as "approval status" {
        /// Nobody has decided yet.
        Pending = "PENDING",
        /// A person let it go.
        Approved = "APPROVED",
        /// A person refused it.
        Rejected = "REJECTED",
        /// Nobody decided in time.
        Expired = "EXPIRED",
    }
}

/// An order that waits for a person in semi-automatic mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingOrder {
    /// Row number.
    pub id: PendingOrderId,
    /// Whose order.
    pub user: UserId,
    /// What would be placed.
    pub order: NewOrder,
    /// Target position of a smart order.
    pub position_size: Option<NetQuantity>,
    /// Where it stands.
    pub status: ApprovalStatus,
    /// When somebody approved or rejected it.
    pub decided_at: Option<Timestamp>,
    /// When it lapses.
    pub expires_at: Option<Timestamp>,
    /// When it was asked for.
    pub created_at: Timestamp,
}
