//! What can go wrong where a master key is kept, and what to do about it.

use openalgo_core::port::CryptoError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a master key could not be kept or found. Says what to do; never contains a secret.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeySourceError {
    /// There is no key file.
    #[error(
        "there is no key file at {}: put it back from your own copy, or supply the key from \
         the keychain or by passphrase",
        path.display()
    )]
    FileMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file is already where a new key should go.
    #[error(
        "{} already exists and may hold the only copy of another key: choose another path, or \
         move it away first",
        path.display()
    )]
    FileExists {
        /// Where it is.
        path: PathBuf,
    },
    /// Others than the owner can read the key file.
    #[error(
        "others can read the key file {} (its mode is {mode:03o}): run `chmod 600` on it, and change \
         the key if somebody may have seen it",
        path.display()
    )]
    FileExposed {
        /// Where it is.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The key file is no key file.
    #[error(
        "{} is not a file of 64 hex digits: check the path, or put the key file back from your \
         own copy",
        path.display()
    )]
    FileMalformed {
        /// Where it is.
        path: PathBuf,
    },
    /// The key file cannot be read.
    #[error("cannot read {}: check that it belongs to you and that its folders can be entered",
        path.display())]
    FileUnreadable {
        /// Where it is.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The key file cannot be written.
    #[error("cannot write {}: check that its folder is yours and that the disk is not full",
        path.display())]
    FileUnwritable {
        /// Where it should go.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// systemd has not handed over the credential.
    #[error(
        "systemd has handed over no credential {name}: add \
         `LoadCredentialEncrypted={name}:/etc/credstore.encrypted/{name}` to the [Service] section \
         of the unit file, and run the program as that service"
    )]
    CredentialAbsent {
        /// Its name in the unit.
        name: String,
    },
    /// The credential is no key.
    #[error(
        "the credential {name} is not 64 hex digits: encrypt the key file itself, with \
         `systemd-creds encrypt --name={name} KEYFILE /etc/credstore.encrypted/{name}`"
    )]
    CredentialMalformed {
        /// Its name in the unit.
        name: String,
    },
    /// The credential cannot be read.
    #[error(
        "cannot read the credential {name}: check that its name is a plain one, and that the \
         program runs as the user of its unit"
    )]
    CredentialUnreadable {
        /// Its name in the unit.
        name: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// There is no keychain in this session.
    #[error(
        "this session has no keychain ({reason}): start OpenAlgo from a desktop session, or use a \
         key file or a passphrase"
    )]
    KeychainUnavailable {
        /// What the operating system said.
        reason: Box<str>,
    },
    /// The keychain has no collection to put a key into.
    #[error(
        "the keychain has no default keyring to keep {account} in: make one in the program for \
         passwords and keys (or log in at the desktop once, which makes it) and try again, or use \
         a key file or a passphrase"
    )]
    KeychainWithoutKeyring {
        /// Whose key it is.
        account: String,
    },
    /// The keychain is locked, and nobody could be asked to open it.
    #[error(
        "the keychain is locked and could not be opened for {account} ({reason}): unlock it, by \
         logging in at the desktop or in the program for passwords and keys, and try again"
    )]
    KeychainLocked {
        /// Whose key it is.
        account: String,
        /// What the operating system said.
        reason: Box<str>,
    },
    /// The keychain knows no such key. No proof of a first run: a keyring that was deleted or is
    /// not there yet looks the same.
    #[error(
        "the keychain holds no key for {account}: if there was one, see that the keyring which it \
         was put into is there and open (another user or session has another one), or supply the \
         key by key file or passphrase"
    )]
    KeychainEmpty {
        /// Whose key was looked for.
        account: String,
    },
    /// The keychain already holds another key for this account.
    #[error(
        "the keychain already holds another key for {account}, which may be its only copy: use \
         another account, or copy that key elsewhere and remove it from the keychain first"
    )]
    KeychainOccupied {
        /// Whose key it is.
        account: String,
    },
    /// What the keychain holds is not a key.
    #[error(
        "the keychain's entry for {account} is not a key of OpenAlgo: something changed it; \
         supply the key by key file or passphrase"
    )]
    KeychainMalformed {
        /// Whose key was looked for.
        account: String,
    },
    /// The keychain failed in another way.
    #[error(
        "the keychain failed for {account} ({reason}): try again, or use a key file or a passphrase"
    )]
    KeychainFailed {
        /// Whose key it is.
        account: String,
        /// What the operating system said.
        reason: Box<str>,
    },
    /// The passphrase is empty.
    #[error("the passphrase is empty: give one of several words")]
    PassphraseEmpty,
    /// The passphrase that was chosen is too short.
    #[error("the passphrase is too short: choose several words, {fewest} characters or more")]
    PassphraseShort {
        /// How many characters it must have, without the blanks around it.
        fewest: usize,
    },
    /// The passphrase does not open the wrapped key.
    #[error(
        "this is not the passphrase that the key is kept with: type it again; if it surely is, what \
         keeps the key was damaged and must come back from your own copy of it"
    )]
    PassphraseWrong,
    /// The wrapped key cannot be read.
    #[error(
        "the wrapped key is damaged or comes from a newer version of OpenAlgo: put it back from \
         your own copy, or update"
    )]
    WrappedKeyMalformed,
    /// The wrapped key asks for too much work.
    #[error(
        "the wrapped key asks for {memory_kib} KiB of memory, {passes} passes and {lanes} lanes, \
         which is more than any version of OpenAlgo writes: put it back from your own copy"
    )]
    WrappedKeyTooCostly {
        /// Memory in KiB.
        memory_kib: u32,
        /// Passes over the memory.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
    /// A recovery key has another length.
    #[error(
        "a recovery key has 14 groups of 5 letters and digits, 70 in all, and this one has \
         {letters}: type all of it, in the order in which it was written down"
    )]
    RecoveryKeyLength {
        /// How many letters and digits were typed.
        letters: usize,
    },
    /// One group of a recovery key is mistyped.
    #[error(
        "group {group} of the recovery key is wrong: compare it with what was written down, letter \
         by letter"
    )]
    RecoveryKeyMistyped {
        /// Which one, counted from 1.
        group: usize,
    },
    /// Every group of a recovery key looks right, and together they are none.
    #[error(
        "the groups of the recovery key do not belong together: compare all of them with what was \
         written down"
    )]
    RecoveryKeyUnlike,
    /// The recovery key was typed rightly and is that of another key.
    #[error(
        "this is a recovery key, but not of this key: look for the newest one, since a new one \
         and a changed key make the older ones worthless"
    )]
    RecoveryKeyWrong,
    /// An algorithm or the random numbers failed.
    #[error("cannot work with the key: see that the machine has memory to spare, and try again")]
    Crypto(#[from] CryptoError),
}
