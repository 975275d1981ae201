//! Decisions that depend on nothing but their arguments.

pub mod margin;
pub mod order_check;
pub mod throttle;
