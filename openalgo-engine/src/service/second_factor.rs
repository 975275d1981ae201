//! The second factor: enrolling an authenticator and taking it away.

use super::{LoginError, LoginRequest, LoginService};
use crate::ports::Ports;
use openalgo_core::account::User;
use openalgo_core::id::UserId;
use openalgo_core::port::{CryptoError, StoreError, TotpAttempt};
use secrecy::SecretString;
use std::sync::Arc;
use thiserror::Error;

/// Why a second factor was not changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SecondFactorError {
    /// The user has an authenticator already.
    #[error("an authenticator is enrolled already")]
    Enrolled,
    /// The user has none.
    #[error("no authenticator is enrolled")]
    NotEnrolled,
    /// The code does not come from the authenticator that was to be enrolled.
    #[error("the code does not fit: nothing was changed")]
    WrongCode,
    /// Password and code did not prove who asks.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// No secret could be made or no code checked.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A secret that is to be enrolled; nothing is stored of it yet.
#[derive(Debug)]
pub struct Enrolment {
    /// The secret, to be typed into an authenticator.
    pub secret: SecretString,
    /// The address that an authenticator reads from a QR code; it holds the secret.
    pub uri: SecretString,
}

/// Enrols authenticators and takes them away.
#[derive(Debug, Clone)]
pub struct SecondFactorService {
    ports: Arc<Ports>,
    logins: LoginService,
}

impl SecondFactorService {
    pub(crate) fn new(ports: Arc<Ports>, logins: LoginService) -> Self {
        Self { ports, logins }
    }

    /// Makes a secret for a user who has no authenticator. Nothing changes until
    /// [`SecondFactorService::enrol`] has seen a code of it.
    pub fn begin(&self, user: &User) -> Result<Enrolment, SecondFactorError> {
        if user.totp_secret.is_some() {
            return Err(SecondFactorError::Enrolled);
        }
        let totp = &self.ports.totp;
        let secret = totp.make_secret()?;
        let uri = totp.enrolment_uri(&secret, user.username.as_str())?;
        Ok(Enrolment { secret, uri })
    }

    /// Enrols an authenticator that shows it has the secret. That code is used then.
    pub async fn enrol(
        &self,
        user: UserId,
        secret: &SecretString,
        code: &SecretString,
    ) -> Result<(), SecondFactorError> {
        let users = &self.ports.users;
        if users.get(user).await?.totp_secret.is_some() {
            return Err(SecondFactorError::Enrolled);
        }
        let at = self.ports.clock.now();
        let step = self.ports.totp.check(TotpAttempt {
            secret,
            code,
            at,
            used: None,
        })?;
        let step = step.ok_or(SecondFactorError::WrongCode)?;
        let enrolled = users.enrol_totp(user, secret, step).await?;
        // Somebody else may have enrolled one meanwhile.
        enrolled.then_some(()).ok_or(SecondFactorError::Enrolled)
    }

    /// Takes a user's authenticator away; password and code prove who asks, as at a login.
    pub async fn disable(&self, request: &LoginRequest) -> Result<(), SecondFactorError> {
        let user = self.logins.verify(request).await?;
        if user.totp_secret.is_none() {
            return Err(SecondFactorError::NotEnrolled);
        }
        Ok(self.ports.users.remove_totp(user.id).await?)
    }

