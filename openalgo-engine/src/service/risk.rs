//! What a user may put at risk: limits, and the kill switch that stops all trading.

use super::SettingService;
use crate::errands::Errands;
use crate::guards::Guards;
use crate::limits::Profits;
use crate::ports::Ports;
use crate::route::{Route, RouteError, Router};
use openalgo_core::account::{Halt, LimitChange, RiskLimits};
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::monitor::{AuditAction, AuditEntry, Author, Reason};
use openalgo_core::order::TradingMode;
use openalgo_core::port::StoreError;
use openalgo_core::value::Money;
use std::sync::Arc;
use thiserror::Error;
use tokio::sync::Semaphore;

/// Why a limit was not changed, or the kill switch not turned.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RiskError {
    /// Orders have nowhere to go.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The runtime is stopping.
    #[error("the engine is stopping")]
    Stopped,
}

/// How much of the day's limits is used in the account that orders go to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskToday {
    /// Real money or paper, which have limits of the same size and are counted by themselves.
    pub mode: TradingMode,
    /// The broker that orders go to.
    pub broker: BrokerName,
    /// Orders that were taken.
    pub orders: u64,
    /// Realised and unrealised profit, negative for a loss; `None` where it cannot be told now.
    pub profit: Option<Money>,
}

/// Changes limits, and turns the kill switch. While that is on, no order of the user is taken;
/// cancelling goes on, and so does closing positions.
#[derive(Debug, Clone)]
pub struct RiskService {
    ports: Arc<Ports>,
    guards: Guards,
    profits: Profits,
    settings: SettingService,
    turn: Arc<Semaphore>,
    errands: Errands,
}

impl RiskService {
    pub(crate) fn new(
        (ports, settings): (Arc<Ports>, SettingService),
        (guards, profits): (Guards, Profits),
        errands: Errands,
    ) -> Self {
        Self {
            ports,
            guards,
            profits,
            settings,
            turn: Arc::new(Semaphore::new(1)),
            errands,
        }
    }

    /// What a user may put at risk.
    pub async fn limits(&self, user: UserId) -> Result<RiskLimits, StoreError> {
        let limits = self.guards.limits.read(user).await?;
        Ok(RiskLimits::clone(&limits))
    }

    /// How much of the day's limits is used.
    pub async fn today(&self, user: UserId) -> Result<RiskToday, RiskError> {
        let owner = self.ports.users.get(user).await?;
        let router = Router::new(self.settings.clone(), self.ports.paper.clone());
        let Route { mode, broker } = router.route(&owner)?;
        let day = self.settings.day_of(self.ports.clock.now())?;
        self.guards.days.learn(user, day).await?;
        let profit = self.profits.of_day(user, &broker).await;
        if let Err(error) = &profit {
            tracing::warn!(%error, "it cannot be told what the day has come to");
        }
        Ok(RiskToday {
            orders: self.guards.days.taken(user, mode),
            profit: profit.ok(),
            mode,
            broker,
        })
    }

    /// Changes one limit and gives all of them: every order that is decided on after this has
    /// returned meets the new one.
    pub async fn change_limit(
        &self,
        user: UserId,
        change: LimitChange,
        by: Author,
    ) -> Result<RiskLimits, RiskError> {
        let service = self.clone();
        let change = async move { service.change(user, &change, by).await };
        let changed = self.errands.run(change).await;
        changed.ok_or(RiskError::Stopped)?
    }

    /// Takes all limits of a user away, those that cannot be read among them.
    pub async fn clear_limits(&self, user: UserId, by: Author) -> Result<(), RiskError> {
        let service = self.clone();
        let clear = async move {
            let _turn = service.turn.acquire().await;
            let none = RiskLimits::default();
            service.set(user, none, (by, "all limits off".into())).await
        };
        let cleared = self.errands.run(clear).await;
        Ok(cleared.ok_or(RiskError::Stopped)??)
    }

    async fn change(
        &self,
        user: UserId,
        change: &LimitChange,
        by: Author,
    ) -> Result<RiskLimits, RiskError> {
        // One change at a time, or one would undo the other.
        let _turn = self.turn.acquire().await;
        let before = self.limits(user).await?;
        let was = before.standing(change);
        if was == *change {
            return Ok(before);
        }
        let after = before.after(change);
        let detail = format!("{change} (was: {was})");
        self.set(user, after.clone(), (by, detail)).await?;
        Ok(after)
    }

    async fn set(
        &self,
        user: UserId,
        limits: RiskLimits,
        (by, detail): (Author, String),
    ) -> Result<(), StoreError> {
        let entry = self.entry(user, (AuditAction::RiskLimit, by, Some(detail)));
        self.ports.risk.set_limits(user, &limits, &entry).await?;
        self.guards.limits.note(user, limits);
        self.guards.governor.look_again(user);
        Ok(())
    }

    fn entry(
        &self,
        user: UserId,
        (action, by, detail): (AuditAction, Author, Option<String>),
    ) -> AuditEntry {
        AuditEntry {
            by,
            action,
            object: format!("user {user}"),
            detail,
            at: self.ports.clock.now(),
        }
    }

    /// Whether a user's trading is halted.
    pub async fn status(&self, user: UserId) -> Result<Option<Halt>, StoreError> {
        self.guards.switches.read(user).await
    }

    /// Stops all trading of a user: no order is decided on after this has returned. A halt that
    /// stands already stays as it is, and is the answer.
    pub async fn halt(&self, user: UserId, reason: Reason, by: Author) -> Result<Halt, RiskError> {
        let service = self.clone();
        // Once begun it is carried through, even if the caller goes away: memory must not differ
        // from what is stored.
        let turn = async move { service.turn_on(user, reason, by).await };
        let turned = self.errands.run(turn).await;
        turned.ok_or(RiskError::Stopped)?
    }

    /// Allows a user to trade again, and says whether trading was halted. A switch that cannot be
    /// read goes off too: somebody has decided.
    pub async fn resume(&self, user: UserId, by: Author) -> Result<bool, RiskError> {
        let service = self.clone();
        let turn = async move { service.turn_off(user, by).await };
        let turned = self.errands.run(turn).await;
        turned.ok_or(RiskError::Stopped)?
    }

    async fn turn_on(&self, user: UserId, reason: Reason, by: Author) -> Result<Halt, RiskError> {
        // One change at a time, so that memory sees them in the order in which the disk did.
        let _turn = self.turn.acquire().await;
        match self.guards.switches.read(user).await {
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
        let detail = match self.guards.switches.read(user).await {
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
        what: (AuditAction, Author, Option<String>),
    ) -> Result<(), StoreError> {
        let entry = self.entry(user, what);
        self.ports.risk.set_halt(user, halt.clone(), &entry).await?;
        self.guards.switches.note(user, halt);
        Ok(())
    }
}
