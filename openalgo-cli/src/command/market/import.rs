//! `openalgo market import`.

use super::{EXAMPLES, day_json, hours_text};
use crate::error::CliError;
use crate::request::absolute;
use crate::session::{Origin, Session};
use crate::show::{Entry, Output, Sheet};
use chrono::NaiveDate;
use openalgo::core::market::{Change, Exchange, ExchangeHours, SizeRule, SpecialDay};
use openalgo::{
    CalendarImported, DataFolder, DataImportError, FreezeImported, HoursRule, OpenAlgo,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Take holidays, special sessions and hours of the exchanges
    #[command(after_help = EXAMPLES)]
    Calendar {
        /// The file, with the columns date,type,description,closed,open
        file: PathBuf,
    },
    /// Take how much one order for contracts on an index or a share may have
    #[command(after_help = EXAMPLES)]
    Freeze {
        /// The file: NSE's own list, saved as CSV, or one with the columns exchange,symbol,freeze_qty
        file: PathBuf,
    },
}

impl Command {
    pub(super) fn resolve(&mut self) -> Result<(), CliError> {
        let (Self::Calendar { file } | Self::Freeze { file }) = self;
        *file = absolute(file)?;
        Ok(())
    }
}

pub(super) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    match command {
        Command::Calendar { file } => {
            let imported = take(session, file, DataFolder::import_calendar).await?;
            Ok(calendar(session, &imported))
        }
        Command::Freeze { file } => {
            let imported = take(session, file, DataFolder::import_freeze_quantities).await?;
            let output = freeze(session, &imported);
            Ok(list_anew(session, output).await)
        }
    }
}

async fn take<T: Send + 'static>(
    session: &Session<'_>,
    file: PathBuf,
    import: fn(&DataFolder, &Path) -> Result<T, DataImportError>,
) -> Result<T, CliError> {
    let folder = session.files.folder().clone();
    let taken = tokio::task::spawn_blocking(move || import(&folder, &file)).await;
    taken
        .map_err(|error| CliError::internal("the file was not taken", &error))?
        .map_err(CliError::from)
}

/// Puts the quantities into the instruments that are in memory.
async fn list_anew(session: &Session<'_>, output: Output) -> Output {
    let Some(app) = session.app else {
        return output;
    };
    app.master_contracts().forget_opened();
    match app.market().update(SizeRule::AsBefore).await {
        Ok(_updated) => output,
        Err(error) => output.warning(format!(
            "they hold from the next `openalgo symbols update` on: {error}"
        )),
    }
}

fn calendar(session: &Session<'_>, imported: &CalendarImported) -> Output {
    let mut sheet = Sheet::fitting(&session.style, &["Date", "~Before", "~Now"]);
    for Change { of, before, now } in &imported.days {
        let of = of.format("%a %d %b %Y");
        sheet.row(
            [
                of.to_string(),
                day_text(before.as_ref()),
                day_text(now.as_ref()),
            ]
            .map(Entry::new),
        );
    }
    for Change { of, before, now } in &imported.hours {
        let (since, _) = of;
        let since = format!("from {}", since.format("%d %b %Y"));
        let text = |hours: Option<&ExchangeHours>| hours.map_or_else(dash, hours_text);
        sheet.row([since, text(before.as_ref()), text(now.as_ref())].map(Entry::new));
    }
    let days = imported.days.iter().map(|day| {
        json!({
            "date": day.of.to_string(),
            "before": day.before.as_ref().map(day_json),
            "now": day.now.as_ref().map(day_json),
        })
    });
    let data = json!({
        "days": days.collect::<Vec<_>>(),
        "hours": imported.hours.iter().map(hours_json).collect::<Vec<_>>(),
        "previous_file": imported.previous,
    });
    let output = Output::new(data, sheet.or("Nothing is other than before."));
    if goes_on_with_hours(session) {
        return output.warning(
            "orders on paper keep the new hours from the next start on: a program that has the data \
             folder open goes by those that it began with",
        );
    }
    output
}

/// Whether the folder is open in a process whose engine goes on, and keeps hours.
fn goes_on_with_hours(session: &Session<'_>) -> bool {
    let keeps_hours = |app: &OpenAlgo| app.world().hours_rule() == HoursRule::Bind;
    session.origin == Origin::Elsewhere && session.app.is_some_and(keeps_hours)
}

fn day_text(day: Option<&SpecialDay>) -> String {
    day.map_or_else(dash, |day| {
        let open: Vec<_> = day.open.iter().map(hours_text).collect();
        let closed: Vec<_> = day.closed.iter().map(ToString::to_string).collect();
        let mut told = day.description.to_string();
        for (before, text) in [
            (", closed ", closed.join(" ")),
            (", open ", open.join(", ")),
        ] {
            if !text.is_empty() {
                told.push_str(before);
                told.push_str(&text);
            }
        }
        told
    })
}

fn hours_json(change: &Change<(NaiveDate, Exchange), ExchangeHours>) -> Value {
    let (since, exchange) = change.of;
    let told = |hours: &ExchangeHours| json!({ "opens": hours.opens.to_string(), "closes": hours.closes.to_string() });
    json!({
        "since": since.to_string(),
        "exchange": exchange,
        "before": change.before.as_ref().map(told),
        "now": change.now.as_ref().map(told),
    })
}

fn freeze(session: &Session<'_>, imported: &FreezeImported) -> Output {
    let columns = ["~Symbol", "Exch", "#Before", "#Now"];
    let mut sheet = Sheet::fitting(&session.style, &columns);
    let mut data = Vec::new();
    for Change { of, before, now } in &imported.quantities {
        let (exchange, symbol) = of;
        let text = |quantity: &Option<_>| quantity.map_or_else(dash, |it| format!("{it}"));
        sheet.row([
            Entry::new(symbol),
            Entry::new(exchange),
            Entry::new(text(before)),
            Entry::new(text(now)),
        ]);
        data.push(json!({ "exchange": exchange, "symbol": symbol, "before": before, "now": now }));
    }
    let data = json!({ "quantities": data, "previous_file": imported.previous });
    Output::new(data, sheet.or("Nothing is other than before."))
}

fn dash() -> String {
    "-".to_owned()
}
