DROP TABLE holdings;
DROP TABLE positions;
DROP TABLE trades;
DROP TABLE order_events;
DROP TABLE orders;
