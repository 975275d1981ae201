-- What of the realised profit of an account belongs to days that are summed up.
ALTER TABLE paper_accounts ADD COLUMN summed_pnl REAL NOT NULL DEFAULT 0;

-- Until now a day had what was realised in its session.
UPDATE paper_accounts SET summed_pnl = round(realized_pnl - today_realized_pnl, 4);
