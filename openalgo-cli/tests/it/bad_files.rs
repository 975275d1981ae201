//! Wrong keys and files that are no databases: told apart, explained, and left as they are.

use crate::home::{Home, Run, finish};
use crate::owner::Holder;
use serde_json::json;
use std::fs;

#[track_caller]
fn assert_refused(run: &Run, code: i32, word: &str, sentence: &str) {
    let error = run.error();
    assert_eq!((run.code, &error["code"]), (code, &json!(word)), "{run:?}");
    assert!(run.stderr.contains(sentence), "{run:?}");
    assert!(run.stderr.contains("hint: "), "{run:?}");
}

#[test]
fn the_key_of_another_folder_is_told_from_damage() {
    let (home, other) = (Home::with_data(), Home::with_data());
    let before = fs::read(home.path("data/main.db")).unwrap();
    fs::copy(other.path("master.key"), home.path("master.key")).unwrap();
    let sentence = "is not the key of this data folder";
    assert_refused(&home.json("status"), 3, "wrong_key", sentence);
    fs::remove_file(home.path("data/vault.json")).unwrap();
    assert_refused(
        &home.json("status"),
        3,
        "wrong_key",
        "the key does not open",
    );
    assert_eq!(fs::read(home.path("data/main.db")).unwrap(), before);
}

