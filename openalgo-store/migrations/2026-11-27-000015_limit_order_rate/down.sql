ALTER TABLE risk_limits DROP COLUMN max_orders_per_second;
