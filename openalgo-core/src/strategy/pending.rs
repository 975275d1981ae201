//! Orders that wait for a person in semi-automatic mode.

use crate::id::{BasketId, BrokerName, PendingOrderId, UserId};
use crate::market::Timestamp;
use crate::order::{NewOrder, TradingMode};
use crate::value::NetQuantity;
use crate::wire::wire_enum;

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

/// What became of an order that needs approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// Nobody has decided yet.
    Pending,
    /// A person let it go.
    Approved {
        /// When.
        at: Timestamp,
    },
    /// A person refused it.
    Rejected {
        /// When.
        at: Timestamp,
        /// Why, as that person said.
        reason: Option<String>,
    },
    /// Nobody decided in time.
    Expired,
}

impl Approval {
    /// The word for it.
    pub fn status(&self) -> ApprovalStatus {
        match self {
            Self::Pending => ApprovalStatus::Pending,
            Self::Approved { .. } => ApprovalStatus::Approved,
            Self::Rejected { .. } => ApprovalStatus::Rejected,
            Self::Expired => ApprovalStatus::Expired,
        }
    }
}

/// What a person says to an order that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may go.
    Approve,
    /// It must not.
    Reject {
        /// Why.
        reason: Option<String>,
    },
}

/// The place of an order among those that were asked for at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasketPlace {
    /// Which orders.
    pub basket: BasketId,
    /// The place among them, from zero.
    pub row: u32,
}

/// An order to be put before a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPendingOrder {
    /// Whose order.
    pub user: UserId,
    /// The broker it would go to.
    pub broker: BrokerName,
    /// Real money or paper, as it was when the order was asked for.
    pub mode: TradingMode,
    /// What would be placed.
    pub order: NewOrder,
    /// Target position of a smart order.
    pub position_size: Option<NetQuantity>,
    /// Its place, if it was asked for together with others.
    pub basket: Option<BasketPlace>,
    /// When it lapses.
    pub expires_at: Option<Timestamp>,
}

/// An order that waits for a person, or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingOrder {
    /// Row number.
    pub id: PendingOrderId,
    /// What was put before a person.
    pub asked: NewPendingOrder,
    /// What became of it.
    pub approval: Approval,
    /// When it was asked for.
    pub created_at: Timestamp,
}
