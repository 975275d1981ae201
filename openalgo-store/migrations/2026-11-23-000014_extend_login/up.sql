-- One-time codes that were used, and logins that failed.

-- Time step of the last code that was accepted; it and those before it are refused.
ALTER TABLE users ADD COLUMN totp_step INTEGER;

CREATE TABLE login_failures (
    kind            TEXT NOT NULL,           -- 'device', 'address', 'account' or 'codes'
    name            TEXT NOT NULL,           -- session number, address or user name
    failures        INTEGER NOT NULL,
    last_at         TEXT NOT NULL,
    PRIMARY KEY (kind, name)
);

CREATE INDEX idx_login_failures_last ON login_failures(last_at);
