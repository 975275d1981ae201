//! The reference command line of OpenAlgo.
//!
//! A command is a value ([`request::Request`]): it is put together where it was typed, and runs
//! in the process that has the data folder open.
//!
//! | file | what is in it |
//! |---|---|
//! | `args` | the flags and commands, with their help |
//! | `request` | a command as a value, with everything that only its caller knows |
//! | `input` | what a caller is asked for: passwords and passphrases |
//! | `run` | the way of a command |
//! | `open` | the data folder that the flags name |
//! | `house` | the open folder, and the commands that run on it |
//! | `alone` | a command that no other may run beside |
//! | `travel` | a command that another process runs, because it owns the folder |
//! | `command` | one file per command, and what each needs |
//! | `doctor` | what is examined of the machine and the folder |
//! | `session` | what a command works with |
//! | `signals` | what stops a command, and what is said of it then |
//! | `shell` | paths in commands that are suggested |
//! | `show` | how things look as tables and as JSON |
//! | `ui` | the only place that writes to the terminal |
//! | `error` | what went wrong, how to mend it, and the exit code |

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments of flags and commands are their help texts"
)]

mod alone;
mod args;
mod command;
mod doctor;
mod error;
mod house;
mod input;
mod logging;
mod open;
mod patience;
mod progress;
mod qr;
mod record;
mod request;
mod run;
mod secret;
mod session;
mod shell;
mod show;
mod signals;
mod travel;
mod ui;
mod words;

use args::Cli;
use error::CliError;
use std::process::ExitCode;

/// Does what the command line says and gives the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => return ui::usage(&error),
    };
    let ui = ui::Ui::new(cli.global.json);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(async {
            outlive_full_files();
            run::run(cli, ui).await
        }),
        Err(error) => Err(CliError::internal("the runtime does not start", &error)),
    };
    match outcome {
        Ok(Some(output)) => ui.output(&output),
        Ok(None) => ExitCode::SUCCESS,
        Err(error) => ui.error(&error),
    }
}

/// Hears the signal of a file that may grow no more (`ulimit -f`), which ends a program otherwise:
/// the write that was too much fails then, as it does on a disk that takes no more.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn outlive_full_files() {
    use tokio::signal::unix::{SignalKind, signal};

    /// `SIGXFSZ` of all machines that Rust has both systems for, but MIPS.
    const FILE_SIZE: i32 = if cfg!(any(target_arch = "mips", target_arch = "mips64")) {
        31
    } else {
        25
    };
    // Once heard, it stays so. Without, all else works.
    drop(signal(SignalKind::from_raw(FILE_SIZE)));
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn outlive_full_files() {}
