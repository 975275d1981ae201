-- The DDL of the database design, section 3, word by word.

CREATE TABLE users (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    username        TEXT NOT NULL UNIQUE,
    email           TEXT NOT NULL UNIQUE,
    password_hash   TEXT NOT NULL,           -- Argon2id hash
    totp_secret     TEXT,                    -- TOTP 2FA secret (encrypted)
    is_admin        INTEGER DEFAULT 0,
    created_at      TEXT DEFAULT (datetime('now')),
    updated_at      TEXT DEFAULT (datetime('now'))
);

CREATE INDEX idx_users_username ON users(username);
CREATE INDEX idx_users_email ON users(email);

CREATE TABLE api_keys (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    key_hash        TEXT NOT NULL,           -- Argon2id hash for verification
    key_encrypted   TEXT NOT NULL,           -- AES-GCM encrypted for retrieval
    order_mode      TEXT DEFAULT 'auto',     -- 'auto' or 'semi_auto'
    created_at      TEXT DEFAULT (datetime('now')),
    UNIQUE(user_id)
);

CREATE INDEX idx_api_keys_user_id ON api_keys(user_id);

CREATE TABLE broker_connections (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    broker_name     TEXT NOT NULL,           -- 'angel', 'zerodha', etc.
    client_id       TEXT,                    -- Broker client ID
    auth_token      TEXT,                    -- Encrypted access token
    refresh_token   TEXT,                    -- Encrypted refresh token
    feed_token      TEXT,                    -- Encrypted feed token (for WS)
    user_broker_id  TEXT,                    -- Broker-specific user ID
    is_revoked      INTEGER DEFAULT 0,
    expires_at      TEXT,
    created_at      TEXT DEFAULT (datetime('now')),
    updated_at      TEXT DEFAULT (datetime('now')),
    UNIQUE(user_id, broker_name)
);

CREATE INDEX idx_broker_conn_user ON broker_connections(user_id);
CREATE INDEX idx_broker_conn_broker ON broker_connections(broker_name);
CREATE INDEX idx_broker_conn_revoked ON broker_connections(is_revoked);

CREATE TABLE orders (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    broker_name     TEXT NOT NULL,
    broker_order_id TEXT NOT NULL,           -- Order ID from broker
    exchange        TEXT NOT NULL,           -- NSE, NFO, BSE, etc.
    symbol          TEXT NOT NULL,
    token           TEXT,                    -- Broker symbol token
    action          TEXT NOT NULL,           -- BUY, SELL
    quantity        INTEGER NOT NULL,
    filled_quantity INTEGER DEFAULT 0,
    pending_quantity INTEGER,
    product         TEXT NOT NULL,           -- CNC, MIS, NRML
    price_type      TEXT NOT NULL,           -- MARKET, LIMIT, SL, SL-M
    price           REAL DEFAULT 0,
    trigger_price   REAL DEFAULT 0,
    average_price   REAL DEFAULT 0,
    status          TEXT NOT NULL,           -- PENDING, COMPLETE, CANCELLED, REJECTED
    status_message  TEXT,
    strategy        TEXT,                    -- Strategy name if from webhook
    order_source    TEXT DEFAULT 'manual',   -- manual, api, strategy
    placed_at       TEXT,
    updated_at      TEXT DEFAULT (datetime('now')),
    created_at      TEXT DEFAULT (datetime('now'))
);

CREATE INDEX idx_orders_user ON orders(user_id);
CREATE INDEX idx_orders_broker_oid ON orders(broker_order_id);
CREATE INDEX idx_orders_symbol ON orders(symbol, exchange);
CREATE INDEX idx_orders_status ON orders(status);
CREATE INDEX idx_orders_strategy ON orders(strategy);
CREATE INDEX idx_orders_created ON orders(created_at DESC);

CREATE TABLE trades (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    order_id        INTEGER REFERENCES orders(id),
    broker_name     TEXT NOT NULL,
    broker_trade_id TEXT,
    exchange        TEXT NOT NULL,
    symbol          TEXT NOT NULL,
    action          TEXT NOT NULL,
    quantity        INTEGER NOT NULL,
    price           REAL NOT NULL,
    product         TEXT NOT NULL,
    trade_time      TEXT,
    created_at      TEXT DEFAULT (datetime('now'))
);

CREATE INDEX idx_trades_user ON trades(user_id);
CREATE INDEX idx_trades_order ON trades(order_id);
CREATE INDEX idx_trades_symbol ON trades(symbol, exchange);
CREATE INDEX idx_trades_time ON trades(trade_time DESC);

