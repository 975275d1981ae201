//! Prices as they come, from the command line: order books, watching, recording and playing.

use crate::home::{Home, finish};
use crate::owner::Holder;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

#[test]
fn an_order_book_is_a_table_and_json() {
    let home = Home::with_data();
    let book = home.json("depth reliance").data();
    let bids = book["bids"].as_array().unwrap();
    let asks = book["asks"].as_array().unwrap();
    assert_eq!((bids.len(), asks.len()), (5, 5), "{book}");
    let price = |level: &Value| level["price"].as_f64().unwrap();
    assert!(bids.is_sorted_by(|a, b| price(a) > price(b)), "{book}");
    assert!(asks.is_sorted_by(|a, b| price(a) < price(b)), "{book}");
    assert!(price(&bids[0]) < price(&asks[0]), "{book}");
    let table = home.run("depth NSE:RELIANCE");
    assert_eq!(table.code, 0);
    assert!(table.stdout.contains("NSE:RELIANCE: "), "{table:?}");
    let index = home.run("depth NSE_INDEX:NIFTY");
    assert!(
        index.stdout.contains("Nobody bids for NSE_INDEX:NIFTY"),
        "{index:?}"
    );
    let unknown = home.json("depth RELIANZ");
    assert_eq!(unknown.code, 4);
    assert!(unknown.stderr.contains("RELIANCE"), "{unknown:?}");
}

#[test]
fn watching_shows_so_many_prices_and_ends() {
    let home = Home::with_data();
    let watched = home.json("watch RELIANCE NSE_INDEX:NIFTY RELIANCE --count 3");
    assert_eq!(watched.code, 0);
    let lines: Vec<Value> = watched
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 4, "{watched:?}");
    for price in &lines[..3] {
        assert!(price["ltp"].as_f64().unwrap() > 0.0);
        assert_eq!(price["source"], "simulated");
    }
    assert_eq!(lines[3]["data"], json!({ "prices": 3, "left_out": 0 }));
    let told = home.run("watch RELIANCE --count 1").stdout;
    assert!(told.contains("NSE:RELIANCE  "), "{told}");
    assert!(told.ends_with("1 price shown.\n"), "{told}");
    assert!(
        !told.contains("Ctrl-C"),
        "nobody reads a picture in a file: {told}"
    );
    let unknown = home.json("watch RELIANCE RELIANZ --count 1");
    assert_eq!(
        (unknown.code, &unknown.error()["code"]),
        (4, &json!("unknown_symbol"))
    );
    assert_eq!(home.run("watch RELIANCE --count 0").code, 2);
}

/// A command that goes on, of which something was shown already.
struct Going {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Going {
    fn start(mut command: Command, line: &str) -> Self {
        command.args(line.split_whitespace());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        output.read_line(&mut first).unwrap();
        assert!(first.contains("RELIANCE"), "{first}");
        Self { child, output }
    }

    /// Its exit code, unless a signal ended it, and what it said until then.
    fn end(mut self) -> (Option<i32>, String, String) {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.output.read_to_string(&mut stdout).unwrap();
        let mut errors = self.child.stderr.take().unwrap();
        errors.read_to_string(&mut stderr).unwrap();
        (self.child.wait().unwrap().code(), stdout, stderr)
    }

