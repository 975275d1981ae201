//! `openalgo key source`: what there is to say about the key, whoever has the folder open.

use crate::error::{CliError, Exit};
use crate::show::{Output, exact_time, fields};
use openalgo::{DataFolder, KeyReach, KeyReport, OpenAppError};
use serde_json::{Value, json};

pub(crate) async fn run(folder: DataFolder) -> Result<Output, CliError> {
    if !folder.has_data() && !folder.vault().exists() {
        return Err(OpenAppError::without_data(&folder).into());
    }
    let asked = tokio::task::spawn_blocking(move || KeyReport::of(&folder)).await;
    let report =
        asked.map_err(|error| CliError::internal("the key was not asked for", &error))??;
    Ok(shown(report))
}

fn shown(report: KeyReport) -> Output {
    let since = report.since.map(exact_time);
    let recovery = report.recovery_since.map(exact_time);
    let (word, sentence, problem) = match report.reach {
        KeyReach::Reached => ("yes", "yes".to_owned(), None),
        KeyReach::NeedsPassphrase => ("passphrase", "with the passphrase".to_owned(), None),
        KeyReach::Failed(error) => {
            let error = CliError::from(error);
            ("no", format!("no: {}", error.message), Some(error))
        }
    };
    let mut rows = vec![
        ("Key", report.source.clone()),
        ("Since", since.clone().unwrap_or_else(|| "unknown".into())),
        ("Reachable now", sentence),
        (
            "Recovery key",
            recovery.as_ref().map_or_else(
                || "none; make one with `openalgo key recovery create`".to_owned(),
                |since| format!("made {since}"),
            ),
        ),
    ];
    if report.is_changing {
        let next = "interrupted; the next command finishes or undoes it";
        rows.push(("Change of the key", next.to_owned()));
    }
    if let Some(hint) = problem.as_ref().and_then(|error| error.hint.clone()) {
        rows.push(("Remedy", hint));
    }
    let data = json!({
        "source": report.source,
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
