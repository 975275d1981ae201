-- What happens to an account of the paper exchange without an order.

-- Up to when everything that happens by itself has happened; NULL: up to the last change.
ALTER TABLE paper_accounts ADD COLUMN jobs_until TEXT;

-- What of the cost of a holding was paid in cash on the paper exchange.
ALTER TABLE holdings ADD COLUMN paid REAL NOT NULL DEFAULT 0;

-- A position is what its trades and these rows come to, in units and in cash.
CREATE TABLE paper_movements (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    broker_name     TEXT NOT NULL,
    exchange        TEXT NOT NULL,
    symbol          TEXT NOT NULL,
    product         TEXT NOT NULL,
    kind            TEXT NOT NULL,           -- delivered, withdrawn, settled, reset
    units           INTEGER NOT NULL,        -- how many the position has more
    cash            REAL NOT NULL,           -- received for units that left, less paid for those that came
    moved_at        TEXT NOT NULL
);

CREATE INDEX idx_paper_movements_account ON paper_movements(user_id, broker_name);

CREATE TABLE daily_pnl (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    broker_name     TEXT NOT NULL,
    date            TEXT NOT NULL,
    realized_pnl    REAL NOT NULL,
    positions_unrealized_pnl REAL NOT NULL,
    holdings_unrealized_pnl REAL NOT NULL,
    total_mtm       REAL NOT NULL,
    available_balance REAL NOT NULL,
    used_margin     REAL NOT NULL,
    portfolio_value REAL NOT NULL,
    UNIQUE(user_id, broker_name, date)
);
