-- An order that waits for a person and then for a price: its legs, its sender's id and its end, as JSON. The other columns
-- tell what it is for, as those of every order.

ALTER TABLE pending_orders ADD COLUMN gtt TEXT;
