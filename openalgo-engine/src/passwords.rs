//! Passwords, hashed and checked on threads that may block.

use openalgo_core::account::PasswordHash;
use openalgo_core::port::{CryptoError, PasswordHasher, PasswordVerdict};
use secrecy::SecretString;
use std::sync::Arc;
use thiserror::Error;
use tokio::sync::{OnceCell, Semaphore};

/// Hashing takes 64 MiB and a tenth of a second of a core: so many run at once, the others wait.
const AT_ONCE: usize = 2;

/// Why a password was neither hashed nor checked.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// Hashing failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The thread that hashes was stopped.
    #[error("the engine is stopping")]
    Stopped,
}

/// Hashes and checks passwords, a few at a time.
#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    hasher: Arc<dyn PasswordHasher>,
    turns: Arc<Semaphore>,
    decoy: Arc<OnceCell<PasswordHash>>,
}

impl Passwords {
    pub(crate) fn new(hasher: Arc<dyn PasswordHasher>) -> Self {
        Self {
            hasher,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            decoy: Arc::default(),
        }
    }

    /// Hashes a password.
    pub(crate) async fn hash(
        &self,
        password: &SecretString,
    ) -> Result<PasswordHash, PasswordError> {
        let password = password.clone();
        self.run(move |hasher| hasher.hash(&password)).await
    }

    /// Checks a password. Without a hash it is wrong, and finding that out takes as long.
    pub(crate) async fn verify(
        &self,
        password: &SecretString,
        hash: Option<&PasswordHash>,
    ) -> Result<PasswordVerdict, PasswordError> {
        // Made before the first check of either kind, so that its cost tells nothing.
        let decoy = self.decoy.get_or_try_init(|| self.make_decoy()).await?;
        let (password, against) = (password.clone(), hash.unwrap_or(decoy).clone());
        let verdict = self
            .run(move |hasher| hasher.verify(&password, &against))
            .await?;
        Ok(match hash {
            Some(_) => verdict,
            None => PasswordVerdict::Wrong,
        })
    }

    async fn make_decoy(&self) -> Result<PasswordHash, PasswordError> {
        self.hash(&SecretString::from("nobody's")).await
    }

    /// The turn ends with the work, not with a caller that goes away before.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn PasswordHasher) -> Result<T, CryptoError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_closed| PasswordError::Stopped)?;
        let hasher = Arc::clone(&self.hasher);
        let done = tokio::task::spawn_blocking(move || {
            let outcome = work(hasher.as_ref());
            drop(turn);
            outcome
        });
        Ok(done.await.map_err(|_stopped| PasswordError::Stopped)??)
    }
}
