ALTER TABLE pending_orders DROP COLUMN gtt;
