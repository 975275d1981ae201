//! A home folder of its own for each test, and the program run in it.

use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

pub(crate) struct Home {
    root: TempDir,
}

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The data of a successful answer.
    #[track_caller]
    pub(crate) fn data(&self) -> Value {
        let answer: Value = serde_json::from_str(&self.stdout).unwrap();
        assert_eq!(
            (self.code, &answer["ok"]),
            (0, &Value::Bool(true)),
            "{self:?}"
        );
        answer["data"].clone()
    }

    /// The error of a refused one.
    #[track_caller]
    pub(crate) fn error(&self) -> Value {
        let answer: Value = serde_json::from_str(&self.stdout).unwrap();
        assert_eq!(answer["ok"], Value::Bool(false), "{self:?}");
        answer["error"].clone()
    }
}

impl Home {
    pub(crate) fn new() -> Self {
        let home = Self {
            root: TempDir::new().unwrap(),
        };
        std::fs::create_dir(home.path("run")).unwrap();
        home
    }

    /// A home with a data folder in it.
    pub(crate) fn with_data() -> Self {
        let home = Self::new();
        assert_eq!(home.run("init").code, 0);
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Runs a line of words with the data folder and key file of this home.
    pub(crate) fn run(&self, line: &str) -> Run {
        self.run_with_input(line, "")
    }

    /// Runs a line of words and asks for JSON.
    pub(crate) fn json(&self, line: &str) -> Run {
        self.run(&format!("{line} --json"))
    }

    pub(crate) fn run_with_input(&self, line: &str, input: &str) -> Run {
        let mut command = self.own();
        command.args(line.split_whitespace());
        finish(command, input)
    }

    /// The program with the data folder and key file of this home.
    pub(crate) fn own(&self) -> Command {
        let mut command = self.command();
        command.arg("--data-dir").arg(self.path("data"));
        command
            .arg("--key-source")
            .arg(format!("file:{}", self.path("master.key").display()));
        command
    }

    /// Runs a line of words with nothing but the home's own environment.
    pub(crate) fn bare(&self, line: &str) -> Run {
        self.bare_with_input(line, "")
    }

    pub(crate) fn bare_with_input(&self, line: &str, input: &str) -> Run {
        let mut command = self.command();
        command.args(line.split_whitespace());
        finish(command, input)
    }

    /// The program in this home, without a keychain and without colours.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_openalgo"));
        command
            .env_clear()
            .env("HOME", self.root.path())
            .env("XDG_DATA_HOME", self.path("share"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_RUNTIME_DIR", self.path("run"));
        command
    }
}

pub(crate) fn finish(mut command: Command, input: &str) -> Run {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that reads nothing may be gone before the input is.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
