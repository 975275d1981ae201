-- What trades on paper cost besides their price; nothing unless set.

INSERT INTO settings (key, value, description) VALUES
    ('paper_charges', 'none', 'Whose charges trades on paper bear: none or zerodha'),
    ('paper_slippage_ticks', '0', 'Ticks by which trades at the market are worse on paper');