    /// Takes a lost authenticator away without password and code: only for whoever holds the key
    /// of the data folder, and could do it to the file as well.
    pub async fn remove_lost(&self, user: &User) -> Result<(), SecondFactorError> {
        if user.totp_secret.is_none() {
            return Err(SecondFactorError::NotEnrolled);
        }
        Ok(self.ports.users.remove_totp(user.id).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errands::Errands;
    use crate::passwords::Passwords;
    use crate::ports::tests::unused;
    use crate::service::SettingService;
    use openalgo_core::account::PasswordHash;
    use openalgo_core::port::{
        MockLoginFailureRepository, MockSettingRepository, MockTotp, MockUserRepository,
    };
    use openalgo_core::testing::sample;
    use secrecy::ExposeSecret;

    const USER: UserId = UserId::new(1);
    const STEP: u64 = 59_850_000;

    fn user() -> User {
        let new = sample::new_user("owner");
        User {
            id: USER,
            username: new.username,
            email: new.email,
            password_hash: PasswordHash::new("$argon2id$fake"),
            totp_secret: None,
            totp_step: None,
            is_admin: true,
            order_broker: None,
            created_at: sample::at(0),
            updated_at: sample::at(0),
        }
    }

    /// A repository that knows the user and may not change it.
    fn users() -> MockUserRepository {
        let mut users = MockUserRepository::new();
        users.expect_get().returning(|_| Ok(user()));
        users
    }

    async fn service(totp: MockTotp, users: MockUserRepository) -> SecondFactorService {
        let mut settings = MockSettingRepository::new();
        settings.expect_list().returning(|| Ok(Vec::new()));
        let mut failures = MockLoginFailureRepository::new();
        failures.expect_recent().returning(|_| Ok(Vec::new()));
        let mut ports = unused();
        ports.users = Arc::new(users);
        ports.totp = Arc::new(totp);
        ports.settings = Arc::new(settings);
        ports.login_failures = Arc::new(failures);
        let ports = Arc::new(ports);
        let settings = SettingService::open(Arc::clone(&ports.settings), Errands::default());
        let passwords = Passwords::new(Arc::clone(&ports.passwords));
        let settings = settings.await.unwrap();
        let logins = LoginService::open(Arc::clone(&ports), settings, passwords);
        SecondFactorService::new(Arc::clone(&ports), logins.await.unwrap())
    }

    async fn enrol(service: &SecondFactorService) -> Result<(), SecondFactorError> {
        service
            .enrol(USER, &"SECRET".into(), &"123456".into())
            .await
    }

    #[tokio::test]
    async fn the_code_is_checked_now_and_used_then() {
        let now = unused().clock.now();
        let mut totp = MockTotp::new();
        totp.expect_check().times(2).returning(move |attempt| {
            assert_eq!(attempt.secret.expose_secret(), "SECRET");
            assert_eq!(attempt.code.expose_secret(), "123456");
            assert_eq!((attempt.at, attempt.used), (now, None));
            Ok(Some(STEP))
        });
        let mut users = users();
        // The second time, somebody else was faster.
        let mut answers = [false, true].into_iter().collect::<Vec<_>>();
        users
            .expect_enrol_totp()
            .times(2)
            .returning(move |id, secret, step| {
                assert_eq!((id, secret.expose_secret(), step), (USER, "SECRET", STEP));
                Ok(answers.pop().unwrap())
            });
        let service = service(totp, users).await;
        enrol(&service).await.unwrap();
        let refused = enrol(&service).await.unwrap_err();
        assert!(matches!(refused, SecondFactorError::Enrolled), "{refused}");
    }

    #[tokio::test]
    async fn a_code_that_does_not_fit_or_cannot_be_checked_changes_nothing() {
        let broken = CryptoError::Malformed { what: "a secret" };
        for (answer, expected) in [
            (Ok(None), "the code does not fit: nothing was changed"),
            (Err(broken), "a secret is malformed"),
        ] {
            let mut totp = MockTotp::new();
            totp.expect_check().return_const(answer);
            let refused = enrol(&service(totp, users()).await).await.unwrap_err();
            assert_eq!(refused.to_string(), expected);
        }
    }

    #[tokio::test]
    async fn a_secret_is_made_only_for_whoever_has_none() {
        let mut totp = MockTotp::new();
        totp.expect_make_secret()
            .once()
            .returning(|| Ok("SECRET".into()));
        totp.expect_enrolment_uri()
            .once()
            .returning(|secret, user| Ok(format!("{user}?{}", secret.expose_secret()).into()));
        let service = service(totp, users()).await;
        let begun = service.begin(&user()).unwrap();
        assert_eq!(begun.uri.expose_secret(), "owner?SECRET");
        let mut enrolled = user();
        enrolled.totp_secret = Some(begun.secret);
        let refused = service.begin(&enrolled).unwrap_err();
        assert!(matches!(refused, SecondFactorError::Enrolled), "{refused}");
    }
}
