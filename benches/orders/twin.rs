//! The yardstick: the rows that orders came to, written again to a second folder, in one commit.

use crate::raw::{Connection, Statement};
use crate::samples::timed;
use crate::trader::Trader;
use std::time::Duration;

/// Tables to which an order adds rows.
const GROWING: [&str; 3] = ["orders", "order_events", "trades"];

/// Rows that an order changes, with the columns that it changes.
const CHANGING: [(&str, &str); 2] = [
    (
        "positions",
        "quantity, average_price, ltp, pnl, pnl_percent, day_buy_qty, day_sell_qty, day_buy_avg, \
         day_sell_avg, updated_at, cost, margin, realized_pnl, today_realized_pnl, day_buy_value, \
         day_sell_value",
    ),
    (
        "paper_accounts",
        "version, trading_day, last_order_number, total_capital, available, used_margin, \
         realized_pnl, today_realized_pnl, reset_count, updated_at",
    ),
];

/// A folder that gets the rows of another one.
pub(crate) struct Twin {
    /// Keeps the folder.
    _trader: Trader,
    c: Connection,
    takes_positions: bool,
}

impl Twin {
    /// The twin of somebody who trades on paper, or at a broker, where positions stay as they are.
    pub(crate) fn new(trader: Trader, of: &Trader, takes_positions: bool) -> Self {
        let c = trader.raw();
        let (path, key) = of.place_and_key();
        c.execute(&format!("ATTACH '{path}' AS ours KEY \"x'{key}'\""));
        for table in GROWING {
            c.execute(&format!(
                "CREATE TEMP TABLE new_{table} AS SELECT * FROM main.{table} WHERE false"
            ));
        }
        for (table, _) in CHANGING {
            c.execute(&format!(
                "CREATE TEMP TABLE new_{table} AS SELECT * FROM main.{table} WHERE false"
            ));
        }
        // Its own first order may have the id of one that will be copied.
        c.execute("UPDATE main.orders SET broker_order_id = 'first'");
        let twin = Self {
            _trader: trader,
            c,
            takes_positions,
        };
        // Both begin with the same rows.
        twin.writing().write();
        twin
    }

    pub(crate) fn writing(&self) -> Writing<'_> {
        let c = &self.c;
        let fetch = |table: &str| {
            let clear = c.prepare(&format!("DELETE FROM temp.new_{table}"));
            let fill = c.prepare(&format!(
                "INSERT INTO temp.new_{table} SELECT * FROM ours.{table} \
                 WHERE id > (SELECT coalesce(max(id), 0) FROM main.{table}) ORDER BY id"
            ));
            [clear, fill]
        };
        let mut fetches: Vec<_> = GROWING.iter().flat_map(|table| fetch(table)).collect();
        let mut writes: Vec<_> = GROWING
            .iter()
            .map(|table| {
                c.prepare(&format!(
                    "INSERT INTO main.{table} SELECT * FROM temp.new_{table}"
                ))
            })
            .collect();
        for (table, columns) in CHANGING.iter().filter(|_| self.takes_positions) {
            fetches.push(c.prepare(&format!("DELETE FROM temp.new_{table}")));
            fetches.push(c.prepare(&format!(
                "INSERT INTO temp.new_{table} SELECT * FROM ours.{table}"
            )));
            writes.push(c.prepare(&format!(
                "UPDATE main.{table} SET ({columns}) = \
                 (SELECT {columns} FROM temp.new_{table}) WHERE id = 1"
            )));
        }
        Writing {
            fetches,
            // An immediate one would take the lock of the other folder as well.
            begin: c.prepare("BEGIN"),
            writes,
            commit: c.prepare("COMMIT"),
        }
    }

    /// Whether both hold the same.
    pub(crate) fn is_equal(&self) -> bool {
        GROWING.iter().all(|table| {
            let sql = format!(
                "SELECT count(*) FROM (SELECT * FROM main.{table} EXCEPT SELECT * FROM ours.{table} \
                 UNION ALL SELECT * FROM ours.{table} EXCEPT SELECT * FROM main.{table})"
            );
            let mut difference = self.c.prepare(&sql);
            assert!(difference.step());
            // The first order of each folder is its own.
            difference.whole(0) <= 8
        })
    }
}

/// Prepared statements that fetch what is new, and write it.
pub(crate) struct Writing<'c> {
    fetches: Vec<Statement<'c>>,
    begin: Statement<'c>,
    writes: Vec<Statement<'c>>,
    commit: Statement<'c>,
}

impl Writing<'_> {
    /// Writes what is new in one commit; only that counts.
    pub(crate) fn write(&mut self) -> Duration {
        for fetch in &mut self.fetches {
            fetch.insert(&[]);
        }
        timed(|| {
            self.begin.insert(&[]);
            for write in &mut self.writes {
                write.insert(&[]);
            }
            self.commit.insert(&[]);
        })
    }
}
