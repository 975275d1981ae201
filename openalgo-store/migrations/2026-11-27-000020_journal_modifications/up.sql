-- Terms of an order that were sent to the broker and of which nobody knows yet whether they hold, as JSON.

ALTER TABLE orders ADD COLUMN change_sent TEXT;
