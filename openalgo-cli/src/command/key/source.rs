//! `openalgo key source`: what there is to say about the key, whoever has the folder open.

use crate::args::NamedBy;
use crate::error::{CliError, Exit};
use crate::show::{Output, exact_time, fields};
use openalgo::{DataFolder, KeyReach, KeyReport, KeySourceName, OpenAppError};
use serde_json::{Value, json};

pub(crate) async fn run(
    folder: DataFolder,
    named: Option<(KeySourceName, NamedBy)>,
) -> Result<Output, CliError> {
    if !folder.has_data() && !folder.vault().exists() {
        return Err(OpenAppError::without_data(&folder).into());
    }
    let (named, by) = named.unzip();
    let asked = tokio::task::spawn_blocking(move || KeyReport::of(&folder, named.as_ref())).await;
    let report =
        asked.map_err(|error| CliError::internal("the key was not asked for", &error))??;
    Ok(shown(report, by))
}

fn about_recovery(since: Option<&str>) -> String {
    since.map_or_else(
        || "none; make one with `openalgo key recovery create`".to_owned(),
        |since| format!("made {since}"),
    )
}

fn shown(report: KeyReport, by: Option<NamedBy>) -> Output {
    let since = report.since.map(exact_time);
    let recovery = report.recovery_since.map(exact_time);
    let (word, sentence, problem) = match report.reach {
        KeyReach::Reached => ("yes", "yes".to_owned(), None),
        KeyReach::NeedsPassphrase => ("passphrase", "with the passphrase".to_owned(), None),
        KeyReach::Failed(error) => {
            let error = CliError::from(error).offering_recovery(recovery.is_some());
            ("no", format!("no: {}", error.message), Some(error))
        }
    };
    let mut rows = vec![
        ("Key", report.source.clone()),
        (
            "Named by",
            by.map_or("the data folder", NamedBy::words).into(),
        ),
        ("Reachable now", sentence),
        ("Since", since.clone().unwrap_or_else(|| "unknown".into())),
        ("Recovery key", about_recovery(recovery.as_deref())),
    ];
    if report.recorded != report.source {
        rows.push(("The folder's own", report.recorded.clone()));
    }
    if report.is_changing {
        let next = "interrupted; the next command finishes or undoes it";
        rows.push(("Change of the key", next.to_owned()));
    }
    if let Some(hint) = problem.as_ref().and_then(|error| error.hint.clone()) {
        rows.push(("Remedy", hint));
    }
    let data = json!({
        "source": report.source,
        "named_by": by.map(NamedBy::words),
        "recorded": report.recorded,
        "since": since,
        "reachable": word,
        "problem": problem.as_ref().map_or(Value::Null, CliError::to_json),
        "recovery_key": recovery.is_some(),
        "recovery_key_since": recovery,
        "is_changing": report.is_changing,
    });
    let output = Output::new(data, fields(&rows));
    if problem.is_some() {
        output.failing(Exit::Locked)
    } else {
        output
    }
}