#[test]
fn a_missing_key_is_not_replaced() {
    let home = Home::with_data();
    fs::remove_file(home.path("master.key")).unwrap();
    assert_refused(
        &home.json("quickstart"),
        3,
        "no_key",
        "there is no key file at",
    );
    assert!(!home.path("master.key").exists());
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::with_data();
    fs::set_permissions(home.path("master.key"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_refused(&home.json("status"), 3, "key_exposed", "chmod 600");
}

#[test]
fn a_key_inside_the_data_folder_is_refused() {
    let home = Home::new();
    let mut command = home.command();
    let key = format!("file:{}", home.path("data/master.key").display());
    command
        .arg("init")
        .arg("--json")
        .arg("--data-dir")
        .arg(home.path("data"));
    command.arg("--key-source").arg(key);
    let run = finish(command, "");
    assert_refused(&run, 2, "key_inside_folder", "lies inside the data folder");
    assert!(!home.path("data/main.db").exists());
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    let home = Home::with_data();
    let database = home.path("data/main.db");
    let real = fs::read(&database).unwrap();
    let mut plain = b"SQLite format 3\0".to_vec();
    plain.resize(8_192, 0);
    let noise: Vec<u8> = (0..10_000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .take(12_288)
        .collect();
    let files: [(&str, Vec<u8>, i32, &str); 4] = [
        ("a plain SQLite file", plain, 7, "not_a_database"),
        ("a text", b"hello".to_vec(), 7, "not_a_database"),
        ("random pages", noise, 7, "damaged"),
        (
            "a cut-off database",
            real[..real.len() - 100].to_vec(),
            7,
            "not_a_database",
        ),
    ];
    for (what, content, code, word) in files {
        fs::write(&database, &content).unwrap();
        let run = home.json("order list");
        assert_eq!(
            (run.code, &run.error()["code"]),
            (code, &json!(word)),
            "{what}: {run:?}"
        );
        assert!(run.stderr.contains("hint: "), "{what}");
        assert_eq!(
            fs::read(&database).unwrap(),
            content,
            "{what} is left as it was"
        );
    }
    fs::write(&database, real).unwrap();
    assert_eq!(home.run("order list").code, 0);
}

#[test]
fn nothing_of_what_is_stored_can_be_read_in_the_files() {
    let home = Home::with_data();
    let add = "user add --username canary-name --email canary@example.com --password-stdin";
    assert_eq!(home.run_with_input(add, "Canary-Pass1!\n").code, 0);
    let order = "order place --symbol TATASTEEL --exchange NSE --action BUY --quantity 1 \
                 --strategy canary-strategy --client-order-id canary-order";
    assert_eq!(home.run(order).code, 0);
    let key = home.json("apikey show").data()["api_key"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut canaries = vec![
        "canary",
        "Canary-Pass1!",
        "TATASTEEL",
        "SQLite format",
        "CREATE TABLE",
    ];
    canaries.push(&key);
    let mut folders = vec![home.path("data")];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            read += 1;
            let content = fs::read(&path).unwrap();
            for canary in &canaries {
                let found = content
                    .windows(canary.len())
                    .any(|part| part == canary.as_bytes());
                assert!(!found, "{canary} in {}", path.display());
            }
        }
    }
    assert!(read >= 3);
}

#[test]
fn a_damaged_vault_file_is_named_and_a_named_key_file_opens_the_data() {
    let home = Home::with_data();
    fs::write(home.path("data/vault.json"), "not json").unwrap();
    let mut command = home.command();
    command
        .arg("status")
        .arg("--json")
        .arg("--data-dir")
        .arg(home.path("data"));
    assert_refused(
        &finish(command, ""),
        7,
        "vault",
        "vault.json cannot be used",
    );
    assert_eq!(
        home.run("status").code,
        0,
        "with --key-source file:PATH it opens"
    );
}

#[test]
fn a_lost_database_is_not_replaced() {
    let home = Home::with_data();
    let database = home.path("data/main.db");
    for left in [None, Some([])] {
        let kept = fs::read(&database).unwrap();
        fs::remove_file(&database).unwrap();
        if let Some(left) = left {
            fs::write(&database, left).unwrap();
        }
        for line in ["status", "init", "quickstart", "unlock", "db check"] {
            let run = home.json(line);
            assert_refused(&run, 7, "data_lost", "main.db is missing or empty");
            let hint = run.error()["hint"].to_string();
            assert!(hint.contains("openalgo backup restore"), "{hint}");
        }
        fs::write(&database, &kept).unwrap();
        assert_eq!(home.run("status").code, 0);
    }
}

/// Whoever holds the folder open tells, and answers nothing as stored that is not.
#[cfg(unix)]
#[test]
fn a_database_that_is_removed_while_it_is_open_is_lost() {
    let home = Home::with_data();
    let holder = Holder::of(&home);
    let database = home.path("data/main.db");
    let aside = home.path("data/aside");
    fs::rename(&database, &aside).unwrap();
    let buy = "order place --symbol SBIN --exchange NSE --action BUY --quantity 1";
    for line in [buy, "db check", "db compact"] {
        assert_refused(
            &home.json(line),
            7,
            "data_lost",
            "removed or replaced while it is open",
        );
    }
    let doctor = home.json("doctor");
    assert_eq!(doctor.code, 7);
    assert!(doctor.stdout.contains("removed or replaced"), "{doctor:?}");
    fs::rename(&aside, &database).unwrap();
    assert_eq!(home.run(buy).code, 0);
    assert_eq!(home.run("lock").code, 0);
    assert_eq!(holder.end(), 0);
    // A log without its database is lost data, too.
    fs::rename(&database, &aside).unwrap();
    fs::write(home.path("data/main.db-wal"), "what a kill left").unwrap();
    assert_refused(
        &home.json("status"),
        7,
        "data_lost",
        "main.db is missing or empty",
    );
}

/// As a first start leaves it that was killed before its database was whole.
#[test]
fn a_key_without_a_database_gets_one_and_a_word_about_it() {
    let home = Home::with_data();
    fs::remove_file(home.path("data/main.db")).unwrap();
    fs::remove_file(home.path("data/main.db-anchor")).unwrap();
    assert_refused(
        &home.json("status"),
        7,
        "no_data",
        "there is no OpenAlgo data",
    );
    let run = home.run("init");
    assert_eq!(run.code, 0);
    assert!(run.stderr.contains("had a key but no database"), "{run:?}");
    assert_eq!(home.run("init").stderr, "");
}

#[test]
fn a_data_folder_that_is_a_file_is_told_from_an_empty_one() {
    let home = Home::new();
    fs::write(home.path("data"), "a file").unwrap();
    for line in ["status", "init", "lock", "unlock"] {
        assert_refused(&home.json(line), 7, "folder", "data is a file");
    }
    assert!(!home.path("master.key").exists());
}

#[test]
fn an_older_copy_of_the_database_is_refused_until_it_is_accepted() {
    let home = Home::with_data();
    let buy = "order place --symbol SBIN --exchange NSE --action BUY --quantity 1";
    assert_eq!(home.run(buy).code, 0);
    let older = fs::read(home.path("data/main.db")).unwrap();
    assert_eq!(home.run(buy).code, 0);
    fs::write(home.path("data/main.db"), older).unwrap();
    for line in ["order list", "db check", "unlock"] {
        assert_eq!(
            home.json(line).error()["code"],
            json!("older_copy"),
            "{line}"
        );
    }
    let unsure = home.json("db accept-older");
    assert_refused(&unsure, 2, "confirmation_required", "are lost then");
    assert_eq!(home.json("order list").code, 7);
    assert_eq!(home.json("db accept-older --yes").code, 0);
    let orders = home.json("order list").data();
    assert_eq!(orders.as_array().unwrap().len(), 1);
}

/// Whichever page is damaged, and whatever meets it first.
#[test]
fn a_damaged_page_is_called_damage_with_the_way_on() {
    let home = Home::with_data();
    let database = home.path("data/main.db");
    let sound = fs::read(&database).unwrap();
    let anchor = fs::read(home.path("data/main.db-anchor")).unwrap();
    let pages = sound.len() / 4096;
    let place = "order place --symbol SBIN --exchange NSE --action BUY --quantity 1";
    let mut refused = 0;
    for page in (0..pages).step_by(6) {
        let mut bytes = sound.clone();
        bytes[page * 4096 + 100] ^= 1;
        for line in ["order list", place, "db check", "doctor"] {
            fs::write(&database, &bytes).unwrap();
            fs::write(home.path("data/main.db-anchor"), &anchor).unwrap();
            let run = home.json(line);
            if run.code == 0 {
                continue;
            }
            refused += 1;
            assert_eq!(run.code, 7, "page {page}: {run:?}");
            let says = |words: &str| run.stdout.contains(words);
            assert!(!says("the disk is"), "page {page}: {run:?}");
            assert!(
                says("openalgo db check") || says("openalgo backup restore"),
                "{run:?}"
            );
        }
    }
    // Each is found by the check at least.
    assert!(refused >= pages / 6, "{refused} of {pages}");
}
