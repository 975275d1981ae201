//! Values of options against published ones, an independent implementation, and themselves.

mod model;
mod open_interest;
mod payoff;
mod scan;
