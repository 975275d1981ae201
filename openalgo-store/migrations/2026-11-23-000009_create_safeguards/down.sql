DROP TABLE audit_log;
DROP TABLE idempotency_keys;
DROP TABLE risk_symbols;
DROP TABLE risk_limits;
