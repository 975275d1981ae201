//! What options are worth, and what a set of them earns.
//!
//! Models of option prices compute with floats; this room is the only one that does, and what goes
//! in and comes out of it for orders stays exact.
//!
//! | file | what is in it |
//! |---|---|
//! | `model` | price, implied volatility and Greeks of one option: Black-76 and Black-Scholes |
//! | `life` | how long an option still lives |
//! | `open_interest` | put-call ratio and max pain of a chain |
//! | `parity` | what call and put of one strike are worth together |
//! | `payoff` | what a set of legs earns at expiry, and where it breaks even |
//! | `scan` | what a set of legs may lose in a day, as clearing houses look at it |

mod life;
#[expect(
    clippy::float_arithmetic,
    reason = "a model of prices computes with real numbers; no amount of money is booked by it"
)]
mod model;
mod open_interest;
mod parity;
mod payoff;
#[expect(
    clippy::float_arithmetic,
    reason = "an estimate computes with real numbers; no amount of money is booked by it"
)]
mod scan;

pub use life::OptionLife;
pub use model::{Explained, Greeks, NotComputable, OptionModel, Underlying};
pub use open_interest::{OpenInterest, StrikeInterest};
pub use parity::{straddle, synthetic_future};
pub use payoff::{Extreme, MOST_LEGS, Payoff, PayoffError, PayoffLeg};
pub use scan::{ScanLeg, ScanMargin, ScanRule};
