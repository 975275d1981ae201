-- What accounts of the paper exchange reserve for orders that wait for a price.

CREATE TABLE paper_reservations (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    broker_name     TEXT NOT NULL,
    trigger_id      TEXT NOT NULL,
    margin          REAL NOT NULL,
    UNIQUE(user_id, broker_name, trigger_id)
);

INSERT INTO settings (key, value, description) VALUES
    ('gtt_oco_margin_mode', 'max', 'What an OCO GTT reserves on paper: max or sum of its legs');
