//! What a caller is asked for: passwords and passphrases.

use crate::error::{CliError, Exit};
use crate::secret::Secret;
use openalgo::backup::BackupSecret;
use openalgo::crypto::key_source::{KeySourceError, RecoveryKey, examine_new_passphrase};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::io::{IsTerminal, Read};
use std::path::Path;
use zeroize::Zeroizing;

const PASSPHRASE_FILE: &str = "OPENALGO_PASSPHRASE_FILE";

/// The passphrase, from the file that the environment names or from the terminal.
pub(crate) fn passphrase(is_new: bool) -> Result<SecretString, CliError> {
    if let Some(path) = std::env::var_os(PASSPHRASE_FILE) {
        return from_file(path.as_ref());
    }
    if !std::io::stdin().is_terminal() {
        let message = "a passphrase is needed and there is no terminal to ask for it";
        let hint = format!("name a file that holds it in {PASSPHRASE_FILE}");
        return Err(CliError::new(Exit::Locked, "no_key", &message).hint(hint));
    }
    if is_new {
        return ask_twice("New passphrase: ");
    }
    ask("Passphrase: ").map_err(|error| CliError::internal("the terminal cannot be read", &error))
}

fn from_file(path: &Path) -> Result<SecretString, CliError> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|error| {
        let message = format!(
            "{PASSPHRASE_FILE} names {}, from which no passphrase can be read: {error}",
            path.display()
        );
        CliError::new(Exit::Locked, "no_key", &message).hint(format!(
            "name the file that holds the passphrase in {PASSPHRASE_FILE}, or unset it to be asked \
             at the terminal"
        ))
    })?;
    Ok(first_line(&text))
}

/// A new passphrase: from standard input if asked for, else typed twice at the terminal.
pub(crate) fn new_passphrase(is_piped: bool, prompt: &str) -> Result<SecretString, CliError> {
    let typed = if is_piped {
        from_stdin()?
    } else {
        terminal("passphrase", "--passphrase-stdin")?;
        ask_twice(prompt)?
    };
    chosen(typed)
}

/// A passphrase that was chosen: a bad one is refused before anything is closed for it.
pub(crate) fn chosen(passphrase: SecretString) -> Result<SecretString, CliError> {
    examine_new_passphrase(&passphrase)?;
    Ok(passphrase)
}

/// A recovery key, whose text has two lines: from standard input if asked for, else typed.
pub(crate) fn recovery_key(is_piped: bool) -> Result<SecretString, CliError> {
    if is_piped {
        return piped().map(|text| SecretString::from(text.as_str()));
    }
    terminal("recovery key", "--recovery-stdin")?;
    let unreadable =
        |error: std::io::Error| CliError::internal("the terminal cannot be read", &error);
    let first = ask("Recovery key: ").map_err(unreadable)?;
    if !matches!(
        RecoveryKey::parse(&first),
        Err(KeySourceError::RecoveryKeyLength { .. })
    ) {
        return Ok(first);
    }
    let rest = ask("Its second line: ").map_err(unreadable)?;
    let whole = Zeroizing::new([first.expose_secret(), rest.expose_secret()].join(" "));
    Ok(SecretString::from(whole.as_str()))
}

/// A new password, which is asked for where the command was typed.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct NewPassword {
    /// Read the password from standard input instead of asking for it
    #[arg(long)]
    password_stdin: bool,
    #[arg(skip)]
    typed: Option<Secret>,
}

impl NewPassword {
    pub(crate) fn ask(&mut self) -> Result<(), CliError> {
        self.typed = Some(new_password(self.password_stdin)?.into());
        Ok(())
    }

    pub(crate) fn typed(&self) -> Result<&SecretString, CliError> {
        let typed = self.typed.as_ref().map(Secret::reveal);
        typed.ok_or_else(|| CliError::new(Exit::Usage, "usage", &"no password was given"))
    }
}

/// A new passphrase of a backup, which is asked for where the command was typed.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct NewPassphrase {
    /// Read the passphrase from standard input instead of asking for it
    #[arg(long)]
    passphrase_stdin: bool,
    #[arg(skip)]
    typed: Option<Secret>,
}

impl NewPassphrase {
    pub(crate) fn ask(&mut self) -> Result<(), CliError> {
        let typed = new_passphrase(self.passphrase_stdin, "New passphrase for the backup: ")?;
        self.typed = Some(typed.into());
        Ok(())
    }

    pub(crate) fn typed(&self) -> Result<&SecretString, CliError> {
        let typed = self.typed.as_ref().map(Secret::reveal);
        typed.ok_or_else(|| CliError::new(Exit::Usage, "usage", &"no passphrase was given"))
    }
}

