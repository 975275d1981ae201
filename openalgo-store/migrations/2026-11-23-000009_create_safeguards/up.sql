-- What keeps trading safe: limits with the kill switch, answers to be given again, and who did what.

CREATE TABLE risk_limits (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    max_order_value REAL,                    -- rupees; NULL is no limit, here and below
    max_order_quantity INTEGER,
    max_daily_loss  REAL,
    max_daily_orders INTEGER,
    kill_switch     INTEGER NOT NULL DEFAULT 0,
    kill_reason     TEXT,                    -- given while the switch is on
    kill_since      TEXT,                    -- given while the switch is on
    created_at      TEXT DEFAULT (datetime('now')),
    updated_at      TEXT DEFAULT (datetime('now')),
    UNIQUE(user_id)
);

-- Where a user has rows that allow, nothing else may be traded.
CREATE TABLE risk_symbols (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    rule            TEXT NOT NULL,           -- allow, deny
    exchange        TEXT NOT NULL,
    symbol          TEXT NOT NULL,
    created_at      TEXT DEFAULT (datetime('now')),
    UNIQUE(user_id, exchange, symbol)
);

-- Requests that carried an id of their sender, with the first answer. Kept for seven days.
CREATE TABLE idempotency_keys (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    operation       TEXT NOT NULL,           -- what was asked for, such as cancelorder
    client_id       TEXT NOT NULL,           -- the sender's own id
    body_hash       TEXT NOT NULL,           -- SHA-256 of mode and request, hex
    answer          TEXT NOT NULL,           -- JSON
    created_at      TEXT NOT NULL,
    UNIQUE(user_id, operation, client_id)
);

CREATE INDEX idx_idempotency_keys_created ON idempotency_keys(created_at);

-- Who did what. Nothing here ever changes, and no secret is ever in it. So a user who is named here is never
-- deleted: the reference has no ON DELETE, and to empty it would be a change.
CREATE TABLE audit_log (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER REFERENCES users(id), -- who did it; NULL: not known, or nobody (see surface)
    action          TEXT NOT NULL,           -- risk.halt, risk.resume, ...
    object          TEXT NOT NULL,           -- what it was done to
    surface         TEXT NOT NULL,           -- cli, gui, rest, ...; engine: the program itself
    detail          TEXT,
    at              TEXT NOT NULL
);

CREATE INDEX idx_audit_log_user ON audit_log(user_id);
CREATE INDEX idx_audit_log_at ON audit_log(at DESC);

CREATE TRIGGER audit_log_keep_rows
BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only');
END;

CREATE TRIGGER audit_log_keep_all
BEFORE DELETE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only');
END;
