//! The key of the data folder: where it is, another place, another key, a key on paper.

use crate::home::{Home, Run, finish};
use crate::owner::Holder;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The program with the data folder of a home, which knows where its key is.
pub(crate) fn unnamed(home: &Home) -> Command {
    let mut command = home.command();
    command.arg("--data-dir").arg(home.path("data"));
    command
}

/// Runs a line of words with the passphrase in a file.
fn with_passphrase(home: &Home, passphrase: &str, line: &str, input: &str) -> Run {
    let file = home.path("passphrase.txt");
    fs::write(&file, passphrase).unwrap();
    let mut command = unnamed(home);
    command.env("OPENALGO_PASSPHRASE_FILE", file);
    command.args(line.split_whitespace());
    finish(command, input)
}

pub(crate) fn without_flag(home: &Home, line: &str, input: &str) -> Run {
    let mut command = unnamed(home);
    command.args(line.split_whitespace());
    finish(command, input)
}

#[test]
fn another_key_opens_everything_and_the_old_one_nothing() {
    let home = Home::with_data();
    let (key, old) = (home.path("master.key"), home.path("old.key"));
    fs::copy(&key, &old).unwrap();
    let api_key = home.json("apikey show").data();
    let kept = home.path("kept.key");
    let rotated = home.json(&format!("key rotate --keep-old {}", kept.display()));
    let data = rotated.data();
    assert_eq!(data["source"], format!("file:{}", key.display()));
    assert_eq!(data["recovery_key_ended"], false);
    assert_eq!(fs::read(&kept).unwrap(), fs::read(&old).unwrap());
    assert_ne!(fs::read(&key).unwrap(), fs::read(&old).unwrap());
    assert_eq!(home.json("apikey show").data(), api_key);
    assert_eq!(home.run("db check").code, 0);
    let refused = home.command();
    let refused = with_key(refused, &home, &old, "status --json");
    assert_eq!(refused.code, 3, "{refused:?}");
    assert_eq!(refused.error()["code"], "wrong_key");
}

pub(crate) fn with_key(mut command: Command, home: &Home, key: &Path, line: &str) -> Run {
    command.arg("--data-dir").arg(home.path("data"));
    command
        .arg("--key-source")
        .arg(format!("file:{}", key.display()));
    command.args(line.split_whitespace());
    finish(command, "")
}

#[test]
fn a_key_moves_from_a_file_to_a_passphrase_and_back() {
    let home = Home::with_data();
    let moved = home.run_with_input(
        "key move --to passphrase --passphrase-stdin --json",
        "green boats on a lake\n",
    );
    assert_eq!(moved.data()["to"], "passphrase");
    assert_eq!(moved.data()["left_behind"], false);
    assert!(!home.path("master.key").exists());
    let lost = home.json("status");
    assert_eq!((lost.code, &lost.error()["code"]), (3, &"no_key".into()));
    let run = |passphrase: &str, line: &str, input: &str| {
        with_passphrase(&home, passphrase, &format!("{line} --json"), input)
    };
    run("green boats on a lake", "status", "").data();

    let wrong = run(
        "green boots",
        "key passphrase --passphrase-stdin",
        "red boats on a lake\n",
    );
    assert_eq!(
        (wrong.code, &wrong.error()["code"]),
        (3, &"wrong_key".into())
    );
    let changed = "key passphrase --passphrase-stdin";
    run("green boats on a lake", changed, "red boats on a lake\n").data();
    assert_eq!(run("green boats on a lake", "status", "").code, 3);
    run("red boats on a lake", "key rotate", "").data();
    run("red boats on a lake", "db check", "").data();

    let to = home.path("new/other.key");
    let back = format!("key move --to file:{}", to.display());
    run("red boats on a lake", &back, "").data();
    without_flag(&home, "status --json", "").data();
    let refused = without_flag(&home, "key passphrase --passphrase-stdin --json", "x\n");
    assert_eq!(refused.error()["code"], "no_passphrase");
    let again = without_flag(&home, &format!("{back} --json"), "");
    assert_eq!(again.error()["code"], "already_there");
}

/// Whoever copies the folder or the backup can try short ones through.
#[test]
fn a_short_passphrase_is_refused_wherever_one_is_chosen() {
    let (home, new) = (Home::with_data(), Home::new());
    let refused = |run: Run| {
        let error = run.error();
        assert_eq!((run.code, &error["code"]), (4, &"weak_passphrase".into()));
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("12 characters or more"), "{message}");
    };
    let init = "init --key-source passphrase --json";
    refused(with_passphrase(&new, "a", init, ""));
    assert!(!new.path("data/vault.json").exists());
    let backup = home.path("my.backup").display().to_string();
    let backup = format!("backup create --passphrase-stdin --json --output {backup}");
    refused(without_flag(&home, &backup, "  eleven char \n"));
    let to = "key move --to passphrase --json";
    refused(with_passphrase(&home, "a", to, ""));
    refused(without_flag(
        &home,
        &format!("{to} --passphrase-stdin"),
        " \n",
    ));
    assert_eq!(home.json("key source").data()["reachable"], "yes");

    let long = "green boats on a lake";
    with_passphrase(&home, long, to, "").data();
    let change = "key passphrase --passphrase-stdin --json";
    refused(with_passphrase(&home, long, change, " \n"));
    with_passphrase(&home, long, "status --json", "").data();
}

