//! A command as a value: it runs in whichever process has the data folder open.

use crate::args::Command;
use crate::error::CliError;
use openalgo::World;
use openalgo::core::id::Username;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What to do, for whom, and how the answer is to look.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) command: Command,
    /// Whose account to act on; the owner's, if nobody is named.
    pub(crate) user: Option<Username>,
    pub(crate) style: Style,
    /// The world in which it must run; any, as far as nothing was said.
    pub(crate) world: World,
}

/// How the caller's terminal wants an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Style {
    pub(crate) color: bool,
    /// How wide tables may be; without, they are as wide as what is in them.
    pub(crate) width: Option<u16>,
    /// The name under which the program was started, for the commands that an answer suggests.
    pub(crate) program: String,
}

/// A path as it is wherever the command runs: the folder that it starts from is the caller's.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, CliError> {
    std::path::absolute(path).map_err(|error| CliError::internal("the path makes no sense", &error))
}
