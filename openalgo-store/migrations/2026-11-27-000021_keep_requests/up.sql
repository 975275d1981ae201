-- The request that an order came from, where that is for more than just the order: its kind, its sender's id and the
-- SHA-256 of mode and body, with a blank between each. The same request again is known by it.

ALTER TABLE orders ADD COLUMN request TEXT;
ALTER TABLE pending_orders ADD COLUMN request TEXT;

CREATE INDEX idx_orders_request ON orders(user_id, request) WHERE request IS NOT NULL;
CREATE INDEX idx_pending_request ON pending_orders(user_id, request) WHERE request IS NOT NULL;
