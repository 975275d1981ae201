//! The kill switch: stopping all trading of a user, and allowing it again.

use crate::kill_switch::KillSwitches;
use crate::ports::Ports;
use openalgo_core::account::{Halt, HaltReason};
use openalgo_core::id::UserId;
use openalgo_core::monitor::{AuditAction, AuditEntry, Author};
use openalgo_core::port::StoreError;
use std::sync::Arc;
use thiserror::Error;
use tokio::sync::Semaphore;

/// Why the kill switch was not turned.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RiskError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The runtime is stopping.
    #[error("the engine is stopping")]
    Stopped,
}

/// Turns the kill switch. While it is on, no order of the user is taken; cancelling goes on, and
/// so does closing positions.
#[derive(Debug, Clone)]
pub struct RiskService {
    ports: Arc<Ports>,
    switches: KillSwitches,
    turn: Arc<Semaphore>,
}

impl RiskService {
    pub(crate) fn new(ports: Arc<Ports>, switches: KillSwitches) -> Self {
        Self {
            ports,
            switches,
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// Whether a user's trading is halted.
    pub async fn status(&self, user: UserId) -> Result<Option<Halt>, StoreError> {
        self.switches.read(user).await
    }

    /// Stops all trading of a user: no order is decided on after this has returned. A halt that
    /// stands already stays as it is, and is the answer.
    pub async fn halt(
        &self,
        user: UserId,
        reason: HaltReason,
        by: Author,
    ) -> Result<Halt, RiskError> {
        let service = self.clone();
        // Once begun it is carried through, even if the caller goes away: memory must not differ
        // from what is stored.
        let turned = tokio::spawn(async move { service.turn_on(user, reason, by).await });
        turned.await.map_err(|_stopped| RiskError::Stopped)?
    }

    /// Allows a user to trade again, and says whether trading was halted. A switch that cannot be
    /// read goes off too: somebody has decided.
    pub async fn resume(&self, user: UserId, by: Author) -> Result<bool, RiskError> {
        let service = self.clone();
        let turned = tokio::spawn(async move { service.turn_off(user, by).await });
        turned.await.map_err(|_stopped| RiskError::Stopped)?
    }

    async fn turn_on(
        &self,
        user: UserId,
        reason: HaltReason,
        by: Author,
    ) -> Result<Halt, RiskError> {
        // One change at a time, so that memory sees them in the order in which the disk did.
        let _turn = self.turn.acquire().await;
        match self.switches.read(user).await {
            Ok(Some(halt)) => return Ok(halt),
            Ok(None) | Err(StoreError::Corrupt { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let since = self.ports.clock.now();
        let halt = Halt { reason, since };
        let detail = halt.reason.to_string();
        self.turn(
            user,
            Some(halt.clone()),
            (AuditAction::RiskHalt, by, Some(detail)),
        )
        .await?;
        Ok(halt)
    }

    async fn turn_off(&self, user: UserId, by: Author) -> Result<bool, RiskError> {
        let _turn = self.turn.acquire().await;
        let detail = match self.switches.read(user).await {
            Ok(None) => return Ok(false),
            Ok(Some(halt)) => Some(halt.reason.to_string()),
            Err(StoreError::Corrupt { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        self.turn(user, None, (AuditAction::RiskResume, by, detail))
            .await?;
        Ok(true)
    }

    async fn turn(
        &self,
        user: UserId,
        halt: Option<Halt>,
        (action, by, detail): (AuditAction, Author, Option<String>),
    ) -> Result<(), StoreError> {
        let entry = AuditEntry {
            by,
            action,
            object: format!("user {user}"),
            detail,
            at: self.ports.clock.now(),
        };
        self.ports.risk.set_halt(user, halt.clone(), &entry).await?;
        self.switches.note(user, halt);
        Ok(())
    }
}
