DROP TABLE latency_metrics;
DROP TABLE order_logs;
