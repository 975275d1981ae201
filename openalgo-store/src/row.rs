//! Rows: what Diesel reads and writes, and how a row becomes a value of the domain.
//!
//! A row is neither domain type nor wire type. Each file has one struct per table and the two
//! ways between it and its domain type.

pub(crate) mod daily_pnl;
pub(crate) mod event;
pub(crate) mod gtt;
pub(crate) mod holding;
pub(crate) mod order;
pub(crate) mod paper_account;
pub(crate) mod paper_movement;
pub(crate) mod paper_reservation;
pub(crate) mod pending_order;
pub(crate) mod position;
pub(crate) mod request;
pub(crate) mod strategy;
pub(crate) mod trade;
