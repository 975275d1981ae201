//! How things look: as tables for people, as JSON for programs.

mod gtt;
mod json;
mod money;
mod plot;
mod prices;
mod sheet;
mod table;

pub(crate) use gtt::{gtt_details, gtt_json, gtts_table, leg_json, legs_text};
pub(crate) use json::{
    broker_funds_json, depth_json, funds_json, holding_json, instrument_json, number, order_json,
    position_json, quote_json, tick_json, trade_json, user_json,
};
pub(crate) use money::{rupees, rupees_signed};
pub(crate) use plot::Plot;
pub(crate) use prices::PriceTable;
pub(crate) use sheet::{Entry, Sheet};
pub(crate) use table::{
    broker_funds_table, fields, funds_table, holdings_table, orders_table, positions_table,
    trades_table,
};

use crate::error::Exit;
use openalgo::core::id::ClientOrderId;
use openalgo::core::market::Timestamp;
use openalgo::core::order::NewOrder;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::path::Path;
use uuid::Uuid;

/// The answer of a command, both ways. It may be a key, so it shows none of itself in `Debug`.
#[derive(Serialize, Deserialize)]
pub(crate) struct Output {
    /// For programs.
    pub(crate) data: Value,
    /// For people; ends with a line break.
    pub(crate) text: String,
    /// What is to be said besides the answer.
    pub(crate) warnings: Vec<String>,
    /// The exit code of an answer that tells of something wrong.
    pub(crate) failing: Option<Exit>,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("warnings", &self.warnings)
            .field("failing", &self.failing)
            .finish_non_exhaustive()
    }
}

impl Output {
    pub(crate) fn new(data: Value, text: impl Into<String>) -> Self {
        let mut text = text.into();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Self {
            data,
            text,
            warnings: Vec::new(),
            failing: None,
        }
    }

    /// The same answer, and something to be said besides it.
    pub(crate) fn warning(mut self, message: impl Into<String>) -> Self {
        self.warnings.push(message.into());
        self
    }

    /// The same answer, which tells of something wrong.
    pub(crate) fn failing(mut self, exit: Exit) -> Self {
        self.failing = Some(exit);
        self
    }
}

/// What the ids begin with that orders without one get from this program.
pub(crate) const OUR_PREFIX: &str = "cli-";

/// Characters of a UUID.
const UUID_LENGTH: usize = 36;

/// The id that the user gave an order; one that this program made up is nobody's business.
pub(crate) fn own_id(order: &NewOrder) -> Option<&ClientOrderId> {
    order.client_order_id.as_ref().filter(|id| is_own(id))
}

/// Whether an id is one that the user gave.
pub(crate) fn is_own(id: &ClientOrderId) -> bool {
    // Parts of a request have the id of the whole, and more behind it.
    let uuid = id.as_str().strip_prefix(OUR_PREFIX);
    let uuid = uuid.and_then(|id| id.get(..UUID_LENGTH));
    uuid.is_none_or(|uuid| Uuid::try_parse(uuid).is_err())
}

/// A path as programs read it: wherever they stand, and whatever its letters are.
pub(crate) fn full_path(path: &Path) -> String {
    let full = std::path::absolute(path).unwrap_or_else(|_error| path.to_owned());
    full.display().to_string()
}

/// A time as people in India read it.
pub(crate) fn clock_time(at: Timestamp) -> String {
    at.to_ist().format("%d %b %H:%M:%S").to_string()
}

/// A time with its date, for what may be long ago.
pub(crate) fn full_time(at: Timestamp) -> String {
    at.to_ist().format("%Y-%m-%d %H:%M:%S IST").to_string()
}

/// A time as programs read it: RFC 3339 with the Indian offset.
pub(crate) fn exact_time(at: Timestamp) -> String {
    at.to_ist().format("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// It may be a key, a password or a whole account.
    #[test]
    fn an_answer_is_not_shown_by_debug() {
        let answer = Output::new(json!({ "key": "4f70656e" }), "Key  4f70656e").warning("keep it");
        let shown = format!("{answer:?}");
        assert!(!shown.contains("4f70656e"), "{shown}");
        assert!(shown.contains("keep it"), "{shown}");
    }
}
