//! What keeps somebody from logging in.

use super::{CliError, Exit};
use openalgo::engine::service::{LoginError, SecondFactorError, SessionError};
use serde_json::json;

impl From<LoginError> for CliError {
    fn from(error: LoginError) -> Self {
        match &error {
            LoginError::Wrong => Self::new(Exit::Locked, "wrong_password", &error)
                .hint("set another one with `openalgo user passwd`"),
            LoginError::CodeNeeded => Self::new(Exit::Locked, "code_needed", &error)
                .hint("give the code that the authenticator shows, on a line of its own"),
            LoginError::WrongCode => Self::new(Exit::Locked, "wrong_code", &error).hint(
                "wait for the next code; if it is never right, look at the clocks of this machine \
                 and of the authenticator",
            ),
            LoginError::TooSoon { wait } => Self::new(Exit::Locked, "too_soon", &error)
                .hint("a right password works then, however many wrong ones came before")
                .details(json!({ "wait_seconds": wait.as_secs() })),
            LoginError::Changed => Self::new(Exit::Locked, "changed", &error).hint("log in again"),
            _ => match error {
                LoginError::Store(error) => error.into(),
                other => Self::internal("nobody can be logged in", &other),
            },
        }
    }
}

impl From<SecondFactorError> for CliError {
    fn from(error: SecondFactorError) -> Self {
        match error {
            SecondFactorError::Login(error) => error.into(),
            SecondFactorError::Store(error) => error.into(),
            SecondFactorError::Enrolled => Self::refused("enrolled", &error)
                .hint("take it away first with `openalgo user totp disable`"),
            SecondFactorError::NotEnrolled => Self::refused("not_enrolled", &error)
                .hint("enrol one with `openalgo user totp enroll`"),
            SecondFactorError::WrongCode => Self::new(Exit::Locked, "wrong_code", &error)
                .hint("look at the clocks of this machine and of the authenticator, and try again"),
            other => Self::internal("the second factor was not changed", &other),
        }
    }
}

impl From<SessionError> for CliError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Store(error) => error.into(),
            SessionError::NotFound(_) => Self::refused("not_found", &error)
                .hint("`openalgo user sessions list` shows the open ones"),
            other => Self::internal("the session was not ended", &other),
        }
    }
}
