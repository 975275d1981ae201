//! The keychain of the operating system, for desktops.

use super::KeySourceError;
use crate::MasterKey;
use keyring::{Entry, Error};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

/// Under which name the keychain shows the entries.
const SERVICE: &str = "openalgo";

/// What the Secret Service's client says when there is no collection to put a key into; its error
/// type is out of reach.
const NO_COLLECTION: &str = "result not returned";

/// An entry in the keychain of the operating system.
///
/// That is Keychain on macOS, Credential Manager on Windows and the Secret Service elsewhere. All
/// calls block, some for as long as a dialog is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keychain {
    /// Whose key it is: one name for each data folder.
    pub account: String,
}

impl Keychain {
    /// Whether this session has a keychain. It may still be locked.
    ///
    /// The answer is found once and kept until the process ends.
    pub fn is_available() -> bool {
        Entry::store_status().is_ok()
    }

    /// Keeps a key; does nothing when it is already there.
    ///
    /// Refuses to overwrite another key, which may be the only copy: see [`Self::replace`].
    pub fn store(&self, key: &MasterKey) -> Result<(), KeySourceError> {
        match self.load() {
            Err(KeySourceError::KeychainEmpty { .. }) => self.replace(key),
            Ok(present) if present.is_same(key) => Ok(()),
            Ok(_) | Err(KeySourceError::KeychainMalformed { .. }) => {
                let account = self.account.clone();
                Err(KeySourceError::KeychainOccupied { account })
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps a key, whatever was there before: for a key that was changed and whose data has been
    /// encrypted again.
    pub fn replace(&self, key: &MasterKey) -> Result<(), KeySourceError> {
        let digits = key.to_hex();
        self.entry()?
            .set_secret(digits.expose_secret().as_bytes())
            .map_err(|error| self.explain(&error))
    }

    /// Reads the key.
    pub fn load(&self) -> Result<MasterKey, KeySourceError> {
        let secret = self.entry()?.get_secret().map_err(|mut error| {
            wipe(&mut error);
            self.explain(&error)
        });
        let digits = Zeroizing::new(secret?);
        MasterKey::from_digits(&digits).map_err(|_malformed| KeySourceError::KeychainMalformed {
            account: self.account.clone(),
        })
    }

    /// Removes the entry if it holds the key of this check value. One that is not there is as good.
    pub fn remove(&self, check_value: &str) -> Result<(), KeySourceError> {
        match self.load() {
            Ok(present) if present.matches_check(check_value) => {
                let removed = self.entry()?.delete_credential();
                removed.map_err(|error| self.explain(&error))
            }
            Ok(_) => Err(KeySourceError::KeychainOccupied {
                account: self.account.clone(),
            }),
            Err(KeySourceError::KeychainEmpty { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn entry(&self) -> Result<Entry, KeySourceError> {
        #[cfg(feature = "testing")]
        if let Some(inner) = in_memory::entry(&self.account) {
            return Ok(Entry { inner });
        }
        if let Err(error) = Entry::store_status() {
            return Err(unavailable(error));
        }
        Entry::new(SERVICE, &self.account).map_err(|error| self.explain(&error))
    }

    /// Tells the failures of the platforms' keychains apart.
    ///
    /// The keyring's own error is never passed on: some of its variants carry what was read.
    fn explain(&self, error: &Error) -> KeySourceError {
        let account = self.account.clone();
        match error {
            Error::NoEntry => KeySourceError::KeychainEmpty { account },
            Error::NoStorageAccess(reason) if reason.to_string().contains(NO_COLLECTION) => {
                KeySourceError::KeychainWithoutKeyring { account }
            }
            Error::NoStorageAccess(reason) => KeySourceError::KeychainLocked {
                account,
                reason: reason.to_string().into(),
            },
            Error::BadEncoding(_) | Error::BadDataFormat(..) => {
                KeySourceError::KeychainMalformed { account }
            }
            Error::NoDefaultStore => unavailable(error),
            other => KeySourceError::KeychainFailed {
                account,
                reason: describe(other).into(),
            },
        }
    }
}

/// Stands for the keychain of the operating system in tests.
#[cfg(feature = "testing")]
mod in_memory {
    use super::{Keychain, SERVICE};
    use keyring_core::api::CredentialStoreApi;
    use keyring_core::{Entry, mock};
    use std::sync::{Arc, OnceLock};

    static STORE: OnceLock<Arc<mock::Store>> = OnceLock::new();

    impl Keychain {
        /// Keeps keys in the memory of this process from now on, until it ends.
        pub fn keep_in_memory() {
            if let Ok(store) = mock::Store::new() {
                STORE.get_or_init(|| store);
            }
        }
    }

    pub(super) fn entry(account: &str) -> Option<Entry> {
        STORE.get()?.build(SERVICE, account, None).ok()
    }
}

fn unavailable(error: &Error) -> KeySourceError {
    KeySourceError::KeychainUnavailable {
        reason: describe(error).into(),
    }
}

/// Says what failed, in words that cannot contain what was read.
fn describe(error: &Error) -> String {
    match error {
        Error::PlatformFailure(reason) | Error::NoStorageAccess(reason) => reason.to_string(),
        Error::BadStoreFormat(_) => "its storage is damaged".to_owned(),
        Error::TooLong(attribute, limit) => format!("its {attribute} is limited to {limit}"),
        Error::Invalid(attribute, _) => format!("it refuses the {attribute}"),
        Error::Ambiguous(entries) => format!("it has {} entries of this name", entries.len()),
        Error::NoDefaultStore => "none could be opened".to_owned(),
        _ => "it does not support what was asked".to_owned(),
    }
}

/// Wipes what was read from an error that carries it.
fn wipe(error: &mut Error) {
    if let Error::BadEncoding(read) | Error::BadDataFormat(read, _) = error {
        zeroize::Zeroize::zeroize(read);
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, KeySourceError, Keychain, MasterKey, unavailable, wipe};
    use openalgo_core::testing::FakeRandom;

    fn keychain() -> Keychain {
        Keychain {
            account: "folder-1".to_owned(),
        }
    }

    /// The situations measured on Linux with and without a session bus.
    #[test]
    fn each_situation_has_its_own_error() {
        let reason = || std::io::Error::other("prompt dismissed").into();
        let explain = |error| keychain().explain(&error);

        let empty = explain(Error::NoEntry);
        assert!(matches!(empty, KeySourceError::KeychainEmpty { .. }));
        let locked = explain(Error::NoStorageAccess(reason()));
        assert!(matches!(locked, KeySourceError::KeychainLocked { .. }));
        assert!(locked.to_string().contains("prompt dismissed"));
        let nowhere = "SS error: result not returned from SS API";
        let nowhere = explain(Error::NoStorageAccess(
            std::io::Error::other(nowhere).into(),
        ));
        assert!(matches!(
            nowhere,
            KeySourceError::KeychainWithoutKeyring { .. }
        ));
        let no_store = explain(Error::NoDefaultStore);
        assert!(matches!(
            no_store,
            KeySourceError::KeychainUnavailable { .. }
        ));
        let no_bus = unavailable(&Error::PlatformFailure(reason()));
        assert!(matches!(no_bus, KeySourceError::KeychainUnavailable { .. }));
        let broken = explain(Error::PlatformFailure(reason()));
        assert!(matches!(broken, KeySourceError::KeychainFailed { .. }));
        for error in [empty, locked, nowhere, broken] {
            assert!(error.to_string().contains("folder-1"), "{error}");
        }
    }

    #[test]
    fn an_entry_is_neither_overwritten_nor_removed_for_another_key() {
        Keychain::keep_in_memory();
        let random = FakeRandom::default();
        let [mine, other] = [(); 2].map(|()| MasterKey::make(&random).unwrap());
        let keychain = Keychain {
            account: "folder-2".to_owned(),
        };
        let check = mine.check_value();
        assert!(matches!(
            keychain.load(),
            Err(KeySourceError::KeychainEmpty { .. })
        ));
        keychain.remove(&check).unwrap();
        for _ in 0..2 {
            keychain.store(&mine).unwrap();
        }
        assert!(matches!(
            keychain.store(&other),
            Err(KeySourceError::KeychainOccupied { .. })
        ));
        assert!(matches!(
            keychain.remove(&other.check_value()),
            Err(KeySourceError::KeychainOccupied { .. })
        ));
        assert!(keychain.load().unwrap().matches_check(&check));
        keychain.remove(&check).unwrap();
        assert!(matches!(
            keychain.load(),
            Err(KeySourceError::KeychainEmpty { .. })
        ));
    }

    #[test]
    fn what_was_read_is_neither_passed_on_nor_left_in_memory() {
        let mut error = Error::BadDataFormat(b"sesame".to_vec(), "sesame".into());
        let explained = keychain().explain(&error);
        assert!(matches!(
            explained,
            KeySourceError::KeychainMalformed { .. }
        ));
        assert!(!format!("{explained} {explained:?}").contains("sesame"));
        wipe(&mut error);
        let Error::BadDataFormat(read, _) = error else {
            panic!("wiping changed the kind of error");
        };
        assert!(read.is_empty());
    }
}
