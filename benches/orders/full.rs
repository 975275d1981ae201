//! Whether orders are taken as fast when a million are stored.

use crate::samples::{Comparison, timed};
use crate::trader::Trader;
use openalgo::core::order::Side;
use tokio::runtime::Runtime;

const FEW: u32 = 1_000;
const MANY: u32 = 1_000_000;

/// Orders that are stored in one commit.
const PART: u32 = 50_000;

/// Orders of one day.
const DAILY: u32 = 4_000;

pub(crate) fn million(runtime: &Runtime) {
    let folder = |orders| {
        let trader = runtime.block_on(Trader::new());
        fill(&trader, orders);
        trader
    };
    let (few, many) = (folder(FEW), folder(MANY));
    let place = |trader: &Trader, side| timed(|| runtime.block_on(trader.place(side)));
    let mut number = 0_u32;
    Comparison {
        name: "with 1,000,000 orders; yardstick: with 1,000",
        operations: 1,
        turns: 2_000,
        budget: Some(1.2),
    }
    .run_pairs(|| {
        number += 1;
        let side = if number.is_multiple_of(2) {
            Side::Buy
        } else {
            Side::Sell
        };
        if number % 4 < 2 {
            let one = place(&many, side);
            (one, place(&few, side))
        } else {
            let other = place(&few, side);
            (place(&many, side), other)
        }
    });
}

/// Stores orders of earlier days with their journals, each like the one that was placed.
fn fill(trader: &Trader, orders: u32) {
    let c = trader.raw();
    c.execute("PRAGMA cache_size = -400000");
    // Ids are as random as real ones, so that the indexes grow in the middle too.
    for begin in (0..orders).step_by(usize::try_from(PART).unwrap()) {
        let end = orders.min(begin + PART);
        c.execute(&format!(
            "BEGIN IMMEDIATE;
             CREATE TEMP TABLE numbers AS WITH RECURSIVE counted(n) AS
                 (SELECT {begin} UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < {end})
                 SELECT n, lower(hex(randomblob(16))) AS id,
                        date('2026-11-01', '-' || (n / {DAILY}) || ' days') AS day FROM counted;
             CREATE TEMP TABLE model AS SELECT * FROM orders WHERE id = 1;
             UPDATE model SET id = NULL;
             CREATE TEMP TABLE rows AS SELECT model.*, n, numbers.id AS new_id, day
                 FROM numbers, model ORDER BY n;
             UPDATE rows SET id = n + 2, broker_order_id = 'F' || n, intent_id = new_id,
                    trading_day = day, placed_at = day || substr(placed_at, 11),
                    updated_at = day || substr(updated_at, 11),
                    created_at = day || substr(created_at, 11);
             ALTER TABLE rows DROP COLUMN n;
             ALTER TABLE rows DROP COLUMN new_id;
             ALTER TABLE rows DROP COLUMN day;
             INSERT INTO orders SELECT * FROM rows;
             INSERT INTO order_events (order_id, user_id, broker_name, seq, event, payload, at, mac)
                 SELECT rows.id, e.user_id, e.broker_name, e.seq, e.event, e.payload, e.at, e.mac
                 FROM rows, order_events AS e WHERE e.order_id = 1 ORDER BY rows.id, e.seq;
             DROP TABLE numbers; DROP TABLE model; DROP TABLE rows;
             COMMIT"
        ));
    }
    c.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}
