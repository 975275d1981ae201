DROP TABLE daily_pnl;
DROP INDEX idx_paper_movements_account;
DROP TABLE paper_movements;
ALTER TABLE holdings DROP COLUMN paid;
ALTER TABLE paper_accounts DROP COLUMN jobs_until;
