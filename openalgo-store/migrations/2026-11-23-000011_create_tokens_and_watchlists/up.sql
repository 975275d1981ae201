-- Named API keys beside the main one, and lists of instruments.

CREATE TABLE api_tokens (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    key_prefix      TEXT NOT NULL,           -- first 8 digits: which key it can be, before any hashing
    key_hash        TEXT NOT NULL,           -- Argon2id hash for verification
    key_encrypted   TEXT NOT NULL,           -- AES-GCM encrypted for retrieval
    scopes          TEXT NOT NULL,           -- words between blanks: read, trade
    expires_at      TEXT,                    -- NULL: never
    last_used_at    TEXT,
    created_at      TEXT NOT NULL,
    UNIQUE(user_id, name)
);

CREATE INDEX idx_api_tokens_prefix ON api_tokens(key_prefix);

CREATE TABLE watchlists (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    position        INTEGER NOT NULL,        -- place among the user's lists, from 1
    created_at      TEXT NOT NULL,
    updated_at      TEXT NOT NULL,
    UNIQUE(user_id, name)
);

CREATE TABLE watchlist_items (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    watchlist_id    INTEGER NOT NULL REFERENCES watchlists(id) ON DELETE CASCADE,
    position        INTEGER NOT NULL,        -- place in the list, from 1
    exchange        TEXT NOT NULL,
    symbol          TEXT NOT NULL,
    UNIQUE(watchlist_id, exchange, symbol)
);
