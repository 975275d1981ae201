DROP INDEX idx_pending_request;
DROP INDEX idx_orders_request;
ALTER TABLE pending_orders DROP COLUMN request;
ALTER TABLE orders DROP COLUMN request;
