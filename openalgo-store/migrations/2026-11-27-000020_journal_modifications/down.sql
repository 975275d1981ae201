ALTER TABLE orders DROP COLUMN change_sent;
