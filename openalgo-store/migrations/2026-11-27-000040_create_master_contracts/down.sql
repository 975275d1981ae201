DROP INDEX idx_master_contracts_broker;
DROP TABLE master_contracts;
