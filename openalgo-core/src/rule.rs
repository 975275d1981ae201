//! Decisions that depend on nothing but their arguments.

pub mod charges;
pub mod governor;
pub mod gtt;
pub mod known_market;
pub mod limits;
pub mod margin;
pub mod modification;
pub mod order_check;
pub mod reconcile;
pub mod smart_order;
pub mod split;
pub mod strike;
pub mod throttle;
