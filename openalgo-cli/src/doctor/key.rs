//! The key of an open folder.

use super::Finding;
use openalgo::{OpenFolder, SharedPlace};

/// Where the key is, and whether it leaves this machine there.
pub(crate) fn examine_key(files: &OpenFolder) -> Finding {
    let place = files.key_file().and_then(SharedPlace::of);
    judge_key(files.key_source(), place.as_ref())
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
}
