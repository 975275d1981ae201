//! A command that no other may run beside: it changes the key of the folder, or what `main.db` is.
//!
//! It runs in whichever process has the folder, like every command. A process that keeps the
//! folder unlocked finishes what it has taken, closes the folder, runs the command, and opens the
//! folder again, while other callers wait; a command that has just taken the folder runs, and that
//! is all. Either way nobody gets the folder in between.
//!
//! To be such a command:
//! - `Command::need` says [`Need::Alone`](crate::command::Need::Alone);
//! - `Command::opened` says what is unusual about how the folder is opened for it, if anything is,
//!   and `Command::key_change` that it is opened with the key of its caller, wherever it runs;
//! - `command::alone` leads to its function, which gets an [`Alone`] and gives a [`Done`]. It
//!   closes the folder, or calls what does, such as `OpenFolder::move_key`;
//! - a passphrase or key that it needs is put into the command by `resolve`, and travels with it.

use crate::progress::Progress;
use crate::show::Output;
use openalgo::OpenFolder;
use secrecy::SecretString;

/// What such a command works with.
#[derive(Debug)]
pub(crate) struct Alone {
    /// The folder, opened without its engine.
    pub(crate) files: OpenFolder,
    pub(crate) progress: Progress,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) output: Output,
    pub(crate) opens: Opens,
}

/// With what the folder opens from now on: who keeps it unlocked has nobody to ask.
#[derive(Debug)]
pub(crate) enum Opens {
    /// With what it was opened with.
    AsBefore,
    /// With the key from where the folder says that it is, and this passphrase if it needs one.
    AsItSays { passphrase: Option<SecretString> },
}
