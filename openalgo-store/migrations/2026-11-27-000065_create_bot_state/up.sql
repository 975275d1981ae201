-- What bots keep, so that they go on where they were: one row for each thing.
CREATE TABLE bot_state (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    bot             TEXT NOT NULL,
    key             TEXT NOT NULL,
    value           TEXT NOT NULL,
    updated_at      TIMESTAMP NOT NULL,
    UNIQUE(user_id, bot, key)
);
