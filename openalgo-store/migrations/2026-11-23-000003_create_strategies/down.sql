DROP TABLE strategy_symbols;
DROP TABLE strategies;
