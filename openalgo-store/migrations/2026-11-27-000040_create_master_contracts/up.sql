-- The lists of instruments in master_contracts/: a file that is not what was written is not used.

CREATE TABLE master_contracts (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    broker_name     TEXT NOT NULL,
    date            TEXT NOT NULL,           -- whose instruments they are
    instruments     INTEGER NOT NULL,
    refused         INTEGER NOT NULL,        -- rows that were left out
    taken_from      TEXT NOT NULL,
    taken_at        TEXT NOT NULL,
    file_key        TEXT NOT NULL,           -- random, for this file only
    file_hmac       TEXT NOT NULL            -- HMAC-SHA256 of the file under that key
);

CREATE INDEX idx_master_contracts_broker ON master_contracts(broker_name, id);
