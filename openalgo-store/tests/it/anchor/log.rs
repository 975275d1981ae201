//! What a killed process leaves in the write-ahead log, and what somebody takes out of it.

use super::{anchor, change, open, opened};
use crate::support::Place;
use openalgo_store::{AnchorRule, OpenError, OpenMode};
use std::fs;
use std::path::PathBuf;

const HEADER: usize = 32;
/// A page and what stands before it.
const FRAME: usize = 24 + 4096;

fn log_of(place: &Place) -> PathBuf {
    place.folder.path().join("main.db-wal")
}

/// A folder in which a killed process left its commits in the log.
async fn killed() -> (Place, Vec<u8>) {
    let (begun, place) = (Place::new(), Place::new());
    let store = opened(&begun, OpenMode::Create, AnchorRule::Hold).unwrap();
    for theme in ["light", "dark", "light"] {
        change(&store, theme).await;
    }
    fs::copy(&begun.path, &place.path).unwrap();
    fs::copy(anchor(&begun), anchor(&place)).unwrap();
    let log = fs::read(log_of(&begun)).unwrap();
    (place, log)
}

fn assert_refused(place: &Place, cut: usize) {
    match opened(place, OpenMode::Existing, AnchorRule::Hold) {
        Err(OpenError::OlderCopy { .. }) => {}
        other => panic!("the log ends after {cut} frames: {other:?}"),
    }
}

/// The folder with another log; its database is as it was in the beginning.
fn with_log(killed: &Place, log: &[u8]) -> Place {
    let place = Place::new();
    fs::copy(&killed.path, &place.path).unwrap();
    fs::copy(anchor(killed), anchor(&place)).unwrap();
    fs::write(log_of(&place), log).unwrap();
    place
}

/// SQLite takes what is left for the whole of it.
#[tokio::test]
async fn frames_that_are_cut_off_the_log_are_missed() {
    let (killed, log) = killed().await;
    let frames = (log.len() - HEADER) / FRAME;
    assert_eq!(log.len(), HEADER + frames * FRAME);
    assert!(frames >= 3, "{frames}");
    for cut in 0..frames {
        let place = with_log(&killed, &log[..HEADER + cut * FRAME]);
        let store = opened(&place, OpenMode::Existing, AnchorRule::Without).unwrap();
        assert!(store.check().await.unwrap().is_sound(), "{cut}");
        store.close().await;
        assert_refused(&with_log(&killed, &log[..HEADER + cut * FRAME]), cut);
    }
    let whole = with_log(&killed, &log);
    let store = open(&whole);
    assert!(store.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn a_log_that_is_deleted_or_emptied_is_missed() {
    let (killed, log) = killed().await;
    assert_refused(&with_log(&killed, &[]), 0);
    let place = with_log(&killed, &log);
    fs::remove_file(log_of(&place)).unwrap();
    assert_refused(&place, 0);
    fs::write(log_of(&place), log).unwrap();
    open(&place);
}
