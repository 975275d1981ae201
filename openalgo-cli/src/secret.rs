//! Secrets as parts of a command.

use crate::error::CliError;
use crate::request::absolute;
use openalgo::KeySource;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A secret that was typed for a command. It is written out only where the command travels to
/// the owner of the data folder, and never shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Secret(#[serde(with = "text")] SecretString);

impl Secret {
    pub(crate) fn reveal(&self) -> &SecretString {
        &self.0
    }
}

impl From<SecretString> for Secret {
    fn from(secret: SecretString) -> Self {
        Self(secret)
    }
}

/// A place of a key that its caller named, with the passphrase or recovery key that it needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Place(#[serde(with = "Source")] KeySource);

impl Place {
    pub(crate) fn try_new(source: KeySource) -> Result<Self, CliError> {
        Ok(Self(match source {
            KeySource::File(path) => KeySource::File(absolute(&path)?),
            other => other,
        }))
    }

    pub(crate) fn reveal(&self) -> &KeySource {
        &self.0
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "KeySource")]
enum Source {
    Keychain,
    Passphrase(#[serde(with = "text")] SecretString),
    File(PathBuf),
    Credential(String),
    Recovery(#[serde(with = "text")] SecretString),
}

mod text {
    use secrecy::{ExposeSecret, SecretString};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        secret: &SecretString,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose_secret())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<SecretString, D::Error> {
        String::deserialize(deserializer).map(SecretString::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::path::Path;

    #[test]
    fn a_secret_travels_and_is_not_shown() {
        let secret = Secret::from(SecretString::from("Long!Enough1"));
        assert!(!format!("{secret:?}").contains("Enough"));
        let sent = serde_json::to_string(&secret).unwrap();
        let received: Secret = serde_json::from_str(&sent).unwrap();
        assert_eq!(received.reveal().expose_secret(), "Long!Enough1");
    }

    #[test]
    fn a_place_travels_with_what_it_needs_and_shows_none_of_it() {
        let typed = || SecretString::from("Long!Enough1");
        for source in [
            KeySource::Keychain,
            KeySource::Credential("openalgo-key".to_owned()),
            KeySource::Passphrase(typed()),
            KeySource::Recovery(typed()),
        ] {
            let place = Place::try_new(source.clone()).unwrap();
            assert!(!format!("{place:?}").contains("Enough"), "{place:?}");
            let sent = serde_json::to_string(&place).unwrap();
            let received: Place = serde_json::from_str(&sent).unwrap();
            assert_eq!(received.reveal().to_string(), source.to_string());
            if let KeySource::Passphrase(secret) | KeySource::Recovery(secret) = received.reveal() {
                assert_eq!(secret.expose_secret(), "Long!Enough1");
            }
        }
        let file = Place::try_new(KeySource::File("here.key".into())).unwrap();
        let sent = serde_json::to_string(&file).unwrap();
        let received: Place = serde_json::from_str(&sent).unwrap();
        let KeySource::File(path) = received.reveal() else {
            panic!("{received:?} is no file");
        };
        assert!(path.is_absolute() && path.ends_with(Path::new("here.key")));
    }
}
