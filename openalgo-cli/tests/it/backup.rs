//! Backups, as a script makes, proves and restores them.

use crate::home::Home;
use serde_json::json;

fn create(home: &Home) -> String {
    let file = home.path("my.backup").display().to_string();
    let line = format!("backup create --passphrase-stdin --output {file} --json");
    let run = home.run_with_input(&line, "three plain words\n");
    assert_eq!(run.data()["path"], json!(file));
    assert_eq!(run.stderr, "");
    file
}

#[test]
fn a_backup_is_made_proved_and_restored() {
    let home = Home::with_data();
    let owner = home.json("user list").data();
    let file = create(&home);
    let verify = format!("backup verify {file} --passphrase-stdin --json");
    let verified = home.run_with_input(&verify, "three plain words\n").data();
    assert_eq!(verified["sound"], json!(true));
    let at = verified["backup"]["created_at"].as_str().unwrap();
    assert!(at.contains('T') && at.ends_with("+05:30"), "{at}");
    let verify = home.run_with_input(&verify.replace(" --json", ""), "three plain words\n");
    let day = format!("of {} ", at.split('T').next().unwrap());
    assert!(
        verify.stdout.contains(&day) && verify.stdout.contains(" IST is sound"),
        "{verify:?}"
    );

    let target = format!(
        "--data-dir {} --key-source file:{}",
        home.path("new").display(),
        home.path("new.key").display()
    );
    let restore = format!("{target} backup restore {file} --passphrase-stdin --json");
    let run = home.bare_with_input(&restore, "three plain words\n");
    assert_eq!(run.data()["halted"], json!(true));
    assert_eq!(run.data()["backup"]["created_at"], json!(at));
    assert_eq!(
        home.bare(&format!("{target} user list --json")).data(),
        owner
    );
    assert_eq!(home.bare(&format!("{target} db check --json")).code, 0);
}

#[test]
fn what_is_wrong_is_named_with_its_exit_code() {
    let home = Home::with_data();
    let file = create(&home);
    for (line, input, code, word) in [
        (
            format!("backup verify {file} --passphrase-stdin"),
            "wrong\n",
            3,
            "wrong_passphrase",
        ),
        (
            format!("backup verify {file} --recovery-stdin"),
            "wrong\n",
            3,
            "no_recovery_key",
        ),
        (format!("backup verify {file}"), "", 2, "usage"),
        (
            "backup verify /dev/null --passphrase-stdin".into(),
            "x\n",
            7,
            "not_a_backup",
        ),
        (
            "backup verify /none --passphrase-stdin".into(),
            "x\n",
            7,
            "file",
        ),
        (
            format!("backup restore {file} --passphrase-stdin"),
            "three plain words\n",
            4,
            "not_empty",
        ),
        (
            format!("backup create --passphrase-stdin --output {file}"),
            "three plain words\n",
            4,
            "exists",
        ),
        ("backup create".into(), "", 2, "usage"),
    ] {
        let run = home.run_with_input(&format!("{line} --json"), input);
        assert_eq!(
            (run.code, &run.error()["code"]),
            (code, &json!(word)),
            "{line}"
        );
        assert!(run.error()["hint"].is_string(), "{line}");
    }
}

/// The names beside it are the program's own business.
#[test]
fn a_file_that_cannot_be_made_is_named_as_it_was_given() {
    let home = Home::with_data();
    for (name, hint) in [
        ("none/my.backup", "make that folder"),
        ("master.key/x", "folder"),
    ] {
        let file = home.path(name).display().to_string();
        let line = format!("backup create --passphrase-stdin --json --output {file}");
        let error = home.run_with_input(&line, "three plain words\n").error();
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains(&format!("cannot write {file}: ")),
            "{message}"
        );
        assert!(error["hint"].as_str().unwrap().contains(hint), "{error}");
    }
}

#[test]
fn a_backup_that_is_not_there_is_missed_before_a_passphrase_is_asked_for() {
    let home = Home::with_data();
    for line in ["backup verify none", "backup restore none"] {
        let error = home.json(line).error();
        assert_eq!(error["code"], "file", "{error}");
        assert!(
            !error["hint"].as_str().unwrap().contains("write"),
            "{error}"
        );
    }
}

#[test]
fn a_wrong_passphrase_is_said_in_plain_words() {
    let home = Home::with_data();
    let file = create(&home);
    let run = home.run_with_input(
        &format!("backup verify {file} --passphrase-stdin"),
        "wrong\n",
    );
    assert_eq!(run.code, 3);
    assert!(
        run.stderr.contains("this passphrase does not open"),
        "{run:?}"
    );
    assert!(run.stderr.contains(&file), "{run:?}");
    assert!(run.stderr.contains("--recovery-stdin"), "{run:?}");
    assert!(!run.stderr.contains("wrapped"), "{run:?}");
}

#[test]
fn an_empty_passphrase_is_a_mistake_on_the_command_line() {
    let home = Home::with_data();
    let file = create(&home);
    for line in ["verify", "restore"] {
        let line = format!("backup {line} {file} --passphrase-stdin --json");
        let run = home.run_with_input(&line, "\n");
        assert_eq!((run.code, &run.error()["code"]), (2, &json!("usage")));
    }
}
