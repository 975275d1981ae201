//! Commands that a signal stops while they change orders.

use crate::home::{Home, Run};
use crate::owner::Holder;
use serde_json::Value;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;

/// Orders of a basket that takes a while.
const LEGS: usize = 1_500;

fn basket(home: &Home) -> Command {
    let mut basket = home.own();
    basket.args(["order", "basket", "--json", "--client-order-id", "morning"]);
    for _ in 0..LEGS {
        basket.args(["--leg", "BUY 1 NSE:SBIN MIS"]);
    }
    basket.stdin(Stdio::null()).stderr(Stdio::piped());
    basket.stdout(Stdio::piped());
    basket
}

fn orders(home: &Home) -> usize {
    let listed = home.json("order list --limit 10000").data();
    listed.as_array().unwrap().len()
}

/// Waits until a process has the folder.
fn owned_by(home: &Home, pid: u32) {
    let owner = format!("\"pid\":{pid},");
    let lock = home.path("data/instance.lock");
    while !fs::read_to_string(&lock).is_ok_and(|said| said.contains(&owner)) {
        thread::yield_now();
    }
}

/// Presses Ctrl-C once some orders of the basket are placed, and gives what the command said.
fn stop_under_way(home: &Home, holder: Option<&Holder>) -> Run {
    let child = basket(home).spawn().unwrap();
    owned_by(home, holder.map_or(child.id(), Holder::pid));
    while orders(home) == 0 {}
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn interrupt(child: &Child) {
    let kill = format!("kill -s INT {}", child.id());
    let sent = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(sent.success());
}

fn assert_unknown(run: &Run) -> Value {
    assert_eq!(run.code, 6, "{}", run.stderr);
    let error = run.error();
    assert_eq!(error["code"], "outcome_unknown");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("--client-order-id morning"), "{run:?}");
    error
}

/// Nothing that was begun is left undecided, and the same words again place what is missing.
#[test]
fn a_basket_that_is_stopped_says_so_and_can_be_gone_on_with() {
    let home = Home::with_data();
    let stopped = stop_under_way(&home, None);
    assert_unknown(&stopped);
    assert!(stopped.stderr.contains("Ctrl-C again ends"), "{stopped:?}");
    assert!(!home.path("data/control.sock").exists());
    let placed = orders(&home);
    assert!((1..LEGS).contains(&placed), "{placed}");
    let told = basket(&home).output().unwrap();
    assert_eq!(told.status.code(), Some(0));
    assert_eq!(orders(&home), LEGS);
    assert_eq!(home.json("positions").data()[0]["quantity"], LEGS);
    let logs = home.json("logs").data();
    assert!(
        logs.to_string().contains("this was stopped before"),
        "what was answered is on record: {logs}"
    );
}

/// It is none of the owner's business that its caller goes away.
#[test]
fn a_basket_whose_caller_is_stopped_goes_on_in_the_owner() {
    let home = Home::with_data();
    let holder = Holder::of(&home);
    let error = assert_unknown(&stop_under_way(&home, Some(&holder)));
    let words = format!("process {} goes on with it", holder.pid());
    assert!(error["message"].as_str().unwrap().contains(&words));
    while orders(&home) < LEGS {}
}

/// The basket is sent again by its caller, and takes the folder itself then.
#[test]
fn a_second_ctrl_c_ends_who_keeps_the_folder_before_others_are_answered() {
    let home = Home::with_data();
    let holder = Holder::of(&home);
    let child = basket(&home).spawn().unwrap();
    while orders(&home) == 0 {}
    assert_eq!(holder.interrupted(), 6);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(orders(&home), LEGS);
}
