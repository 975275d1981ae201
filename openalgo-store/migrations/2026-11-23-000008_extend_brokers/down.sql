ALTER TABLE pending_orders DROP COLUMN rejected_reason;
ALTER TABLE pending_orders DROP COLUMN basket_row;
ALTER TABLE pending_orders DROP COLUMN basket_id;
ALTER TABLE pending_orders DROP COLUMN client_order_id;
ALTER TABLE pending_orders DROP COLUMN order_source;
ALTER TABLE pending_orders DROP COLUMN broker_name;
ALTER TABLE pending_orders DROP COLUMN mode;

ALTER TABLE strategies DROP COLUMN squareoff_time;
ALTER TABLE strategies DROP COLUMN end_time;
ALTER TABLE strategies DROP COLUMN start_time;
ALTER TABLE strategies DROP COLUMN is_intraday;
ALTER TABLE strategies DROP COLUMN trading_mode;
ALTER TABLE strategies DROP COLUMN platform;

-- The earlier form cannot name a session by its token, so sessions end here.
DROP TABLE sessions;
CREATE TABLE sessions (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    broker_id       TEXT,                    -- name of the broker chosen in it
    access_token    TEXT NOT NULL,           -- Encrypted
    feed_token      TEXT,                    -- Encrypted
    device          TEXT,
    expires_at      TEXT NOT NULL,
    is_active       INTEGER NOT NULL DEFAULT 1,
    created_at      TEXT DEFAULT (datetime('now'))
);

CREATE INDEX idx_sessions_user ON sessions(user_id);

ALTER TABLE broker_connections DROP COLUMN api_secret;
ALTER TABLE broker_connections DROP COLUMN api_key;
