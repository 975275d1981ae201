//! The reference command line of OpenAlgo.
//!
//! | file | what is in it |
//! |---|---|
//! | `args` | the flags and commands, with their help |
//! | `command` | one file per command |
//! | `show` | how things look as tables and as JSON |
//! | `ui` | the only place that writes to the terminal |
//! | `error` | what went wrong, how to mend it, and the exit code |

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments of flags and commands are their help texts"
)]

mod args;
mod command;
mod error;
mod logging;
mod session;
mod show;
mod ui;
mod words;

use args::Cli;
use clap::Parser;
use error::CliError;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ui::usage(&error),
    };
    let ui = ui::Ui::new(cli.global.json);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(command::run(cli, ui)),
        Err(error) => Err(CliError::internal("the runtime does not start", &error)),
    };
    match outcome {
        Ok(output) => ui.output(&output),
        Err(error) => ui.error(&error),
    }
}
