//! Webhook strategies and orders that wait for approval.

mod pending;
mod schedule;
mod webhook;

pub use pending::{
    Approval, ApprovalExpiry, ApprovalExpiryError, ApprovalStatus, BasketPlace, Decision,
    NewPendingOrder, PendingGtt, PendingOrder,
};
pub use schedule::{HoursError, Schedule, TradingHours};
pub use webhook::{Direction, NewStrategy, Platform, Strategy, StrategyPlan, StrategySymbol};
pub use webhook_id::{WebhookId, WebhookIdError};

mod webhook_id;
