DROP TABLE pending_orders;
