//! Secrets as parts of a command.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A secret that was typed for a command. It is written out only where the command travels to
/// the owner of the data folder, and never shown.
#[derive(Debug, Clone)]
pub(crate) struct Secret(SecretString);

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

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose_secret())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_travels_and_is_not_shown() {
        let secret = Secret::from(SecretString::from("Long!Enough1"));
        assert!(!format!("{secret:?}").contains("Enough"));
        let sent = serde_json::to_string(&secret).unwrap();
        let received: Secret = serde_json::from_str(&sent).unwrap();
        assert_eq!(received.reveal().expose_secret(), "Long!Enough1");
    }
}
