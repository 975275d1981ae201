//! What changes the key, or its place: each has the data folder for itself meanwhile.

use crate::alone::{Alone, Done, Opens};
use crate::error::{CliError, Exit};
use crate::input;
use crate::open::{Target, about_key_file};
use crate::progress::Step;
use crate::request::absolute;
use crate::secret::{Place, Secret};
use crate::show::{Output, fields};
use crate::ui::Ui;
use openalgo::{KeyMoved, KeyRotated, KeySource, KeySourceName, RotateKey, SharedPlace};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};

/// A change of the key, with everything that only its caller knows.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Change {
    /// What the caller opens the folder with; without, the folder says where its key is.
    with: Option<Place>,
    kind: Kind,
}

#[derive(Debug, Serialize, Deserialize)]
enum Kind {
    Passphrase(Place),
    Move(Place),
    Rotate {
        /// The passphrase that wraps the key, where one does.
        passphrase: Option<Secret>,
        keep_old: Option<PathBuf>,
    },
    Recovery,
}

impl Change {
    pub(super) fn passphrase(target: &mut Target, piped: bool) -> Result<Self, CliError> {
        target.refuse_without_data()?;
        if !target.is_wrapped()? {
            let message = "the key of this data folder is not kept by a passphrase";
            return Err(CliError::refused("no_passphrase", &message)
                .hint("wrap it with one: `openalgo key move --to passphrase`"));
        }
        let old = KeySource::Passphrase(input::passphrase(false)?);
        let new = KeySource::Passphrase(input::new_passphrase(piped, "New passphrase: ")?);
        target.opens_with(Some(old.clone()));
        Ok(Self {
            with: Some(Place::try_new(old)?),
            kind: Kind::Passphrase(Place::try_new(new)?),
        })
    }

    pub(super) fn place(
        target: &mut Target,
        to: &KeySourceName,
        piped: bool,
    ) -> Result<Self, CliError> {
        Ok(Self {
            with: target.present()?.map(Place::try_new).transpose()?,
            kind: Kind::Move(place(to, piped)?),
        })
    }

    pub(super) fn rotate(target: &mut Target, keep_old: Option<&Path>) -> Result<Self, CliError> {
        let with = target.present()?;
        let passphrase = match &with {
            Some(KeySource::Passphrase(passphrase)) => Some(passphrase.clone()),
            // The key was named from elsewhere, and the new one is wrapped all the same.
            Some(_) if target.is_wrapped()? => Some(input::passphrase(false)?),
            Some(_) | None => None,
        };
        let keep_old = keep_old.map(absolute).transpose()?;
        Ok(Self {
            with: with.map(Place::try_new).transpose()?,
            kind: Kind::Rotate {
                passphrase: passphrase.map(Secret::from),
                keep_old,
            },
        })
    }

    pub(super) fn create_recovery(target: &mut Target, ui: Ui) -> Result<Self, CliError> {
        if !ui.is_at_terminal() {
            let message =
                "a recovery key is shown only at a terminal, so that it is written to no file";
            return Err(CliError::new(Exit::Usage, "no_terminal", &message)
                .hint("run the command at a terminal, without --json and without a pipe"));
        }
        Ok(Self {
            with: target.present()?.map(Place::try_new).transpose()?,
            kind: Kind::Recovery,
        })
    }

    pub(super) fn use_recovery(
        target: &mut Target,
        to: &KeySourceName,
        piped: bool,
    ) -> Result<Self, CliError> {
        target.refuse_without_data()?;
        let typed = KeySource::Recovery(input::recovery_key(piped)?);
        target.opens_with(Some(typed.clone()));
        Ok(Self {
            with: Some(Place::try_new(typed)?),
            kind: Kind::Move(place(to, false)?),
        })
    }

    /// What the folder is opened with.
    pub(crate) fn with(&self) -> Option<&KeySource> {
        self.with.as_ref().map(Place::reveal)
    }

    pub(super) fn may_be_repeated(&self) -> bool {
        match self.kind {
            // The second time, the first has made the passphrase, the place or the key another one.
            Kind::Passphrase(_) | Kind::Move(_) | Kind::Rotate { .. } => false,
            // Nobody has seen the one that the first time made.
            Kind::Recovery => true,
        }
    }
}

/// Where the key is to go.
fn place(to: &KeySourceName, piped: bool) -> Result<Place, CliError> {
    let source = match to {
        KeySourceName::Keychain => KeySource::Keychain,
        KeySourceName::File(path) => KeySource::File(path.clone()),
        KeySourceName::Credential(name) => KeySource::Credential(name.clone()),
        KeySourceName::Passphrase if piped => {
            KeySource::Passphrase(input::new_passphrase(true, "")?)
        }
        KeySourceName::Passphrase => {
            KeySource::Passphrase(input::chosen(input::passphrase(true)?)?)
        }
    };
    Place::try_new(source)
}

