DROP TABLE telegram_config;
DROP TABLE settings;
