-- What broker logins, login sessions, strategies and approvals need beyond the database design.

ALTER TABLE broker_connections ADD COLUMN api_key TEXT;     -- Encrypted
ALTER TABLE broker_connections ADD COLUMN api_secret TEXT;  -- Encrypted

-- The design draws this table without a definition. Nothing has written to it before, so there is
-- nothing to carry over.
DROP TABLE sessions;
CREATE TABLE sessions (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    token_id        TEXT NOT NULL UNIQUE,    -- the part of the token that finds the session
    broker_id       TEXT,                    -- name of the broker chosen in it
    access_token    TEXT NOT NULL,           -- Encrypted
    feed_token      TEXT,                    -- Encrypted
    device          TEXT,
    expires_at      TEXT NOT NULL,
    is_active       INTEGER NOT NULL DEFAULT 1,
    created_at      TEXT NOT NULL DEFAULT (datetime('now')),
    last_used_at    TEXT NOT NULL DEFAULT (datetime('now'))
);

CREATE INDEX idx_sessions_user ON sessions(user_id);

ALTER TABLE strategies ADD COLUMN platform TEXT NOT NULL DEFAULT 'others';
ALTER TABLE strategies ADD COLUMN trading_mode TEXT NOT NULL DEFAULT 'LONG';  -- LONG, SHORT, BOTH
ALTER TABLE strategies ADD COLUMN is_intraday INTEGER NOT NULL DEFAULT 0;
ALTER TABLE strategies ADD COLUMN start_time TEXT;      -- HH:MM in India; all three if intraday
ALTER TABLE strategies ADD COLUMN end_time TEXT;
ALTER TABLE strategies ADD COLUMN squareoff_time TEXT;

-- Where an order goes was decided when it was asked for, and nothing stands in for that decision:
-- neither column has a default.
ALTER TABLE pending_orders ADD COLUMN mode TEXT;            -- live or analyze
ALTER TABLE pending_orders ADD COLUMN broker_name TEXT;
ALTER TABLE pending_orders ADD COLUMN order_source TEXT NOT NULL DEFAULT 'api';
ALTER TABLE pending_orders ADD COLUMN client_order_id TEXT;
ALTER TABLE pending_orders ADD COLUMN basket_id TEXT;       -- the orders that were asked for at once
ALTER TABLE pending_orders ADD COLUMN basket_row INTEGER;   -- the place among them, from zero
ALTER TABLE pending_orders ADD COLUMN rejected_reason TEXT;
