//! The owner of a new data folder.

use crate::app::OpenAlgo;
use openalgo_core::account::User;
use openalgo_core::id::{Email, TextError, Username};
use openalgo_core::port::CryptoError;
use openalgo_crypto::{SystemRandom, make_password};
use openalgo_engine::service::UserError;
use secrecy::SecretString;
use thiserror::Error;

const USERNAME: &str = "owner";
const EMAIL: &str = "owner@localhost";

/// Why the owner's account was not made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OwnerSetupError {
    /// A name or address breaks the rules.
    #[error(transparent)]
    Text(#[from] TextError),
    /// No password could be made.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The account could not be stored.
    #[error(transparent)]
    User(#[from] UserError),
}

/// The owner, and what was made for them just now.
#[derive(Debug)]
pub struct OwnerSetup {
    /// The owner.
    pub user: User,
    /// A generated password that is shown once and kept nowhere; `None` when there was an owner
    /// already.
    pub password: Option<SecretString>,
}

impl OpenAlgo {
    /// The owner of the folder. A folder without one gets the user `owner` with a generated
    /// password and an API key.
    pub async fn set_up_owner(&self) -> Result<OwnerSetup, OwnerSetupError> {
        // Two at once would both find nobody.
        let _alone = self.owner_setup.lock().await;
        let (user, password) = match self.users().owner().await {
            Ok(user) => (user, None),
            Err(UserError::NoOwner) => {
                let password = make_password(&SystemRandom)?;
                let (name, email) = (Username::try_new(USERNAME)?, Email::try_new(EMAIL)?);
                (
                    self.users().create(name, email, &password).await?,
                    Some(password),
                )
            }
            Err(error) => return Err(error.into()),
        };
        if self.users().api_key(user.id).await?.is_none() {
            self.users().create_api_key(user.id).await?;
        }
        Ok(OwnerSetup { user, password })
    }
}
