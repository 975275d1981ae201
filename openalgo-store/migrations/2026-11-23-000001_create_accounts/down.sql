DROP TABLE sessions;
DROP TABLE broker_connections;
DROP TABLE api_keys;
DROP TABLE users;
DROP VIEW schema_migrations;
