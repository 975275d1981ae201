DROP TABLE gtt_legs;
DROP TABLE gtt_orders;
