-- Orders that wait for a price for days: good till triggered.

CREATE TABLE gtt_orders (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    broker_name     TEXT NOT NULL,
    trigger_id      TEXT NOT NULL,           -- the id that clients know
    mode            TEXT NOT NULL,           -- live, analyze
    held_by         TEXT NOT NULL,           -- who watches the price: broker, local
    trigger_type    TEXT NOT NULL,           -- SINGLE, OCO
    exchange        TEXT NOT NULL,
    symbol          TEXT NOT NULL,
    action          TEXT NOT NULL,
    quantity        INTEGER NOT NULL,
    product         TEXT NOT NULL,           -- CNC, NRML
    status          TEXT NOT NULL,           -- active, triggered, cancelled, expired, rejected
    status_message  TEXT,
    strategy        TEXT,
    last_price      REAL,                    -- when it was placed
    margin          REAL NOT NULL DEFAULT 0, -- reserved at the paper exchange
    expires_at      TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    updated_at      TEXT NOT NULL,
    UNIQUE(user_id, broker_name, trigger_id)
);

CREATE INDEX idx_gtt_orders_active ON gtt_orders(user_id, broker_name) WHERE status = 'active';

-- One leg of a SINGLE, two of an OCO, where firing one cancels the other.
CREATE TABLE gtt_legs (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    gtt_id          INTEGER NOT NULL REFERENCES gtt_orders(id) ON DELETE CASCADE,
    fires           TEXT NOT NULL,           -- below: price falls to the trigger, above: rises to it
    trigger_price   REAL NOT NULL,
    price_type      TEXT NOT NULL,           -- MARKET, LIMIT
    price           REAL NOT NULL DEFAULT 0, -- limit of the order that is placed
    status          TEXT NOT NULL,           -- pending, triggering, triggered, cancelled
    claimed_at      TEXT,                    -- when triggering began
    attempts        INTEGER NOT NULL DEFAULT 0, -- how often it has been fired
    order_id        INTEGER REFERENCES orders(id), -- the order that was placed
    UNIQUE(gtt_id, fires)
);

CREATE INDEX idx_gtt_legs_order ON gtt_legs(order_id);
