//! The journal from the command line.

use crate::home::Home;
use serde_json::{Value, json};
use std::fs;

const BUY: &str = "order place --symbol RELIANCE --exchange NSE --action BUY --product MIS";

/// A home with two filled orders: six entries.
fn traded() -> Home {
    let home = Home::with_data();
    for quantity in [1, 2] {
        home.json(&format!("{BUY} --quantity {quantity}")).data();
    }
    home
}

#[test]
fn a_sound_journal_is_proved_account_by_account() {
    let home = traded();
    let shown = home.run("journal verify");
    assert_eq!(shown.code, 0, "{shown:?}");
    let line = shown.stdout.lines().nth(2).unwrap();
    let words: Vec<_> = line.split_whitespace().skip(1).collect();
    assert_eq!(words, ["paper", "6", "6", "-"], "{}", shown.stdout);
    let report = home.json("journal verify").data();
    let chain = &report["chains"][0];
    assert_eq!(report["sound"], true);
    assert_eq!(
        (&chain["broker"], &chain["entries"], &chain["first_bad"]),
        (&json!("paper"), &json!(6), &Value::Null)
    );
    // A name that was mistyped must not pass for a proof.
    for mistyped in [
        "journal verify --broker zerodha",
        "journal export --order 26112500000000",
    ] {
        let nothing = home.json(mistyped);
        assert_eq!(
            (nothing.code, &nothing.error()["code"]),
            (4, &json!("not_found")),
            "{mistyped}"
        );
    }
    let before = home.json("journal verify --day 2020-01-01").data();
    assert_eq!(before["chains"], json!([]));
    let nobody = home.json("journal verify --user nobody");
    assert_eq!(
        (nobody.code, &nobody.error()["code"]),
        (3, &json!("unknown_user"))
    );
}

/// Entries that are gone because the file is an older one.
#[test]
fn an_older_file_that_was_put_back_is_not_taken_for_the_journal() {
    let home = Home::with_data();
    home.json(&format!("{BUY} --quantity 1")).data();
    let (database, copy) = (home.path("data/main.db"), home.path("copy"));
    fs::copy(&database, &copy).unwrap();
    home.json(&format!("{BUY} --quantity 1")).data();
    fs::copy(&copy, &database).unwrap();
    let refused = home.json("journal verify");
    assert_eq!(
        (refused.code, &refused.error()["code"]),
        (7, &json!("older_copy"))
    );
}

#[test]
fn the_journal_is_written_to_the_answer_or_to_a_file() {
    let home = traded();
    let entries = home.json("journal export").data()["entries"].clone();
    let lines = home.run("journal export");
    assert_eq!(lines.code, 0, "{lines:?}");
    let parsed: Vec<Value> = lines
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(json!(parsed), entries);
    assert_eq!(parsed.len(), 6);
    assert_eq!(parsed[0]["previous"], "0".repeat(64));
    assert_eq!(parsed[1]["previous"], parsed[0]["seal"]);

    let file = home.path("journal.jsonl");
    let write = format!("journal export --output {}", file.display());
    let written = home.json(&write).data();
    assert_eq!(written["entries"], 6);
    assert_eq!(fs::read_to_string(&file).unwrap(), lines.stdout);
    let again = home.json(&write);
    assert_eq!((again.code, &again.error()["code"]), (4, &json!("exists")));
    home.json(&format!("{write} --force --order nothing"))
        .data();
    assert_eq!(fs::read_to_string(&file).unwrap(), "");
    let order = home.json("order list").data()[0]["order_id"].clone();
    let of_order = home.run(&format!(
        "journal export --order {}",
        order.as_str().unwrap()
    ));
    assert_eq!(of_order.stdout.lines().count(), 3, "{of_order:?}");
    assert_eq!(home.json("journal export --force").code, 2);
    let reversed = home.json("journal export --from 2026-11-25 --to 2026-11-24");
    assert_eq!(reversed.code, 2, "{reversed:?}");
}

/// What the folder lives by is no place for anything else, whatever rule is given.
#[test]
fn the_journal_takes_the_place_of_nothing_that_the_folder_needs() {
    let home = Home::with_data();
    let beside = home.path("a.jsonl.new");
    fs::write(&beside, "precious").unwrap();
    let plain = home.path("a.jsonl");
    home.json(&format!("journal export --output {}", plain.display()))
        .data();
    assert_eq!(fs::read_to_string(&beside).unwrap(), "precious");
    for reserved in [
        "data/main.db",
        "data/vault.json",
        "data/new.jsonl",
        "master.key",
    ] {
        let path = home.path(reserved);
        let before = fs::read(&path).ok();
        let refused = home.json(&format!(
            "journal export --force --output {}",
            path.display()
        ));
        assert_eq!(refused.code, 4, "{reserved}: {refused:?}");
        let now = fs::read(&path).ok();
        // The database is written when the folder is opened and closed.
        assert!(now == before || reserved == "data/main.db", "{reserved}");
    }
    #[cfg(unix)]
    {
        let refused = home.json("journal export --force --output /dev/null");
        assert_eq!(refused.code, 4, "{refused:?}");
    }
    assert_eq!(home.run("db check").code, 0);
}
