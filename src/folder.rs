//! The data folder: where everything lives.

mod place;

pub(crate) use place::resolve;
pub use place::{PlaceRule, SharedPlace};

use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
use openalgo_store::tells_of_use;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why the data folder cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The system does not say where a user's data belongs.
    #[error("this system does not say where your data belongs; name a data folder yourself")]
    NoHome,
    /// The folder cannot be made or opened.
    #[error("the data folder {path} cannot be used: {source}")]
    Unusable {
        /// Which folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The path of the folder is no Unicode, in which SQLite takes names.
    #[error("the path of the data folder {} is not valid Unicode", path.display())]
    NotUnicode {
        /// Which folder.
        path: PathBuf,
    },
    /// Other machines get at the folder, too.
    #[error(
        "the data folder {} lies {place}, {}: move it to a disk of this machine, or allow it with \
         `Builder::place`",
        path.display(),
        place.harm()
    )]
    Shared {
        /// Which folder.
        path: PathBuf,
        /// Where it lies.
        place: SharedPlace,
    },
}

impl FolderError {
    pub(crate) fn unusable(path: &Path, source: io::Error) -> Self {
        Self::Unusable {
            path: path.to_owned(),
            source,
        }
    }
}

/// The paths inside a data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder {
    root: PathBuf,
}

impl DataFolder {
    /// The folder at `root`; nothing is made or opened.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder of this user: `OpenAlgo/openalgo_data` in the platform's place for data.
    pub fn of_user() -> Result<Self, FolderError> {
        let strategy = choose_native_strategy().map_err(|_no_home| FolderError::NoHome)?;
        Ok(Self::new(
            strategy.data_dir().join("OpenAlgo").join("openalgo_data"),
        ))
    }

    /// The folder in which this user's key files are made: outside the data folder, so that a
    /// copy of the data is not a copy of the key.
    pub fn key_folder() -> Result<PathBuf, FolderError> {
        let strategy = choose_native_strategy().map_err(|_no_home| FolderError::NoHome)?;
        Ok(strategy.config_dir().join("OpenAlgo"))
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The encrypted database.
    pub fn database(&self) -> PathBuf {
        self.root.join("main.db")
    }

    /// The database under a key that is to become the one of the folder.
    pub(crate) fn copy_under_new_key(&self) -> PathBuf {
        self.root.join("main.db.rotated")
    }

    /// What is needed, besides the key, to open the database: nothing secret.
    pub fn vault(&self) -> PathBuf {
        self.root.join("vault.json")
    }

    /// Held by the one process that owns the folder.
    pub fn lock(&self) -> PathBuf {
        self.root.join("instance.lock")
    }

    /// Where the owner of the folder writes down who it is.
    pub(crate) fn owner_record(&self) -> PathBuf {
        // Windows lets nobody read a file that somebody else has locked.
        if cfg!(windows) {
            self.root.join("instance.json")
        } else {
            self.lock()
        }
    }

    /// Holidays and hours of the exchanges that update those of the program, where there are any.
    pub fn calendar(&self) -> PathBuf {
        self.root.join("market-calendar.csv")
    }

    /// Freeze quantities that update those of the program, where there are any.
    pub fn freeze_quantities(&self) -> PathBuf {
        self.root.join("freeze-quantities.csv")
    }

    /// The lists of instruments of brokers.
    pub fn master_contracts(&self) -> PathBuf {
        self.root.join("master_contracts")
    }

    /// The log files.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Whether there is a database, or what is left of one: its write-ahead log. A file without a
    /// byte is what a first start leaves that was killed, and no database.
    pub fn has_data(&self) -> bool {
        let database = self.database();
        let log = database.with_file_name("main.db-wal");
        [database, log].iter().any(|path| holds_something(path))
    }

    /// Whether there was a database that is not there any more.
    pub fn has_lost_data(&self) -> bool {
        !self.has_data() && tells_of_use(&self.database()).is_ok_and(|was_used| was_used)
    }

    /// Makes the folder of the log files, for this user's eyes only.
    pub fn create_logs(&self) -> Result<(), FolderError> {
        make_private(&self.logs())
    }

    /// Makes the folder of the lists of instruments, for this user's eyes only.
    pub(crate) fn create_master_contracts(&self) -> Result<(), FolderError> {
        make_private(&self.master_contracts())
    }

    /// Whether the folder lies in memory, and is gone when the machine restarts.
    pub fn is_in_memory(&self) -> bool {
        place::is_in_memory(&self.root)
    }

    /// Refuses a folder that no database can be opened in, and one of which nobody could tell
    /// whether it holds data: one that is a file, or that this user may not look into.
    pub(crate) fn examine(&self) -> Result<(), FolderError> {
        if self.root.to_str().is_none() {
            let path = self.root.clone();
            return Err(FolderError::NotUnicode { path });
        }
        match fs::metadata(self.database()) {
            Err(source)
                if source.kind() == io::ErrorKind::NotADirectory
                    || source.kind() == io::ErrorKind::PermissionDenied =>
            {
                Err(FolderError::unusable(&self.root, source))
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Refuses a folder that other machines get at, too, unless the rule lets it be anywhere.
    pub(crate) fn examine_place(&self, rule: PlaceRule) -> Result<(), FolderError> {
        let Some(place) = SharedPlace::of(&self.root) else {
            return Ok(());
        };
        match rule {
            PlaceRule::OwnDisk => {
                let path = self.root.clone();
                Err(FolderError::Shared { path, place })
            }
            PlaceRule::Anywhere => {
                tracing::warn!(%place, "the data folder lies where it may be damaged");
                Ok(())
            }
        }
    }

    /// Makes the folder, for this user's eyes only.
    pub(crate) fn create(&self) -> Result<(), FolderError> {
        make_private(&self.root)
    }
}

/// Whatever is no file, such as a folder, is not for us to take the place of.
fn holds_something(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|found| !found.is_file() || found.len() > 0)
}

/// Makes a folder that nobody else may enter; one that exists stays as it is.
fn make_private(path: &Path) -> Result<(), FolderError> {
    if path.is_dir() {
        return Ok(());
    }
    private_folder(path).map_err(|source| FolderError::unusable(path, source))
}

#[cfg(unix)]
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

#[cfg(not(unix))]
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, DataFolder) {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path().join("data"));
        (place, folder)
    }

