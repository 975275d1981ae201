-- Past prices that are kept: one row for each interval of an instrument.
CREATE TABLE candles (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    exchange        TEXT NOT NULL,
    symbol          TEXT NOT NULL,
    interval        TEXT NOT NULL,           -- 1m, D, …
    timestamp       INTEGER NOT NULL,        -- seconds since 1970 at which it begins
    open            REAL NOT NULL,
    high            REAL NOT NULL,
    low             REAL NOT NULL,
    close           REAL NOT NULL,
    volume          INTEGER NOT NULL,
    oi              INTEGER,                 -- NULL for what has none
    UNIQUE(symbol, exchange, interval, timestamp)
);
