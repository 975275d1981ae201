UPDATE settings SET description = 'Capital of a new paper account in rupees' WHERE key = 'starting_capital';
DELETE FROM settings WHERE key IN (
    'reset_day',
    'reset_time',
    'nse_bse_square_off_time',
    'cds_bcd_square_off_time',
    'mcx_square_off_time',
    'ncdex_square_off_time',
    'equity_mis_leverage',
    'equity_cnc_leverage',
    'futures_leverage',
    'option_buy_leverage',
    'option_sell_leverage',
    'expiry_settlement_timing',
    'option_expiry_settlement'
);