/// What opens a backup, which is asked for where the command was typed.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct BackupPassphrase {
    /// Read the passphrase from standard input instead of asking for it
    #[arg(long)]
    passphrase_stdin: bool,
    /// Read the recovery key of the backed-up folder from standard input
    #[arg(long, conflicts_with = "passphrase_stdin")]
    recovery_stdin: bool,
    #[arg(skip)]
    typed: Option<Secret>,
}

impl BackupPassphrase {
    pub(crate) fn ask(&mut self) -> Result<(), CliError> {
        let typed = if self.recovery_stdin {
            recovery_key(true)?
        } else if self.passphrase_stdin {
            from_stdin()?
        } else {
            terminal("passphrase", "--passphrase-stdin or --recovery-stdin")?;
            ask("Passphrase of the backup: ")
                .map_err(|error| CliError::internal("the terminal cannot be read", &error))?
        };
        self.typed = Some(typed.into());
        Ok(())
    }

    pub(crate) fn typed(&self) -> Result<BackupSecret, CliError> {
        let typed = self.typed.as_ref().map(|typed| typed.reveal().clone());
        let typed =
            typed.ok_or_else(|| CliError::new(Exit::Usage, "usage", &"no passphrase was given"))?;
        Ok(if self.recovery_stdin {
            BackupSecret::Recovery(typed)
        } else {
            BackupSecret::Passphrase(typed)
        })
    }
}

/// The first line of what is piped in.
fn from_stdin() -> Result<SecretString, CliError> {
    Ok(first_line(&piped()?))
}

/// Refuses to ask where there is nobody.
fn terminal(what: &str, instead: &str) -> Result<(), CliError> {
    if std::io::stdin().is_terminal() {
        return Ok(());
    }
    let message = format!("a {what} is needed and there is no terminal to ask for it");
    Err(CliError::new(Exit::Usage, "usage", &message)
        .hint(format!("pipe it in and give {instead}")))
}

/// The password and the one-time code of somebody who would log in.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct Credentials {
    /// Read the password from standard input instead of asking for it, and from a second line
    /// the one-time code, if there is one
    #[arg(long)]
    password_stdin: bool,
    #[arg(skip)]
    password: Option<Secret>,
    #[arg(skip)]
    code: Option<Secret>,
}

impl Credentials {
    pub(crate) fn ask(&mut self) -> Result<(), CliError> {
        let (password, code) = if self.password_stdin {
            let text = piped()?;
            let mut lines = text.lines().map(SecretString::from);
            let password = lines.next().unwrap_or_default();
            (password, lines.next().unwrap_or_default())
        } else {
            terminal("password", "--password-stdin")?;
            let unreadable = |error| CliError::internal("the terminal cannot be read", &error);
            let password = ask("Password: ").map_err(unreadable)?;
            let code = ask("One-time code, if there is one: ").map_err(unreadable)?;
            (password, code)
        };
        self.password = Some(password.into());
        let has_code = !code.expose_secret().trim().is_empty();
        self.code = has_code.then(|| code.into());
        Ok(())
    }

    pub(crate) fn password(&self) -> Result<&SecretString, CliError> {
        let typed = self.password.as_ref().map(Secret::reveal);
        typed.ok_or_else(|| CliError::new(Exit::Usage, "usage", &"no password was given"))
    }

    pub(crate) fn code(&self) -> Option<&SecretString> {
        self.code.as_ref().map(Secret::reveal)
    }
}

/// A one-time code that is typed at the terminal.
pub(crate) fn one_time_code() -> Result<SecretString, CliError> {
    ask("Code: ").map_err(|error| CliError::internal("the terminal cannot be read", &error))
}

fn piped() -> Result<Zeroizing<String>, CliError> {
    let mut text = Zeroizing::new(String::new());
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|error| CliError::internal("the standard input cannot be read", &error))?;
    Ok(text)
}

/// A new password: from standard input if asked for, else typed twice at the terminal.
fn new_password(from_stdin: bool) -> Result<SecretString, CliError> {
    if from_stdin {
        return Ok(first_line(&piped()?));
    }
    terminal("password", "--password-stdin")?;
    ask_twice("New password: ")
}

/// Asks for a new secret and once more for the same, so that a slip does not lock anybody out.
fn ask_twice(prompt: &str) -> Result<SecretString, CliError> {
    let unreadable =
        |error: std::io::Error| CliError::internal("the terminal cannot be read", &error);
    let first = ask(prompt).map_err(unreadable)?;
    let second = ask("The same again: ").map_err(unreadable)?;
    if first.expose_secret() == second.expose_secret() {
        return Ok(first);
    }
    Err(CliError::new(Exit::Usage, "usage", &"the two are not the same").hint("try again"))
}

fn ask(prompt: &str) -> Result<SecretString, std::io::Error> {
    rpassword::prompt_password(prompt).map(SecretString::from)
}

fn first_line(text: &str) -> SecretString {
    SecretString::from(text.lines().next().unwrap_or_default())
}
