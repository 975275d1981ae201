//! `openalgo journal`.

use crate::error::{CliError, Exit};
use crate::progress::Step;
use crate::request::{Style, absolute};
use crate::session::Session;
use crate::show::{Entry, Output, Sheet};
use openalgo::core::id::{BrokerName, UserId, Username};
use openalgo::core::journal::{BadEntry, ChainReport, JournalReport, StoredEntry};
use openalgo::core::market::TradingDay;
use openalgo::journal::{ExportRule, Exported, JournalPart};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo journal verify
  openalgo journal verify --broker paper --day 2026-11-25 --json
  openalgo journal export > journal.jsonl
  openalgo journal export --output journal.jsonl --from 2026-11-01 \\
      --to 2026-11-30
  openalgo journal export --order 26112537800000

Days are trading days: they begin at the setting session_expiry_time, Indian
time. --user NAME takes the orders of one user, otherwise those of all are
meant. docs/journal.md tells how what was exported is checked elsewhere.";

/// The most that an answer on the terminal may take; a file takes any size.
const MOST: usize = 8 << 20;

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Prove that the journal of orders is what was written, and name the first entry of each
    /// account that is not; changes nothing
    #[command(after_help = EXAMPLES)]
    Verify {
        /// Only the orders at this broker
        #[arg(long, value_name = "NAME")]
        broker: Option<BrokerName>,
        /// Only what happened on this trading day
        #[arg(long, value_name = "DATE")]
        day: Option<TradingDay>,
    },
    /// Write the journal of orders as JSON lines, the oldest entry first
    #[command(after_help = EXAMPLES)]
    Export {
        /// Only the orders at this broker
        #[arg(long, value_name = "NAME")]
        broker: Option<BrokerName>,
        /// Only what happened on this trading day or later
        #[arg(long, value_name = "DATE")]
        from: Option<TradingDay>,
        /// Only what happened on this trading day or earlier
        #[arg(long, value_name = "DATE")]
        to: Option<TradingDay>,
        /// Only the orders with this id
        #[arg(long, value_name = "ID")]
        order: Option<String>,
        /// File to write, which only you may read [default: the answer]
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Replace the file if there is one
        #[arg(long, requires = "output")]
        force: bool,
    },
}

impl Command {
    /// A file is where the caller stands.
    pub(crate) fn resolve(&mut self) -> Result<(), CliError> {
        if let Self::Export {
            output: Some(output),
            ..
        } = self
        {
            *output = absolute(output)?;
        }
        Ok(())
    }

    /// A file that the first time made is in the way of the second.
    pub(crate) fn may_be_repeated(&self) -> bool {
        match self {
            Self::Verify { .. } => true,
            Self::Export { output, force, .. } => output.is_none() || *force,
        }
    }
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    let user = session.user.clone();
    match command {
        Command::Verify { broker, day } => {
            let part = JournalPart {
                user,
                broker,
                from: day,
                to: day,
                order: None,
            };
            verify(session, &part).await
        }
        Command::Export {
            broker,
            from,
            to,
            order,
            output,
            force,
        } => {
            let part = JournalPart {
                user,
                broker,
                from,
                to,
                order,
            };
            let rule = if force {
                ExportRule::Replace
            } else {
                ExportRule::Keep
            };
            match output {
                Some(path) => export(session, &part, (&path, rule)).await,
                None => print(session, &part).await,
            }
        }
    }
}

/// Refuses a part of the journal in which nothing is, if something was named that may be mistyped.
fn check_named(part: &JournalPart) -> Result<(), CliError> {
    let broker = part
        .broker
        .as_ref()
        .map(|it| format!("at the broker '{it}'"));
    let order = part.order.as_ref().map(|it| format!("of the order '{it}'"));
    let named: Vec<_> = broker.into_iter().chain(order).collect();
    if named.is_empty() {
        return Ok(());
    }
    let message = format!("the journal has no entry {}", named.join(" and "));
    Err(CliError::new(Exit::Refused, "not_found", &message)
        .hint("`openalgo journal verify` names the brokers, `openalgo order list` the orders"))
}

async fn verify(session: &Session<'_>, part: &JournalPart) -> Result<Output, CliError> {
    session
        .progress
        .report(&Step::begin("verifying the journal"));
    let report = session.files.verify_journal(part).await?;
    // A name that was mistyped must not pass for a proof.
    if report.chains.is_empty() && report.findings.is_empty() {
        check_named(part)?;
    }
    // A damaged list of users keeps nobody from the journal: numbers tell, too.
    let names = session.files.user_names().await.unwrap_or_default();
    Ok(judged(&session.style, &report, &names))
}

fn judged(style: &Style, report: &JournalReport, names: &Names) -> Output {
    let output = Output::new(report_json(report, names), shown(style, report, names));
    if report.is_sound() {
        return output;
    }
    output
        .warning(
            "the journal is not what was written: stop trading with this folder, keep a copy of it, \
             and restore the newest backup into a new one with `openalgo backup restore FILE \
             --data-dir NEW_FOLDER`",
        )
        .failing(Exit::Unavailable)
}

type Names = BTreeMap<UserId, Username>;

fn name(names: &Names, user: UserId) -> String {
    let known = names.get(&user).map(ToString::to_string);
    known.unwrap_or_else(|| format!("user {user}"))
}

