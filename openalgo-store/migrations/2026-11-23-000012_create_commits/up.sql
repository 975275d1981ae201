-- What tells an older copy of the file from the newest: how many times something was committed to it.
-- The same number stands in the anchor, a file beside the database.

CREATE TABLE commits (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    identity        TEXT NOT NULL,           -- random: which database this is, copies apart
    number          INTEGER NOT NULL         -- grows with every commit
);

INSERT INTO commits (id, identity, number) VALUES (1, lower(hex(randomblob(16))), 0);