CREATE TABLE positions (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    broker_name     TEXT NOT NULL,
    exchange        TEXT NOT NULL,
    symbol          TEXT NOT NULL,
    token           TEXT,
    product         TEXT NOT NULL,
    quantity        INTEGER NOT NULL,        -- Net quantity (+ve buy, -ve sell)
    average_price   REAL NOT NULL,
    ltp             REAL DEFAULT 0,
    pnl             REAL DEFAULT 0,
    pnl_percent     REAL DEFAULT 0,
    day_buy_qty     INTEGER DEFAULT 0,
    day_sell_qty    INTEGER DEFAULT 0,
    day_buy_avg     REAL DEFAULT 0,
    day_sell_avg    REAL DEFAULT 0,
    updated_at      TEXT DEFAULT (datetime('now')),
    UNIQUE(user_id, broker_name, exchange, symbol, product)
);

CREATE INDEX idx_positions_user ON positions(user_id);
CREATE INDEX idx_positions_symbol ON positions(symbol, exchange);

CREATE TABLE holdings (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    broker_name     TEXT NOT NULL,
    exchange        TEXT NOT NULL,
    symbol          TEXT NOT NULL,
    token           TEXT,
    isin            TEXT,
    quantity        INTEGER NOT NULL,
    t1_quantity     INTEGER DEFAULT 0,       -- T+1 unsettled
    average_price   REAL NOT NULL,
    ltp             REAL DEFAULT 0,
    current_value   REAL DEFAULT 0,
    pnl             REAL DEFAULT 0,
    pnl_percent     REAL DEFAULT 0,
    updated_at      TEXT DEFAULT (datetime('now')),
    UNIQUE(user_id, broker_name, symbol)
);

CREATE INDEX idx_holdings_user ON holdings(user_id);

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

CREATE TABLE settings (
    key             TEXT PRIMARY KEY,
    value           TEXT NOT NULL,
    description     TEXT,
    updated_at      TEXT DEFAULT (datetime('now'))
);

-- Default settings
INSERT INTO settings (key, value, description) VALUES
    ('theme', 'dark', 'UI theme: light, dark, system'),
    ('session_expiry_time', '03:00', 'Daily session expiry time IST'),
    ('smart_order_delay', '0.5', 'Delay between multi-leg orders'),
    ('default_product', 'MIS', 'Default product type'),
    ('default_exchange', 'NSE', 'Default exchange'),
    ('show_notifications', 'true', 'Show desktop notifications'),
    ('sound_alerts', 'true', 'Play sound on order execution');

CREATE TABLE telegram_config (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    chat_id         TEXT,
    bot_token       TEXT,                    -- Encrypted
    is_active       INTEGER DEFAULT 0,
    send_order_updates INTEGER DEFAULT 1,
    send_position_updates INTEGER DEFAULT 1,
    send_daily_summary INTEGER DEFAULT 1,
    created_at      TEXT DEFAULT (datetime('now')),
    updated_at      TEXT DEFAULT (datetime('now')),
    UNIQUE(user_id)
);

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

CREATE TABLE order_logs (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER REFERENCES users(id),
    endpoint        TEXT NOT NULL,
    method          TEXT NOT NULL,
    request_data    TEXT,                    -- JSON
    response_data   TEXT,                    -- JSON
    status_code     INTEGER,
    latency_ms      INTEGER,
    ip_address      TEXT,
    user_agent      TEXT,
    created_at      TEXT DEFAULT (datetime('now'))
);

CREATE INDEX idx_order_logs_user ON order_logs(user_id);
CREATE INDEX idx_order_logs_endpoint ON order_logs(endpoint);
CREATE INDEX idx_order_logs_created ON order_logs(created_at DESC);

-- Auto-cleanup: keep only last 30 days
CREATE TRIGGER cleanup_order_logs
AFTER INSERT ON order_logs
BEGIN
    DELETE FROM order_logs
    WHERE created_at < datetime('now', '-30 days');
END;

CREATE TABLE latency_metrics (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER REFERENCES users(id),
    broker_name     TEXT NOT NULL,
    order_id        TEXT,
    operation       TEXT NOT NULL,           -- place, modify, cancel
    latency_ms      INTEGER NOT NULL,
    created_at      TEXT DEFAULT (datetime('now'))
);

CREATE INDEX idx_latency_broker ON latency_metrics(broker_name);
CREATE INDEX idx_latency_created ON latency_metrics(created_at DESC);
