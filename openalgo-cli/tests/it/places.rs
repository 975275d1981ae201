//! Data folders and key files where other machines get at them.

use crate::home::{Home, Run, finish};
use crate::owner::Holder;
use serde_json::json;
use std::fs;

/// Runs a line of words with the folder `Dropbox/data` of this home.
fn in_dropbox(home: &Home, line: &str) -> Run {
    let mut command = home.command();
    command.arg("--data-dir").arg(home.path("Dropbox/data"));
    let key = home.path("master.key");
    command
        .arg("--key-source")
        .arg(format!("file:{}", key.display()));
    command.args(line.split_whitespace());
    finish(command, "")
}

#[track_caller]
fn assert_refused(run: &Run) {
    let error = run.error();
    assert_eq!(
        (run.code, &error["code"]),
        (7, &json!("shared_folder")),
        "{run:?}"
    );
    assert_eq!(
        (&error["place"], &error["program"]),
        (&json!("synced"), &json!("Dropbox"))
    );
    for words in [
        "Dropbox copies between machines",
        "--data-dir",
        "--allow-shared-folder",
    ] {
        assert!(run.stderr.contains(words), "{words}: {run:?}");
    }
    // What a program that embeds the library would do.
    assert!(!run.stderr.contains("Builder"), "{run:?}");
}

#[test]
fn no_folder_is_made_where_it_would_be_synced() {
    let home = Home::new();
    for line in ["init --json", "quickstart --json"] {
        assert_refused(&in_dropbox(&home, line));
    }
    assert!(!home.path("Dropbox").exists());
    assert!(!home.path("master.key").exists());
}

#[test]
fn a_folder_that_was_moved_to_where_it_is_synced_is_refused_until_that_is_allowed() {
    let home = Home::with_data();
    fs::create_dir(home.path("Dropbox")).unwrap();
    fs::rename(home.path("data"), home.path("Dropbox/data")).unwrap();
    for line in ["status --json", "db check --json", "unlock --json"] {
        assert_refused(&in_dropbox(&home, line));
    }
    let allowed = in_dropbox(&home, "status --json --allow-shared-folder");
    assert_eq!(allowed.code, 0, "{allowed:?}");
}

#[test]
fn the_environment_allows_it_too() {
    let home = Home::new();
    fs::create_dir_all(home.path("data/.stfolder")).unwrap();
    let refused = home.json("init");
    assert_eq!(
        refused.error()["program"],
        json!("Syncthing"),
        "{refused:?}"
    );
    for (value, code) in [("0", 7), ("", 7), ("1", 0), ("true", 0)] {
        let mut command = home.own();
        command.env("OPENALGO_ALLOW_SHARED_FOLDER", value);
        command.args(["init", "--json"]);
        assert_eq!(finish(command, "").code, code, "{value}");
    }
}

#[test]
fn no_backup_is_restored_to_where_it_would_be_synced() {
    let home = Home::with_data();
    let backup = home.path("Dropbox/my.backup");
    fs::create_dir(home.path("Dropbox")).unwrap();
    let create = format!(
        "backup create --passphrase-stdin --output {}",
        backup.display()
    );
    assert_eq!(
        home.run_with_input(&create, "five words make a phrase\n")
            .code,
        0
    );
    let mut command = home.command();
    command.arg("--data-dir").arg(home.path("Dropbox/new"));
    command.args(["backup", "restore", "--passphrase-stdin", "--json"]);
    command.arg(&backup);
    assert_refused(&finish(command, "five words make a phrase\n"));
    assert!(!home.path("Dropbox/new").exists());
}

