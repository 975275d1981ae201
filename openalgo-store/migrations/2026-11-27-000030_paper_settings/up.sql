-- Settings of the paper exchange, as users of the sandbox know them.

INSERT INTO settings (key, value, description) VALUES
    ('reset_day', 'Never', 'Weekday on which paper accounts start anew, or Never'),
    ('reset_time', '00:00', 'Time IST at which they do'),
    ('nse_bse_square_off_time', '15:15', 'Square-off of MIS on paper, NSE, BSE, NFO and BFO, IST'),
    ('cds_bcd_square_off_time', '16:45', 'Square-off of MIS on paper, CDS and BCD, IST'),
    ('mcx_square_off_time', '23:30', 'Square-off of MIS on paper, MCX, IST'),
    ('ncdex_square_off_time', '17:00', 'Square-off of MIS on paper, NCDEX, IST'),
    ('equity_mis_leverage', '5', 'Leverage of intraday shares on paper'),
    ('equity_cnc_leverage', '1', 'Leverage of delivered shares on paper'),
    ('futures_leverage', '10', 'Leverage of futures on paper'),
    ('option_buy_leverage', '1', 'Leverage of options bought on paper'),
    ('option_sell_leverage', '1', 'Leverage of options sold on paper'),
    ('expiry_settlement_timing', 'expiry_day_close', 'When expired contracts settle on paper: expiry_day_close or next_day'),
    ('option_expiry_settlement', 'ltp', 'Price at which expired options settle on paper: ltp or zero');

UPDATE settings SET description = 'Capital of every paper account in rupees' WHERE key = 'starting_capital';
