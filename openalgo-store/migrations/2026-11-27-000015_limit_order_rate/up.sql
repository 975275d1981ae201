-- Orders that may leave for an exchange segment at a broker in any second; NULL is the usual ten.

ALTER TABLE risk_limits ADD COLUMN max_orders_per_second INTEGER;
