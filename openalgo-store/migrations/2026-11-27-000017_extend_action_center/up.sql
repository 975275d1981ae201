-- What whoever decides later is shown, and how an order is found that is asked for again.

ALTER TABLE pending_orders ADD COLUMN last_price REAL;      -- when the order was asked for

CREATE INDEX idx_pending_client ON pending_orders(user_id, client_order_id)
    WHERE client_order_id IS NOT NULL;
CREATE INDEX idx_pending_expires ON pending_orders(expires_at)
    WHERE status = 'PENDING' AND expires_at IS NOT NULL;

INSERT INTO settings (key, value, description) VALUES
    ('approval_expiry', 'session', 'How long an order waits for approval: session, or minutes');
