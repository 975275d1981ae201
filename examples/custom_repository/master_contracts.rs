//! Lists of instruments of brokers.

use super::Memory;
use async_trait::async_trait;
use openalgo::core::id::BrokerName;
use openalgo::core::market::MasterContract;
use openalgo::core::port::{MasterContractRepository, StoreError};

/// How many lists of a broker are kept.
const KEPT: usize = 2;

#[async_trait]
impl MasterContractRepository for Memory {
    async fn list(&self) -> Result<Vec<MasterContract>, StoreError> {
        Ok(self.read(|tables| {
            let lists = tables.master_contracts.values();
            lists.filter_map(|kept| kept.first()).cloned().collect()
        }))
    }

    async fn newest(&self, broker: &BrokerName) -> Result<Vec<MasterContract>, StoreError> {
        Ok(self.read(|tables| {
            let kept = tables.master_contracts.get(broker);
            kept.cloned().unwrap_or_default()
        }))
    }

    async fn keep(&self, contract: &MasterContract) -> Result<(), StoreError> {
        self.write(|tables, _| {
            let kept = &mut tables.master_contracts;
            let kept = kept.entry(contract.broker.clone()).or_default();
            kept.insert(0, contract.clone());
            kept.truncate(KEPT);
            Ok(())
        })
    }
}