#[test]
fn doctor_names_the_place() {
    let home = Home::new();
    let place = |run: &Run| {
        let answer: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let findings = answer["data"]["findings"].as_array().unwrap().clone();
        let found = findings
            .into_iter()
            .find(|it| it["subject"] == json!("place"));
        found.unwrap()["verdict"].clone()
    };
    let refused = in_dropbox(&home, "doctor --json");
    assert_eq!((refused.code, place(&refused)), (7, json!("failed")));
    assert_eq!(in_dropbox(&home, "init --allow-shared-folder").code, 0);
    let allowed = in_dropbox(&home, "doctor --json --allow-shared-folder");
    assert_eq!((allowed.code, place(&allowed)), (0, json!("warning")));
    let refused = in_dropbox(&home, "doctor --json");
    assert_eq!((refused.code, place(&refused)), (7, json!("failed")));
    assert!(
        !refused.stdout.contains(r#""subject":"database""#),
        "{refused:?}"
    );
}

#[test]
fn a_key_file_that_is_synced_is_warned_about() {
    let home = Home::new();
    let run = |line: &str| {
        let mut command = home.command();
        command.arg("--data-dir").arg(home.path("data"));
        let key = home.path("Dropbox/my.key");
        command
            .arg("--key-source")
            .arg(format!("file:{}", key.display()));
        command.args(line.split_whitespace());
        finish(command, "")
    };
    let made = run("init");
    assert_eq!(made.code, 0);
    assert!(made.stderr.contains("warning: the key file"), "{made:?}");
    assert!(made.stderr.contains("key move"), "{made:?}");
    assert_eq!(run("status").stderr, "");
    let doctor = run("doctor");
    assert_eq!(doctor.code, 0);
    assert!(
        doctor.stdout.contains("one of the copies has the key"),
        "{doctor:?}"
    );
}

#[test]
fn a_key_that_goes_to_where_it_is_synced_is_warned_about() {
    let home = Home::with_data();
    let run = |line: &str| {
        let mut command = home.command();
        command.arg("--data-dir").arg(home.path("data"));
        command.args(line.split_whitespace());
        let run = finish(command, "");
        assert_eq!(run.code, 0, "{run:?}");
        run.stderr
    };
    let [kept, key, own] = ["Dropbox/old.key", "Dropbox/my.key", "own.key"]
        .map(|name| home.path(name).display().to_string());
    let said = run(&format!("key rotate --keep-old {kept}"));
    assert!(
        said.contains(&format!("warning: the key file {kept}")),
        "{said}"
    );
    assert!(said.contains("what was copied before"), "{said}");
    let said = run(&format!("key move --to file:{key}"));
    assert!(
        said.contains(&format!("warning: the key file {key}")),
        "{said}"
    );
    assert!(said.contains("key rotate"), "{said}");
    assert_eq!(run(&format!("key move --to file:{own}")), "");
    // Whoever asks is told, and not the process that has the folder.
    let mut holder = home.command();
    holder.arg("--data-dir").arg(home.path("data"));
    let holder = Holder::start(holder);
    let said = run(&format!("key move --to file:{key}"));
    assert!(
        said.contains(&format!("warning: the key file {key}")),
        "{said}"
    );
    drop(holder);
}

/// The system has one of these for shared memory, as a rule.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_in_memory_is_warned_about_and_taken() {
    let table = fs::read_to_string("/proc/self/mountinfo").unwrap();
    if !table
        .lines()
        .any(|line| line.contains(" /dev/shm ") && line.contains(" - tmpfs "))
    {
        return;
    }
    let home = Home::new();
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let key = format!("file:{}", home.path("master.key").display());
    let run = |line: &str| {
        let mut command = home.command();
        command.arg("--data-dir").arg(memory.path().join("data"));
        command.args(["--json", "--key-source", &key]);
        command.args(line.split_whitespace());
        finish(command, "")
    };
    let made = run("init");
    assert_eq!(made.code, 0, "{made:?}");
    assert!(made.stderr.contains("lies in memory"), "{made:?}");
    assert_eq!(run("status").stderr, "");
    let doctor = run("doctor");
    assert_eq!(doctor.code, 0, "{doctor:?}");
    assert!(
        doctor.stdout.contains("gone when this machine restarts"),
        "{doctor:?}"
    );
}

/// SQLite takes no such path, and a key for nothing would be left.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_whose_path_is_no_unicode_is_refused_before_anything_is_made() {
    use std::os::unix::ffi::OsStrExt;

    let home = Home::new();
    let mut command = home.command();
    let data = home.path("").join(std::ffi::OsStr::from_bytes(b"d\xff"));
    command.arg("--data-dir").arg(&data);
    let key = format!("file:{}", home.path("master.key").display());
    command.args(["init", "--json", "--key-source", &key]);
    let refused = finish(command, "");
    let error = refused.error();
    assert_eq!((refused.code, &error["code"]), (7, &json!("folder")));
    assert!(refused.stderr.contains("not valid Unicode"), "{refused:?}");
    assert!(!data.exists() && !home.path("master.key").exists());
}

/// What a program says is read wherever whoever reads it stands.
#[test]
fn json_has_the_whole_path_of_the_folder() {
    let home = Home::with_data();
    let mut command = home.command();
    command
        .current_dir(home.path(""))
        .args(["--data-dir", "data"]);
    let key = format!("file:{}", home.path("master.key").display());
    command.args(["status", "--json", "--key-source", &key]);
    let said = finish(command, "").data();
    let folder = std::path::PathBuf::from(said["data_dir"].as_str().unwrap());
    assert!(folder.is_absolute() && folder.ends_with("data"), "{said}");
}

/// The shell's limit on the size of files ends a program that does not hear of it.
#[cfg(any(target_os = "linux", target_os = "macos"))]
#[test]
fn a_limit_on_the_size_of_files_is_an_error_and_not_the_end() {
    let home = Home::new();
    let own = home.own();
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -f 40; exec \"$0\" \"$@\""]);
    limited.arg(own.get_program()).args(own.get_args());
    limited.env_clear();
    limited.envs(
        own.get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    limited.args(["init", "--json"]);
    let refused = finish(limited, "");
    assert_eq!(
        (refused.code, &refused.error()["code"]),
        (7, &json!("folder"))
    );
    assert!(refused.stderr.contains("I/O error"), "{refused:?}");
}
