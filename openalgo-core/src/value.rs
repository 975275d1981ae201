//! Exact values: what a price, a quantity, an amount and a percentage are.
//!
//! | operation | gives | may fail because |
//! |---|---|---|
//! | [`Price::times`] a [`Quantity`] | [`Money`] | the amount leaves [`MAX_UNITS`] |
//! | [`Money::plus`], [`Money::minus`] | [`Money`] | same |
//! | [`Money::prorated`] (part of a whole) | [`Money`], rounded to 4 places | the whole is zero |
//! | [`Money::per_unit`] of a [`Quantity`] | [`Price`], rounded to 4 places | the quantity is zero |
//! | [`Quantity::plus`], [`Quantity::minus`] | [`Quantity`] | it leaves `0..` |
//!
//! Nothing here is a float and nothing adds a price to a quantity.

mod decimal;
mod money;
mod percent;
mod price;
mod quantity;
mod tick;

pub use decimal::{MAX_UNITS, PLACES, ValueError};
pub use money::Money;
pub use percent::Percent;
pub use price::Price;
pub use quantity::{NetQuantity, Quantity};
pub use tick::Tick;
