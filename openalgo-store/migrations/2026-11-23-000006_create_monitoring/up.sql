-- Logs of requests and of latencies.

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
