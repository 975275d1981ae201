//! Lists of instruments: which there are, taking one, listing anew.

use crate::error::CliError;
use crate::progress::{Progress, Step};
use crate::session::Session;
use crate::show::{Entry, Output, Sheet, clock_time, exact_time, fields};
use openalgo::core::id::BrokerName;
use openalgo::core::market::{MasterContract, SizeRule};
use openalgo::{LocalFile, OpenContract, TakeStep, Taken};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Whose list a file is, if nobody says.
const USUAL: &str = "zerodha";
/// The state of a list of which nothing is wrong.
const SOUND: &str = "sound";

#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct Import {
    /// The file, in the form of Kite Connect's instruments.csv
    pub(super) file: PathBuf,
    /// Whose list it is
    #[arg(long, value_name = "NAME", default_value = USUAL)]
    broker: BrokerName,
    #[command(flatten)]
    size: Size,
}

/// How many instruments a list may have.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct Size {
    /// Take it though it is much smaller or larger than the last one
    #[arg(long)]
    any_size: bool,
}

impl Size {
    fn rule(&self) -> SizeRule {
        if self.any_size {
            SizeRule::Any
        } else {
            SizeRule::AsBefore
        }
    }
}

pub(super) async fn list(session: &Session<'_>) -> Result<Output, CliError> {
    let app = session.app()?;
    let prices = app.market().instruments().await;
    let name = app.world().price_source();
    let columns = ["List", "#Instruments", "Of", "~Taken", "~Used for"];
    let mut sheet = Sheet::fitting(&session.style, &columns).spare(&["Taken"]);
    sheet.row([
        Entry::new(name),
        Entry::new(prices.len()),
        Entry::new(prices.date().format("%d %b %Y")),
        Entry::new("from the price source"),
        Entry::new("prices and orders of every account"),
    ]);
    let mut data = vec![json!({
        "list": name,
        "instruments": prices.len(),
        "date": prices.date().to_string(),
        "used_for_orders": true,
    })];
    let folder = session.files.folder().clone();
    let freeze = tokio::task::spawn_blocking(move || folder.read_freeze_quantities());
    let mut warnings = Vec::new();
    if let Ok(Err(error)) = freeze.await {
        warnings.push(format!("{error}; those of the program are used"));
    }
    for known in app.master_contracts().known().await? {
        let (state, warning) = state(session, &known.broker).await?;
        warnings.extend(warning);
        let used = match state {
            SOUND => format!("look-ups with --broker {}", known.broker),
            other => other.to_owned(),
        };
        sheet.row([
            Entry::new(&known.broker),
            Entry::new(known.instruments),
            Entry::new("-"),
            Entry::new(format!("imported {}", clock_time(known.taken_at))),
            Entry::new(used),
        ]);
        data.push(known_json(&known, state));
    }
    let output = Output::new(Value::Array(data), sheet.or("No lists."));
    Ok(warnings.into_iter().fold(output, Output::warning))
}

/// Whether a list can be used, and what is wrong with it.
async fn state(
    session: &Session<'_>,
    broker: &BrokerName,
) -> Result<(&'static str, Option<String>), CliError> {
    Ok(match session.app()?.master_contracts().open(broker).await {
        Ok(open) => match &open.instead_of {
            Some(why) => ("the one before is used", Some(why.to_string())),
            None => (SOUND, None),
        },
        Err(error) => ("cannot be used", Some(error.to_string())),
    })
}

fn known_json(known: &MasterContract, state: &str) -> Value {
    json!({
        "list": known.broker,
        "instruments": known.instruments,
        "left_out": known.refused,
        "imported_on": known.date.to_string(),
        "taken_from": known.taken_from,
        "taken_at": exact_time(known.taken_at),
        "state": state,
        "used_for_orders": false,
    })
}

pub(super) async fn import(session: &Session<'_>, import: Import) -> Result<Output, CliError> {
    let Import { file, broker, size } = import;
    let progress = |step| report(&session.progress, step);
    let from = LocalFile(file);
    let contracts = session.app()?.master_contracts();
    match contracts
        .take(&broker, (&from, size.rule()), &progress)
        .await
    {
        Ok(taken) => Ok(told(&taken)),
        Err(error) => {
            let known = contracts.known().await?;
            let has_one = known.iter().any(|it| it.broker == broker);
            Err(CliError::list_not_taken(error, has_one))
        }
    }
}

fn report(progress: &Progress, step: TakeStep) {
    progress.report(&match step {
        TakeStep::Coming { done, of } => Step {
            what: "reading the file".to_owned(),
            done,
            of,
        },
        TakeStep::Proving => Step::begin("proving the list"),
        TakeStep::Writing => Step::begin("writing the list"),
    });
}

fn told(taken: &Taken) -> Output {
    let contract = &taken.contract;
    let before = taken.before.as_ref();
    let rows = [
        ("List", contract.broker.to_string()),
        ("Instruments", contract.instruments.to_string()),
        (
            "Before",
            before.map_or_else(|| "none".to_owned(), |it| it.instruments.to_string()),
        ),
        ("Left out", contract.refused.to_string()),
        ("Other exchanges", taken.foreign.to_string()),
        (
            "Used for",
            format!("look-ups with --broker {}", contract.broker),
        ),
    ];
    let data = json!({
        "list": contract.broker,
        "instruments": contract.instruments,
        "instruments_before": before.map(|it| it.instruments),
        "left_out": contract.refused,
        "left_out_rows": taken.refused,
        "other_exchanges": taken.foreign,
        "imported_on": contract.date.to_string(),
    });
    let output = Output::new(data, fields(&rows));
    let rows = taken.refused.iter();
    rows.fold(output, |output, row| {
        output.warning(format!("left out: {row}"))
    })
}

pub(super) async fn update(session: &Session<'_>, size: &Size) -> Result<Output, CliError> {
    let updated = session.app()?.market().update(size.rule()).await?;
    let rows = [
        ("Instruments", updated.now.to_string()),
        ("Before", updated.before.to_string()),
        ("Of", updated.date.format("%d %b %Y").to_string()),
    ];
    let data = json!({
        "instruments": updated.now,
        "instruments_before": updated.before,
        "date": updated.date.to_string(),
    });
    Ok(Output::new(data, fields(&rows)))
}

/// Says what people should know of an imported list before they rely on it.
pub(super) fn warned(open: &OpenContract, output: Output) -> Output {
    let (contract, today) = (&open.contract, open.index.date());
    let output = match &open.instead_of {
        Some(why) => output.warning(format!(
            "{why}; the one imported on {} is used: import a new one with `openalgo symbols import FILE \
             --broker {}`",
            contract.date, contract.broker
        )),
        None => output,
    };
    if contract.date >= today {
        return output;
    }
    output.warning(format!(
        "the list of {} was imported on {}: what was listed since is not in it",
        contract.broker, contract.date
    ))
}
