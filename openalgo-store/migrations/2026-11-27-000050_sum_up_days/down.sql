ALTER TABLE paper_accounts DROP COLUMN summed_pnl;
