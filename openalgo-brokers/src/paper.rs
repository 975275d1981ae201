//! The paper broker: an exchange that runs inside this process (`docs/paper-exchange.md`).
//!
//! It is a pure machine. Each account takes orders, cancellations and prices and answers with
//! the [`LedgerEntry`](openalgo_core::paper::LedgerEntry) that must be committed; it owns no
//! clock, network or database.
//!
//! | file | what is in it |
//! |---|---|
//! | `account` | the machine of one account |
//! | `account::deciding` | what becomes of an order when it comes, is changed, or meets a price |
//! | `account::jobs` | what happens to an account by itself |
//! | `account::ending` | how positions end by themselves, and what a day comes to |
//! | `account::reserving` | what orders that wait for a price reserve |
//! | `account::terms` | other terms, and starting anew |
//! | `book` | the orders that rest, found by the price that they wait for |
//! | `costs` | what a trade costs besides its price |
//! | `decision` | an order while it is being decided on |
//! | `draft` | what one decision changes, before it takes effect |
//! | `matching` | when an order fills, and at which price |
//! | `delivery` | how shares become holdings, and leave them to be sold |
//! | `netting` | what a fill does to a position |
//! | `exposure` | what an order must reserve, and what of a delivery can be sold |
//! | `number` | order and trade numbers |

mod account;
mod book;
mod costs;
mod decision;
mod delivery;
mod draft;
mod exposure;
mod matching;
mod netting;
mod number;

use crate::charges_file;
use account::Account;
use openalgo_core::paper::{PaperState, PaperTerms};
use openalgo_core::port::{PaperAccount, PaperExchange};
use openalgo_core::rule::charges::{ChargeProfile, ChargesOf};
use std::sync::Arc;

/// The name under which orders of the paper broker are kept.
pub const BROKER_NAME: &str = "paper";

/// The paper exchange.
#[derive(Debug, Clone, Copy, Default)]
pub struct PaperBroker;

impl PaperExchange for PaperBroker {
    fn open(&self, state: PaperState, terms: Arc<PaperTerms>) -> Box<dyn PaperAccount> {
        Box::new(Account::new(state, terms))
    }

    fn charges(&self, of: ChargesOf) -> Option<Arc<ChargeProfile>> {
        if of == ChargesOf::None {
            return None;
        }
        // What comes with the program is read in its tests.
        charges_file::built_in(of).ok().map(Arc::new)
    }
}
