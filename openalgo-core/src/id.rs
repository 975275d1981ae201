//! Identifiers: one type for each kind, so that they cannot be swapped.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;
use uuid::Uuid;

macro_rules! row_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Wraps the number of a row.
            pub const fn new(row: i64) -> Self {
                Self(row)
            }

            /// The number of the row.
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

row_id!(
    /// A user of this installation.
    UserId
);
row_id!(
    /// An order in our own order history.
    OrderId
);
row_id!(
    /// A trade in our own trade history.
    TradeId
);
row_id!(
    /// A webhook strategy.
    StrategyId
);
row_id!(
    /// An order that waits for approval.
    PendingOrderId
);
row_id!(
    /// A login session.
    SessionId
);
row_id!(
    /// A named API key.
    ApiTokenId
);
row_id!(
    /// An order that waits for a price.
    GttId
);
row_id!(
    /// A watchlist.
    WatchlistId
);

/// A text that is empty, too long, or holds characters its kind does not allow.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind} '{}' must be {rule}", text.escape_debug())]
pub struct TextError {
    /// What was being read, such as `client order id`.
    pub kind: &'static str,
    /// The text as given.
    pub text: Box<str>,
    /// What it must be like.
    pub rule: &'static str,
}

macro_rules! text_id {
    ($(#[$meta:meta])* $name:ident, $kind:literal, $rule:literal, $accepts:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes a text that follows the rule of this kind.
            pub fn try_new(text: &str) -> Result<Self, TextError> {
                let accepts: fn(&str) -> bool = $accepts;
                if accepts(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(TextError { kind: $kind, text: text.into(), rule: $rule })
                }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                Self::try_new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                Self::try_new(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }
    };
}

fn is_visible(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A name that people give to something of theirs.
fn is_title(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.chars().count())
        && text.trim() == text
        && crate::text::is_line(text)
}

text_id!(
    /// The short name of a broker, such as `paper` or `zerodha`.
    BrokerName,
    "broker name",
    "1 to 32 of a-z, 0-9, '-' and '_'",
    |text| (1..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
);
text_id!(
    /// The short name of a bot, such as `crossover`.
    BotName,
    "bot name",
    "1 to 24 of a-z, 0-9, '-' and '_'",
    |text| (1..=24).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
);
text_id!(
    /// The order id by which the broker and the trader know an order.
    BrokerOrderId,
    "order id",
    "1 to 64 visible ASCII characters",
    |text| is_visible(text, 64)
);
text_id!(
    /// The broker's id of one execution.
    BrokerTradeId,
    "trade id",
    "1 to 64 visible ASCII characters",
    |text| is_visible(text, 64)
);
/// The longest client order id, in characters.
const LONGEST_CLIENT_ORDER_ID: usize = 64;

text_id!(
    /// The sender's own id of an order: sent twice, it is one order.
    ClientOrderId,
    "client order id",
    "1 to 64 visible ASCII characters without blanks",
    |text| is_visible(text, LONGEST_CLIENT_ORDER_ID)
);
impl ClientOrderId {
    /// The id of a part of what was asked for with this one: `ID-PART`, or, where that is longer
    /// than an id may be, as much of the beginning as fits, with a hash of all of it.
    pub fn derive(&self, part: &str) -> Result<Self, TextError> {
        let plain = format!("{self}-{part}");
        if plain.len() <= LONGEST_CLIENT_ORDER_ID {
            return Self::try_new(&plain);
        }
        let (id, end) = (
            self.as_str(),
            format!("{}-{part}", short_hash(self.as_str())),
        );
        let room = LONGEST_CLIENT_ORDER_ID.saturating_sub(end.len());
        let beginning = id.get(..room.saturating_sub(1)).unwrap_or_default();
        Self::try_new(&format!("{beginning}-{end}"))
    }
}

/// A short text that stands for a longer one (FNV-1a), the same for ever.
pub fn short_hash(text: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}

text_id!(
    /// The broker's number of an instrument; sometimes composite.
    InstrumentToken,
    "instrument token",
    "1 to 64 visible ASCII characters",
    |text| is_visible(text, 64)
);
text_id!(
    /// The name of a user, as typed at login.
    Username,
    "user name",
    "3 to 50 of a-z, A-Z, 0-9, '.', '-' and '_'",
    |text| (3..=50).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
);

impl Username {
    /// Whether two names are one to whoever reads them: they differ in case at most. Only one of
    /// them can be taken; at login a name is still typed as it was chosen.
    pub fn is_like(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

text_id!(
    /// The e-mail address of a user.
    Email,
    "e-mail address",
    "of the form name@domain",
    |text| is_visible(text, 254)
        && text.split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty() && !domain.is_empty() && !domain.contains('@')
        })
);
text_id!(
    /// The name of a strategy, unique for its user.
    StrategyName,
    "strategy name",
    "3 to 64 letters, digits, blanks, '-' and '_', without a blank at either end",
    |text| (3..=64).contains(&text.len())
        && text.trim() == text
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b" -_".contains(&b))
);
text_id!(
    /// The orders that were asked for at once.
    BasketId,
    "basket id",
    "1 to 64 visible ASCII characters",
    |text| is_visible(text, 64)
);
impl From<IntentId> for BasketId {
    fn from(id: IntentId) -> Self {
        Self(id.to_string().into())
    }
}

text_id!(
    /// The name of an API key beside the main one.
    TokenName,
    "key name",
    "1 to 50 characters, without blanks at its ends",
    |text| is_title(text, 50)
);
text_id!(
    /// The first digits of an API key: they tell which key it can be before anything is hashed.
    KeyPrefix,
    "start of an API key",
    "8 of 0-9 and a-f",
    |text| text.len() == 8 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
);
text_id!(
    /// The id by which clients know an order that waits for a price.
    TriggerId,
    "trigger id",
    "1 to 64 visible ASCII characters",
    |text| is_visible(text, 64)
);
text_id!(
    /// The part of a session's token that finds the session; the other part is the secret.
    SessionTokenId,
    "session token id",
    "16 to 64 of a-z, A-Z, 0-9, '-' and '_'",
    |text| (16..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
);
text_id!(
    /// The name of a watchlist.
    WatchlistName,
    "name of a watchlist",
    "1 to 50 characters, without blanks at its ends",
    |text| is_title(text, 50)
);
text_id!(
    /// The mark that an order carries at a broker, by which it is known again.
    OrderTag,
    "order tag",
    "1 to 20 ASCII letters and digits",
    |text| (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
);

/// Our own id of one order intent, made before anything is decided or sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntentId(Uuid);

impl IntentId {
    /// Wraps a unique number.
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// The mark of its order at the broker: 20 digits to the base of 32, which is as much as
    /// brokers carry, of the id's lower 100 bits, which differ for every order.
    pub fn tag(self) -> OrderTag {
        const DIGITS: [char; 32] = [
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G',
            'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V',
        ];
        let id = self.0.as_u128();
        let digit = |place: u32| {
            let digit = id.checked_shr(place.saturating_mul(5)).unwrap_or_default() & 31;
            usize::try_from(digit)
                .ok()
                .and_then(|digit| DIGITS.get(digit))
        };
        OrderTag((0..20).rev().filter_map(digit).collect::<String>().into())
    }

    /// The id that stands in an order's `broker_order_id` until the broker has answered.
    pub fn local_order_id(self) -> String {
        format!("local:{}", self.0)
    }

    /// Whether this is the order's id until the broker gives it one.
    pub fn is_local_order_id(self, id: &str) -> bool {
        // Most ids are a broker's, and comparing them is worth no text.
        id.starts_with("local:") && id == self.local_order_id()
    }
}

impl fmt::Display for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for IntentId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}
