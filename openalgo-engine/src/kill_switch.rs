//! The kill switches of all users, in memory.
//!
//! One process owns the data, so what was read from the store stays true until it is changed
//! here, and an order costs no reading.

use crate::names::{Names, Whose};
use openalgo_core::account::Halt;
use openalgo_core::id::UserId;
use openalgo_core::port::{RiskRepository, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use thiserror::Error;

/// Why no order of a user is taken, save those that close a position. Cancelling goes on.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum HaltedError {
    /// The kill switch is on.
    #[error(
        "trading is halted since {}: {}; `openalgo risk resume{}` allows it again",
        .0.since.to_ist().format("%Y-%m-%d %H:%M:%S IST"), .0.reason, .1
    )]
    Halted(Halt, Whose),
    /// Nobody knows whether it is.
    #[error("the kill switch cannot be read, so no order is taken")]
    Unreadable(#[source] Arc<StoreError>),
}

/// How a switch stands.
#[derive(Debug, Clone)]
enum Switch {
    Off,
    On(Halt),
}

impl Switch {
    fn of(halt: Option<Halt>) -> Self {
        halt.map_or(Self::Off, Self::On)
    }

    fn halt(self) -> Option<Halt> {
        match self {
            Self::Off => None,
            Self::On(halt) => Some(halt),
        }
    }

    fn pass(self, whose: Whose) -> Result<(), HaltedError> {
        match self {
            Self::Off => Ok(()),
            Self::On(halt) => Err(HaltedError::Halted(halt, whose)),
        }
    }
}

/// What is known of the kill switches.
#[derive(Debug, Clone)]
pub(crate) struct KillSwitches {
    repository: Arc<dyn RiskRepository>,
    names: Names,
    known: Arc<RwLock<BTreeMap<UserId, Switch>>>,
}

impl KillSwitches {
    pub(crate) fn new(repository: Arc<dyn RiskRepository>, names: Names) -> Self {
        Self {
            repository,
            names,
            known: Arc::default(),
        }
    }

    /// Whether a user's switch is on; asks the store the first time.
    pub(crate) async fn read(&self, user: UserId) -> Result<Option<Halt>, StoreError> {
        Ok(self.switch(user).await?.halt())
    }

    /// Refuses unless a user's switch is off; asks the store the first time.
    pub(crate) async fn pass(&self, user: UserId) -> Result<(), HaltedError> {
        let switch = self.switch(user).await.map_err(unreadable)?;
        if matches!(switch, Switch::On(_)) {
            // The text says whose switch it is that has to be turned off.
            self.names.learn(user).await;
        }
        switch.pass(self.names.whose(user))
    }

    /// Refuses unless a user's switch is known to be off at this moment.
    pub(crate) fn pass_now(&self, user: UserId) -> Result<(), HaltedError> {
        let unknown = || StoreError::NotFound {
            what: "kill switch of user",
            id: user.to_string(),
        };
        let switch = self.known(user).ok_or_else(|| unreadable(unknown()))?;
        switch.pass(self.names.whose(user))
    }

    /// Takes over what the store holds now.
    pub(crate) fn note(&self, user: UserId, halt: Option<Halt>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(user, Switch::of(halt));
    }

    async fn switch(&self, user: UserId) -> Result<Switch, StoreError> {
        if let Some(known) = self.known(user) {
            return Ok(known);
        }
        let stored = Switch::of(self.repository.halt(user).await?);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever turned the switch meanwhile knows better.
        Ok(known.entry(user).or_insert(stored).clone())
    }

    fn known(&self, user: UserId) -> Option<Switch> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&user).cloned()
    }
}

fn unreadable(error: StoreError) -> HaltedError {
    HaltedError::Unreadable(Arc::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo_core::market::Timestamp;
    use openalgo_core::port::{MockRiskRepository, MockUserRepository};

    const USER: UserId = UserId::new(1);

    fn names() -> Names {
        let mut users = MockUserRepository::new();
        users.expect_get().returning(|_| Err(StoreError::Closed));
        Names::new(Arc::new(users))
    }

    fn halt() -> Halt {
        Halt {
            reason: "restored".parse().unwrap(),
            since: Timestamp::from_micros(1_795_500_000_000_000).unwrap(),
        }
    }

    #[tokio::test]
    async fn the_store_is_asked_once() {
        let mut repository = MockRiskRepository::new();
        repository.expect_halt().times(1).returning(|_| Ok(None));
        let switches = KillSwitches::new(Arc::new(repository), names());
        assert!(switches.pass_now(USER).is_err());
        switches.pass(USER).await.unwrap();
        switches.pass(USER).await.unwrap();
        switches.pass_now(USER).unwrap();
        switches.note(USER, Some(halt()));
        assert!(switches.pass(USER).await.is_err());
        assert!(switches.pass_now(USER).is_err());
    }

    #[tokio::test]
    async fn a_switch_that_is_on_says_why_since_when_and_how_it_goes_off() {
        let mut repository = MockRiskRepository::new();
        repository.expect_halt().returning(|_| Ok(Some(halt())));
        let switches = KillSwitches::new(Arc::new(repository), names());
        assert_eq!(
            switches.pass(USER).await.unwrap_err().to_string(),
            "trading is halted since 2026-11-24 11:30:00 IST: restored; \
             `openalgo risk resume` allows it again"
        );
    }

    #[tokio::test]
    async fn a_switch_that_cannot_be_read_refuses_until_it_can() {
        let mut repository = MockRiskRepository::new();
        let mut answers = [Ok(None), Err(StoreError::Closed)]
            .into_iter()
            .collect::<Vec<_>>();
        repository
            .expect_halt()
            .times(2)
            .returning(move |_| answers.pop().unwrap());
        let switches = KillSwitches::new(Arc::new(repository), names());
        assert!(matches!(
            switches.pass(USER).await,
            Err(HaltedError::Unreadable(_))
        ));
        switches.pass(USER).await.unwrap();
    }
}
