//! Users.

use super::{Memory, Tables, duplicate, not_found};
use async_trait::async_trait;
use openalgo::core::account::{NewUser, PasswordHash, User};
use openalgo::core::id::{BrokerName, SessionId, UserId, Username};
use openalgo::core::market::Timestamp;
use openalgo::core::port::{StoreError, UserRepository};
use secrecy::SecretString;

impl Tables {
    /// Refuses what would belong to nobody.
    pub(super) fn require_user(&self, id: UserId) -> Result<(), StoreError> {
        if self.users.iter().any(|user| user.id == id) {
            Ok(())
        } else {
            Err(not_found("user", &id))
        }
    }

    fn user(&mut self, id: UserId) -> Result<&mut User, StoreError> {
        let user = self.users.iter_mut().find(|user| user.id == id);
        user.ok_or_else(|| not_found("user", &id))
    }

    fn add_user(&mut self, user: &NewUser, now: Timestamp) -> Result<User, StoreError> {
        let mut names = self.users.iter().map(|it| &it.username);
        if let Some(taken) = names.find(|name| name.is_like(&user.username)) {
            return Err(duplicate("user name", taken));
        }
        if self.users.iter().any(|it| it.email == user.email) {
            return Err(duplicate("e-mail address", &user.email));
        }
        let user = User {
            id: UserId::new(self.users.last().map_or(1, |last| last.id.get() + 1)),
            username: user.username.clone(),
            email: user.email.clone(),
            password_hash: user.password_hash.clone(),
            totp_secret: None,
            totp_step: None,
            is_admin: user.is_admin && !self.users.iter().any(|it| it.is_admin),
            order_broker: None,
            created_at: now,
            updated_at: now,
        };
        self.users.push(user.clone());
        Ok(user)
    }
}

impl Memory {
    fn change_user(&self, id: UserId, change: impl FnOnce(&mut User)) -> Result<(), StoreError> {
        self.write(|tables, now| {
            let user = tables.user(id)?;
            change(user);
            user.updated_at = now;
            Ok(())
        })
    }

    fn find_user(&self, is_it: impl Fn(&User) -> bool) -> Option<User> {
        self.read(|tables| tables.users.iter().find(|user| is_it(user)).cloned())
    }
}

#[async_trait]
impl UserRepository for Memory {
    async fn insert(&self, user: &NewUser) -> Result<User, StoreError> {
        self.write(|tables, now| tables.add_user(user, now))
    }

    async fn find(&self, username: &Username) -> Result<Option<User>, StoreError> {
        Ok(self.find_user(|user| user.username == *username))
    }

    async fn get(&self, id: UserId) -> Result<User, StoreError> {
        let user = self.find_user(|user| user.id == id);
        user.ok_or_else(|| not_found("user", &id))
    }

    async fn owner(&self) -> Result<Option<User>, StoreError> {
        Ok(self.find_user(|user| user.is_admin))
    }

    async fn list(&self) -> Result<Vec<User>, StoreError> {
        Ok(self.read(|tables| tables.users.clone()))
    }

    async fn set_password(
        &self,
        id: UserId,
        hash: &PasswordHash,
        keep: Option<SessionId>,
    ) -> Result<(), StoreError> {
        self.write(|tables, now| {
            let user = tables.user(id)?;
            user.password_hash = hash.clone();
            user.updated_at = now;
            tables.end_sessions(id, keep);
            Ok(())
        })
    }

    async fn renew_password_hash(
        &self,
        id: UserId,
        from: &PasswordHash,
        to: &PasswordHash,
    ) -> Result<bool, StoreError> {
        self.write(|tables, now| {
            let user = tables.user(id).ok();
            let Some(user) = user.filter(|user| user.password_hash == *from) else {
                return Ok(false);
            };
            user.password_hash = to.clone();
            user.updated_at = now;
            Ok(true)
        })
    }

    async fn use_totp_step(&self, id: UserId, step: u64) -> Result<bool, StoreError> {
        self.write(|tables, _| {
            let user = tables.user(id).ok();
            let user = user.filter(|user| user.totp_step.is_none_or(|used| used < step));
            let is_fresh = user.is_some();
            if let Some(user) = user {
                user.totp_step = Some(step);
            }
            Ok(is_fresh)
        })
    }

    async fn enrol_totp(
        &self,
        id: UserId,
        secret: &SecretString,
        step: u64,
    ) -> Result<bool, StoreError> {
        self.write(|tables, now| {
            let user = tables.user(id)?;
            if user.totp_secret.is_some() {
                return Ok(false);
            }
            user.totp_secret = Some(secret.clone());
            user.totp_step = Some(step);
            user.updated_at = now;
            Ok(true)
        })
    }

    async fn remove_totp(&self, id: UserId) -> Result<(), StoreError> {
        self.change_user(id, |user| {
            user.totp_secret = None;
            user.totp_step = None;
        })
    }

    async fn set_order_broker<'a>(
        &self,
        id: UserId,
        broker: Option<&'a BrokerName>,
    ) -> Result<(), StoreError> {
        self.change_user(id, |user| user.order_broker = broker.cloned())
    }
}
