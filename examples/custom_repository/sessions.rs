//! Login sessions.

use super::{Memory, Tables, duplicate, not_found};
use async_trait::async_trait;
use openalgo::core::account::{NewSession, Session};
use openalgo::core::id::{SessionId, SessionTokenId, UserId};
use openalgo::core::market::Timestamp;
use openalgo::core::port::{SessionRepository, StoreError};

impl Tables {
    fn open_session(&mut self, new: &NewSession, now: Timestamp) -> Result<Session, StoreError> {
        if self.sessions.iter().any(|it| it.token_id == new.token_id) {
            return Err(duplicate("session token id", &new.token_id));
        }
        self.require_user(new.user)?;
        let session = Session {
            id: SessionId::new(self.next_number("sessions")),
            token_id: new.token_id.clone(),
            user: new.user,
            broker: new.broker.clone(),
            token: new.token.clone(),
            feed_token: new.feed_token.clone(),
            device: new.device.clone(),
            created_at: now,
            last_used_at: now,
            expires_at: new.expires_at,
            is_active: true,
        };
        self.sessions.push(session.clone());
        Ok(session)
    }

    /// Ends every session of a user but `keep`; gives how many those were.
    pub(super) fn end_sessions(&mut self, user: UserId, keep: Option<SessionId>) -> usize {
        let sessions = self.sessions.iter_mut();
        let active = sessions.filter(|it| it.user == user && it.is_active);
        active.filter(|it| Some(it.id) != keep).map(end).count()
    }

    fn session(&mut self, id: SessionId) -> Result<&mut Session, StoreError> {
        let session = self.sessions.iter_mut().find(|it| it.id == id);
        session.ok_or_else(|| not_found("session", &id))
    }
}

fn end(session: &mut Session) {
    session.is_active = false;
    session.feed_token = None;
}

#[async_trait]
impl SessionRepository for Memory {
    async fn insert(&self, session: &NewSession) -> Result<Session, StoreError> {
        self.write(|tables, now| tables.open_session(session, now))
    }

    async fn find(&self, token_id: &SessionTokenId) -> Result<Option<Session>, StoreError> {
        let is_it = |session: &&Session| session.token_id == *token_id;
        Ok(self.read(|tables| tables.sessions.iter().find(is_it).cloned()))
    }

    async fn active(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let is_it = |session: &&Session| session.user == user && session.holds_at(now);
        Ok(self.read(|tables| {
            let newest_first = tables.sessions.iter().rev();
            newest_first.filter(is_it).cloned().collect()
        }))
    }

    async fn touch(&self, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
        self.write(|tables, _| {
            tables.session(id)?.last_used_at = at;
            Ok(())
        })
    }

    async fn end(&self, id: SessionId) -> Result<(), StoreError> {
        self.write(|tables, _| tables.session(id).map(end))
    }

    async fn end_all(&self, user: UserId) -> Result<usize, StoreError> {
        self.write(|tables, _| Ok(tables.end_sessions(user, None)))
    }

    async fn delete_expired(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.write(|tables, _| {
            let before = tables.sessions.len();
            tables.sessions.retain(|it| now < it.expires_at);
            Ok(before - tables.sessions.len())
        })
    }
}
