//! Who is logged in where. Everything that reaches a broker asks here for the session each time it
//! needs it, so nobody holds one that is over.

use crate::event::{Event, EventBus};
use crate::schedule::sleep;
use crate::service::SettingService;
use openalgo_core::account::{SessionEnd, SessionState, SettingKey};
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::market::{SessionBoundary, Timestamp};
use openalgo_core::port::{BrokerSession, Clock, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::watch;

/// A user at a broker.
pub(crate) type Login = (UserId, BrokerName);

/// Why a broker cannot be reached. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BrokerSessionError {
    /// The user never logged in there since the program was started.
    #[error("you are not logged in at the broker '{0}'")]
    NotConnected(BrokerName),
    /// The session is over.
    #[error("log in at the broker '{broker}' again: {}", .why.reason())]
    NeedsLogin {
        /// Where.
        broker: BrokerName,
        /// Why.
        why: SessionEnd,
    },
}

/// A session and where it stands.
#[derive(Debug)]
struct Entry {
    session: Arc<BrokerSession>,
    state: watch::Sender<SessionState>,
}

/// A session that lives, and how to notice that it does not any more.
#[derive(Debug, Clone)]
pub(crate) struct LiveSession {
    pub(crate) login: Login,
    pub(crate) session: Arc<BrokerSession>,
    pub(crate) state: watch::Receiver<SessionState>,
}

/// The sessions of all users at all brokers.
#[derive(Debug, Clone)]
pub(crate) struct Brokers {
    entries: Arc<RwLock<BTreeMap<Login, Entry>>>,
    /// Counts logins.
    logins: watch::Sender<u64>,
    clock: Arc<dyn Clock>,
    settings: SettingService,
    events: EventBus,
}

impl Brokers {
    pub(crate) fn new(clock: Arc<dyn Clock>, settings: SettingService, events: EventBus) -> Self {
        Self {
            entries: Arc::default(),
            logins: watch::Sender::new(0),
            clock,
            settings,
            events,
        }
    }

    /// A user has logged in. A session that was there before is over.
    pub(crate) fn connect(
        &self,
        user: UserId,
        session: BrokerSession,
    ) -> Result<SessionState, StoreError> {
        let boundary: SessionBoundary = self.settings.parsed(SettingKey::SessionExpiryTime)?;
        let now = self.clock.now();
        let state = SessionState::begun(now, boundary);
        let login = (user, session.broker.clone());
        let entry = Entry {
            session: Arc::new(session),
            state: watch::Sender::new(state),
        };
        let before = self.write().insert(login.clone(), entry);
        if let Some(before) = before {
            // Whoever goes on with it must notice.
            let over = before.state.borrow().ended(now, SessionEnd::LoggedOut);
            before.state.send_replace(over);
        }
        self.tell(&login, state);
        self.logins
            .send_modify(|count| *count = count.wrapping_add(1));
        Ok(state)
    }

    /// A user has logged out. Says whether the session was alive.
    pub(crate) fn log_out(&self, login: &Login) -> bool {
        self.end(login, SessionEnd::LoggedOut, |_| true)
    }

    /// The broker does not take a session any more. A new one that the user has by now is not
    /// meant. Gives what is to be said to whoever needed it.
    pub(crate) fn refuse(&self, login: &Login, session: &Arc<BrokerSession>) -> BrokerSessionError {
        let why = SessionEnd::Refused;
        self.end(login, why, |entry| Arc::ptr_eq(&entry.session, session));
        let broker = login.1.clone();
        BrokerSessionError::NeedsLogin { broker, why }
    }

    fn end(&self, login: &Login, why: SessionEnd, is_meant: impl Fn(&Entry) -> bool) -> bool {
        let now = self.clock.now();
        let (was_live, told) = {
            let entries = self.read();
            let Some(entry) = entries.get(login).filter(|entry| is_meant(entry)) else {
                return false;
            };
            let was_live = entry.state.borrow().at(now).is_live();
            let is_new = entry.state.send_if_modified(|state| {
                let before = std::mem::replace(state, state.ended(now, why));
                before != *state
            });
            (was_live, is_new.then(|| *entry.state.borrow()))
        };
        if let Some(state) = told {
            self.tell(login, state);
        }
        was_live
    }

    /// The session of a user at a broker, if it is alive now.
    pub(crate) fn live(&self, login: &Login) -> Result<Arc<BrokerSession>, BrokerSessionError> {
        let entries = self.read();
        let Some(entry) = entries.get(login) else {
            return Err(BrokerSessionError::NotConnected(login.1.clone()));
        };
        // The task that keeps the time may be late.
        let state = entry.state.borrow().at(self.clock.now());
        match state {
            SessionState::Live { .. } | SessionState::Expiring { .. } => {
                Ok(Arc::clone(&entry.session))
            }
            SessionState::NeedsLogin { why, .. } => {
                let broker = login.1.clone();
                Err(BrokerSessionError::NeedsLogin { broker, why })
            }
        }
    }

    /// Every session that is alive now.
    pub(crate) fn all_live(&self) -> Vec<LiveSession> {
        let now = self.clock.now();
        let entries = self.read();
        let live = entries
            .iter()
            .filter(|(_, it)| it.state.borrow().at(now).is_live());
        let live = live.map(|(login, entry)| LiveSession {
            login: login.clone(),
            session: Arc::clone(&entry.session),
            state: entry.state.subscribe(),
        });
        live.collect()
    }

    /// Where a user stands at each broker.
    pub(crate) fn states(&self, user: UserId) -> Vec<(BrokerName, SessionState)> {
        let now = self.clock.now();
        let entries = self.read();
        let of_user = entries.iter().filter(|((of, _), _)| *of == user);
        let states = of_user.map(|((_, broker), entry)| {
            let state = entry.state.borrow().at(now);
            (broker.clone(), state)
        });
        states.collect()
    }

    /// Follows the session of a user at a broker from login to login.
    pub(crate) fn watch(&self, login: &Login) -> Option<watch::Receiver<SessionState>> {
        let entries = self.read();
        entries.get(login).map(|entry| entry.state.subscribe())
    }

    /// Changes with each login.
    pub(crate) fn logins(&self) -> watch::Receiver<u64> {
        self.logins.subscribe()
    }

    /// Lets the states follow the time until it is told to stop.
    pub(crate) async fn keep_time(self, mut stopped: watch::Receiver<bool>) {
        let mut logins = self.logins();
        loop {
            let next = self.follow_time();
            tokio::select! {
                biased;
                _ = stopped.changed() => return,
                _ = logins.changed() => {}
                () = sleep(next) => {}
            }
        }
    }

    /// Brings every state to the present, and says how long it is until the next change.
    fn follow_time(&self) -> Option<Duration> {
        let now = self.clock.now();
        let mut changed = Vec::new();
        let mut next: Option<Timestamp> = None;
        for (login, entry) in self.read().iter() {
            let is_new = entry.state.send_if_modified(|state| {
                let before = std::mem::replace(state, state.at(now));
                before != *state
            });
            let state = *entry.state.borrow();
            if is_new {
                changed.push((login.clone(), state));
            }
            next = next.into_iter().chain(state.changes_at()).min();
        }
        for (login, state) in changed {
            self.tell(&login, state);
        }
        next.map(|at| at.since(now).to_std().unwrap_or_default())
    }

    fn tell(&self, login: &Login, state: SessionState) {
        let (user, broker) = login.clone();
        self.events.publish(Event::SessionChanged {
            user,
            broker,
            state,
        });
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<Login, Entry>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<Login, Entry>> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}
