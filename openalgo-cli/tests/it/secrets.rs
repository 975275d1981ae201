//! What is typed or piped into a command comes out nowhere: neither at the terminal nor in a file,
//! however much is logged. Names and symbols are answered and shown, and are in no log.

use crate::home::{Home, Run, finish};
use crate::leaks::Leaks;
use crate::owner::Holder;
use openalgo::core::port::RandomSource;
use openalgo::crypto::SystemRandom;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A home in which everything is logged, and what was planted there.
struct Watched {
    home: Home,
    /// What nobody may see or keep.
    secrets: Vec<(String, Vec<u8>)>,
    /// What may be shown, and kept in the database only.
    names: Vec<(String, Vec<u8>)>,
    /// What each command said.
    said: Vec<(String, Run)>,
}

/// Files that are there to hold a secret.
const ON_PURPOSE: [&str; 3] = ["passphrase", "master.key", "restored.key"];

fn canary(start: &str) -> String {
    let mut random = [0; 8];
    SystemRandom.fill(&mut random).unwrap();
    format!("{start}-{:016X}", u64::from_ne_bytes(random))
}

impl Watched {
    fn new() -> Self {
        Self {
            home: Home::new(),
            secrets: Vec::new(),
            names: Vec::new(),
            said: Vec::new(),
        }
    }

    fn secret(&mut self, what: &str, start: &str) -> String {
        let text = canary(start);
        self.knows(what, &text);
        text
    }

    /// A secret of the program's own making.
    fn knows(&mut self, what: &str, text: &str) {
        self.secrets.push((what.to_owned(), text.into()));
    }

    fn name(&mut self, what: &str, start: &str) -> String {
        let text = canary(start);
        self.names.push((what.to_owned(), text.clone().into()));
        text
    }

    /// The passphrase that commands get from now on.
    fn passphrase(&self, text: &str) {
        fs::write(self.home.path("passphrase"), format!("{text}\n")).unwrap();
    }

    /// The program on the data folder, with everything logged.
    fn command(&self) -> Command {
        let mut command = self.home.command();
        self.watch(&mut command);
        command.arg("--data-dir").arg(self.home.path("data"));
        command
    }

    fn watch(&self, command: &mut Command) {
        command
            .env("OPENALGO_LOG", "trace")
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .env("TMPDIR", self.home.path("run"))
            .env("OPENALGO_PASSPHRASE_FILE", self.home.path("passphrase"));
    }

    /// Runs a command whose answer holds a secret on purpose.
    fn shown(&self, line: &str) -> Value {
        let mut command = self.command();
        command.arg("--json").args(line.split_whitespace());
        finish(command, "").data()
    }

    /// Runs a command that must end with this code.
    #[track_caller]
    fn run(&mut self, code: i32, line: &str, input: &str) {
        for form in ["", "--json"] {
            let mut command = self.command();
            command
                .args(line.split_whitespace())
                .args(form.split_whitespace());
            let run = finish(command, input);
            assert_eq!(run.code, code, "{line}: {run:?}");
            self.said.push((line.to_owned(), run));
            if code == 0 {
                // What is done cannot be done again.
                break;
            }
        }
    }

