DELETE FROM settings WHERE key = 'gtt_oco_margin_mode';
-- Accounts have what was reserved back.
UPDATE paper_accounts SET
    available = round(available + coalesce((SELECT sum(margin) FROM paper_reservations AS r
        WHERE r.user_id = paper_accounts.user_id AND r.broker_name = paper_accounts.broker_name), 0), 4),
    used_margin = round(used_margin - coalesce((SELECT sum(margin) FROM paper_reservations AS r
        WHERE r.user_id = paper_accounts.user_id AND r.broker_name = paper_accounts.broker_name), 0), 4);
DROP TABLE paper_reservations;
