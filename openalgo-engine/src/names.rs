//! Whose commands are meant, for texts that say what to type.

use openalgo_core::account::User;
use openalgo_core::id::{UserId, Username};
use openalgo_core::port::UserRepository;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// Whose account a command line acts on: shown as the option that names the user, with a blank
/// before it, or as nothing where that is the owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whose(Option<Username>);

impl Whose {
    /// The option for this user.
    pub fn of(user: &User) -> Self {
        Self((!user.is_admin).then(|| user.username.clone()))
    }
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(name) => write!(f, " --user {name}"),
            None => Ok(()),
        }
    }
}

/// The names of users, in memory. A user keeps a name for good.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    users: Arc<dyn UserRepository>,
    known: Arc<RwLock<BTreeMap<UserId, Whose>>>,
}

impl Names {
    pub(crate) fn new(users: Arc<dyn UserRepository>) -> Self {
        Self {
            users,
            known: Arc::default(),
        }
    }

    /// Finds a name out, unless it is known. One that cannot be read is missing from texts, and
    /// that is all.
    pub(crate) async fn learn(&self, user: UserId) {
        let is_known = || {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            known.contains_key(&user)
        };
        if is_known() {
            return;
        }
        if let Ok(found) = self.users.get(user).await {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(user, Whose::of(&found));
        }
    }

    /// What is known of a user's name.
    pub(crate) fn whose(&self, user: UserId) -> Whose {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&user).cloned().unwrap_or_default()
    }
}
