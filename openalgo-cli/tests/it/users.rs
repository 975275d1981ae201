//! Users, API keys, settings and the exported key.

use crate::home::{Home, finish};
use openalgo::core::account::SettingKey;
use serde_json::json;

#[test]
fn a_user_is_added_with_a_password_from_standard_input() {
    let home = Home::with_data();
    let line = "user add --username second --email second@example.com --password-stdin";
    let run = home.run_with_input(&format!("{line} --json"), "Long!Enough1\n");
    assert_eq!(run.data()["username"], "second");
    assert_eq!(run.data()["is_admin"], false);
    let users = home.json("user list").data();
    assert_eq!(users.as_array().unwrap().len(), 2);
    assert_eq!(users[0]["is_admin"], true);
    let twice = home.run_with_input(&format!("{line} --json"), "Long!Enough1\n");
    assert_eq!(twice.code, 4);
}

#[test]
fn weak_passwords_and_missing_ones_are_refused() {
    let home = Home::with_data();
    let line = "user add --username second --email second@example.com --json";
    let weak = home.run_with_input(&format!("{line} --password-stdin"), "short\n");
    assert_eq!(
        (weak.code, &weak.error()["code"]),
        (4, &json!("weak_password"))
    );
    let none = home.run(line);
    assert_eq!(none.code, 2, "it never asks where there is no terminal");
    assert!(
        none.error()["hint"]
            .as_str()
            .unwrap()
            .contains("--password-stdin")
    );
    assert_eq!(home.json("user list").data().as_array().unwrap().len(), 1);
}

#[test]
fn a_password_is_changed() {
    let home = Home::with_data();
    let run = home.run_with_input("user passwd --password-stdin --json", "Another-One1!\n");
    assert_eq!(run.data()["username"], "owner");
}

#[test]
fn each_user_has_a_key_and_a_new_one_replaces_it() {
    let home = Home::with_data();
    let key = |line: &str| {
        home.json(line).data()["api_key"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let first = key("apikey show");
    assert_eq!(first.len(), 64);
    assert!(first.chars().all(|digit| digit.is_ascii_hexdigit()));
    let second = key("apikey create");
    assert_ne!(first, second);
    assert_eq!(key("apikey show"), second);
}

#[test]
fn settings_are_changed_and_stay_changed() {
    let home = Home::with_data();
    assert_eq!(
        home.json("settings list").data().as_array().unwrap().len(),
        SettingKey::ALL.len()
    );
    assert_eq!(
        home.json("settings get default_product").data()["value"],
        "MIS"
    );
    home.json("settings set default_product CNC").data();
    let order = "order place --symbol INFY --exchange NSE --action BUY --quantity 1";
    assert_eq!(home.json(order).data()["product"], "CNC");
    home.json("settings set default_exchange BSE").data();
    assert_eq!(home.json("quote INFY").data()["exchange"], "BSE");
}

#[test]
fn the_exported_key_is_raw_hex() {
    let home = Home::with_data();
    let key = home.json("key export --yes").data();
    let key = key["database_key"].as_str().unwrap();
    assert_eq!(key.len(), 64);
    let master = std::fs::read_to_string(home.path("master.key")).unwrap();
    assert_ne!(
        master.trim(),
        key,
        "the database key is derived, not the master key itself"
    );
}

/// A folder that is locked with a passphrase says so itself; nobody has to name it again.
#[test]
fn a_passphrase_is_read_from_the_file_that_the_environment_names() {
    let home = Home::new();
    let run = |words: &[&str], passphrase: &str| {
        std::fs::write(home.path("passphrase"), passphrase).unwrap();
        let mut command = home.command();
        command.env("OPENALGO_PASSPHRASE_FILE", home.path("passphrase"));
        command
            .arg("--json")
            .arg("--data-dir")
            .arg(home.path("data"))
            .args(words);
        finish(command, "")
    };
    assert_eq!(
        run(
            &["init", "--key-source", "passphrase"],
            "a long passphrase\n"
        )
        .code,
        0
    );
    let status = run(&["status"], "a long passphrase\n").data();
    assert_eq!(status["key_source"], "passphrase");
    assert_eq!(
        run(&["db", "check"], "a long passphrase\n").data()["sound"],
        true
    );
    let wrong = run(&["status"], "another one\n");
    assert_eq!(
        (wrong.code, &wrong.error()["code"]),
        (3, &json!("wrong_key"))
    );
    let mut command = home.command();
    command
        .arg("status")
        .arg("--data-dir")
        .arg(home.path("data"));
    let asked = finish(command, "");
    assert_eq!(
        asked.code, 3,
        "it never asks where there is no terminal: {asked:?}"
    );
}

#[test]
fn verifying_says_whether_a_login_would_succeed_and_slows_guessing() {
    let home = Home::with_data();
    let verify = |password: &str| {
        home.run_with_input(
            "user verify --password-stdin --json",
            &format!("{password}\n"),
        )
    };
    home.run_with_input("user passwd --password-stdin --json", "Another-One1!\n")
        .data();
    let right = verify("Another-One1!").data();
    assert_eq!(
        (&right["username"], &right["second_factor"]),
        (&json!("owner"), &json!(false))
    );
    // Each run is a process of its own: failures are counted in the data folder.
    for _ in 0..5 {
        let wrong = verify("Wrong-One1!");
        assert_eq!(
            (wrong.code, &wrong.error()["code"]),
            (3, &json!("wrong_password"))
        );
    }
    let waits = (0..6).map(|_| verify("Wrong-One1!")).find_map(|run| {
        let error = run.error();
        (error["code"] == "too_soon").then(|| error["wait_seconds"].as_u64().unwrap())
    });
    assert!((1..=60).contains(&waits.unwrap()), "{waits:?}");
    let asked = home.run("user verify --json");
    assert_eq!(asked.code, 2, "it never asks where there is no terminal");
}

#[test]
fn a_secret_is_shown_at_a_terminal_only() {
    let home = Home::with_data();
    let status = home.json("user totp status").data();
    assert_eq!(status["second_factor"], false);
    let refused = home.run_with_input("user totp enroll --json", "123456\n");
    assert_eq!(
        (refused.code, &refused.error()["code"]),
        (2, &json!("no_terminal"))
    );
    assert!(!refused.stderr.contains("secret="), "{refused:?}");
    assert_eq!(home.json("user totp status").data(), status);
    for line in [
        "user totp disable --lost",
        "user totp disable --password-stdin",
    ] {
        let run = home.run_with_input(&format!("{line} --json"), "Wrong-One1!\n");
        assert_ne!(run.code, 0, "{line}: {run:?}");
    }
}

#[test]
fn nobody_is_logged_in_at_first() {
    let home = Home::with_data();
    assert_eq!(home.json("user sessions list").data(), json!([]));
    assert_eq!(home.json("user sessions end --all").data()["ended"], 0);
    let unknown = home.json("user sessions end 7");
    assert_eq!(
        (unknown.code, &unknown.error()["code"]),
        (4, &json!("not_found"))
    );
    assert_eq!(home.json("user sessions end").code, 2);
}
