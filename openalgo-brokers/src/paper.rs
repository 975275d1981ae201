//! The paper broker: an exchange that runs inside this process (`docs/paper-exchange.md`).
//!
//! It is a pure machine. Each account takes orders, cancellations and prices and answers with
//! the [`LedgerEntry`](openalgo_core::paper::LedgerEntry) that must be committed; it owns no
//! clock, network or database.
//!
//! | file | what is in it |
//! |---|---|
//! | `account` | the machine of one account |
//! | `draft` | what one decision changes, before it takes effect |
//! | `matching` | when an order fills, and at which price |
//! | `netting` | what a fill does to a position |
//! | `exposure` | what an order must reserve, and what of a delivery can be sold |
//! | `number` | order and trade numbers |

mod account;
mod draft;
mod exposure;
mod matching;
mod netting;
mod number;

use account::Account;
use openalgo_core::paper::PaperState;
use openalgo_core::port::{PaperAccount, PaperExchange};
use openalgo_core::rule::margin::Leverage;

/// The name under which orders of the paper broker are kept.
pub const BROKER_NAME: &str = "paper";

/// The paper exchange and the rules that all its accounts share.
#[derive(Debug, Clone, Default)]
pub struct PaperBroker {
    leverage: Leverage,
}

impl PaperBroker {
    /// An exchange that asks for the margin that `leverage` leaves.
    pub fn new(leverage: Leverage) -> Self {
        Self { leverage }
    }
}

impl PaperExchange for PaperBroker {
    fn open(&self, state: PaperState) -> Box<dyn PaperAccount> {
        Box::new(Account::new(state, self.leverage))
    }
}
