//! The data folder and who may look into it.

use super::{Finding, Verdict};
#[cfg(unix)]
use crate::shell;
use openalgo::{DataFolder, PlaceRule, SharedPlace};
use std::io::ErrorKind;
#[cfg(unix)]
use std::path::{Path, PathBuf};

const FOLDER: &str = "folder";
const PLACE: &str = "place";
const PERMISSIONS: &str = "permissions";

/// Whether there is a folder with data.
pub(crate) fn examine_folder(folder: &DataFolder) -> Finding {
    let root = folder.root();
    let shown = root.display();
    match root.read_dir() {
        Ok(_) if folder.has_data() => Finding::ok(FOLDER, shown.to_string()),
        // What opening it says tells what to do.
        Ok(_) if folder.has_lost_data() => Finding::ok(FOLDER, shown.to_string()),
        Ok(_) => Finding::warning(
            FOLDER,
            format!("{shown} holds no data yet"),
            "run `openalgo quickstart` or `openalgo init`, or name another --data-dir",
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => Finding::warning(
            FOLDER,
            format!("{shown} does not exist yet"),
            "run `openalgo quickstart` or `openalgo init`, or name another --data-dir",
        ),
        Err(error) if error.kind() == ErrorKind::NotADirectory => Finding::failed(
            FOLDER,
            format!("{shown} is a file"),
            "name a folder with --data-dir",
        ),
        Err(error) => Finding::failed(
            FOLDER,
            format!("{shown} cannot be looked into: {error}"),
            "name a folder that is yours to read and write with --data-dir",
        ),
    }
}

/// Whether the folder is this machine's alone.
pub(crate) fn examine_place(folder: &DataFolder, rule: PlaceRule) -> Finding {
    let found = judge_place(SharedPlace::of(folder.root()).as_ref(), rule);
    if found.verdict == Verdict::Ok && folder.is_in_memory() {
        return Finding::warning(
            PLACE,
            "it lies in memory: everything in it is gone when this machine restarts",
            "move the folder to a disk while nothing uses it, and name it with --data-dir",
        );
    }
    found
}

fn judge_place(place: Option<&SharedPlace>, rule: PlaceRule) -> Finding {
    let Some(place) = place else {
        return Finding::ok(PLACE, "on a disk of this machine");
    };
    let found = match rule {
        PlaceRule::OwnDisk => Finding::failed,
        PlaceRule::Anywhere => Finding::warning,
    };
    found(
        PLACE,
        format!("it lies {place}: the database can be damaged, and old copies can come back"),
        "move the folder to a disk of this machine while nothing uses it, and name it with \
         --data-dir; --allow-shared-folder takes it where it is",
    )
}

/// Whether only this user can look into the folder and its files.
#[cfg(unix)]
pub(crate) fn examine_permissions(folder: &DataFolder) -> Finding {
    let open: Vec<PathBuf> = files_of(folder).into_iter().filter(is_open).collect();
    if open.is_empty() {
        return Finding::ok(PERMISSIONS, "only you can look into it");
    }
    let names: Vec<_> = open.iter().map(|path| path.display().to_string()).collect();
    let words: Vec<_> = open.iter().map(|path| shell::word(path)).collect();
    Finding::failed(
        PERMISSIONS,
        format!("other users of this machine may use {}", names.join(", ")),
        format!("run `chmod go-rwx {}`", words.join(" ")),
    )
}

/// Windows keeps a user's folders from other users by itself.
#[cfg(not(unix))]
pub(crate) fn examine_permissions(_folder: &DataFolder) -> Finding {
    Finding::ok(PERMISSIONS, "as Windows sets them for your folders")
}

/// The folder itself, and the files in it that hold anything private.
#[cfg(unix)]
fn files_of(folder: &DataFolder) -> Vec<PathBuf> {
    let database = folder.database();
    let wal = database.with_file_name("main.db-wal");
    vec![
        folder.root().to_owned(),
        folder.vault(),
        folder.lock(),
        folder.logs(),
        database,
        wal,
    ]
}

#[cfg(unix)]
fn is_open(path: &impl AsRef<Path>) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.as_ref()
        .metadata()
        .is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_folder_is_there_with_data_or_the_way_to_one_is_named() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path().join("data"));
        assert_eq!(examine_folder(&folder).verdict, Verdict::Warning);
        fs::create_dir(folder.root()).unwrap();
        assert_eq!(examine_folder(&folder).verdict, Verdict::Warning);
        fs::write(folder.database(), [7]).unwrap();
        assert_eq!(examine_folder(&folder).verdict, Verdict::Ok);
        let file = DataFolder::new(folder.database());
        assert_eq!(examine_folder(&file).verdict, Verdict::Failed);
    }

    #[test]
    fn a_place_that_others_get_at_fails_unless_it_is_allowed() {
        let synced = SharedPlace::of("/srv/Dropbox/data".as_ref());
        let verdict = |rule| judge_place(synced.as_ref(), rule).verdict;
        assert_eq!(verdict(PlaceRule::OwnDisk), Verdict::Failed);
        assert_eq!(verdict(PlaceRule::Anywhere), Verdict::Warning);
        assert_eq!(judge_place(None, PlaceRule::OwnDisk).verdict, Verdict::Ok);
    }

    #[cfg(unix)]
    #[test]
    fn whatever_others_may_use_is_named_with_the_remedy() {
        use std::os::unix::fs::PermissionsExt;

        let place = tempfile::Builder::new().prefix("with a space ").tempdir();
        let place = place.unwrap();
        let folder = DataFolder::new(place.path());
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(examine_permissions(&folder).verdict, Verdict::Ok);
        fs::write(folder.vault(), "{}").unwrap();
        fs::set_permissions(folder.vault(), fs::Permissions::from_mode(0o640)).unwrap();
        let found = examine_permissions(&folder);
        assert_eq!(found.verdict, Verdict::Failed);
        let remedy = found.remedy.unwrap();
        assert!(remedy.contains("chmod go-rwx"), "{remedy}");
        let quoted = format!("'{}'", folder.vault().display());
        assert!(remedy.contains(&quoted), "{remedy}");
    }
}
