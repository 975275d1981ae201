//! Webhook strategies, bots, and orders that wait for approval.

mod bot;
mod pending;
mod schedule;
mod webhook;

pub use bot::{BotChanges, BotKey, BotState};
pub use pending::{
    Approval, ApprovalExpiry, ApprovalExpiryError, ApprovalStatus, BasketPlace, Decision,
    NewPendingOrder, PendingGtt, PendingOrder,
};
pub use schedule::{HoursError, Schedule, TradingHours};
pub use webhook::{Direction, NewStrategy, Platform, Strategy, StrategyPlan, StrategySymbol};
pub use webhook_id::{WebhookId, WebhookIdError};

mod webhook_id;
