//! Several commands at once on one folder.

use crate::home::Home;
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
