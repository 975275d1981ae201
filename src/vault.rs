//! The file beside the database that says where the key is. It holds nothing secret: a wrapped
//! key is worthless without its passphrase, and the check value tells nothing about the key.

use crate::folder::DataFolder;
use crate::key_source::{KeySource, UnlockError};
use openalgo_core::port::RandomSource;
use openalgo_crypto::Argon2Cost;
use openalgo_crypto::MasterKey;
use openalgo_crypto::key_source::{KeyFile, Keychain, WrappedKey};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Vault {
    version: u32,
    key: KeyPlace,
    /// Tells a wrong key from a damaged database.
    key_check: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
enum KeyPlace {
    File { path: PathBuf },
    Keychain { account: String },
    Passphrase { wrapped: WrappedKey },
}

impl KeyPlace {
    fn name(&self) -> String {
        match self {
            Self::File { path } => format!("file:{}", path.display()),
            Self::Keychain { .. } => "keychain".to_owned(),
            Self::Passphrase { .. } => "passphrase".to_owned(),
        }
    }
}

/// The master key, and where it came from.
#[derive(Debug)]
pub(crate) struct Unlocked {
    pub(crate) master: MasterKey,
    pub(crate) source: String,
    /// Whether a key file was chosen because there is no keychain, which people should know.
    pub(crate) fell_back_to_file: bool,
    /// Whether a new folder had a key already, which people should know, too.
    pub(crate) had_key: bool,
}

/// Makes the key of a new data folder. A key that is in the named place already is taken.
pub(crate) fn create(
    folder: &DataFolder,
    asked: Option<&KeySource>,
    random: &dyn RandomSource,
) -> Result<Unlocked, UnlockError> {
    if let Some(vault) = read(folder)? {
        // An earlier start got as far as the key and no further.
        let unlocked = unlock_recorded(folder, &vault, asked)?;
        return Ok(Unlocked {
            had_key: true,
            ..unlocked
        });
    }
    let (place, master, fell_back_to_file) = match asked {
        Some(KeySource::File(path)) => in_file(folder, path, random)?,
        Some(KeySource::Keychain) => in_keychain(random)?,
        Some(KeySource::Passphrase(passphrase)) => {
            let master = MasterKey::make(random)?;
            let wrapped = WrappedKey::wrap(&master, passphrase, Argon2Cost::PASSPHRASE, random)?;
            (KeyPlace::Passphrase { wrapped }, master, false)
        }
        None => in_default_place(folder, random)?,
    };
    let source = place.name();
    let vault = Vault {
        version: VERSION,
        key: place,
        key_check: master.check_value(),
    };
    write(folder, &vault)?;
    Ok(Unlocked {
        master,
        source,
        fell_back_to_file,
        had_key: false,
    })
}

/// Gets the key of an existing data folder. Never makes one.
pub(crate) fn unlock(
    folder: &DataFolder,
    asked: Option<&KeySource>,
) -> Result<Unlocked, UnlockError> {
    // A damaged vault file must not keep a key file that is named from opening the data.
    let recorded = match (read(folder), asked) {
        (Err(UnlockError::Vault { .. }), Some(KeySource::File(_))) => None,
        (recorded, _) => recorded?,
    };
    match (recorded, asked) {
        (Some(vault), asked) => unlock_recorded(folder, &vault, asked),
        (None, Some(KeySource::File(path))) => {
            let master = key_file(path).load()?;
            Ok(Unlocked {
                master,
                source: name_of(path),
                fell_back_to_file: false,
                had_key: false,
            })
        }
        (None, _) => Err(UnlockError::Unknown {
            folder: folder.root().to_owned(),
        }),
    }
}

fn unlock_recorded(
    folder: &DataFolder,
    vault: &Vault,
    asked: Option<&KeySource>,
) -> Result<Unlocked, UnlockError> {
    let (master, source) = match (asked, &vault.key) {
        (Some(KeySource::File(path)), _) => {
            outside(folder, path)?;
            (key_file(path).load()?, name_of(path))
        }
        (Some(KeySource::Passphrase(passphrase)), KeyPlace::Passphrase { wrapped }) => {
            (wrapped.unwrap(passphrase)?, vault.key.name())
        }
        (Some(KeySource::Keychain) | None, KeyPlace::Keychain { account }) => (
            Keychain {
                account: account.clone(),
            }
            .load()?,
            vault.key.name(),
        ),
        (None, KeyPlace::File { path }) => (key_file(path).load()?, vault.key.name()),
        (None, KeyPlace::Passphrase { .. }) => return Err(UnlockError::PassphraseNeeded),
        (Some(asked @ (KeySource::Passphrase(_) | KeySource::Keychain)), recorded) => {
            let (asked, recorded) = (asked.to_string(), recorded.name());
            return Err(UnlockError::NotThere { asked, recorded });
        }
    };
    if !master.matches_check(&vault.key_check) {
        return Err(UnlockError::WrongKey {
            source_name: source,
        });
    }
    Ok(Unlocked {
        master,
        source,
        fell_back_to_file: false,
        had_key: false,
    })
}

type Made = (KeyPlace, MasterKey, bool);

fn in_file(
    folder: &DataFolder,
    path: &Path,
    random: &dyn RandomSource,
) -> Result<Made, UnlockError> {
    outside(folder, path)?;
    let path = std::path::absolute(path).unwrap_or_else(|_error| path.to_owned());
    let file = key_file(&path);
    let master = if path.exists() {
        file.load()?
    } else {
        let master = MasterKey::make(random)?;
        file.create(&master)?;
        master
    };
    Ok((KeyPlace::File { path }, master, false))
}

fn in_keychain(random: &dyn RandomSource) -> Result<Made, UnlockError> {
    let account = make_name(random)?;
    let master = MasterKey::make(random)?;
    let keychain = Keychain { account };
    keychain.store(&master)?;
    Ok((
        KeyPlace::Keychain {
            account: keychain.account,
        },
        master,
        false,
    ))
}

/// The keychain where there is a usable one, else a key file of this user.
fn in_default_place(folder: &DataFolder, random: &dyn RandomSource) -> Result<Made, UnlockError> {
    if Keychain::is_available() {
        match in_keychain(random) {
            Ok(made) => return Ok(made),
            Err(error) => tracing::info!(error = %error, "the keychain takes no key"),
        }
    }
    let path = DataFolder::key_folder()?.join(format!("{}.key", make_name(random)?));
    let (place, master, _) = in_file(folder, &path, random)?;
    Ok((place, master, true))
}

fn key_file(path: &Path) -> KeyFile {
    KeyFile {
        path: path.to_owned(),
    }
}

/// A name that no other data folder of this user has.
fn make_name(random: &dyn RandomSource) -> Result<String, UnlockError> {
    let mut bytes = [0; 8];
    random.fill(&mut bytes)?;
    Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
}

fn outside(folder: &DataFolder, path: &Path) -> Result<(), UnlockError> {
    if resolve(path).starts_with(resolve(folder.root())) {
        return Err(UnlockError::InsideFolder {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// Where a path leads, links and `..` included, though its last parts need not exist yet.
fn resolve(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_error| path.to_owned());
    let mut resolved = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            resolved.pop();
            continue;
        }
        resolved.push(part);
        // What does not exist is no link, and stays as it is.
        resolved = resolved.canonicalize().unwrap_or(resolved);
    }
    resolved
}

fn name_of(path: &Path) -> String {
    format!("file:{}", path.display())
}

fn read(folder: &DataFolder) -> Result<Option<Vault>, UnlockError> {
    let path = folder.vault();
    let unusable = |reason: String| UnlockError::Vault {
        path: path.clone(),
        reason,
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(error.to_string())),
    };
    let vault: Vault = serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
    if vault.version > VERSION {
        return Err(unusable(format!(
            "it is of version {}, newer than this program",
            vault.version
        )));
    }
    Ok(Some(vault))
}

/// Writes the file, durably.
fn write(folder: &DataFolder, vault: &Vault) -> Result<(), UnlockError> {
    let path = folder.vault();
    let unusable = |reason: String| UnlockError::Vault {
        path: path.clone(),
        reason,
    };
    let text = serde_json::to_string_pretty(vault).map_err(|error| unusable(error.to_string()))?;
    replace(&path, &text).map_err(|error| unusable(error.to_string()))
}

/// Writes a file beside its place and moves it there, so that it is never half there.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension("json.new");
    // One that a killed start left may be open to others.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    drop(file);
    fs::rename(&draft, path)?;
    sync_folder(path)
}

/// Makes the name of a file as durable as its contents.
#[cfg(unix)]
fn sync_folder(of: &Path) -> io::Result<()> {
    of.parent()
        .map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}

/// Windows opens no folder as a file, and keeps names durable by itself.
#[cfg(not(unix))]
fn sync_folder(of: &Path) -> io::Result<()> {
    of.metadata().map(drop)
}

#[cfg(test)]
mod tests;
