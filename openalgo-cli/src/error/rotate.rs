//! Why a key was not changed, and what to do about it.

use super::{CliError, Exit, chain};
use openalgo::RotateKeyError;
use openalgo::store::CopyError;

impl From<RotateKeyError> for CliError {
    fn from(error: RotateKeyError) -> Self {
        let unavailable = |code: &'static str, hint: &str| {
            Self::new(Exit::Unavailable, code, &chain(&error)).hint(hint)
        };
        match error {
            RotateKeyError::Unlock(error) => error.into(),
            RotateKeyError::Database(error) => error.into(),
            RotateKeyError::Store(error) | RotateKeyError::Copy(CopyError::Lost(error)) => {
                error.into()
            }
            RotateKeyError::Copy(CopyError::Damaged { .. }) => unavailable(
                "damaged_data",
                "run `openalgo db check` to see what is damaged; the key is the old one",
            ),
            RotateKeyError::Copy(_) => unavailable(
                "copy_failed",
                "make room on the disk for a second copy of the database; the key is the old one",
            ),
            RotateKeyError::Unsound { .. } => unavailable(
                "copy_failed",
                "the key is the old one; examine the disk before you try again",
            ),
            other => Self::internal("the key was not changed", &other),
        }
    }
}
