//! A test that plays two roles: it starts its own program again, where the environment says that
//! it is the victim, reads what the victim says, and kills it.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const VICTIM: &str = "OPENALGO_TEST_VICTIM";
const KILLS: &str = "OPENALGO_TEST_KILLS";
/// What the victim's lines begin with, among those of the test runner.
const SAYS: &str = "victim: ";

/// The folder in which this process is the victim, if it is one.
pub(crate) fn victim_folder() -> Option<PathBuf> {
    std::env::var_os(VICTIM).map(Into::into)
}

/// How often something is killed: so often in the ordinary tests, unless the environment says more.
pub(crate) fn kills(ordinary: u64) -> u64 {
    let said = std::env::var(KILLS).ok();
    said.map_or(ordinary, |kills| kills.parse().unwrap())
}

/// Lets the one who started this process know something.
pub(crate) fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{SAYS}{word}").unwrap();
    out.flush().unwrap();
}

/// What this process is told next; nothing when nobody is there any more.
pub(crate) fn hear() -> String {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// A test in the victim's role, in a process of its own.
pub(crate) struct Victim {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    /// A victim that waits for input waits until this goes.
    input: Option<ChildStdin>,
}

impl Victim {
    pub(crate) fn start(test: &str, folder: &Path) -> Self {
        Self::run(Command::new(std::env::current_exe().unwrap()), test, folder)
    }

    /// Starts it so that no file may grow beyond so many KiB.
    #[cfg(unix)]
    pub(crate) fn start_limited(test: &str, folder: &Path, kib: usize) -> Self {
        let mut shell = Command::new("/bin/sh");
        // The shell counts blocks of 512 bytes. Without the trap, a write that is too much kills.
        let script = r#"trap '' XFSZ; ulimit -f "$0"; exec "$@""#;
        shell.args(["-c", script, &(kib * 2).to_string()]);
        shell.arg(std::env::current_exe().unwrap());
        Self::run(shell, test, folder)
    }

    fn run(mut command: Command, test: &str, folder: &Path) -> Self {
        let mut child = command
            .args([test, "--exact", "--nocapture"])
            .env(VICTIM, folder)
            .env("TMPDIR", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            output: BufReader::new(child.stdout.take().unwrap()).lines(),
            input: child.stdin.take(),
            child,
        }
    }

    /// Tells it something, which it gets from [`hear`].
    pub(crate) fn tell(&mut self, word: &str) {
        writeln!(self.input.as_ref().unwrap(), "{word}").unwrap();
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it says from now on.
    pub(crate) fn words(&mut self) -> impl Iterator<Item = String> {
        let lines = self.output.by_ref().map_while(Result::ok);
        lines.filter_map(|line| line.strip_prefix(SAYS).map(ToOwned::to_owned))
    }

    /// Whether it has come to its end by itself. It must not have failed.
    pub(crate) fn has_ended(&mut self) -> bool {
        let ended = self.child.try_wait().unwrap();
        assert!(ended.is_none_or(|status| status.success()), "{ended:?}");
        ended.is_some()
    }

    /// Whether it was killed, once it has come to its end.
    #[cfg(unix)]
    pub(crate) fn was_killed(&mut self) -> bool {
        use std::os::unix::process::ExitStatusExt;
        let status = self.child.wait().unwrap();
        status.signal() == Some(rustix::process::Signal::KILL.as_raw())
    }

    /// Kills it, and gives what it had said before it died. A last word without its end counts
    /// as unsaid.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.words().collect()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // It is dead already, unless the test ends early.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