    #[test]
    fn an_empty_database_file_is_no_data() {
        let (_place, folder) = folder();
        assert!(!folder.has_data());
        folder.create().unwrap();
        assert!(!folder.has_data());
        fs::write(folder.database(), []).unwrap();
        assert!(!folder.has_data());
        fs::write(folder.root().join("main.db-wal"), []).unwrap();
        assert!(!folder.has_data());
        fs::write(folder.database(), [7]).unwrap();
        assert!(folder.has_data());
    }

    #[test]
    fn the_log_of_a_database_is_data() {
        let (_place, folder) = folder();
        folder.create().unwrap();
        fs::write(folder.root().join("main.db-wal"), [7]).unwrap();
        assert!(folder.has_data());
        fs::write(folder.database(), []).unwrap();
        assert!(folder.has_data());
    }

    #[test]
    fn an_unfinished_database_is_no_data() {
        let (_place, folder) = folder();
        folder.create().unwrap();
        fs::write(folder.root().join("main.db.new"), [7]).unwrap();
        assert!(!folder.has_data());
    }

    /// The first start may have been killed anywhere before its database was whole.
    #[tokio::test]
    async fn a_first_start_that_was_killed_is_repeated() {
        for left in [
            &["main.db"][..],
            &["main.db.new"],
            &["main.db", "main.db.new"],
        ] {
            let (place, folder) = folder();
            folder.create().unwrap();
            for name in left {
                fs::write(folder.root().join(name), []).unwrap();
            }
            let open = || {
                let key = crate::KeySource::File(place.path().join("my.key"));
                let app = crate::OpenAlgo::builder().data_dir(folder.root());
                app.key_source(key).without_market_watch().open()
            };
            let app = open().await.unwrap();
            assert!(app.files().is_new(), "{left:?}");
            app.close().await;
            let app = open().await.unwrap();
            assert!(!app.files().is_new(), "{left:?}");
            app.close().await;
        }
    }

    #[cfg(unix)]
    #[test]
    fn folders_are_made_for_this_user_and_existing_ones_left_alone() {
        use std::os::unix::fs::PermissionsExt;

        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        let (_place, folder) = folder();
        folder.create_logs().unwrap();
        assert_eq!(mode(folder.root()), 0o700);
        assert_eq!(mode(&folder.logs()), 0o700);
        for path in [folder.root().to_owned(), folder.logs()] {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        folder.create().unwrap();
        folder.create_logs().unwrap();
        assert_eq!(mode(folder.root()), 0o755);
        assert_eq!(mode(&folder.logs()), 0o755);
    }

    #[test]
    fn a_shared_place_is_refused_with_the_ways_out() {
        let folder = DataFolder::new("/srv/Dropbox/data");
        let refused = folder.examine_place(PlaceRule::OwnDisk).unwrap_err();
        let said = refused.to_string();
        for words in ["Dropbox", "a disk of this machine", "Builder::place"] {
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn a_file_in_the_place_of_the_logs_is_named() {
        let (_place, folder) = folder();
        folder.create().unwrap();
        fs::write(folder.logs(), "here").unwrap();
        let refused = folder.create_logs().unwrap_err().to_string();
        assert!(refused.contains("logs"), "{refused}");
    }
}