#[test]
fn the_place_of_the_key_is_told_whoever_has_the_folder() {
    let home = Home::with_data();
    let holder = Holder::of(&home);
    let data = home.json("key source").data();
    let key = home.path("master.key");
    assert_eq!(data["source"], format!("file:{}", key.display()));
    assert_eq!(data["reachable"], "yes");
    assert_eq!(data["recovery_key"], false);
    assert!(data["since"].as_str().unwrap().ends_with("+05:30"));
    drop(holder);
    fs::rename(&key, home.path("away.key")).unwrap();
    let lost = without_flag(&home, "key source", "");
    assert_eq!(lost.code, 3, "{lost:?}");
    assert!(lost.stdout.contains("Remedy"), "{lost:?}");
    let nothing = Home::new().json("key source");
    assert_eq!(
        (nothing.code, &nothing.error()["code"]),
        (7, &"no_data".into())
    );
}

#[test]
fn a_recovery_key_is_shown_to_people_only() {
    let home = Home::with_data();
    let before = fs::read(home.path("data/vault.json")).unwrap();
    for line in ["key recovery create", "key recovery create --json"] {
        let refused = home.run(line);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.stderr.contains("terminal"), "{refused:?}");
    }
    assert_eq!(fs::read(home.path("data/vault.json")).unwrap(), before);
    let to = home.path("new.key");
    let none = format!(
        "key recovery use --to file:{} --recovery-stdin",
        to.display()
    );
    let refused = without_flag(&home, &none, "0\n");
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.stderr.contains("no recovery key"), "{refused:?}");
}

/// The recovery key that is made at a terminal; `None` where there is no terminal to be had.
#[cfg(target_os = "linux")]
pub(crate) fn make_recovery_key(home: &Home) -> Option<String> {
    let terminal = Path::new("/usr/bin/script");
    if !terminal.exists() {
        return None;
    }
    let mut at_terminal = Command::new(terminal);
    at_terminal.env("XDG_RUNTIME_DIR", home.path("run"));
    let line = format!(
        "{} --data-dir {} key recovery create",
        env!("CARGO_BIN_EXE_openalgo"),
        home.path("data").display()
    );
    at_terminal.args(["-qec", &line, "/dev/null"]);
    let shown = finish(at_terminal, "");
    assert_eq!(shown.code, 0, "{shown:?}");
    let lines = shown.stdout.lines().filter(|line| line.starts_with("  "));
    let lines: Vec<_> = lines.map(str::trim).collect();
    assert_eq!(lines.len(), 2, "{shown:?}");
    Some(lines.join("\n"))
}

/// The way of somebody who lost the key file and has the paper.
#[cfg(target_os = "linux")]
#[test]
fn a_recovery_key_opens_a_folder_that_lost_its_key() {
    for is_held in [false, true] {
        let home = Home::with_data();
        let holder = is_held.then(|| Holder::of(&home));
        let Some(key) = &make_recovery_key(&home) else {
            eprintln!("not shown here: there is no terminal to be had without /usr/bin/script");
            return;
        };
        assert_eq!(home.json("key source").data()["recovery_key"], true);
        let logs = fs::read_dir(home.path("data/logs")).unwrap();
        let logs = logs.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
        let first = key.split(' ').next().unwrap();
        assert!(!logs.collect::<String>().contains(first));

        fs::rename(home.path("master.key"), home.path("away.key")).unwrap();
        let to = home.path("found.key");
        let use_it = format!(
            "key recovery use --to file:{} --recovery-stdin",
            to.display()
        );
        let mistyped = key.replacen(' ', "Z ", 1);
        let refused = without_flag(&home, &use_it, &mistyped);
        assert_eq!(refused.code, 3, "{refused:?}");
        // Somebody else's key is in the way.
        fs::write(&to, "not a key").unwrap();
        let refused = without_flag(&home, &use_it, key);
        assert_eq!(refused.code, 3, "{refused:?}");
        fs::remove_file(&to).unwrap();
        let done = without_flag(&home, &use_it, key);
        assert_eq!(done.code, 0, "{done:?}");
        let status = without_flag(&home, "status --json", "").data();
        assert_eq!(status["owner"]["unlocked"], is_held);
        let rotated = without_flag(&home, "key rotate", "");
        assert!(
            rotated.stderr.contains("warning: the recovery key"),
            "{rotated:?}"
        );
        let ended = without_flag(&home, &use_it, key);
        assert_eq!(ended.code, 3, "{ended:?}");
        if let Some(holder) = holder {
            assert_eq!(status["owner"]["pid"], holder.pid());
            without_flag(&home, "lock --json", "").data();
            assert_eq!(holder.end(), 0);
        }
        without_flag(&home, "status --json", "").data();
    }
}
