//! Limits of risk and the kill switch.

use super::{Memory, Tables};
use async_trait::async_trait;
use openalgo::core::account::{Halt, RiskLimits};
use openalgo::core::id::UserId;
use openalgo::core::monitor::AuditEntry;
use openalgo::core::port::{RiskRepository, StoreError};

impl Tables {
    fn turn_switch(
        &mut self,
        user: UserId,
        halt: Option<Halt>,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        self.require_user(user)?;
        match halt {
            Some(halt) => self.halts.insert(user, halt),
            None => self.halts.remove(&user),
        };
        self.put_on_record(entry)
    }
}

#[async_trait]
impl RiskRepository for Memory {
    async fn limits(&self, user: UserId) -> Result<RiskLimits, StoreError> {
        let limits = self.read(|tables| tables.risk_limits.get(&user).cloned());
        Ok(limits.unwrap_or_default())
    }

    async fn set_limits(
        &self,
        user: UserId,
        limits: &RiskLimits,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        self.write(|tables, _| {
            tables.require_user(user)?;
            tables.put_on_record(entry)?;
            tables.risk_limits.insert(user, limits.clone());
            Ok(())
        })
    }

    async fn halt(&self, user: UserId) -> Result<Option<Halt>, StoreError> {
        Ok(self.read(|tables| tables.halts.get(&user).cloned()))
    }

    async fn set_halt(
        &self,
        user: UserId,
        halt: Option<Halt>,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        self.write(|tables, _| tables.turn_switch(user, halt, entry))
    }
}
