//! Why a list of instruments was not taken or cannot be used, and what to do about it.

use super::{CliError, Exit, chain};
use openalgo::engine::market::UpdateError;
use openalgo::{OpenContractError, TakeContractError};

/// What holds whenever a list was not taken.
const AS_BEFORE: &str = "the list that there was is used as before";

impl From<TakeContractError> for CliError {
    fn from(error: TakeContractError) -> Self {
        match error {
            TakeContractError::Download { .. } => {
                Self::new(Exit::Unavailable, "file", &chain(&error))
                    .hint(format!("name a file that you may read; {AS_BEFORE}"))
            }
            TakeContractError::TooLarge { .. }
            | TakeContractError::NotText { .. }
            | TakeContractError::File(_) => Self::refused("instrument_file", &chain(&error)).hint(
                format!("give the instruments.csv of Kite Connect as it is; {AS_BEFORE}"),
            ),
            TakeContractError::Implausible(_) => Self::refused("instrument_file", &chain(&error))
                .hint(format!(
                    "{AS_BEFORE}; get the file again, and where a list is rightly of another size, \
                     give --any-size"
                )),
            TakeContractError::Folder(error) => error.into(),
            TakeContractError::Write { .. } => Self::new(Exit::Unavailable, "file", &chain(&error))
                .hint(format!(
                    "`openalgo doctor` shows whether the disk is full; {AS_BEFORE}"
                )),
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
        Self::new(Exit::Unavailable, "instrument_list", &chain(&error))
            .hint(format!("{AS_BEFORE}; try again later"))
    }
}
