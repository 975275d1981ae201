//! Several commands at once on one folder.

use crate::home::Home;
use std::fs;
use std::io::Write;
use std::process::{Child, Stdio};
use std::thread;

/// One process owns a folder at a time; the others wait for their turn and lose nothing.
#[test]
fn commands_at_the_same_time_take_turns() {
    let home = Home::with_data();
    let order = "order place --symbol SBIN --exchange NSE --action BUY --quantity 1 --json";
    let codes: Vec<i32> = thread::scope(|scope| {
        let start = |_| scope.spawn(|| home.run(order).code);
        let running: Vec<_> = (0..8).map(start).collect();
        running.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(codes, [0; 8]);
    assert_eq!(home.json("order list").data().as_array().unwrap().len(), 8);
    assert_eq!(home.json("positions").data()[0]["quantity"], 8);
}

#[test]
fn two_first_commands_make_one_folder() {
    let home = Home::new();
    let codes: Vec<i32> = thread::scope(|scope| {
        let running: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| home.run("init").code))
            .collect();
        running.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(codes, [0; 4]);
    assert_eq!(home.json("user list").data().as_array().unwrap().len(), 1);
}

/// A backup whose process owns the folder by now: it has not stretched its passphrase yet.
fn begin_backup(home: &Home, name: &str) -> Child {
    let mut create = home.own();
    create.args(["backup", "create", "--passphrase-stdin", "--output"]);
    create.arg(home.path(name));
    create.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut backup = create.spawn().unwrap();
    let passphrase = b"three plain words\n";
    backup.stdin.take().unwrap().write_all(passphrase).unwrap();
    let owner = format!("\"pid\":{},", backup.id());
    let lock = home.path("data/instance.lock");
    while !fs::read_to_string(&lock).is_ok_and(|said| said.contains(&owner)) {
        thread::yield_now();
    }
    backup
}

/// They run in the process that makes the backup.
#[test]
fn orders_are_placed_while_a_backup_is_made() {
    let home = Home::with_data();
    let order = "order place --symbol SBIN --exchange NSE --action BUY --quantity 1 --json";
    let mut number = 0;
    loop {
        number += 1;
        let name = format!("{number}.backup");
        let mut backup = begin_backup(&home, &name);
        home.run(order).data();
        let was_under_way = backup.try_wait().unwrap().is_none();
        assert!(backup.wait().unwrap().success());
        let proved = format!(
            "backup verify {} --passphrase-stdin",
            home.path(&name).display()
        );
        assert_eq!(home.run_with_input(&proved, "three plain words\n").code, 0);
        if was_under_way {
            break;
        }
        // A busy machine may have been slow with the order.
        assert!(number < 10, "every order has waited for the backup");
    }
    let orders = home.json("order list").data();
    assert_eq!(orders.as_array().unwrap().len(), number);
    home.json("db check").data();
}
