ALTER TABLE latency_metrics DROP COLUMN broker_us;
ALTER TABLE latency_metrics DROP COLUMN own_us;
ALTER TABLE latency_metrics DROP COLUMN queue_us;
