-- Where the time of an order went, in microseconds; absent for what was measured as a whole.

ALTER TABLE latency_metrics ADD COLUMN queue_us INTEGER;
ALTER TABLE latency_metrics ADD COLUMN own_us INTEGER;
ALTER TABLE latency_metrics ADD COLUMN broker_us INTEGER;
