//! What could keep OpenAlgo from working well here, each with its remedy.
//!
//! Examined from the outside in: the folder, the disk below it, and what only an open folder can
//! tell. One that is wrong hides none of the others, as far as they can be examined without it.

mod address;
mod clock;
mod disk;
mod folder;
mod key;

pub(crate) use address::examine_address;
pub(crate) use clock::examine as examine_clock;
pub(crate) use disk::{examine_space, examine_speed};
pub(crate) use folder::{examine_folder, examine_permissions, examine_place};
pub(crate) use key::{examine_key, examine_recovery};

use serde::{Deserialize, Serialize};

/// What was found about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// What was examined.
    pub(crate) subject: String,
    /// How it stands.
    pub(crate) verdict: Verdict,
    /// What was seen.
    pub(crate) said: String,
    /// What to do about it.
    pub(crate) remedy: Option<String>,
}

/// How a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and could fail or be better.
    Warning,
    /// Something does not work.
    Failed,
}

impl Finding {
    pub(crate) fn ok(subject: &str, said: impl Into<String>) -> Self {
        Self {
            subject: subject.to_owned(),
            verdict: Verdict::Ok,
            said: said.into(),
            remedy: None,
        }
    }

    pub(crate) fn warning(
        subject: &str,
        said: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            verdict: Verdict::Warning,
            remedy: Some(remedy.into()),
            ..Self::ok(subject, said)
        }
    }

    pub(crate) fn failed(
        subject: &str,
        said: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            verdict: Verdict::Failed,
            ..Self::warning(subject, said, remedy)
        }
    }
}
