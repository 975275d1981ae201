//! Options from the command line.
//!
//! | file | what is in it |
//! |---|---|
//! | `named` | underlyings and expiries as people name them |
//! | `chain` | `openalgo chain` |
//! | `greeks` | `openalgo greeks` |
//! | `payoff` | `openalgo payoff` |

pub(crate) mod chain;
pub(crate) mod greeks;
pub(crate) mod named;
pub(crate) mod payoff;

use openalgo::core::analytics::{Explained, Greeks};
use serde_json::{Map, Value, json};

/// A real number with so many decimals.
fn decimals(number: f64, places: usize) -> String {
    let text = format!("{number:.places$}");
    // Minus nothing is nothing.
    let is_zero = text
        .trim_start_matches('-')
        .chars()
        .all(|c| matches!(c, '0' | '.'));
    if is_zero {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    }
}

/// The same for programs.
fn real(number: f64, places: usize) -> Value {
    crate::show::number(decimals(number, places))
}

/// A volatility in per cent.
fn percent(volatility: f64) -> f64 {
    volatility * 100.0
}

fn greeks_json(greeks: &Greeks) -> Value {
    json!({
        "delta": real(greeks.delta, 4),
        "gamma": real(greeks.gamma, 6),
        "theta": real(greeks.theta, 4),
        "vega": real(greeks.vega, 4),
        "rho": real(greeks.rho, 6),
    })
}

fn explained_json(says: Option<Explained>) -> Map<String, Value> {
    let volatility = says.map(|says| real(percent(says.volatility), 2));
    let greeks = says.map(|says| greeks_json(&says.greeks));
    let mut fields = Map::new();
    fields.insert(
        "implied_volatility".to_owned(),
        volatility.unwrap_or(Value::Null),
    );
    fields.insert("greeks".to_owned(), greeks.unwrap_or(Value::Null));
    fields
}