/// Changes the key of a folder that nobody else uses meanwhile.
pub(crate) async fn alone(alone: Alone, change: Change) -> Result<Done, CliError> {
    let Alone { files, progress } = alone;
    match change.kind {
        Kind::Passphrase(to) => {
            files.move_key(to.reveal().clone()).await?;
            Ok(changed(passphrase_changed(), passphrase_in(&to)))
        }
        Kind::Move(to) => {
            let moved = files.move_key(to.reveal().clone()).await?;
            let output = warned(key_moved(&moved), &moved.to).await;
            Ok(changed(output, passphrase_in(&to)))
        }
        Kind::Rotate {
            passphrase,
            keep_old,
        } => {
            let passphrase = passphrase.map(|typed| typed.reveal().clone());
            let with = RotateKey {
                passphrase: passphrase.clone(),
                keep_old: keep_old.clone(),
            };
            let report = |copied| progress.report(&Step::copy("encrypting again", copied));
            let rotated = files.rotate_key(with, &report).await?;
            let output = warned(key_rotated(&rotated), &rotated.source).await;
            let output = warned_of_old(output, keep_old).await;
            Ok(changed(output, passphrase))
        }
        Kind::Recovery => {
            let key = files.make_recovery_key().await?;
            Ok(Done {
                output: recovery_made(&key),
                opens: Opens::AsBefore,
            })
        }
    }
}

fn changed(output: Output, passphrase: Option<SecretString>) -> Done {
    Done {
        output,
        opens: Opens::AsItSays { passphrase },
    }
}

fn passphrase_in(place: &Place) -> Option<SecretString> {
    match place.reveal() {
        KeySource::Passphrase(passphrase) => Some(passphrase.clone()),
        KeySource::Keychain
        | KeySource::File(_)
        | KeySource::Credential(_)
        | KeySource::Recovery(_) => None,
    }
}

/// The same answer, with a warning if the key is in a file that leaves this machine.
async fn warned(output: Output, source: &str) -> Output {
    let file = source.strip_prefix("file:").map(PathBuf::from);
    match synced(file).await {
        Some((path, place)) => output.warning(about_key_file(&path, &place)),
        None => output,
    }
}

/// The same answer, with a warning if the file that keeps the old key leaves this machine.
async fn warned_of_old(output: Output, kept: Option<PathBuf>) -> Output {
    match synced(kept).await {
        Some((path, place)) => output.warning(format!(
            "the key file {} lies {place}: whoever sees one of the copies can open what was copied \
             before, such as main.db.before-VERSION. Move the file to another place by hand.",
            path.display()
        )),
        None => output,
    }
}

/// Where a key file lies, if that is a place that is synced. The answer goes to the caller, who
/// may be another process.
async fn synced(file: Option<PathBuf>) -> Option<(PathBuf, SharedPlace)> {
    let path = file?;
    let asked = tokio::task::spawn_blocking(move || {
        let place = SharedPlace::of(&path);
        place.map(|place| (path, place))
    });
    // Whoever stops the program meanwhile does not read a warning.
    let found = asked.await.unwrap_or_default();
    found.filter(|(_, place)| matches!(place, SharedPlace::Synced { .. }))
}

fn passphrase_changed() -> Output {
    let text = "The passphrase is changed. Where a file holds it for OPENALGO_PASSPHRASE_FILE, \
                change it there, too. Backups keep the passphrases that they were made with.\n";
    Output::new(json!({ "changed": true }), text)
}

fn key_moved(moved: &KeyMoved) -> Output {
    let text = fields(&[("Key", moved.to.clone()), ("Before", moved.from.clone())]);
    let note = "The folder knows the new place: a --key-source or OPENALGO_KEY_SOURCE that names \
                the old one is to be changed or left away.\n";
    let data = json!({
        "from": moved.from,
        "to": moved.to,
        "left_behind": moved.is_left_behind,
    });
    let output = Output::new(data, format!("{text}\n{note}"));
    if !moved.is_left_behind {
        return output;
    }
    output.warning(format!(
        "the key is still in {}, too, and opens this folder from there: remove it there by hand",
        moved.from
    ))
}

fn key_rotated(rotated: &KeyRotated) -> Output {
    let data = json!({
        "source": rotated.source,
        "moved_from": rotated.moved_from,
        "recovery_key_ended": rotated.had_recovery_key,
    });
    let output = Output::new(data, fields(&[("New key", rotated.source.clone())]));
    let output = match &rotated.moved_from {
        Some(before) => output.warning(format!(
            "the key of this folder was in {before} and is now in {}, which was named: what is in \
             {before} opens this folder no more",
            rotated.source
        )),
        None => output,
    };
    if !rotated.had_recovery_key {
        return output;
    }
    output.warning(
        "the recovery key opens this folder no more: make a new one with `openalgo key recovery \
         create`",
    )
}

/// What goes to the terminal of the caller and nowhere else.
fn recovery_made(key: &SecretString) -> Output {
    let lines = key.expose_secret().replace('\n', "\n  ");
    let text = format!(
        "Write this recovery key on paper, and keep it where the data folder is not:\n\n  {lines}\n\n\
         It is not shown again, and one that was made before is worthless now. With it,\n\
         `openalgo key recovery use --to PLACE` opens the folder when the place of the key is lost.\n\
         Whoever has both it and a copy of the folder can read everything.\n"
    );
    Output::new(json!({}), text)
}
