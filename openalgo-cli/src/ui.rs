//! The only place that writes to the terminal: data to stdout, messages to stderr.

use crate::error::{CliError, Exit};
use crate::show::Output;
use anstream::{AutoStream, ColorChoice, eprintln, print, println};
use serde_json::json;
use std::process::ExitCode;

/// How answers are given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ui {
    json: bool,
    color: bool,
}

impl Ui {
    pub(crate) fn new(json: bool) -> Self {
        let color = !json && AutoStream::choice(&std::io::stdout()) != ColorChoice::Never;
        Self { json, color }
    }

    /// Whether stdout shows colours: it is a terminal, and nobody asked for none.
    pub(crate) fn color(self) -> bool {
        self.color
    }

    /// Says something that is not the answer.
    pub(crate) fn warn(message: &str) {
        eprintln!("warning: {message}");
    }

    pub(crate) fn output(self, output: &Output) -> ExitCode {
        if self.json {
            println!("{}", json!({ "ok": true, "data": output.data }));
        } else {
            print!("{}", output.text);
        }
        ExitCode::SUCCESS
    }

    pub(crate) fn error(self, error: &CliError) -> ExitCode {
        if self.json {
            println!("{}", json!({ "ok": false, "error": error.to_json() }));
        }
        eprintln!("error: {}", error.message);
        if let Some(hint) = &error.hint {
            eprintln!("hint: {hint}");
        }
        error.exit.into()
    }
}

/// Help, version, and mistakes on the command line.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && std::env::args_os().any(|arg| arg == "--json") {
        let text = error.render().to_string();
        // The first paragraph says what is wrong, the others how the command is used.
        let what = text
            .lines()
            .take_while(|line| !line.is_empty())
            .map(str::trim);
        let what = what.collect::<Vec<_>>().join(" ");
        let message = what.trim_start_matches("error: ");
        let hint = "run the command with --help to see how it is used";
        let error = json!({ "code": "usage", "message": message, "hint": hint });
        println!("{}", json!({ "ok": false, "error": error }));
    }
    if error.print().is_err() {
        return Exit::Unexpected.into();
    }
    if error.use_stderr() {
        Exit::Usage.into()
    } else {
        ExitCode::SUCCESS
    }
}
