-- Orders with their journal, trades, positions and holdings.

CREATE TABLE orders (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    broker_name     TEXT NOT NULL,
    broker_order_id TEXT NOT NULL,           -- the broker's id; local:<intent> until it is known
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
    average_price   REAL DEFAULT 0,          -- rounded from filled_value
    status          TEXT NOT NULL,           -- PENDING, OPEN, TRIGGER PENDING, COMPLETE, CANCELLED, REJECTED
    status_message  TEXT,
    strategy        TEXT,                    -- Strategy name if from webhook
    order_source    TEXT DEFAULT 'manual',   -- manual, api, strategy, telegram
    placed_at       TEXT,
    updated_at      TEXT DEFAULT (datetime('now')),
    created_at      TEXT DEFAULT (datetime('now')),
    intent_id       TEXT NOT NULL UNIQUE,    -- our own id, made before anything is decided
    client_order_id TEXT,                    -- the sender's own id
    mode            TEXT NOT NULL,           -- live, analyze
    trading_day     TEXT NOT NULL,           -- YYYY-MM-DD
    intent_state    TEXT NOT NULL,           -- planned, sent, unknown, resolved
    filled_value    REAL NOT NULL DEFAULT 0, -- exact value of what was filled
    margin          REAL NOT NULL DEFAULT 0  -- reserved at the paper exchange
);

CREATE INDEX idx_orders_user ON orders(user_id);
CREATE INDEX idx_orders_broker_oid ON orders(broker_order_id);
CREATE INDEX idx_orders_symbol ON orders(symbol, exchange);
CREATE INDEX idx_orders_status ON orders(status);
CREATE INDEX idx_orders_strategy ON orders(strategy);
CREATE INDEX idx_orders_created ON orders(created_at DESC);
CREATE UNIQUE INDEX idx_orders_identity
    ON orders(user_id, trading_day, broker_name, broker_order_id);
CREATE INDEX idx_orders_unresolved ON orders(id) WHERE intent_state <> 'resolved';
CREATE INDEX idx_orders_working ON orders(user_id, broker_name)
    WHERE status IN ('PENDING', 'OPEN', 'TRIGGER PENDING');
CREATE INDEX idx_orders_client_id ON orders(user_id, client_order_id)
    WHERE client_order_id IS NOT NULL;

-- The journal. An order's row is the fold of its entries; nothing here ever changes.
CREATE TABLE order_events (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id        INTEGER NOT NULL REFERENCES orders(id),
    user_id         INTEGER NOT NULL REFERENCES users(id),
    broker_name     TEXT NOT NULL,
    seq             INTEGER NOT NULL,        -- per order, from 1
    event           TEXT NOT NULL,           -- planned, sent, accepted, ...
    payload         TEXT NOT NULL,           -- the event as JSON
    at              TEXT NOT NULL,
    mac             TEXT NOT NULL,           -- keyed chain per account, hex
    UNIQUE(order_id, seq)
);

CREATE INDEX idx_order_events_account ON order_events(user_id, broker_name);

CREATE TRIGGER order_events_keep_rows
BEFORE UPDATE ON order_events
BEGIN
    SELECT RAISE(ABORT, 'order_events is append-only');
END;

CREATE TRIGGER order_events_keep_all
BEFORE DELETE ON order_events
BEGIN
    SELECT RAISE(ABORT, 'order_events is append-only');
END;

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
    average_price   REAL NOT NULL,           -- rounded from cost
    ltp             REAL DEFAULT 0,
    pnl             REAL DEFAULT 0,
    pnl_percent     REAL DEFAULT 0,
    day_buy_qty     INTEGER DEFAULT 0,
    day_sell_qty    INTEGER DEFAULT 0,
    day_buy_avg     REAL DEFAULT 0,          -- rounded from day_buy_value
    day_sell_avg    REAL DEFAULT 0,          -- rounded from day_sell_value
    updated_at      TEXT DEFAULT (datetime('now')),
    cost            REAL NOT NULL DEFAULT 0, -- exact value at which the open units were entered
    margin          REAL NOT NULL DEFAULT 0,
    realized_pnl    REAL NOT NULL DEFAULT 0,
    today_realized_pnl REAL NOT NULL DEFAULT 0,
    day_buy_value   REAL NOT NULL DEFAULT 0,
    day_sell_value  REAL NOT NULL DEFAULT 0,
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
    average_price   REAL NOT NULL,           -- rounded from cost
    ltp             REAL DEFAULT 0,
    current_value   REAL DEFAULT 0,
    pnl             REAL DEFAULT 0,
    pnl_percent     REAL DEFAULT 0,
    updated_at      TEXT DEFAULT (datetime('now')),
    cost            REAL NOT NULL DEFAULT 0, -- exact cost of the units held
    UNIQUE(user_id, broker_name, symbol)
);

CREATE INDEX idx_holdings_user ON holdings(user_id);
