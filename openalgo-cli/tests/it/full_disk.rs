//! A disk that takes no more: what does not fit is refused with a remedy, nothing is half-written,
//! and everything works again when there is room.
//!
//! Here no file may grow beyond a limit, for which nobody needs rights. `scripts/check-full-disk.sh`
//! does the same on a disk that is full.

use crate::home::{Home, finish};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Bytes of the blocks in which a shell counts.
const BLOCK: usize = 512;
/// Room for everything that a small folder needs, in KiB.
const ENOUGH: usize = 2_048;

/// The same command, whose files may not grow beyond so many KiB.
fn limited(command: &Command, kib: usize) -> Command {
    let blocks = (kib * 1_024 / BLOCK).to_string();
    let mut shell = Command::new("/bin/sh");
    // A process that does not ignore the signal dies of it instead of getting an error.
    let script = r#"trap '' XFSZ; ulimit -f "$0"; exec "$@""#;
    shell.args(["-c", script, &blocks]);
    shell.arg(command.get_program()).args(command.get_args());
    shell.env_clear();
    shell.envs(
        command
            .get_envs()
            .filter_map(|(key, value)| Some((key, value?))),
    );
    shell
}

/// Runs a line of words with a limit for files, and says whether it was done. If it was not, it
/// was refused with a remedy and left nothing.
#[track_caller]
fn is_done(home: &Home, kib: usize, (line, input): (&str, &str)) -> bool {
    let before = files(home);
    let mut command = home.own();
    command.arg("--json").args(line.split_whitespace());
    let run = finish(limited(&command, kib), input);
    if run.code == 0 {
        run.data();
        return true;
    }
    assert_eq!(run.code, 7, "{line} with {kib} KiB: {run:?}");
    let error = run.error();
    let (message, hint) = (error["message"].to_string(), error["hint"].to_string());
    let names_the_failure = ["disk I/O error", "File too large"];
    assert!(
        names_the_failure
            .iter()
            .any(|words| message.contains(words)),
        "{line} with {kib} KiB: {message}"
    );
    let place = home.path("").display().to_string();
    assert!(message.contains(&place), "{line} with {kib} KiB: {message}");
    assert!(hint.contains("disk"), "{line} with {kib} KiB: {hint}");
    if home.path("data/main.db").exists() {
        assert_eq!(
            home.json("db check").data()["sound"],
            true,
            "{line} with {kib} KiB"
        );
        assert_eq!(files(home), before, "{line} with {kib} KiB");
    }
    false
}

/// All files of the home.
fn files(home: &Home) -> BTreeSet<PathBuf> {
    fn below(folder: &Path, files: &mut BTreeSet<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, files);
            } else {
                files.insert(path);
            }
        }
    }
    let mut found = BTreeSet::new();
    below(&home.path(""), &mut found);
    found
}

/// Does it with more and more room; it must have been refused before it is done.
#[track_caller]
fn with_more_and_more_room(home: &Home, step: usize, (line, input): (&str, &str)) {
    let mut kib = (0..ENOUGH).step_by(step);
    let done = kib.position(|kib| is_done(home, kib, (line, input)));
    assert!(done.unwrap() > 2, "{line}: there was always room");
    assert_eq!(home.json("db check").data()["sound"], true);
}

#[test]
fn a_folder_is_made_as_a_whole_or_not_at_all() {
    let home = Home::new();
    for kib in [0, 1, 30, 100, 300, 400] {
        assert!(!is_done(&home, kib, ("init", "")));
        assert!(!home.path("data/main.db").exists(), "{kib} KiB");
        assert!(!home.path("data/main.db.new").exists(), "{kib} KiB");
    }
    assert!(is_done(&home, ENOUGH, ("init", "")));
    home.json("status").data();
}

#[test]
fn an_order_is_placed_as_a_whole_or_not_at_all() {
    let home = Home::with_data();
    let place = "order place --symbol SBIN --exchange NSE --action BUY --quantity 1";
    let mut placed = 0;
    for kib in (0..=560).step_by(40) {
        placed += usize::from(is_done(&home, kib, (place, "")));
        let orders = home.json("order list").data();
        assert_eq!(orders.as_array().unwrap().len(), placed, "{kib} KiB");
    }
    assert!((1..14).contains(&placed), "{placed} were placed");
    home.json(place).data();
}

#[test]
fn a_backup_is_made_and_restored_as_a_whole_or_not_at_all() {
    let home = Home::with_data();
    let file = home.path("my.backup");
    let words = "three plain words\n";
    let create = format!(
        "backup create --passphrase-stdin --output {}",
        file.display()
    );
    with_more_and_more_room(&home, 100, (&create, words));
    let verify = format!("backup verify {} --passphrase-stdin --json", file.display());
    home.run_with_input(&verify, words).data();

    let other = Home::new();
    let restore = format!("backup restore {} --passphrase-stdin", file.display());
    for kib in [0, 1, 30, 100, 300, 400] {
        assert!(!is_done(&other, kib, (&restore, words)));
        for name in ["data/main.db", "data/main.db.new", "data/restoring"] {
            assert!(!other.path(name).exists(), "{name} with {kib} KiB");
        }
    }
    assert!(is_done(&other, ENOUGH, (&restore, words)));
    assert_eq!(other.json("db check").data()["sound"], true);
}

#[test]
fn a_database_is_compacted_or_left_as_it_is() {
    let home = Home::with_data();
    with_more_and_more_room(&home, 100, ("db compact", ""));
}

#[test]
fn a_key_is_changed_or_stays() {
    let home = Home::with_data();
    let key = || std::fs::read(home.path("master.key")).unwrap();
    let old = key();
    let kept = home.path("old.key");
    let rotate = format!("key rotate --keep-old {}", kept.display());
    for kib in [0, 1, 30, 100, 300, 400] {
        assert!(!is_done(&home, kib, (&rotate, "")));
        assert_eq!(key(), old, "{kib} KiB");
    }
    assert!(is_done(&home, ENOUGH, (&rotate, "")));
    assert_ne!(key(), old);
    assert_eq!(std::fs::read(kept).unwrap(), old);
    assert_eq!(home.json("db check").data()["sound"], true);
}
