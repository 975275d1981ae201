//! Logging in: the password, the one-time code, and the session that comes of them.

mod error;
mod token;

pub use error::{LoginError, SessionError};

use super::SettingService;
use crate::passwords::Passwords;
use crate::ports::Ports;
use chrono::Duration;
use openalgo_core::account::{LoginAddress, NewSession, Session, SettingKey, User};
use openalgo_core::id::{SessionId, UserId, Username};
use openalgo_core::market::{SessionBoundary, Timestamp};
use openalgo_core::port::{CryptoError, PasswordVerdict, StoreError, TotpAttempt};
use openalgo_core::rule::throttle::{
    FORGOTTEN_AFTER, LoginAttempt, LoginPlace, LoginThrottle, SubjectKind,
};
use secrecy::SecretString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A session ends at the daily boundary, and after this long whatever the boundary is.
const LONGEST_SESSION: Duration = Duration::hours(24);
/// How long the token of an expired session still shows that a device has logged in before.
const KNOWN_FOR: Duration = Duration::days(30);
/// How exact the time of a session's last use is.
const USE_NOTED_EVERY: Duration = Duration::minutes(5);

/// Somebody who wants to log in.
#[derive(Debug, Clone)]
pub struct LoginRequest {
    /// Who they say they are.
    pub username: Username,
    /// Their password.
    pub password: SecretString,
    /// The code of their authenticator, if they have one.
    pub code: Option<SecretString>,
    /// What they log in on, for the list of sessions.
    pub device: Option<String>,
    /// From where. A frontend behind a proxy must say where the proxy's caller is: whoever
    /// shares an address shares its waits.
    pub from: LoginAddress,
    /// The token of an earlier session on this device. It opens nothing, expired as it is, but
    /// shows that the device is not a stranger's: strangers' failures do not slow it down.
    pub earlier: Option<SecretString>,
}

/// Somebody who is logged in.
#[derive(Debug)]
pub struct LoggedIn {
    /// Who.
    pub user: User,
    /// Their session.
    pub session: Session,
    /// The token of the session, which is shown this once.
    pub token: SecretString,
}

/// Logs users in and keeps their sessions.
#[derive(Debug, Clone)]
pub struct LoginService {
    ports: Arc<Ports>,
    settings: SettingService,
    passwords: Passwords,
    throttle: Arc<Mutex<LoginThrottle>>,
}

impl LoginService {
    pub(crate) async fn open(
        ports: Arc<Ports>,
        settings: SettingService,
        passwords: Passwords,
    ) -> Result<Self, StoreError> {
        let since = ports.clock.now().plus(-FORGOTTEN_AFTER);
        let failures = ports.login_failures.recent(since).await?;
        let throttle = LoginThrottle::restore(failures);
        Ok(Self {
            ports,
            settings,
            passwords,
            throttle: Arc::new(Mutex::new(throttle)),
        })
    }

    /// Logs a user in. The token in the answer is kept by nobody else.
    pub async fn login(&self, request: LoginRequest) -> Result<LoggedIn, LoginError> {
        let user = self.verify(&request).await?;
        let now = self.ports.clock.now();
        let sessions = &self.ports.sessions;
        sessions.delete_expired(now.plus(-KNOWN_FOR)).await?;
        let (token, new) = self.new_session(&user, request.device, now)?;
        let session = sessions.insert(&new).await?;
        // A password that is changed from here on ends this session with the others.
        let current = self.ports.users.get(user.id).await?;
        if current.password_hash != user.password_hash {
            sessions.end(session.id).await?;
            return Err(LoginError::Changed);
        }
        Ok(LoggedIn {
            user,
            session,
            token,
        })
    }

    /// Finds out whether a user could log in, without opening a session. A code that was right is
    /// used then, and one that was wrong counts as a failed login.
    pub async fn verify(&self, request: &LoginRequest) -> Result<User, LoginError> {
        let user = self.ports.users.find(&request.username).await?;
        let place = self.place(request, user.as_ref()).await?;
        let account = request.username.clone();
        let attempt = LoginAttempt { account, place };
        let is_known = user.is_some();
        let admitted = self.throttle().admit(&attempt, self.ports.clock.now());
        admitted.map_err(too_soon)?;
        let outcome = self.examine(request, user, &attempt).await;
        if let Err(LoginError::Wrong | LoginError::WrongCode) = outcome {
            tracing::warn!(from = %request.from, is_known, "a login failed");
            self.keep_failures(&attempt, is_known).await?;
        } else {
            self.throttle().forgive(&attempt);
        }
        outcome
    }

    /// Whose session a token opens.
    pub async fn session(&self, token: &SecretString) -> Result<(User, Session), SessionError> {
        let session = self.find(token).await?.ok_or(SessionError::Unknown)?;
        let now = self.ports.clock.now();
        if !session.is_active {
            return Err(SessionError::Ended);
        }
        if !session.holds_at(now) {
            return Err(SessionError::Expired);
        }
        if now.since(session.last_used_at) >= USE_NOTED_EVERY {
            self.ports.sessions.touch(session.id, now).await?;
        }
        let user = self.ports.users.get(session.user).await?;
        Ok((user, session))
    }

    /// The open sessions of a user, the one last opened first.
    pub async fn sessions(&self, user: UserId) -> Result<Vec<Session>, StoreError> {
        let now = self.ports.clock.now();
        self.ports.sessions.active(user, now).await
    }

