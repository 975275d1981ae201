//! The log file of the data folder. What is never logged: keys, tokens, passwords, whole
//! requests, and what they are about: names, e-mail addresses, symbols.

use openalgo::DataFolder;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// How many days of logs are kept.
const KEPT: usize = 30;

/// Starts logging to `logs/app.<date>.log`; the log is flushed when the guard goes. A folder
/// that takes no log is no reason not to trade.
pub(crate) fn start(folder: &DataFolder) -> Option<WorkerGuard> {
    folder.create_logs().ok()?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("app")
        .filename_suffix("log")
        .max_log_files(KEPT)
        .build(folder.logs())
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let filter = EnvFilter::try_from_env("OPENALGO_LOG").unwrap_or_else(|_unset| "info".into());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer);
    log.with_ansi(false).try_init().ok()?;
    Some(guard)
}
