-- What was charged goes on under a kind that an older program knows.
UPDATE paper_movements SET kind = 'settled'
    WHERE kind IN ('brokerage', 'stt', 'exchange_fee', 'sebi_fee', 'gst', 'stamp_duty');
DELETE FROM settings WHERE key IN ('paper_charges', 'paper_slippage_ticks');