    /// Ends an open session of a user.
    pub async fn end(&self, user: UserId, id: SessionId) -> Result<(), SessionError> {
        let open = self.sessions(user).await?;
        if !open.iter().any(|session| session.id == id) {
            return Err(SessionError::NotFound(id));
        }
        Ok(self.ports.sessions.end(id).await?)
    }

    /// Ends all sessions of a user; gives how many there were.
    pub async fn end_all(&self, user: UserId) -> Result<usize, StoreError> {
        self.ports.sessions.end_all(user).await
    }

    /// A stranger's address, unless a token shows that the device is none.
    async fn place(
        &self,
        request: &LoginRequest,
        user: Option<&User>,
    ) -> Result<LoginPlace, StoreError> {
        let session = match &request.earlier {
            Some(token) => self.find(token).await?,
            None => None,
        };
        let is_theirs = |session: &Session| {
            session.is_active && user.is_some_and(|user| user.id == session.user)
        };
        Ok(match session.filter(is_theirs) {
            Some(session) => LoginPlace::Device(session.id),
            None => LoginPlace::Address(request.from.clone()),
        })
    }

    async fn examine(
        &self,
        request: &LoginRequest,
        user: Option<User>,
        attempt: &LoginAttempt,
    ) -> Result<User, LoginError> {
        let hash = user.as_ref().map(|user| &user.password_hash);
        let verdict = self.passwords.verify(&request.password, hash).await?;
        let Some(user) = user.filter(|_| verdict != PasswordVerdict::Wrong) else {
            return Err(LoginError::Wrong);
        };
        self.second_factor(request, &user, attempt).await?;
        match verdict {
            PasswordVerdict::RightButOutdated => self.renew_hash(user, &request.password).await,
            PasswordVerdict::Right | PasswordVerdict::Wrong => Ok(user),
        }
    }

    /// Looks at the one-time code of a user who has an authenticator.
    async fn second_factor(
        &self,
        request: &LoginRequest,
        user: &User,
        attempt: &LoginAttempt,
    ) -> Result<(), LoginError> {
        let Some(secret) = &user.totp_secret else {
            return Ok(());
        };
        let code = request.code.as_ref().ok_or(LoginError::CodeNeeded)?;
        let at = self.ports.clock.now();
        let admitted = self.throttle().admit_code(attempt, at);
        admitted.map_err(too_soon)?;
        let step = self.ports.totp.check(TotpAttempt {
            secret,
            code,
            at,
            used: user.totp_step,
        })?;
        let step = step.ok_or(LoginError::WrongCode)?;
        // Decided by the one writer: of two who present the same code, one gets in.
        if !self.ports.users.use_totp_step(user.id, step).await? {
            return Err(LoginError::WrongCode);
        }
        self.throttle().forgive_code(attempt);
        Ok(())
    }

    async fn renew_hash(
        &self,
        mut user: User,
        password: &SecretString,
    ) -> Result<User, LoginError> {
        let hash = self.passwords.hash(password).await?;
        let users = &self.ports.users;
        let renewed = users.renew_password_hash(user.id, &user.password_hash, &hash);
        if !renewed.await? {
            return Err(LoginError::Changed);
        }
        user.password_hash = hash;
        Ok(user)
    }

    fn new_session(
        &self,
        user: &User,
        device: Option<String>,
        now: Timestamp,
    ) -> Result<(SecretString, NewSession), LoginError> {
        let boundary: SessionBoundary = self.settings.parsed(SettingKey::SessionExpiryTime)?;
        let token = self.ports.keys.make_key()?;
        let malformed = CryptoError::Malformed { what: "a token" };
        let (token_id, secret) = token::parts(&token).ok_or(malformed)?;
        let new = NewSession {
            token_id,
            user: user.id,
            broker: None,
            token: secret,
            feed_token: None,
            device,
            expires_at: boundary.next_after(now).min(now.plus(LONGEST_SESSION)),
        };
        Ok((token, new))
    }

    /// The session of a token, whether it holds or not.
    async fn find(&self, token: &SecretString) -> Result<Option<Session>, StoreError> {
        let Some((id, secret)) = token::parts(token) else {
            return Ok(None);
        };
        let found = self.ports.sessions.find(&id).await?;
        Ok(found.filter(|session| token::is_same(&session.token, &secret)))
    }

    /// A name that nobody has is not kept: it may be a password in the wrong field.
    async fn keep_failures(
        &self,
        attempt: &LoginAttempt,
        is_known: bool,
    ) -> Result<(), StoreError> {
        let mut tallies = self.throttle().tallies_of(attempt);
        tallies.retain(|(subject, _)| match subject.kind {
            SubjectKind::Account | SubjectKind::Codes => is_known,
            SubjectKind::Address | SubjectKind::Device => true,
        });
        let since = self.ports.clock.now().plus(-FORGOTTEN_AFTER);
        self.ports.login_failures.keep(&tallies, since).await
    }

    fn throttle(&self) -> MutexGuard<'_, LoginThrottle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whole seconds, so that whoever waits for them is not a moment too early.
fn too_soon(left: Duration) -> LoginError {
    let millis = u64::try_from(left.num_milliseconds()).unwrap_or_default();
    let wait = std::time::Duration::from_secs(millis.saturating_add(999) / 1_000);
    LoginError::TooSoon { wait }
}
