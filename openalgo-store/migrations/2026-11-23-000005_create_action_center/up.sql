-- Orders that wait for a person's approval (semi-auto mode).

CREATE TABLE pending_orders (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    strategy        TEXT NOT NULL,
    symbol          TEXT NOT NULL,
    exchange        TEXT NOT NULL,
    action          TEXT NOT NULL,
    quantity        INTEGER NOT NULL,
    product         TEXT NOT NULL,
    price_type      TEXT NOT NULL,
    price           REAL DEFAULT 0,
    trigger_price   REAL DEFAULT 0,
    position_size   INTEGER,                 -- For smart orders
    status          TEXT DEFAULT 'PENDING',  -- PENDING, APPROVED, REJECTED, EXPIRED
    approved_at     TEXT,
    rejected_at     TEXT,
    expires_at      TEXT,
    created_at      TEXT DEFAULT (datetime('now'))
);

CREATE INDEX idx_pending_user ON pending_orders(user_id);
CREATE INDEX idx_pending_status ON pending_orders(status);
CREATE INDEX idx_pending_created ON pending_orders(created_at DESC);
