//! Where an entry that does not follow came from, and what an entry was that is gone.

use crate::column::{Text, Whole};
use crate::error::Fault;
use crate::journal::{self, GENESIS};
use crate::row::event::{EventRow, chain_of};
use crate::schema::order_events as table;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::OrderId;
use openalgo_core::journal::{BadEntry, ChainKey, Flaw};
use openalgo_crypto::JournalKey;

/// What an entry followed when it was written.
#[derive(Debug)]
pub(super) struct Origin {
    /// The entry that it followed; zero at the beginning of a chain.
    pub(super) number: i64,
    /// The chain in which that one stands now; `None` at the beginning.
    pub(super) chain: Option<ChainKey>,
}

/// Looks for the entry that this one was written after: its seal tells. `None` for one that was
/// never written so.
pub(super) fn find(
    c: &mut SqliteConnection,
    key: &JournalKey,
    entry: &EventRow,
) -> Result<Option<Origin>, Fault> {
    let Some(sealed) = journal::from_hex(&entry.mac) else {
        return Ok(None);
    };
    if journal::seal(key, &GENESIS, entry) == sealed {
        let (number, chain) = (0, None);
        return Ok(Some(Origin { number, chain }));
    }
    let rows = table::table
        .order(table::id.asc())
        .select((table::id, table::user_id, table::broker_name, table::mac))
        .load_iter::<(i64, Whole, Text, Text), _>(c)?;
    for row in rows {
        let (number, user, broker, mac) = row?;
        let end = mac.as_str().and_then(journal::from_hex);
        if end.is_some_and(|end| journal::seal(key, &end, entry) == sealed) {
            let chain = chain_of(user, &broker);
            return Ok(Some(Origin { number, chain }));
        }
    }
    Ok(None)
}

#[derive(QueryableByName)]
struct Hole {
    #[diesel(sql_type = BigInt)]
    order_id: i64,
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

/// An entry of a chain that is gone; it was the one that its order misses, if only one does.
pub(super) fn missing(
    c: &mut SqliteConnection,
    key: &ChainKey,
    number: i64,
) -> Result<BadEntry, Fault> {
    // What is missing right before an entry whose own predecessor is not there.
    let holes: Vec<Hole> = sql_query(
        "SELECT e.order_id, e.seq - 1 AS seq FROM order_events e \
         WHERE e.user_id = ? AND e.broker_name = ? AND e.seq > 1 AND NOT EXISTS \
         (SELECT 1 FROM order_events p WHERE p.order_id = e.order_id AND p.seq = e.seq - 1) \
         LIMIT 2",
    )
    .bind::<BigInt, _>(key.user.get())
    .bind::<diesel::sql_types::Text, _>(&key.broker)
    .load(c)?;
    let hole = match &holes[..] {
        [hole] => Some(hole),
        _ => None,
    };
    Ok(BadEntry {
        number: Some(number),
        order: hole.map(|hole| OrderId::new(hole.order_id)),
        seq: hole.map(|hole| hole.seq),
        public_id: None,
        flaw: Flaw::Missing,
    })
}
