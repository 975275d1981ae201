//! The only place that writes to the terminal: data to stdout, messages to stderr.

use crate::error::{CliError, Exit};
use crate::progress::{Live, Step};
use crate::request::Style;
use crate::show::Output;
use anstream::{AutoStream, ColorChoice};
use comfy_table::Table;
use serde_json::json;
use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use tokio::sync::mpsc;

/// How answers are given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ui {
    json: bool,
    color: bool,
    width: Option<u16>,
}

impl Ui {
    pub(crate) fn new(json: bool) -> Self {
        let color = !json && AutoStream::choice(&std::io::stdout()) != ColorChoice::Never;
        Self {
            json,
            color,
            width: width(),
        }
    }

    /// How answers are to look: with colours if stdout is a terminal and nobody asked for none, and no
    /// wider than that terminal.
    pub(crate) fn style(self) -> Style {
        let program = std::env::args().next();
        Style {
            color: self.color,
            width: self.width,
            program: program.unwrap_or_else(|| "openalgo".to_owned()),
        }
    }

    /// Whether an answer is seen by somebody, and written to no file.
    pub(crate) fn is_at_terminal(self) -> bool {
        !self.json && std::io::stdout().is_terminal()
    }

    /// Says something that is not the answer.
    pub(crate) fn warn(message: &str) {
        to_stderr(&format!("warning: {message}\n"));
    }

    /// Shows what a long command says of itself, until it has ended.
    pub(crate) async fn follow(self, mut steps: mpsc::Receiver<Vec<u8>>) {
        let mut picture = Picture::default();
        while let Some(words) = steps.recv().await {
            if !self.progress(&words, &mut picture) {
                // Who closed the pipe has seen enough: the command learns that nobody looks.
                steps.close();
            }
        }
        self.end_progress();
    }

    /// Shows how far a long command is, in one line that is written over, or what it shows while
    /// it goes on. Whether somebody looks.
    pub(crate) fn progress(self, words: &[u8], picture: &mut Picture) -> bool {
        if let Ok(live) = serde_json::from_slice(words) {
            return self.live(&live, picture).is_ok();
        }
        if let Ok(Step { what, done, of }) = serde_json::from_slice(words)
            && self.is_watched()
        {
            let share = done.saturating_mul(100).checked_div(of);
            let share = share.map_or_else(|| " …".to_owned(), |share| format!(": {share} %"));
            to_stderr(&format!("\r\x1b[K{what}{share}"));
        }
        true
    }

    /// Shows what is new: in the place of the picture before at a terminal, as lines elsewhere.
    fn live(self, live: &Live, picture: &mut Picture) -> std::io::Result<()> {
        if self.json {
            let lines = live.data.iter().map(|data| format!("{data}\n"));
            return to_stdout(&lines.collect::<String>());
        }
        if !self.is_at_terminal() {
            let lines = live.lines.iter().map(|line| format!("{line}\n"));
            return to_stdout(&lines.collect::<String>());
        }
        let up = match picture.rows {
            0 => String::new(),
            rows => format!("\x1b[{rows}A\r\x1b[J"),
        };
        picture.rows = live.picture.lines().count();
        to_stdout(&format!("{up}{}", live.picture))
    }

    pub(crate) fn end_progress(self) {
        if self.is_watched() {
            to_stderr("\r\x1b[K");
        }
    }

    /// Whether somebody looks at what is not the answer.
    fn is_watched(self) -> bool {
        !self.json && std::io::stderr().is_terminal()
    }

    /// Shows what must not be piped anywhere; the caller has made sure of a terminal.
    pub(crate) fn reveal(text: &str) {
        to_stderr(text);
    }

    /// Gives the answer. A reader that has closed its end has seen what it wanted; an answer
    /// that cannot be written for another reason is a failure of its own, since what was asked
    /// for is done.
    pub(crate) fn output(self, output: &Output) -> ExitCode {
        for message in &output.warnings {
            Self::warn(message);
        }
        let text = if self.json {
            format!("{}\n", json!({ "ok": true, "data": output.data }))
        } else {
            output.text.clone()
        };
        let done = output.failing.map_or(ExitCode::SUCCESS, ExitCode::from);
        match to_stdout(&text) {
            Ok(()) => done,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => done,
            Err(error) => {
                to_stderr(&format!(
                    "error: it is done, but the answer cannot be shown: {error}\n"
                ));
                Exit::Unexpected.into()
            }
        }
    }

    pub(crate) fn error(self, error: &CliError) -> ExitCode {
        if self.json {
            let answer = json!({ "ok": false, "error": error.to_json() });
            // The exit code and stderr tell it, too.
            drop(to_stdout(&format!("{answer}\n")));
        }
        to_stderr(&format!("error: {}\n", error.message));
        if let Some(hint) = &error.hint {
            to_stderr(&format!("hint: {hint}\n"));
        }
        error.exit.into()
    }
}

/// What stands on the terminal and is to be written over.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    rows: usize,
}

/// How wide the terminal is; `COLUMNS` counts where there is none, since whoever sets it wants it.
/// What is piped is as wide as it is.
fn width() -> Option<u16> {
    let is_some = |width: &u16| *width > 0;
    let stated = || std::env::var("COLUMNS").ok()?.trim().parse().ok();
    let terminal = Table::new().width().filter(is_some);
    terminal.or_else(|| stated().filter(is_some))
}

fn to_stdout(text: &str) -> std::io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// There is nobody left to tell when stderr fails.
fn to_stderr(text: &str) {
    drop(anstream::stderr().lock().write_all(text.as_bytes()));
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
        drop(to_stdout(&format!(
            "{}\n",
            json!({ "ok": false, "error": error })
        )));
    }
    // A reader that has closed its end has seen what it wanted.
    drop(error.print());
    if error.use_stderr() {
        Exit::Usage.into()
    } else {
        ExitCode::SUCCESS
    }
}
