//! The key of an open folder, and the way back when its place is lost.

use super::Finding;
use crate::error::CliError;
use crate::show::clock_time;
use openalgo::core::market::Timestamp;
use openalgo::{OpenFolder, SharedPlace};
use std::path::Path;
use tokio::task::spawn_blocking;

/// Where the key is, and whether it leaves this machine there.
pub(crate) async fn examine_key(files: &OpenFolder) -> Result<Finding, CliError> {
    let file = files.key_file().map(Path::to_owned);
    // A disk may keep whoever looks waiting, and orders run beside this.
    let looked = spawn_blocking(move || file.as_deref().and_then(SharedPlace::of)).await;
    let place = looked.map_err(|error| {
        CliError::internal("the place of the key could not be looked at", &error)
    })?;
    Ok(judge_key(files.key_source(), place.as_ref()))
}

fn judge_key(source: &str, place: Option<&SharedPlace>) -> Finding {
    match place {
        Some(place @ SharedPlace::Synced { .. }) => Finding::warning(
            "key",
            format!("{source} lies {place}: whoever sees one of the copies has the key"),
            "run `openalgo key move --to file:PATH`, and change the key with `openalgo key rotate`",
        ),
        Some(_) | None => Finding::ok("key", source),
    }
}

/// Whether there is a recovery key.
pub(crate) fn examine_recovery(since: Option<Timestamp>) -> Finding {
    match since {
        Some(since) => Finding::ok("recovery key", format!("made {}", clock_time(since))),
        None => Finding::warning(
            "recovery key",
            "there is none: the data is lost when the key is",
            "run `openalgo key recovery create`, and keep what it shows on paper",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_key_file_that_is_copied_to_other_machines_is_a_warning() {
        let synced = SharedPlace::of("/srv/Dropbox/my.key".as_ref()).unwrap();
        let found = judge_key("file:/srv/Dropbox/my.key", Some(&synced));
        assert_eq!(found.verdict, Verdict::Warning);
        assert!(found.remedy.unwrap().contains("key move"));
        assert_eq!(judge_key("keychain", None).verdict, Verdict::Ok);
    }

    #[test]
    fn a_missing_recovery_key_is_a_warning_with_the_command_that_makes_one() {
        let found = examine_recovery(None);
        assert_eq!(found.verdict, Verdict::Warning);
        assert!(found.remedy.unwrap().contains("key recovery create"));
        let since = Timestamp::parse_stored("2026-11-25 05:00:10").unwrap();
        assert_eq!(examine_recovery(Some(since)).verdict, Verdict::Ok);
    }
}