    /// Looks at everything that was said and through every file of the home, and gives figures.
    fn search(&self) -> String {
        let secrets = Leaks::of(&self.secrets);
        let everything = Leaks::of(&[self.secrets.clone(), self.names.clone()].concat());
        for (line, run) in &self.said {
            let said = format!("{}{}", run.stdout, run.stderr);
            let found = secrets.found(said.as_bytes());
            assert!(found.is_empty(), "{line}: {found:#?}");
        }
        let files = files_below(&self.home.path(""));
        for path in &files {
            let name = path.file_name().unwrap().to_str().unwrap();
            if !ON_PURPOSE.contains(&name) {
                let found = everything.found(&fs::read(path).unwrap());
                assert!(found.is_empty(), "{}: {found:#?}", path.display());
            }
        }
        format!(
            "{} secrets and {} names in {} forms: the secrets in none of {} answers, neither in {} files",
            self.secrets.len(),
            self.names.len(),
            everything.forms(),
            self.said.len(),
            files.len()
        )
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let (folders, others): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
    let mut files: Vec<_> = others.into_iter().filter(|path| path.is_file()).collect();
    files.extend(folders.iter().flat_map(|folder| files_below(folder)));
    files
}

/// Everything that is piped into commands that run beside others, right and wrong.
fn use_the_folder(watched: &mut Watched) {
    let name = watched.name("a user name", "user");
    let email = watched.name("an e-mail address", "mail");
    let (first, weak, other) = (
        watched.secret("a password", "P@ssword"),
        watched.secret("a weak password", "weak").to_lowercase(),
        watched.secret("another password", "P@ssword"),
    );
    watched.knows("a weak password", &weak);
    let add = format!("user add --username {name} --email {email}@example.com --password-stdin");
    watched.run(4, &add, &format!("{weak}\n"));
    watched.run(0, &add, &format!("{first}\n"));
    watched.run(4, &add, &format!("{first}\n"));
    let of = format!("--user {name}");
    watched.run(
        4,
        &format!("user passwd {of} --password-stdin"),
        &format!("{weak}\n"),
    );
    watched.run(
        0,
        &format!("user passwd {of} --password-stdin"),
        &format!("{other}\n"),
    );
    let verify = format!("user verify {of} --password-stdin");
    watched.run(3, &verify, &format!("{first}\n"));
    watched.run(0, &verify, &format!("{other}\n"));
    let code = watched.secret("a mistyped code", "code");
    let disable = format!("user totp disable {of} --password-stdin");
    watched.run(4, &disable, &format!("{other}\n{code}\n"));

    trade(watched, &of);
}

/// What is asked for there is answered, and in no log.
fn trade(watched: &mut Watched, of: &str) {
    let symbol = watched.name("a symbol", "CANARY").replace('-', "");
    watched
        .names
        .push(("a symbol".into(), symbol.clone().into()));
    watched.run(4, &format!("quote {symbol}"), "");
    watched.run(4, &format!("symbols show {symbol}"), "");
    let place = "order place --exchange NSE --action BUY --quantity 1 --symbol";
    watched.run(4, &format!("{place} {symbol}"), "");
    let (id, strategy) = (
        watched.name("the id of an order", "id"),
        watched.name("a strategy", "strategy"),
    );
    let order = format!("{place} SBIN {of} --strategy {strategy} --client-order-id {id}");
    watched.run(0, &order, "");
    watched.run(4, &format!("{order} --price-type LIMIT --price 1"), "");
    watched.run(4, &format!("order show {id}"), "");
    let stranger = watched.name("the name of nobody", "nobody");
    watched.run(3, &format!("funds --user {stranger}"), "");
    let reason = watched.name("why trading was halted", "reason");
    watched.run(0, &format!("risk halt {of} --reason {reason}"), "");
    watched.run(4, &format!("{place} SBIN {of}"), "");
    watched.run(0, &format!("risk resume {of}"), "");
}

fn back_up(watched: &mut Watched, file: &str) {
    let file = watched.home.path(file).display().to_string();
    let passphrase = watched.secret("the passphrase of a backup", "red boats");
    let wrong = watched.secret("a mistyped passphrase of a backup", "red boots");
    let create = format!("backup create --output {file} --passphrase-stdin");
    watched.run(0, &create, &format!("{passphrase}\n"));
    watched.run(4, &create, &format!("{passphrase}\n"));
    for how in ["--passphrase-stdin", "--recovery-stdin"] {
        watched.run(
            3,
            &format!("backup verify {file} {how}"),
            &format!("{wrong}\n"),
        );
    }
    let right = format!("backup verify {file} --passphrase-stdin");
    watched.run(0, &right, &format!("{passphrase}\n"));
    let mut restore = watched.home.command();
    watched.watch(&mut restore);
    restore.arg("--data-dir").arg(watched.home.path("restored"));
    let key = format!("file:{}", watched.home.path("restored.key").display());
    restore.args([
        "--key-source",
        &key,
        "backup",
        "restore",
        &file,
        "--passphrase-stdin",
    ]);
    let run = finish(restore, &format!("{passphrase}\n"));
    assert_eq!(run.code, 0, "{run:?}");
    watched.said.push(("backup restore".into(), run));
}

/// Puts the folder under a passphrase, in the end.
fn change_the_key(watched: &mut Watched) {
    let key = fs::read_to_string(watched.home.path("master.key")).unwrap();
    watched.knows("the master key", key.trim());
    let passphrase = watched.secret("the passphrase", "green boats");
    let lock = "key move --to passphrase --passphrase-stdin";
    watched.run(0, lock, &format!("{passphrase}\n"));
    let wrong = watched.secret("a mistyped passphrase", "green boots");
    watched.passphrase(&wrong);
    watched.run(3, "status", "");
    watched.passphrase(&passphrase);
    let changed = watched.secret("another passphrase", "blue boats");
    watched.run(
        0,
        "key passphrase --passphrase-stdin",
        &format!("{changed}\n"),
    );
    watched.passphrase(&changed);
    watched.run(0, "key rotate", "");
    let to = format!("file:{}", watched.home.path("master.key").display());
    let recover = format!("key recovery use --to {to} --recovery-stdin");
    let none = watched.secret("what is no recovery key", "recovery");
    watched.run(3, &recover, &format!("{none}\n"));
    watched.run(0, &format!("key move --to {to}"), "");
    let key = fs::read_to_string(watched.home.path("master.key")).unwrap();
    watched.knows("the master key that was made later", key.trim());
    let spoilt = watched.secret("a file that is no key", "key");
    fs::rename(
        watched.home.path("master.key"),
        watched.home.path("run/master.key"),
    )
    .unwrap();
    fs::write(watched.home.path("master.key"), &spoilt).unwrap();
    watched.run(3, "status", "");
    fs::rename(
        watched.home.path("run/master.key"),
        watched.home.path("master.key"),
    )
    .unwrap();
    watched.run(0, lock, &format!("{passphrase}\n"));
    watched.passphrase(&passphrase);
}

#[test]
fn what_is_typed_or_piped_comes_out_nowhere() {
    let mut watched = Watched::new();
    let key = watched.home.path("master.key").display().to_string();
    let made = watched.shown(&format!("init --key-source file:{key}"));
    watched.knows(
        "the password of the owner",
        made["password"].as_str().unwrap(),
    );
    use_the_folder(&mut watched);
    back_up(&mut watched, "first.backup");
    change_the_key(&mut watched);
    for line in ["apikey create", "apikey show"] {
        let key = watched.shown(line);
        watched.knows("an API key", key["api_key"].as_str().unwrap());
    }
    let key = watched.shown("key export --yes");
    watched.knows("the database key", key["database_key"].as_str().unwrap());

    // The same, with everything done by a process that keeps the folder unlocked.
    let mut unlock = watched.command();
    let said = fs::File::create(watched.home.path("unlock.stderr")).unwrap();
    unlock.stderr(said);
    let holder = Holder::start(unlock);
    use_the_folder(&mut watched);
    fs::remove_dir_all(watched.home.path("restored")).unwrap();
    fs::remove_file(watched.home.path("restored.key")).unwrap();
    back_up(&mut watched, "second.backup");
    watched.run(0, "lock", "");
    assert_eq!(holder.end(), 0);
    let logs = files_below(&watched.home.path("data/logs"));
    let log: String = logs
        .iter()
        .map(|log| fs::read_to_string(log).unwrap())
        .collect();
    assert!(log.contains("a login failed"), "{log}");
    println!("{}", watched.search());
}

/// What stands out in what is shown to people.
#[cfg(target_os = "linux")]
fn indented(run: &Run) -> Vec<String> {
    let lines = run.stdout.lines().filter(|line| line.starts_with("  "));
    lines.map(|line| line.trim().to_owned()).collect()
}

/// What is shown once at a terminal is shown there, and kept nowhere.
#[cfg(target_os = "linux")]
#[test]
fn what_is_shown_once_at_a_terminal_is_in_no_file() {
    let terminal = Path::new("/usr/bin/script");
    if !terminal.exists() {
        eprintln!("not shown here: there is no terminal to be had without /usr/bin/script");
        return;
    }
    let mut watched = Watched::new();
    let passphrase = watched.secret("the passphrase", "green boats");
    watched.passphrase(&passphrase);
    let made = watched.shown("init --key-source passphrase");
    watched.knows(
        "the password of the owner",
        made["password"].as_str().unwrap(),
    );
    let at_terminal = |words: &str, input: &str| {
        let mut command = Command::new(terminal);
        watched.watch(&mut command);
        let (program, data) = (env!("CARGO_BIN_EXE_openalgo"), watched.home.path("data"));
        let line = format!("{program} --data-dir {} {words}", data.display());
        command.args(["-qec", &line, "/dev/null"]);
        finish(command, input)
    };
    let shown = at_terminal("key recovery create", "");
    let enrolled = at_terminal("user totp enroll", "000000\n");
    assert_eq!(
        (shown.code, enrolled.code),
        (0, 3),
        "{shown:?} {enrolled:?}"
    );
    let recovery = indented(&shown);
    for line in &recovery {
        watched.knows("the recovery key", line);
    }
    let totp = indented(&enrolled).into_iter();
    let is_secret =
        |line: &String| line.len() >= 32 && line.bytes().all(|b| b.is_ascii_alphanumeric());
    let totp: Vec<_> = totp.filter(is_secret).collect();
    assert_eq!(
        (recovery.len(), totp.len()),
        (2, 1),
        "{shown:?} {enrolled:?}"
    );
    watched.knows("the secret of an authenticator", &totp[0]);

    let to = format!("file:{}", watched.home.path("master.key").display());
    let recover = format!("key recovery use --to {to} --recovery-stdin");
    let mistyped = recovery.join("\n").replacen(' ', "Z ", 1);
    watched.run(3, &recover, &mistyped);
    watched.run(0, &recover, &recovery.join("\n"));
    println!("{}", watched.search());
}
