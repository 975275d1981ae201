//! Why a list of instruments was not taken or cannot be used, and what to do about it.

use super::{CliError, Exit, chain};
use openalgo::engine::market::UpdateError;
use openalgo::{OpenContractError, TakeContractError};

/// What holds whenever a list was not taken, and there was one.
const AS_BEFORE: &str = "the list that there was is used as before";

impl CliError {
    /// Says why the list of a broker was not taken, and whether there is one all the same.
    pub(crate) fn list_not_taken(error: TakeContractError, has_one: bool) -> Self {
        let still = if has_one {
            AS_BEFORE
        } else {
            "there is still no list of this broker"
        };
        let (exit, code, hint) = match &error {
            TakeContractError::NoParser { .. } => (
                Exit::Refused,
                "broker",
                "name the broker that the file is from, and no other",
            ),
            TakeContractError::Download { .. } => {
                (Exit::Unavailable, "file", "name a file that you may read")
            }
            TakeContractError::TooLarge { .. }
            | TakeContractError::NotText { .. }
            | TakeContractError::File(_) => (
                Exit::Refused,
                "instrument_file",
                "give the instruments.csv of Kite Connect as it is",
            ),
            TakeContractError::Implausible(_) => (
                Exit::Refused,
                "instrument_file",
                "get the file again, and where a list is rightly of another size, give --any-size",
            ),
            TakeContractError::Write { .. } => (
                Exit::Unavailable,
                "file",
                "`openalgo doctor` shows whether the disk is full",
            ),
            _ => return Self::unexpected(error),
        };
        Self::new(exit, code, &chain(&error)).hint(format!("{hint}; {still}"))
    }

    fn unexpected(error: TakeContractError) -> Self {
        match error {
            TakeContractError::Folder(error) => error.into(),
            TakeContractError::Store(error) => error.into(),
            other => Self::internal("the list of instruments was not taken", &other),
        }
    }
}

impl From<OpenContractError> for CliError {
    fn from(error: OpenContractError) -> Self {
        match error {
            OpenContractError::Unknown { .. } => Self::refused("no_list", &error).hint(
                "`openalgo symbols lists` shows those that there are; take one with `openalgo \
                 symbols import FILE --broker NAME`",
            ),
            OpenContractError::Unusable(_) => {
                Self::new(Exit::Unavailable, "instrument_list", &chain(&error))
                    .hint("take it again with `openalgo symbols import FILE --broker NAME`")
            }
            OpenContractError::Store(error) => error.into(),
            other => Self::internal("the list of instruments was not read", &other),
        }
    }
}

impl From<UpdateError> for CliError {
    fn from(error: UpdateError) -> Self {
        let next = match error {
            UpdateError::Short(_) => "where so much has gone rightly, give --any-size",
            _ => "try again later",
        };
        Self::new(Exit::Unavailable, "instrument_list", &chain(&error))
            .hint(format!("{AS_BEFORE}; {next}"))
    }
}
