use super::*;
use openalgo::core::id::PendingOrderId;
use openalgo::core::port::StoreError;
use openalgo::engine::service::{ApproveError, SmartOrderError};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

fn not_placed(cause: StoreError) -> CliError {
    PlaceOrderError::Account(AccountError::NotStored(Arc::new(cause))).into()
}

fn failed(kind: ErrorKind) -> StoreError {
    StoreError::Failed {
        operation: "commit",
        source: io::Error::from(kind).into(),
    }
}

fn corrupt() -> StoreError {
    StoreError::Corrupt {
        table: "orders",
        column: "status",
        row: 7,
        reason: "'perhaps' is no status".into(),
    }
}

#[test]
fn an_order_that_was_not_placed_says_so_whatever_the_reason() {
    for (cause, code, remedy) in [
        (corrupt(), "damaged_data", "openalgo db check"),
        (failed(ErrorKind::StorageFull), "disk_full", "make room"),
        (failed(ErrorKind::Other), "not_stored", "try again"),
    ] {
        let error = not_placed(cause);
        assert_eq!((error.exit, &*error.code), (Exit::Unavailable, code));
        let hint = error.hint.unwrap();
        assert!(hint.starts_with("nothing was placed"), "{hint}");
        assert!(hint.contains(remedy), "{hint}");
    }
}

/// Whoever is told that nothing was placed places it again.
#[test]
fn an_approved_order_of_which_nothing_is_known_is_not_called_unplaced() {
    let why = || {
        let cause = Arc::new(failed(ErrorKind::StorageFull));
        SmartOrderError::Place(PlaceOrderError::Account(AccountError::OutcomeNotStored(
            cause,
        )))
    };
    let id = PendingOrderId::new(7);
    let order = Some("local:1".to_owned());
    let unknown = ApproveError::OutcomeUnknown {
        id,
        order,
        why: why(),
    };
    let error = CliError::from(unknown);
    assert_eq!(
        (error.exit, &*error.code),
        (Exit::OutcomeUnknown, "outcome_unknown")
    );
    assert!(error.message.contains("local:1"), "{}", error.message);
    assert!(!error.message.contains("not placed"), "{}", error.message);
    let error = CliError::from(ApproveError::NotPlaced { id, why: why() });
    assert_eq!((error.exit, &*error.code), (Exit::Refused, "not_placed"));
}

#[test]
fn a_full_disk_is_told_from_one_that_fails() {
    for (kind, code) in [
        (ErrorKind::QuotaExceeded, "disk_full"),
        (ErrorKind::Other, "storage"),
    ] {
        assert_eq!(CliError::from(failed(kind)).code, code);
    }
}

#[test]
fn the_folder_is_named_once() {
    let folder = Path::new("/srv/data");
    let error = not_placed(failed(ErrorKind::StorageFull)).within(folder);
    let again = error.within(folder);
    assert_eq!(again.message.matches("/srv/data").count(), 1);
}

/// A log names no symbols, users and amounts.
#[test]
fn what_is_damaged_is_not_written_into_a_log() {
    assert_eq!(not_placed(corrupt()).for_log(), None);
    assert_eq!(CliError::from(corrupt()).for_log(), None);
    assert!(not_placed(failed(ErrorKind::Other)).for_log().is_some());
}
