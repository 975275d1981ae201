//! The main job, on a machine that has never seen the program.

use crate::home::{Home, finish};
use serde_json::json;

#[test]
fn quickstart_sets_everything_up_and_shows_a_filled_and_a_resting_order() {
    let home = Home::new();
    let first = home.json("quickstart").data();
    assert_eq!(first["created"], true);
    assert_eq!(first["username"], "owner");
    let password = first["password"].as_str().unwrap();
    assert_eq!(password.len(), 20);
    let statuses: Vec<_> = first["orders"].as_array().unwrap().iter().collect();
    assert_eq!(statuses[0]["status"], "OPEN");
    assert_eq!(statuses[1]["status"], "COMPLETE");
    assert_eq!(first["trades"].as_array().unwrap().len(), 1);
    assert_eq!(first["positions"][0]["symbol"], "RELIANCE");
    assert_eq!(first["positions"][0]["quantity"], 10);
    assert_eq!(first["funds"]["total_capital"], json!(10_000_000.0));

    let second = home.json("quickstart").data();
    assert_eq!(second["created"], false);
    assert!(second["password"].is_null(), "the password is shown once");
    assert_eq!(
        second["orders"].as_array().unwrap().len(),
        2,
        "no orders are placed again"
    );
}

#[test]
fn quickstart_speaks_to_people_in_tables() {
    let home = Home::new();
    let run = home.run("quickstart");
    assert_eq!(run.code, 0);
    for part in [
        "Password",
        "shown once",
        "Orders\n",
        "Trades\n",
        "Positions\n",
        "Funds\n",
        "What to try next:",
        "RELIANCE",
        "COMPLETE",
    ] {
        assert!(
            run.stdout.contains(part),
            "{part} is missing:\n{}",
            run.stdout
        );
    }
    assert!(
        !run.stdout.contains('\u{1b}'),
        "no colours where there is no terminal"
    );
}

#[test]
fn tables_fit_into_a_hundred_and_twenty_columns() {
    let home = Home::new();
    let run = home.run("quickstart");
    let tables = run.stdout.lines().filter(|line| line.contains("RELIANCE"));
    let widest = tables.map(|line| line.chars().count()).max();
    assert!(widest.unwrap() <= 120, "{}", run.stdout);
}

/// Without a keychain and without flags the key goes to a file in the configuration folder,
/// which only its owner can read, and the program says so.
#[test]
fn without_a_keychain_the_key_goes_to_a_file_with_a_warning() {
    let home = Home::new();
    let run = home.bare("quickstart");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stderr
            .starts_with("warning: this machine has no usable keychain"),
        "{run:?}"
    );
    let folder = home.path("config").join("OpenAlgo");
    let key = std::fs::read_dir(&folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&key).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    assert!(
        home.path("share")
            .join("OpenAlgo/openalgo_data/main.db")
            .exists()
    );
    let again = home.bare("status");
    assert_eq!(
        (again.code, again.stderr.as_str()),
        (0, ""),
        "the folder knows where its key is"
    );
    std::fs::remove_file(key).unwrap();
    let locked = home.bare("status --json");
    assert_eq!(
        (locked.code, &locked.error()["code"]),
        (3, &json!("no_key"))
    );
}

#[test]
fn exactly_one_database_lies_in_a_data_folder() {
    let home = Home::new();
    home.run("quickstart");
    let mut names: Vec<_> = std::fs::read_dir(home.path("data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "instance.lock",
            "logs",
            "main.db",
            "main.db-anchor",
            "vault.json"
        ]
    );
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let home = Home::new();
    let help = home.bare("--help");
    assert_eq!(help.code, 0);
    assert!(help.stdout.contains("Examples:") && help.stdout.contains("Exit codes:"));
    for command in [
        "quickstart",
        "init",
        "status",
        "user add",
        "apikey show",
        "settings set",
        "symbols search",
        "quote",
        "order place",
        "trades",
        "positions",
        "holdings",
        "funds",
        "db check",
        "db compact",
        "key export",
        "completions",
    ] {
        let help = home.bare(&format!("{command} --help"));
        assert_eq!(help.code, 0, "{command}");
        assert!(
            help.stdout.contains("Example"),
            "{command} has no example:\n{}",
            help.stdout
        );
    }
}

#[test]
fn completions_are_there_for_the_common_shells() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let run = home.bare(&format!("completions {shell}"));
        assert_eq!(run.code, 0);
        assert!(run.stdout.contains("quickstart"), "{shell}");
    }
}

#[test]
fn colours_appear_only_where_they_are_asked_for() {
    let home = Home::with_data();
    assert_eq!(home.run("quickstart").code, 0);
    let forced = |name: &str, value: &str| {
        let mut command = home.command();
        command
            .env(name, value)
            .env("OPENALGO_DATA_DIR", home.path("data"));
        command.args(["order", "list"]);
        finish(command, "").stdout
    };
    assert!(forced("CLICOLOR_FORCE", "1").contains('\u{1b}'));
    assert!(!forced("NO_COLOR", "1").contains('\u{1b}'));
}

/// What was asked for is done even if nobody can be told; the exit code says that.
#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_no_panic() {
    let home = Home::with_data();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = home.command();
    command
        .arg("funds")
        .env("OPENALGO_DATA_DIR", home.path("data"))
        .stdout(full);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("the answer cannot be shown"), "{said}");
}

#[test]
fn the_log_tells_when_the_program_ran_and_what_failed() {
    let home = Home::with_data();
    home.run("order show 123");
    let logs = std::fs::read_dir(home.path("data/logs")).unwrap();
    let text: String = logs
        .map(|log| std::fs::read_to_string(log.unwrap().path()).unwrap())
        .collect();
    assert!(text.contains("the data folder is open"), "{text}");
    assert!(text.contains("code=not_found"), "{text}");
}
