//! A key that is named beside the one that the folder knows: a copy, a wrong one, none at all.

use crate::home::{Home, Run, finish};
use crate::keys::{unnamed, with_key, without_flag};
use serde_json::json;
use std::fs;
use std::path::Path;

fn named(home: &Home, key: &Path, line: &str) -> Run {
    with_key(home.command(), home, key, line)
}

fn place_of(key: &Path) -> String {
    format!("file:{}", key.display())
}

#[test]
fn the_place_that_is_named_is_the_one_that_is_examined() {
    let home = Home::with_data();
    let (own, copy) = (home.path("master.key"), home.path("copy.key"));
    fs::copy(&own, &copy).unwrap();
    let data = named(&home, &copy, "key source --json").data();
    assert_eq!(data["source"], place_of(&copy));
    assert_eq!(data["recorded"], place_of(&own));
    assert_eq!(data["named_by"], "--key-source");
    assert_eq!(data["reachable"], "yes");

    let mut command = unnamed(&home);
    fs::write(&copy, "07".repeat(32)).unwrap();
    command.env("OPENALGO_KEY_SOURCE", place_of(&copy));
    command.args(["key", "source", "--json"]);
    let run = finish(command, "");
    let answer: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let data = &answer["data"];
    assert_eq!((run.code, &data["reachable"]), (3, &json!("no")), "{run:?}");
    assert_eq!(data["named_by"], "OPENALGO_KEY_SOURCE");
    assert_eq!(data["problem"]["code"], "wrong_key");
    let hint = data["problem"]["hint"].as_str().unwrap();
    assert!(hint.contains(&place_of(&own)), "{hint}");

    let wrong_kind = without_flag(&home, "key source --key-source passphrase", "");
    assert_eq!(wrong_kind.code, 3, "{wrong_kind:?}");
    let unnamed = without_flag(&home, "key source --json", "").data();
    assert_eq!(unnamed["source"], place_of(&own));
    assert_eq!(unnamed["named_by"], json!(null));
}

#[test]
fn a_wrong_place_is_told_from_a_lost_key() {
    let home = Home::with_data();
    let (own, none) = (home.path("master.key"), home.path("nothere"));
    let error = named(&home, &none, "status --json").error();
    assert_eq!(error["code"], "no_key");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains(&place_of(&own)), "{hint}");
    assert!(hint.contains("OPENALGO_KEY_SOURCE"), "{hint}");
    assert!(!hint.contains("lost"), "{hint}");

    fs::rename(&own, home.path("away.key")).unwrap();
    for key in [&none, &own] {
        let error = named(&home, key, "status --json").error();
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains("a lost key cannot be replaced"), "{hint}");
        assert!(!hint.contains("recovery"), "{hint}");
    }
}

/// The way of a service whose key came from a file that is kept elsewhere.
#[test]
fn a_change_says_that_the_file_that_was_named_is_the_place_now() {
    let home = Home::with_data();
    let (own, copy) = (home.path("master.key"), home.path("copy.key"));
    fs::copy(&own, &copy).unwrap();
    let rotated = named(&home, &copy, "key rotate");
    assert_eq!(rotated.code, 0, "{rotated:?}");
    let said = format!(
        "was in {} and is now in {}",
        place_of(&own),
        place_of(&copy)
    );
    assert!(rotated.stderr.contains(&said), "{rotated:?}");
    let data = without_flag(&home, "key source --json", "").data();
    assert_eq!(
        (&data["source"], &data["reachable"]),
        (&json!(place_of(&copy)), &json!("yes"))
    );
    let again = named(&home, &copy, "key rotate --json");
    assert_eq!(again.data()["moved_from"], json!(null));
    assert_eq!(again.stderr, "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_key_that_was_not_lost_is_named_when_the_recovery_key_is_used() {
    let home = Home::with_data();
    let Some(recovery) = crate::keys::make_recovery_key(&home) else {
        eprintln!("not shown here: there is no terminal to be had without /usr/bin/script");
        return;
    };
    fs::rename(home.path("master.key"), home.path("away.key")).unwrap();
    let lost = without_flag(&home, "status --json", "").error();
    let hint = lost["hint"].as_str().unwrap();
    assert!(hint.contains("key recovery use --to PLACE"), "{hint}");
    fs::rename(home.path("away.key"), home.path("master.key")).unwrap();

    let use_it = |to: &str| {
        let to = place_of(&home.path(to));
        let line = format!("key recovery use --to {to} --recovery-stdin");
        let used = without_flag(&home, &line, &recovery);
        assert_eq!(used.code, 0, "{used:?}");
        used.stderr
    };
    let said = use_it("found.key");
    let left = format!(
        "warning: the key is still in {}",
        place_of(&home.path("master.key"))
    );
    assert!(said.contains(&left), "{said}");
    assert!(home.path("master.key").exists());
    fs::remove_file(home.path("found.key")).unwrap();
    assert_eq!(use_it("again.key"), "");
}

#[test]
fn a_passphrase_file_that_is_not_there_is_named() {
    let home = Home::new();
    let none = home.path("nothere").display().to_string();
    let mut command = unnamed(&home);
    command.env("OPENALGO_PASSPHRASE_FILE", &none);
    command.args(["init", "--key-source", "passphrase", "--json"]);
    let error = finish(command, "").error();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(&none), "{message}");
    assert!(message.contains("OPENALGO_PASSPHRASE_FILE"), "{message}");
    assert!(
        error["hint"].as_str().unwrap().contains("unset it"),
        "{error}"
    );
}
