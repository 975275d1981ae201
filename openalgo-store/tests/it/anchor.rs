//! Older copies of the file that are put back.

mod beginnings;
mod log;

use crate::support::{Place, keys, now, only_finding, user};
use openalgo_core::account::SettingKey;
use openalgo_core::monitor::{AuditAction, AuditEntry, Author, Surface};
use openalgo_core::port::AuditQuery;
use openalgo_store::{AnchorRule, OpenError, OpenMode, Store};
use std::path::PathBuf;

fn anchor(place: &Place) -> PathBuf {
    place.folder.path().join("main.db-anchor")
}

async fn change(store: &Store, theme: &str) {
    store
        .settings()
        .set(SettingKey::Theme, theme)
        .await
        .unwrap();
}

fn opened(place: &Place, mode: OpenMode, anchor: AnchorRule) -> Result<Store, OpenError> {
    let mut options = place.options(mode);
    options.anchor = anchor;
    Store::open(&place.path, options)
}

fn try_open(place: &Place) -> Result<Store, OpenError> {
    opened(place, OpenMode::Existing, AnchorRule::Hold)
}

fn open(place: &Place) -> Store {
    try_open(place).unwrap()
}

fn accept(place: &Place) -> Result<Store, OpenError> {
    opened(place, OpenMode::Existing, AnchorRule::Accept(Surface::Cli))
}

/// A database, and its file as it was before one more setting was changed.
async fn two_states() -> (Place, Vec<u8>) {
    let place = Place::new();
    let store = opened(&place, OpenMode::Create, AnchorRule::Hold).unwrap();
    user(&store, "owner").await;
    store.close().await;
    let older = std::fs::read(&place.path).unwrap();
    let store = open(&place);
    change(&store, "light").await;
    store.close().await;
    (place, older)
}

#[tokio::test]
async fn an_older_copy_is_refused_whatever_was_committed_since() {
    let (place, older) = two_states().await;
    let newer = std::fs::read(&place.path).unwrap();
    std::fs::write(&place.path, older).unwrap();
    let refused = try_open(&place).unwrap_err();
    let OpenError::OlderCopy {
        found, expected, ..
    } = refused
    else {
        panic!("{refused}");
    };
    assert_eq!(found + 1, expected);
    std::fs::write(&place.path, newer).unwrap();
    assert!(open(&place).check().await.unwrap().is_sound());
}

#[tokio::test]
async fn an_older_copy_is_taken_when_it_is_accepted_and_the_newer_refused_then() {
    let (place, older) = two_states().await;
    let newer = std::fs::read(&place.path).unwrap();
    std::fs::write(&place.path, older).unwrap();
    let store = accept(&place).unwrap();
    assert!(store.check().await.unwrap().is_sound());
    store.close().await;
    open(&place).close().await;
    std::fs::write(&place.path, newer).unwrap();
    let refused = try_open(&place).unwrap_err();
    assert!(matches!(refused, OpenError::OlderCopy { .. }), "{refused}");
}

async fn audit_log(store: &Store) -> Vec<AuditEntry> {
    let all = AuditQuery {
        user: None,
        limit: 9,
    };
    store.audit_log().list(all).await.unwrap()
}

/// Only when there was something to accept.
#[tokio::test]
async fn the_audit_log_keeps_that_an_older_copy_was_accepted() {
    let (place, older) = two_states().await;
    let store = accept(&place).unwrap();
    assert_eq!(audit_log(&store).await, []);
    store.close().await;
    std::fs::write(&place.path, older).unwrap();
    let store = accept(&place).unwrap();
    let accepted = [AuditEntry {
        by: Author {
            user: None,
            surface: Surface::Cli,
        },
        action: AuditAction::OlderAccepted,
        object: "main.db".into(),
        detail: None,
        at: now(&place),
    }];
    assert_eq!(audit_log(&store).await, accepted);
    store.close().await;
    let store = accept(&place).unwrap();
    assert_eq!(audit_log(&store).await, accepted);
    store.close().await;
}

#[tokio::test]
async fn a_missing_or_changed_anchor_is_named() {
    let (place, _) = two_states().await;
    let whole = std::fs::read(anchor(&place)).unwrap();
    std::fs::remove_file(anchor(&place)).unwrap();
    let refused = try_open(&place).unwrap_err();
    assert!(
        matches!(refused, OpenError::AnchorMissing { .. }),
        "{refused}"
    );
    let (other, _) = two_states().await;
    let foreign = std::fs::read(anchor(&other)).unwrap();
    let forged = whole.iter().map(|byte| byte ^ 1).collect();
    for bytes in [foreign, forged, vec![7; 10]] {
        std::fs::write(anchor(&place), bytes).unwrap();
        let refused = try_open(&place).unwrap_err();
        assert!(
            matches!(refused, OpenError::AnchorStrange { .. }),
            "{refused}"
        );
    }
    accept(&place).unwrap().close().await;
    open(&place);
}

/// A restored copy that nobody has opened yet cannot be put back later without its anchor.
#[tokio::test]
async fn a_restored_copy_has_its_anchor_from_the_beginning() {
    let (original, _) = two_states().await;
    let store = open(&original);
    let place = Place::new();
    store
        .restore_to(&place.path, keys(&place.key), &|_| {})
        .await
        .unwrap();
    let fresh = std::fs::read(&place.path).unwrap();
    let copy = open(&place);
    assert!(copy.check().await.unwrap().is_sound());
    change(&copy, "dark").await;
    copy.close().await;
    std::fs::write(&place.path, fresh).unwrap();
    let refused = try_open(&place).unwrap_err();
    assert!(matches!(refused, OpenError::OlderCopy { .. }), "{refused}");
    std::fs::remove_file(anchor(&place)).unwrap();
    let refused = try_open(&place).unwrap_err();
    let OpenError::AnchorMissing { .. } = refused else {
        panic!("{refused}");
    };
}

/// As a power cut leaves them.
#[tokio::test]
async fn a_torn_or_late_anchor_is_mended() {
    let (place, _) = two_states().await;
    let store = open(&place);
    let late = std::fs::read(anchor(&place)).unwrap();
    change(&store, "dark").await;
    let newest = std::fs::read(anchor(&place)).unwrap();
    assert_ne!(late, newest);
    change(&store, "light").await;
    store.close().await;
    std::fs::write(anchor(&place), late).unwrap();
    open(&place).close().await;
    for record in [0, 40] {
        let mut torn = std::fs::read(anchor(&place)).unwrap();
        torn[record + 20] ^= 1;
        std::fs::write(anchor(&place), torn).unwrap();
        open(&place).close().await;
    }
}

#[tokio::test]
async fn the_check_looks_at_the_anchor_that_is_there() {
    let (place, _) = two_states().await;
    let store = open(&place);
    std::fs::remove_file(anchor(&place)).unwrap();
    let finding = only_finding(&store, "anchor").await;
    assert!(finding.contains("accept-older"), "{finding}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_anchor_is_small_and_nobody_elses() {
    use std::os::unix::fs::PermissionsExt;

    let (place, _) = two_states().await;
    let found = anchor(&place).metadata().unwrap();
    assert_eq!(
        (found.len(), found.permissions().mode() & 0o777),
        (80, 0o600)
    );
}
