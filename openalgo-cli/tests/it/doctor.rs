//! `openalgo doctor`: every line ok or with its remedy, whatever is wrong.

use crate::home::{Home, Run};
use serde_json::{Value, json};
use std::fs;

/// The findings that are not ok: subject and remedy.
#[track_caller]
fn complaints(run: &Run) -> Vec<(String, String)> {
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = answer["data"]["findings"].as_array().unwrap().clone();
    let text = |found: &Value, field: &str| found[field].as_str().unwrap().to_owned();
    findings
        .iter()
        .filter(|found| found["verdict"] != json!("ok"))
        // How much room and speed the disk of a test machine has is not ours to say.
        .filter(|found| !text(found, "subject").starts_with("disk"))
        .filter(|found| !text(found, "said").contains("in memory"))
        .map(|found| (text(found, "subject"), text(found, "remedy")))
        .collect()
}

#[test]
fn a_sound_folder_is_called_sound() {
    let run = Home::with_data().json("doctor");
    assert_eq!(run.data()["healthy"], json!(true));
    // What is new has none yet.
    let [(subject, remedy)] = &complaints(&run)[..] else {
        panic!("{run:?}");
    };
    assert_eq!(subject, "recovery key");
    assert!(remedy.contains("key recovery create"), "{remedy}");
    let findings = run.data()["findings"].clone();
    let findings = findings.as_array().unwrap();
    let said = |subject: &str| {
        let found = findings.iter().find(|it| it["subject"] == json!(subject));
        found.unwrap()["said"].as_str().unwrap().to_owned()
    };
    let places = ["on a disk of this machine", "it lies in memory"];
    let place = said("place");
    assert!(places.iter().any(|it| place.starts_with(it)), "{place}");
    assert!(said("address").contains("answers at"), "{run:?}");
}

#[test]
fn a_folder_that_does_not_exist_is_no_failure() {
    let run = Home::new().json("doctor");
    assert_eq!(run.code, 0);
    let [(subject, remedy)] = &complaints(&run)[..] else {
        panic!("{run:?}");
    };
    assert_eq!(subject, "folder");
    assert!(remedy.contains("openalgo init"), "{remedy}");
}

#[test]
fn a_missing_key_and_a_damaged_file_are_told_apart_beside_what_is_well() {
    let home = Home::with_data();
    let database = home.path("data/main.db");
    let mut bytes = fs::read(&database).unwrap();
    for page in bytes.chunks_mut(4096).skip(1) {
        page[100] ^= 1;
    }
    fs::write(&database, bytes).unwrap();
    let damaged = home.json("doctor");
    assert_eq!(damaged.code, 7);
    assert_eq!(complaints(&damaged)[0].0, "database");

    fs::remove_file(home.path("master.key")).unwrap();
    let locked = home.json("doctor");
    assert_eq!(locked.code, 7);
    assert_eq!(complaints(&locked)[0].0, "key");
}

#[cfg(unix)]
#[test]
fn a_folder_that_others_may_read_is_named_with_the_command_that_closes_it() {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::with_data();
    fs::set_permissions(home.path("data"), fs::Permissions::from_mode(0o755)).unwrap();
    let run = home.json("doctor");
    assert_eq!(run.code, 7);
    let (subject, remedy) = &complaints(&run)[0];
    assert_eq!(subject, "permissions");
    assert!(remedy.starts_with("run `chmod go-rwx "), "{remedy}");
}
