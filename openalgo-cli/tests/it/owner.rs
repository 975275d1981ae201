//! Commands that another process runs, because it owns the data folder.

use crate::home::{Home, finish};
#[cfg(unix)]
use crate::stopped::interrupt;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;

/// `openalgo unlock`, ended with the test.
pub(crate) struct Holder {
    child: Child,
    said: Value,
}

impl Holder {
    pub(crate) fn start(mut command: Command) -> Self {
        command.args(["unlock", "--json"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        Self {
            said: said["data"].clone(),
            child,
        }
    }

    pub(crate) fn of(home: &Home) -> Self {
        Self::start(home.own())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Presses Ctrl-C until the process ends, and gives the way in which it did.
    #[cfg(unix)]
    pub(crate) fn interrupted(mut self) -> i32 {
        loop {
            interrupt(&self.child);
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap();
            }
        }
    }

    /// The way the process ended.
    pub(crate) fn end(mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

const BUY: &str = "order place --symbol SBIN --exchange NSE --action BUY --quantity 1";

#[test]
fn a_command_answers_the_same_wherever_it_runs() {
    let home = Home::with_data();
    assert_eq!(
        home.run(&format!("{BUY} --client-order-id morning-1")).code,
        0
    );
    let lines = [
        "settings list",
        "settings get default_product",
        "settings set analyzer perhaps",
        "symbols search NIFTY 26000 CE --exchange NFO",
        "symbols show M&M",
        "symbols show RELIANZ",
        "order list",
        "order show 1",
        "order cancel 1",
        "trades",
        "holdings",
        "user list",
        "apikey show",
        "apikey show --user nobody",
        "db check",
        "key export --yes",
        "key export",
        "completions fish",
        BUY_ODD_LOT,
        AGAIN,
    ];
    let answers = || -> Vec<_> {
        let both = lines
            .iter()
            .flat_map(|line| [home.run(line), home.json(line)]);
        both.map(|run| (run.code, run.stdout, run.stderr)).collect()
    };
    let here = answers();
    let holder = Holder::of(&home);
    let there = answers();
    for (at, (here, there)) in here.iter().zip(&there).enumerate() {
        assert_eq!(here, there, "{}", lines[at / 2]);
    }
    let status = home.json("status").data();
    assert_eq!(status["owner"]["pid"], holder.pid());
    assert_eq!(status["owner"]["unlocked"], true);
    let text = home.run("status").stdout;
    assert!(
        text.contains(&format!("process {}", holder.pid())),
        "{text}"
    );
}

const BUY_ODD_LOT: &str = "order place --symbol SBIN --exchange NSE --action BUY --quantity 0";
const AGAIN: &str = "order place --symbol SBIN --exchange NSE --action BUY --quantity 1 \
                     --client-order-id morning-1";

#[test]
fn what_is_typed_travels_to_the_owner() {
    let home = Home::with_data();
    let _holder = Holder::of(&home);
    let add = "user add --username second --email second@example.com --password-stdin --json";
    let made = home.run_with_input(add, "Long!Enough1\n");
    assert_eq!(made.data()["username"], "second");
    let weak = home.run_with_input("user passwd --password-stdin --json", "short\n");
    assert_eq!(
        (weak.code, &weak.error()["code"]),
        (4, &json!("weak_password"))
    );
    assert_eq!(
        home.json("funds --user second").data()["total_capital"],
        json!(10_000_000.0)
    );
    let mut coloured = home.own();
    coloured.args(["order", "list"]).env("CLICOLOR_FORCE", "1");
    assert_eq!(home.run(BUY).code, 0);
    assert!(
        finish(coloured, "").stdout.contains('\u{1b}'),
        "the caller's terminal counts"
    );
    let mut narrow = home.own();
    narrow.args(["order", "list"]).env("COLUMNS", "80");
    let shown = finish(narrow, "").stdout;
    let widest = shown.lines().map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|widest| widest <= 80), "{shown}");
    assert!(shown.contains("Not shown for want of room: "), "{shown}");
    let piped = home.run("order list").stdout;
    assert!(!piped.contains("Not shown"), "{piped}");
}

#[test]
fn an_order_without_an_id_shows_none() {
    let home = Home::with_data();
    let _holder = Holder::of(&home);
    let placed = home.json(BUY).data();
    assert_eq!(placed["client_order_id"], Value::Null);
    assert_eq!(placed["idempotent_replay"], false);
    let shown = home.run(&format!(
        "order show {}",
        placed["order_id"].as_str().unwrap()
    ));
    assert!(!shown.stdout.contains("cli-"), "{shown:?}");
}

#[test]
fn lock_ends_unlock_and_says_when_there_is_nothing_to_lock() {
    let home = Home::with_data();
    let holder = Holder::of(&home);
    assert_eq!(holder.said["pid"], holder.pid());
    let locked = home.json("lock").data();
    assert_eq!(locked, json!({ "locked": true, "pid": holder.pid() }));
    assert_eq!(home.json("lock").data(), json!({ "locked": false }));
    assert_eq!(holder.end(), 0);
    let names = std::fs::read_dir(home.path("data")).unwrap();
    let names: BTreeSet<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        !names.contains("control.sock".as_ref() as &std::ffi::OsStr),
        "{names:?}"
    );
    assert_eq!(home.json("status").data()["owner"]["unlocked"], false);
}

#[test]
fn of_two_that_want_the_folder_one_gets_it_and_the_other_says_who_has_it() {
    let home = Home::with_data();
    let holder = Holder::of(&home);
    let second = home.json("unlock");
    assert_eq!(
        (second.code, &second.error()["code"]),
        (7, &json!("in_use"))
    );
    let words = format!("in use by process {}, which answers at ", holder.pid());
    assert!(second.stderr.contains(&words), "{second:?}");
    assert!(second.stderr.contains("openalgo lock"), "{second:?}");
}

/// It runs when what was taken has ended; what comes meanwhile waits, and nothing is lost.
#[test]
fn a_command_that_must_be_alone_runs_in_a_holder_that_goes_on() {
    let home = Home::with_data();
    let holder = Holder::of(&home);
    thread::scope(|scope| {
        let orders: Vec<_> = (0..8).map(|_| scope.spawn(|| home.json(BUY))).collect();
        let accepted = home.json("db accept-older --yes").data();
        assert_eq!(accepted, json!({ "accepted": true }));
        for order in orders {
            order.join().unwrap().data();
        }
    });
    assert_eq!(home.json("order list").data().as_array().unwrap().len(), 8);
    let status = home.json("status").data();
    assert_eq!(status["owner"]["pid"], holder.pid());
    home.json("lock").data();
    assert_eq!(holder.end(), 0);
    let logs = std::fs::read_dir(home.path("data/logs")).unwrap();
    let logs = logs.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let said = logs.collect::<String>();
    assert_eq!(said.matches("open again").count(), 1, "{said}");
    assert_eq!(home.json("db accept-older --yes").code, 0);
}

/// The folder that a path starts from is the caller's.
#[test]
fn a_backup_is_made_by_the_owner_where_the_caller_stands() {
    let home = Home::with_data();
    let _holder = Holder::of(&home);
    let here = home.path("here");
    std::fs::create_dir(&here).unwrap();
    let mut create = home.own();
    create.args(["backup", "create", "--passphrase-stdin", "--output", "mine"]);
    create.current_dir(&here);
    let made = finish(create, "a long passphrase\n");
    assert_eq!(made.code, 0, "{made:?}");
    let proved = home.run_with_input(
        &format!(
            "backup verify {} --passphrase-stdin",
            here.join("mine").display()
        ),
        "a long passphrase\n",
    );
    assert_eq!(proved.code, 0, "{proved:?}");
}

#[cfg(unix)]
#[test]
fn a_holder_that_is_told_to_end_closes_the_folder() {
    let home = Home::with_data();
    for signal in ["TERM", "HUP", "INT"] {
        let holder = Holder::of(&home);
        let kill = format!("kill -s {signal} {}", holder.pid());
        let sent = Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(sent.success(), "{signal}");
        assert_eq!(holder.end(), 0, "{signal}");
        assert!(!home.path("data/control.sock").exists(), "{signal}");
        assert!(!home.path("data/main.db-wal").exists(), "{signal}");
        let passes = std::fs::read_dir(home.path("run/openalgo")).unwrap();
        assert_eq!(passes.count(), 0, "{signal}");
    }
}

/// While a folder is unlocked, nobody has to give its passphrase again.
#[cfg(unix)]
#[test]
fn an_unlocked_folder_needs_no_passphrase() {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::new();
    std::fs::write(home.path("passphrase"), "a long passphrase\n").unwrap();
    let data = home.path("data");
    let command = |knows: bool| {
        let mut command = home.command();
        command.arg("--data-dir").arg(&data);
        if knows {
            command.env("OPENALGO_PASSPHRASE_FILE", home.path("passphrase"));
        }
        command
    };
    let mut init = command(true);
    init.args(["init", "--key-source", "passphrase"]);
    assert_eq!(finish(init, "").code, 0);
    let list = || {
        let mut list = command(false);
        list.args(["order", "list", "--json"]);
        finish(list, "")
    };
    assert_eq!(list().code, 3);
    let holder = Holder::start(command(true));
    assert_eq!(list().data(), json!([]));
    let passes = || std::fs::read_dir(home.path("run/openalgo")).unwrap();
    let pass = passes().next().unwrap().unwrap();
    assert_eq!(pass.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let mut lock = command(false);
    lock.args(["lock", "--json"]);
    assert_eq!(finish(lock, "").data()["locked"], true);
    assert_eq!(holder.end(), 0);
    assert_eq!(passes().count(), 0);
    assert_eq!(list().code, 3);
}

/// The path of a socket has room for a hundred letters.
#[cfg(unix)]
#[test]
fn a_long_path_has_its_socket_elsewhere() {
    let home = Home::new();
    let data = home.path(&"deep/".repeat(30));
    let long = |words: &[&str]| {
        let mut command = home.command();
        command.env("OPENALGO_DATA_DIR", &data).args(words);
        command
    };
    assert_eq!(finish(long(&["init"]), "").code, 0);
    let holder = Holder::start(long(&[]));
    let address = holder.said["address"].as_str().unwrap();
    let private = home.path("run/openalgo");
    assert!(address.starts_with(private.to_str().unwrap()), "{address}");
    let status = finish(long(&["status", "--json"]), "").data();
    assert_eq!(status["owner"]["pid"], holder.pid());
}

/// Sixty-four orders at once, and the process that runs them is killed among them: each is placed
/// exactly once, and every command says so.
#[test]
fn no_order_is_lost_or_doubled_when_the_owner_is_killed() {
    let home = Home::with_data();
    let mut holder = Holder::of(&home);
    let place = |number: usize| {
        let id = format!("--client-order-id order-{number}");
        // Every other one leaves the id to the program.
        let id = if number.is_multiple_of(2) { &id } else { "" };
        home.json(&format!("{BUY} {id}"))
    };
    let runs: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> = (0..64)
            .map(|number| scope.spawn(move || place(number)))
            .collect();
        // Some have been answered, some are being run, some are still on their way.
        while running.iter().filter(|run| run.is_finished()).count() < 8 {
            thread::yield_now();
        }
        holder.child.kill().unwrap();
        running.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let mut answered = BTreeSet::new();
    for run in &runs {
        answered.insert(run.data()["order_id"].to_string());
    }
    let stored = home.json("order list --limit 1000").data();
    let stored: Vec<_> = stored.as_array().unwrap().iter().collect();
    assert_eq!((answered.len(), stored.len()), (64, 64));
    let by_id: BTreeSet<_> = stored
        .iter()
        .filter_map(|order| order["client_order_id"].as_str())
        .collect();
    assert_eq!(by_id.len(), 32);
    assert_eq!(home.json("positions").data()[0]["quantity"], 64);
    assert_eq!(home.json("db check").data()["sound"], true);
}

/// It was stopped, or hangs: asking it to end is no advice.
#[cfg(unix)]
#[test]
fn an_owner_that_does_not_answer_is_not_said_to() {
    let home = Home::with_data();
    let holder = Holder::of(&home);
    let pid = holder.pid();
    let kill = format!("kill -s STOP {pid}");
    assert!(
        Command::new("sh")
            .args(["-c", &kill])
            .status()
            .unwrap()
            .success()
    );
    thread::scope(|scope| {
        let lines = ["status", "lock", "unlock"];
        let runs = lines.map(|line| scope.spawn(|| home.json(line)));
        for run in runs.map(|run| run.join().unwrap()) {
            let error = run.error();
            assert_eq!((run.code, &error["code"]), (7, &json!("in_use")));
            assert_eq!(
                (&error["pid"], &error["answers"]),
                (&json!(pid), &json!(false))
            );
            assert!(run.stderr.contains("does not answer at /"), "{run:?}");
            assert!(run.stderr.contains(&format!("`kill {pid}`")), "{run:?}");
            assert!(run.stderr.contains(&format!("`kill -9 {pid}`")), "{run:?}");
            assert!(!run.stderr.contains("openalgo lock"), "{run:?}");
        }
    });
}
