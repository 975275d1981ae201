//! The request that an order came from, where it says more than the order does.

use crate::id::{ClientOrderId, TextError, UserId};
use crate::monitor::{BodyHash, BodyHashError};
use crate::wire::{UnknownWord, wire_enum};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

wire_enum! {
    /// What was asked for, where that is not just one order.
    pub enum RequestKind as "kind of request" {
        /// To lead to a net position.
        Smart = "placesmartorder",
        /// To place several orders.
        Basket = "basketorder",
        /// To place one large order as several.
        Split = "splitorder",
        /// To place orders for options that are meant by their distance from the money.
        Options = "optionsorder",
        /// To keep an order until a price comes.
        Gtt = "placegttorder",
        /// To close a position.
        Close = "closeposition",
        /// To close all positions.
        CloseAll = "closeallpositions",
    }
}

/// The request that an order came from, if that was one with an id of its sender and for more than
/// just that order. The same kind and id with the same body is the same request.
///
/// An order that was asked for as it is has none: its client order id and its first terms say all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderRequest {
    /// What was asked for.
    pub kind: RequestKind,
    /// The sender's own id of the whole request.
    pub id: ClientOrderId,
    /// Everything that was asked for, the trading mode included.
    pub body: BodyHash,
}

/// What makes two requests the same one, unless that is a conflict.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestKey {
    /// Who asks.
    pub user: UserId,
    /// What is asked for.
    pub kind: RequestKind,
    /// The sender's own id.
    pub id: ClientOrderId,
}

impl OrderRequest {
    /// Whether it came under this key, whoever asked.
    pub fn came_as(&self, key: &RequestKey) -> bool {
        self.kind == key.kind && self.id == key.id
    }
}

/// A text that is no request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OrderRequestError {
    /// It has more or fewer parts.
    #[error(
        "a request must be its kind, its id and the hash of its body, with a blank between each"
    )]
    Parts,
    /// The first part.
    #[error(transparent)]
    Kind(#[from] UnknownWord),
    /// The second part.
    #[error(transparent)]
    Id(#[from] TextError),
    /// The third part.
    #[error(transparent)]
    Body(#[from] BodyHashError),
}

impl fmt::Display for OrderRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.kind, self.id, self.body)
    }
}

impl FromStr for OrderRequest {
    type Err = OrderRequestError;

    fn from_str(text: &str) -> Result<Self, OrderRequestError> {
        let mut parts = text.split(' ');
        let (Some(kind), Some(id), Some(body), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(OrderRequestError::Parts);
        };
        Ok(Self {
            kind: kind.parse()?,
            id: id.parse()?,
            body: body.parse()?,
        })
    }
}

impl TryFrom<String> for OrderRequest {
    type Error = OrderRequestError;

    fn try_from(text: String) -> Result<Self, OrderRequestError> {
        text.parse()
    }
}

impl From<OrderRequest> for String {
    fn from(request: OrderRequest) -> Self {
        request.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> OrderRequest {
        OrderRequest {
            kind: RequestKind::Split,
            id: "mine-1".parse().unwrap(),
            body: BodyHash::new([0xa7; 32]),
        }
    }

    #[test]
    fn a_request_reads_back_from_its_text() {
        let text = request().to_string();
        assert!(text.starts_with("splitorder mine-1 a7a7"), "{text}");
        assert_eq!(text.parse(), Ok(request()));
    }

    #[test]
    fn what_is_no_request_says_which_part_is_wrong() {
        let body = request().body;
        for (text, word) in [
            ("splitorder mine-1".to_owned(), "a blank between"),
            (format!("splitorder mine 1 {body}"), "a blank between"),
            (format!("placeorder mine-1 {body}"), "kind of request"),
            (format!("splitorder  {body}"), "client order id"),
            ("splitorder mine-1 00".to_owned(), "64 hex digits"),
        ] {
            let error = text.parse::<OrderRequest>().unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
