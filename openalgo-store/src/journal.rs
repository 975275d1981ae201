//! The journal of orders: entries are appended and chained, never changed.
//!
//! All entries of an account form one chain. The seal (`mac`) of an entry covers the seal before
//! it, so an entry that is changed, taken out or put elsewhere breaks the chain from there on, and
//! nobody without the journal key can mend it.

use crate::column::Place;
use crate::error::Fault;
use crate::row::event::{EventRow, read_payload};
use crate::schema::order_events as table;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::{BrokerName, OrderId, UserId};
use openalgo_core::order::OrderEvent;
use openalgo_crypto::JournalKey;
use std::collections::HashMap;
use std::fmt::Write as _;

/// A seal.
pub(crate) type Mac = [u8; 32];

/// What the first entry of an account follows.
pub(crate) const GENESIS: Mac = [0; 32];

/// The end of an account's chain, to which entries are appended.
///
/// It is read and extended within one savepoint of the one writer, so nobody else appends to the
/// same end.
#[derive(Debug)]
pub(crate) struct Chain<'a> {
    key: &'a JournalKey,
    user: UserId,
    broker: &'a BrokerName,
    head: Mac,
}

impl<'a> Chain<'a> {
    /// The chain of an account as it stands.
    pub(crate) fn load(
        c: &mut SqliteConnection,
        key: &'a JournalKey,
        (user, broker): (UserId, &'a BrokerName),
    ) -> Result<Self, Fault> {
        let last: Option<(i64, String)> = table::table
            .filter(table::user_id.eq(user.get()))
            .filter(table::broker_name.eq(broker.as_str()))
            .order(table::id.desc())
            .select((table::id, table::mac))
            .get_result(c)
            .optional()?;
        let head = match last {
            None => GENESIS,
            Some((row, mac)) => {
                let table = "order_events";
                let place = Place { table, row };
                from_hex(&mac).ok_or_else(|| place.corrupt("mac", "it is not a seal"))?
            }
        };
        Ok(Self {
            key,
            user,
            broker,
            head,
        })
    }

    /// Appends entries `first_seq`, `first_seq + 1`, … to the journal of an order.
    pub(crate) fn append<'e>(
        &mut self,
        c: &mut SqliteConnection,
        (order, first_seq): (OrderId, i64),
        events: impl IntoIterator<Item = &'e OrderEvent>,
    ) -> Result<(), Fault> {
        for (seq, event) in (first_seq..).zip(events) {
            let mut row = EventRow {
                order_id: order.get(),
                user_id: self.user.get(),
                broker_name: self.broker.to_string(),
                seq,
                event: event.kind.as_str().into(),
                payload: serde_json::to_string(event).map_err(Fault::other)?,
                at: event.at.to_string(),
                mac: String::new(),
            };
            self.head = seal(self.key, &self.head, &row);
            row.mac = to_hex(&self.head);
            diesel::insert_into(table::table).values(&row).execute(c)?;
        }
        Ok(())
    }
}

/// The ends of all chains, as far as their entries have been followed.
#[derive(Debug)]
pub(crate) struct Heads<'a> {
    key: &'a JournalKey,
    ends: HashMap<(i64, String), Mac>,
}

impl<'a> Heads<'a> {
    /// The ends before the first entry.
    pub(crate) fn new(key: &'a JournalKey) -> Self {
        Self {
            key,
            ends: HashMap::new(),
        }
    }

    /// The seal that the next entry of an account's chain must have.
    pub(crate) fn extend(&mut self, row: &EventRow) -> Mac {
        let account = (row.user_id, row.broker_name.clone());
        let end = self.ends.entry(account).or_insert(GENESIS);
        *end = seal(self.key, end, row);
        *end
    }
}

/// The number that the next entry of an order gets.
pub(crate) fn next_seq(c: &mut SqliteConnection, order: OrderId) -> Result<i64, Fault> {
    let last: Option<i64> = table::table
        .filter(table::order_id.eq(order.get()))
        .order(table::seq.desc())
        .select(table::seq)
        .get_result(c)
        .optional()?;
    last.unwrap_or(0)
        .checked_add(1)
        .ok_or_else(|| Fault::other("the journal of an order is full"))
}

/// The entries of an order, the oldest first.
pub(crate) fn entries(c: &mut SqliteConnection, order: OrderId) -> Result<Vec<OrderEvent>, Fault> {
    let rows: Vec<(i64, String)> = table::table
        .filter(table::order_id.eq(order.get()))
        .order(table::seq.asc())
        .select((table::id, table::payload))
        .load(c)?;
    let events = rows
        .iter()
        .map(|(id, payload)| read_payload(*id, payload))
        .collect::<Result<_, _>>()?;
    Ok(events)
}

/// The seal of an entry that follows `previous`.
pub(crate) fn seal(key: &JournalKey, previous: &Mac, row: &EventRow) -> Mac {
    key.link(
        previous,
        &[
            row.user_id.to_string().as_bytes(),
            row.broker_name.as_bytes(),
            row.order_id.to_string().as_bytes(),
            row.seq.to_string().as_bytes(),
            row.at.as_bytes(),
            row.payload.as_bytes(),
        ],
    )
}

pub(crate) fn to_hex(mac: &Mac) -> String {
    let mut text = String::with_capacity(64);
    for byte in mac {
        // Writing to a String cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text
}

/// The seal that a text stands for, if it is as [`to_hex`] writes it: one that is written in another
/// way was not written here.
pub(crate) fn from_hex(text: &str) -> Option<Mac> {
    let mut mac = GENESIS;
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != mac.len() || !rest.is_empty() {
        return None;
    }
    for (byte, pair) in mac.iter_mut().zip(pairs) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    (to_hex(&mac) == text).then_some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_survives_its_text() {
        let mut mac = GENESIS;
        for (number, byte) in (0_u8..).zip(&mut mac) {
            *byte = number.wrapping_mul(37);
        }
        assert_eq!(from_hex(&to_hex(&mac)), Some(mac));
        assert_eq!(from_hex(&to_hex(&mac).to_uppercase()), None);
        assert_eq!(from_hex(&"+1".repeat(32)), None);
        assert_eq!(from_hex("00"), None);
        assert_eq!(from_hex(&"zz".repeat(32)), None);
    }
}
