DELETE FROM settings WHERE key = 'approval_expiry';
DROP INDEX idx_pending_expires;
DROP INDEX idx_pending_client;
ALTER TABLE pending_orders DROP COLUMN last_price;
