-- Webhook strategies and the symbols they trade.

CREATE TABLE strategies (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    name            TEXT NOT NULL,
    description     TEXT,
    webhook_id      TEXT NOT NULL UNIQUE,    -- Unique webhook identifier
    is_active       INTEGER DEFAULT 1,
    created_at      TEXT DEFAULT (datetime('now')),
    updated_at      TEXT DEFAULT (datetime('now')),
    UNIQUE(user_id, name)
);

CREATE INDEX idx_strategies_user ON strategies(user_id);
CREATE INDEX idx_strategies_webhook ON strategies(webhook_id);

CREATE TABLE strategy_symbols (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    strategy_id     INTEGER NOT NULL REFERENCES strategies(id) ON DELETE CASCADE,
    symbol          TEXT NOT NULL,
    exchange        TEXT NOT NULL,
    quantity        INTEGER NOT NULL,
    product         TEXT DEFAULT 'MIS',
    created_at      TEXT DEFAULT (datetime('now')),
    UNIQUE(strategy_id, symbol, exchange)
);

CREATE INDEX idx_strategy_symbols_strategy ON strategy_symbols(strategy_id);