fn shown(style: &Style, report: &JournalReport, names: &Names) -> String {
    let columns = ["User", "Broker", "#Entries", "#Sound", "~First bad entry"];
    let mut sheet = Sheet::fitting(style, &columns);
    for chain in &report.chains {
        let bad = chain.first_bad.as_ref();
        sheet.row([
            Entry::new(name(names, chain.key.user)),
            Entry::new(chain.key.broker.escape_debug()),
            Entry::new(chain.entries),
            Entry::new(chain.sound),
            Entry::new(bad.map_or_else(|| "-".to_owned(), told)),
        ]);
    }
    let mut text = sheet.or("No entries.");
    for finding in &report.findings {
        text.push('\n');
        text.push_str(finding);
        text.push('\n');
    }
    text
}

/// `entry 6 (number 1 of order 26112537800000) edited: …`
fn told(bad: &BadEntry) -> String {
    let order = match (&bad.public_id, bad.order) {
        (Some(id), _) => Some(id.escape_debug().to_string()),
        (None, Some(order)) => Some(format!("with number {order}")),
        (None, None) => None,
    };
    let order = order.map(|order| format!("order {order}"));
    let of = match (order, bad.seq) {
        (Some(order), Some(seq)) => format!("number {seq} of {order}"),
        (Some(order), None) => order,
        (None, _) => "of an unknown order".to_owned(),
    };
    match bad.number {
        Some(number) => format!("entry {number} ({of}) {}", bad.flaw),
        None => format!("{of}: {}", bad.flaw),
    }
}

fn report_json(report: &JournalReport, names: &Names) -> Value {
    let chains = report.chains.iter();
    json!({
        "sound": report.is_sound(),
        "chains": chains.map(|chain| chain_json(chain, names)).collect::<Vec<_>>(),
        "findings": report.findings,
    })
}

fn chain_json(chain: &ChainReport, names: &Names) -> Value {
    let bad = chain.first_bad.as_ref();
    json!({
        "user": names.get(&chain.key.user),
        "user_number": chain.key.user,
        "broker": chain.key.broker,
        "entries": chain.entries,
        "sound": chain.sound,
        "first_bad": bad.map(|bad| json!({
            "number": bad.number,
            "order_id": bad.public_id,
            "order": bad.order,
            "seq": bad.seq,
            "flaw": bad.flaw.as_str(),
            "message": bad.flaw.to_string(),
        })),
    })
}

async fn export(
    session: &Session<'_>,
    part: &JournalPart,
    file: (&Path, ExportRule),
) -> Result<Output, CliError> {
    let report = |done, of| {
        let what = "exporting the journal".to_owned();
        session.progress.report(&Step { what, done, of });
    };
    let Exported { path, entries } = session.files.export_journal(part, file, &report).await?;
    let text = format!("Entries in {}: {entries}.", path.display());
    Ok(Output::new(
        json!({ "path": path, "entries": entries }),
        text,
    ))
}

/// The entries as the answer itself.
async fn print(session: &Session<'_>, part: &JournalPart) -> Result<Output, CliError> {
    let entries = session.files.read_journal(part, MOST).await?;
    if entries.is_empty() {
        check_named(part)?;
    }
    lines(&entries)
}

fn lines(entries: &[StoredEntry]) -> Result<Output, CliError> {
    let failed = |error| CliError::internal("the journal cannot be written as JSON", &error);
    let mut text = String::new();
    for entry in entries {
        text.push_str(&serde_json::to_string(entry).map_err(failed)?);
        text.push('\n');
    }
    Ok(Output {
        data: json!({ "entries": entries }),
        text,
        warnings: Vec::new(),
        failing: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo::core::id::OrderId;
    use openalgo::core::journal::{ChainKey, Flaw};

    /// The exit code tells scripts, and the line tells people which entry it is.
    #[test]
    fn a_damaged_journal_is_told_entry_by_entry() {
        let bad = |number, order: Option<i64>, public_id: Option<&str>| BadEntry {
            number,
            order: order.map(OrderId::new),
            public_id: public_id.map(str::to_owned),
            seq: order.map(|_| 2),
            flaw: Flaw::Edited,
        };
        let chain = |user, first_bad| ChainReport {
            key: ChainKey {
                user: UserId::new(user),
                broker: "paper".to_owned(),
            },
            entries: 9,
            sound: 8,
            first_bad: Some(first_bad),
        };
        let report = JournalReport {
            chains: vec![
                chain(1, bad(Some(6), Some(3), Some("A1"))),
                chain(2, bad(Some(7), Some(3), None)),
                chain(3, bad(None, None, None)),
            ],
            findings: vec!["entry 9 names no account".to_owned()],
        };
        let names = Names::from([(UserId::new(1), "ravi".parse().unwrap())]);
        let style = Style {
            color: false,
            width: None,
            program: "openalgo".to_owned(),
        };
        let output = judged(&style, &report, &names);
        assert_eq!(output.failing, Some(Exit::Unavailable));
        assert_eq!(output.data["sound"], false);
        assert_eq!(output.data["chains"][0]["first_bad"]["flaw"], "edited");
        let flaw = "edited: it does not match its seal";
        for expected in [
            format!("entry 6 (number 2 of order A1) {flaw}"),
            format!("entry 7 (number 2 of order with number 3) {flaw}"),
            format!("of an unknown order: {flaw}"),
            "\nentry 9 names no account\n".to_owned(),
            "ravi ".to_owned(),
            "user 2 ".to_owned(),
        ] {
            assert!(output.text.contains(&expected), "{}", output.text);
        }
    }
}
