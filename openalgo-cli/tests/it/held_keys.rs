//! Changes of the key of a folder that another process keeps unlocked.

use crate::home::{Home, Run, finish};
use crate::owner::Holder;
use serde_json::json;
use std::fs;
use std::thread;

const BUY: &str = "order place --symbol SBIN --exchange NSE --action BUY --quantity 1 --json";

/// Runs a line of words in the home itself: the folder says where its key is, and `passphrase`
/// is in a file.
fn run(home: &Home, passphrase: Option<&str>, line: &str, input: &str) -> Run {
    let mut command = home.command();
    command
        .current_dir(home.path(""))
        .args(["--data-dir", "data"]);
    if let Some(passphrase) = passphrase {
        let file = home.path("passphrase.txt");
        fs::write(&file, passphrase).unwrap();
        command.env("OPENALGO_PASSPHRASE_FILE", file);
    }
    command.args(line.split_whitespace());
    finish(command, input)
}

/// Changes of the key, one after the other: passphrase, line, what is piped in, exit code.
const CHANGES: [(Option<&str>, &str, &str, i32); 17] = [
    (
        None,
        "key passphrase --passphrase-stdin",
        "green boats sail\n",
        4,
    ),
    (None, "key rotate", "", 0),
    (None, "key rotate --json --keep-old kept.key", "", 0),
    (None, "key rotate --keep-old kept.key", "", 4),
    (None, "key rotate --keep-old data/kept.key", "", 2),
    (None, "key recovery create", "", 2),
    (
        None,
        "key recovery use --to file:new.key --recovery-stdin",
        "0\n",
        3,
    ),
    (None, "key move --to credential --json", "", 3),
    (None, "key move --to file:data/inside.key", "", 2),
    (
        None,
        "key move --to passphrase --passphrase-stdin",
        "green boats sail\n",
        0,
    ),
    (
        Some("red boats sail"),
        "key passphrase --passphrase-stdin --json",
        "blue boats fly\n",
        3,
    ),
    (None, "key rotate --json", "", 3),
    (
        Some("green boats sail"),
        "key passphrase --passphrase-stdin",
        "blue boats sail\n",
        0,
    ),
    (
        Some("green boats sail"),
        "key move --to file:new.key",
        "",
        3,
    ),
    (Some("blue boats sail"), "key rotate", "", 0),
    (
        Some("blue boats sail"),
        "key move --to file:sub/new.key",
        "",
        0,
    ),
    (None, "key move --to file:sub/new.key --json", "", 4),
];

#[test]
fn a_change_of_the_key_answers_the_same_wherever_it_runs() {
    let (free, held) = (Home::with_data(), Home::with_data());
    // With a key that is named, which is another one before long.
    let holder = Holder::of(&held);
    let answer = |home: &Home, (passphrase, line, input, _): (_, &str, _, _)| {
        let run = run(home, passphrase, line, input);
        let root = home.path("").display().to_string();
        (
            run.code,
            run.stdout.replace(&root, "~/"),
            run.stderr.replace(&root, "~/"),
        )
    };
    for change in CHANGES {
        let here = answer(&free, change);
        assert_eq!(here.0, change.3, "{}: {here:?}", change.1);
        assert_eq!(here, answer(&held, change), "{}", change.1);
        // The holder has the key and needs no passphrase, whatever came of it.
        run(&held, None, BUY, "").data();
    }
    let status = run(&held, None, "status --json", "").data();
    assert_eq!(status["owner"]["pid"], holder.pid());
    assert_eq!(
        status["key_source"],
        run(&held, None, "key source --json", "").data()["source"]
    );
    run(&held, None, "lock --json", "").data();
    assert_eq!(holder.end(), 0);
    for home in [&free, &held] {
        run(home, None, "db check --json", "").data();
        assert!(home.path("sub/new.key").exists());
        assert!(!home.path("master.key").exists());
    }
    let orders = run(&held, None, "order list --json", "").data();
    assert_eq!(orders.as_array().unwrap().len(), CHANGES.len());
}

#[test]
fn orders_go_on_under_another_key() {
    let home = Home::with_data();
    let old = home.path("old.key");
    fs::copy(home.path("master.key"), &old).unwrap();
    let holder = Holder::of(&home);
    home.json("key rotate").data();
    home.run(BUY).data();
    assert_eq!(home.json("status").data()["owner"]["pid"], holder.pid());
    let with_old = || {
        let mut command = home.command();
        command.arg("--data-dir").arg(home.path("data"));
        command
            .arg("--key-source")
            .arg(format!("file:{}", old.display()));
        command.args(["order", "list", "--json"]);
        finish(command, "").error()["code"].clone()
    };
    assert_eq!(with_old(), "wrong_key");
    home.json("lock").data();
    assert_eq!(holder.end(), 0);
    assert_eq!(with_old(), "wrong_key");
    assert_eq!(home.json("order list").data().as_array().unwrap().len(), 1);
    home.json("db check").data();
}

/// A pass spares the passphrase for everything but a change of the key.
#[test]
fn a_wrong_passphrase_closes_nothing() {
    let home = Home::new();
    let right = Some("a long passphrase");
    assert_eq!(
        run(&home, right, "init --key-source passphrase", "").code,
        0
    );
    let mut unlock = home.command();
    unlock.arg("--data-dir").arg(home.path("data"));
    unlock.env("OPENALGO_PASSPHRASE_FILE", home.path("passphrase.txt"));
    let holder = Holder::start(unlock);
    let vault = fs::read(home.path("data/vault.json")).unwrap();
    for (passphrase, word) in [(Some("another"), "wrong_key"), (None, "no_key")] {
        for line in [
            "key passphrase --passphrase-stdin --json",
            "key move --to file:out.key --json",
            "key rotate --json",
        ] {
            let refused = run(&home, passphrase, line, "mine and mine alone\n");
            let found = (refused.code, refused.error()["code"].clone());
            assert_eq!(found, (3, json!(word)), "{line}: {refused:?}");
        }
        run(&home, None, BUY, "").data();
    }
    assert_eq!(fs::read(home.path("data/vault.json")).unwrap(), vault);
    run(&home, None, "lock --json", "").data();
    assert_eq!(holder.end(), 0);
    let logs = fs::read_dir(home.path("data/logs")).unwrap();
    let logs = logs.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    assert!(!logs.collect::<String>().contains("open again"));
}

#[test]
fn of_two_changes_at_once_each_is_made() {
    for is_held in [false, true] {
        let home = Home::with_data();
        let holder = is_held.then(|| Holder::of(&home));
        let before = fs::read(home.path("master.key")).unwrap();
        thread::scope(|scope| {
            let running: Vec<_> = ["key rotate --json", BUY, "key rotate --json", BUY]
                .map(|line| scope.spawn(|| home.run(line)))
                .into();
            for run in running {
                run.join().unwrap().data();
            }
        });
        assert_ne!(fs::read(home.path("master.key")).unwrap(), before);
        assert_eq!(home.json("order list").data().as_array().unwrap().len(), 2);
        if let Some(holder) = holder {
            home.json("lock").data();
            assert_eq!(holder.end(), 0);
        }
        home.json("db check").data();
    }
}