    #[cfg(unix)]
    fn interrupt(&self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status();
        assert!(sent.unwrap().success());
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_watching_and_leaves_the_folder_closed() {
    let home = Home::with_data();
    let watching = Going::start(home.own(), "watch RELIANCE --json");
    watching.interrupt();
    let (code, stdout, stderr) = watching.end();
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let last: Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
    assert_eq!(last["ok"], true);
    assert_eq!(home.json("lock").data(), json!({ "locked": false }));
    assert!(!home.path("data").join("control.sock").exists());
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_what_another_process_watches_for_somebody_and_not_that_process() {
    let home = Home::with_data();
    let holder = Holder::of(&home);
    let watching = Going::start(home.own(), "watch RELIANCE --json");
    watching.interrupt();
    watching.end();
    assert_eq!(home.json("status").data()["owner"]["pid"], holder.pid());
    assert_eq!(home.json("lock").data()["locked"], true);
    assert_eq!(holder.end(), 0);
}

#[test]
fn lock_ends_watching_and_says_so() {
    let home = Home::with_data();
    let holder = Holder::of(&home);
    let watching = Going::start(home.own(), "watch RELIANCE --json");
    assert_eq!(home.json("lock").data()["locked"], true);
    let (code, stdout, stderr) = watching.end();
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("run this again to go on"), "{stderr}");
    assert!(
        stdout.lines().last().unwrap().contains("\"ok\":true"),
        "{stdout}"
    );
    assert_eq!(holder.end(), 0);
}

/// A recording of a second, and how many prices are in it.
fn recorded(home: &Home, name: &str) -> (String, u64) {
    let file = home.path(name).display().to_string();
    let line = format!("record RELIANCE NSE_INDEX:NIFTY --for 1s --to {file}");
    let recorded = home.json(&line).data();
    assert_eq!(recorded["left_out"], 0);
    assert_eq!(recorded["bytes"], std::fs::metadata(&file).unwrap().len());
    assert_eq!(recorded["file"], file);
    let prices = recorded["prices"].as_u64().unwrap();
    assert!(prices >= 2, "each instrument is told at once");
    (file, prices)
}

#[test]
fn what_was_recorded_can_be_examined_and_played() {
    let home = Home::with_data();
    let (file, prices) = recorded(&home, "a.ticks");
    // Neither needs a data folder.
    let summary = home.bare(&format!("replay {file} --summary --json")).data();
    assert_eq!(
        (&summary["prices"], &summary["whole"]),
        (&json!(prices), &json!(true))
    );
    assert_eq!(summary["instruments"][0]["symbol"], "RELIANCE");
    let table = home.bare(&format!("replay {file} --summary")).stdout;
    assert!(
        table.contains("NIFTY") && table.contains("\nFrom 20"),
        "{table}"
    );
    let played = home.bare(&format!("replay {file} --speed 1000 --json"));
    let lines: Vec<Value> = played
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (end, told) = lines.split_last().unwrap();
    assert_eq!(end["data"]["prices"], json!(prices));
    assert_eq!(u64::try_from(told.len()).unwrap(), prices);
    assert!(told.iter().all(|price| price["source"] == "recorded"));
    let one = home.bare(&format!("replay {file} nifty --speed 1000"));
    assert!(
        one.stdout.contains("NSE_INDEX:NIFTY") && !one.stdout.contains("RELIANCE"),
        "{one:?}"
    );
    let unknown = home.bare(&format!("replay {file} SBIN --json"));
    assert_eq!(
        (unknown.code, &unknown.error()["code"]),
        (4, &json!("unknown_symbol"))
    );
    assert_eq!(home.bare(&format!("replay {file} --speed 0")).code, 2);
}

#[test]
fn a_recording_takes_the_place_of_nothing_and_a_bad_one_is_called_so() {
    let home = Home::with_data();
    let (file, prices) = recorded(&home, "a.ticks");
    let again = home.json(&format!("record RELIANCE --for 1s --to {file}"));
    assert_eq!((again.code, &again.error()["code"]), (4, &json!("exists")));
    let lost = home.path("nowhere").join("b.ticks").display().to_string();
    let nowhere = home.json(&format!("record RELIANCE --for 1s --to {lost}"));
    assert_eq!(
        (nowhere.code, &nowhere.error()["code"]),
        (7, &json!("file"))
    );
    assert_eq!(
        home.run(&format!("record RELIANCE --for 1w --to {lost}"))
            .code,
        2
    );
    let unknown = home.json(&format!("record RELIANZ --for 1s --to {lost}"));
    assert_eq!(unknown.error()["code"], "unknown_symbol");
    let missing = home.bare(&format!("replay {lost} --json"));
    assert_eq!(
        (missing.code, &missing.error()["code"]),
        (7, &json!("file"))
    );
    std::fs::write(home.path("c.ticks"), "symbol,price\n").unwrap();
    let other = home.bare(&format!("replay {} --json", home.path("c.ticks").display()));
    assert_eq!(
        (other.code, &other.error()["code"]),
        (4, &json!("no_recording"))
    );
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
    let torn = home.bare(&format!("replay {file} --speed 1000 --json"));
    assert_eq!(torn.code, 0);
    assert!(
        torn.stderr.contains("ends in the middle of block"),
        "{torn:?}"
    );
    let summary = home.bare(&format!("replay {file} --summary --json")).data();
    assert_eq!(summary["whole"], false);
    assert!(summary["prices"].as_u64().unwrap() < prices);
    let mut damaged = bytes.clone();
    damaged[30] ^= 1;
    std::fs::write(&file, damaged).unwrap();
    let damaged = home.bare(&format!("replay {file} --json"));
    assert_eq!(
        (damaged.code, &damaged.error()["code"]),
        (7, &json!("damaged_recording"))
    );
    assert!(damaged.stderr.contains("block 0"), "{damaged:?}");
}

#[cfg(unix)]
#[test]
fn what_is_recorded_when_it_is_stopped_is_whole() {
    let home = Home::with_data();
    let file = home.path("a.ticks").display().to_string();
    let mut command = home.own();
    command.args(["record", "RELIANCE", "--to", &file, "--json"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // There is something in it.
    while std::fs::metadata(&file).map_or(0, |found| found.len()) < 60 {
        std::thread::yield_now();
    }
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let summary = home.bare(&format!("replay {file} --summary --json")).data();
    assert_eq!(summary["whole"], true);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["data"]["prices"], summary["prices"]);
}

/// Where the command was typed is where its file is.
#[test]
fn a_recording_is_made_where_its_caller_stands() {
    let home = Home::with_data();
    let _holder = Holder::of(&home);
    let mut command = home.own();
    command.current_dir(home.path("run"));
    command.args([
        "record",
        "RELIANCE",
        "--for",
        "1s",
        "--to",
        "here.ticks",
        "--json",
    ]);
    let recorded = finish(command, "").data();
    let file = home.path("run").join("here.ticks");
    assert!(file.exists(), "{recorded}");
}
