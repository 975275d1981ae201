//! What an account holds and what it can still buy.

mod funds;
mod holding;
mod position;

pub use funds::{BrokerFunds, Funds};
pub use holding::{Holding, HoldingKey};
pub use position::{DayTotals, MarkedPosition, Position, PositionKey};
