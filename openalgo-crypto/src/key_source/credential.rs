//! A credential that systemd hands to a service, for servers.

use super::KeySourceError;
use super::digits::{open_file, read_key};
use crate::MasterKey;
use std::io;
use std::path::PathBuf;

/// Where systemd says where the credentials of a service are.
const FOLDER: &str = "CREDENTIALS_DIRECTORY";

/// A key of 64 hex digits that systemd decrypts for one service, and for nobody else.
///
/// It is only ever read. The unit names it: `LoadCredentialEncrypted=openalgo-key:PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its name in the unit.
    pub name: String,
    /// The folder of the service's credentials; `None` for a program that systemd did not start
    /// with any.
    pub folder: Option<PathBuf>,
}

impl Credential {
    /// The name that is looked for when nobody names one.
    pub const NAME: &str = "openalgo-key";

    /// A credential of the service as which this process runs.
    pub fn of_service(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            folder: std::env::var_os(FOLDER).map(PathBuf::from),
        }
    }

    /// Reads the key.
    ///
    /// The file's mode is not looked at: systemd guards the folder, and gives the user of the
    /// service access by a list that shows as a right of the group.
    pub fn load(&self) -> Result<MasterKey, KeySourceError> {
        let name = || self.name.clone();
        let Some(folder) = &self.folder else {
            return Err(KeySourceError::CredentialAbsent { name: name() });
        };
        let unreadable = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => KeySourceError::CredentialAbsent { name: name() },
            _ => KeySourceError::CredentialUnreadable {
                name: name(),
                source,
            },
        };
        let file = open_file(&folder.join(&self.name)).map_err(unreadable)?;
        let key = file.map(|mut file| read_key(&mut file)).transpose();
        key.map_err(unreadable)?
            .flatten()
            .ok_or_else(|| KeySourceError::CredentialMalformed { name: name() })
    }
}
