-- Users, their API key, their brokers and their logins.

-- What people look for; Diesel keeps the facts.
CREATE VIEW schema_migrations AS
    SELECT version, run_on AS applied_at FROM __diesel_schema_migrations;

CREATE TABLE users (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    username        TEXT NOT NULL UNIQUE,
    email           TEXT NOT NULL UNIQUE,
    password_hash   TEXT NOT NULL,           -- Argon2id hash
    totp_secret     TEXT,                    -- TOTP 2FA secret (encrypted)
    is_admin        INTEGER DEFAULT 0,
    created_at      TEXT DEFAULT (datetime('now')),
    updated_at      TEXT DEFAULT (datetime('now')),
    order_broker    TEXT                     -- where live orders go; NULL refuses them
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

CREATE TABLE sessions (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    broker_id       TEXT,                    -- name of the broker chosen in it
    access_token    TEXT NOT NULL,           -- Encrypted
    feed_token      TEXT,                    -- Encrypted
    device          TEXT,
    expires_at      TEXT NOT NULL,
    is_active       INTEGER NOT NULL DEFAULT 1,
    created_at      TEXT DEFAULT (datetime('now'))
);

CREATE INDEX idx_sessions_user ON sessions(user_id);
