-- Settings of the installation and of the Telegram bot.

CREATE TABLE settings (
    key             TEXT PRIMARY KEY,
    value           TEXT NOT NULL,
    description     TEXT,
    updated_at      TEXT DEFAULT (datetime('now'))
);

INSERT INTO settings (key, value, description) VALUES
    ('theme', 'dark', 'UI theme: light, dark, system'),
    ('session_expiry_time', '03:00', 'Daily session expiry time IST'),
    ('smart_order_delay', '0.5', 'Delay between multi-leg orders'),
    ('default_product', 'MIS', 'Default product type'),
    ('default_exchange', 'NSE', 'Default exchange'),
    ('show_notifications', 'true', 'Show desktop notifications'),
    ('sound_alerts', 'true', 'Play sound on order execution'),
    ('analyzer', 'true', 'Send every order to the paper broker'),
    ('price_source', 'simulated', 'Where prices come from'),
    ('simulation_seed', '1', 'Seed of the built-in simulated exchange'),
    ('starting_capital', '10000000.00', 'Capital of a new paper account in rupees');

CREATE TABLE telegram_config (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users(id),
    chat_id         TEXT,
    bot_token       TEXT,                    -- Encrypted
    is_active       INTEGER DEFAULT 0,
    send_order_updates INTEGER DEFAULT 1,
    send_position_updates INTEGER DEFAULT 1,
    send_daily_summary INTEGER DEFAULT 1,
    created_at      TEXT DEFAULT (datetime('now')),
    updated_at      TEXT DEFAULT (datetime('now')),
    UNIQUE(user_id)
);
