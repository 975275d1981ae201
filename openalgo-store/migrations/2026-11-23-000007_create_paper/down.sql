DROP TABLE paper_accounts;
