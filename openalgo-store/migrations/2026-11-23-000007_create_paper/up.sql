-- The accounts of the paper exchange.

CREATE TABLE paper_accounts (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    broker_name     TEXT NOT NULL,
    version         INTEGER NOT NULL,        -- number of the last committed ledger entry
    trading_day     TEXT NOT NULL,           -- the session that today's figures belong to
    last_order_number INTEGER NOT NULL,
    total_capital   REAL NOT NULL,
    available       REAL NOT NULL,
    used_margin     REAL NOT NULL,
    realized_pnl    REAL NOT NULL,
    today_realized_pnl REAL NOT NULL,
    reset_count     INTEGER NOT NULL DEFAULT 0,
    last_reset_at   TEXT,
    created_at      TEXT DEFAULT (datetime('now')),
    updated_at      TEXT DEFAULT (datetime('now')),
    UNIQUE(user_id, broker_name)
);
