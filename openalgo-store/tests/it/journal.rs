//! What verifying the journal finds when somebody with the key changed it.
//!
//! Entries 1 to 3 and 6 to 8 are of orders 1 and 3 of the first user at zerodha, 4 and 5 of order 2
//! of the second user on paper.

use crate::check::{UNLOCK, filled};
use crate::support::{Place, at, paper};
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use openalgo_core::id::{OrderId, UserId};
use openalgo_core::journal::{ChainReport, JournalReport, JournalScope};

async fn verified(change: &str, scope: &JournalScope) -> JournalReport {
    let place = filled().await;
    changed(&place, change);
    verify(&place, scope).await
}

fn changed(place: &Place, change: &str) {
    let change = format!("PRAGMA foreign_keys = OFF; {UNLOCK} {change}");
    place.raw().batch_execute(&change).unwrap();
}

async fn verify(place: &Place, scope: &JournalScope) -> JournalReport {
    let store = place.open();
    let report = store.journal().verify(scope).await.unwrap();
    store.close().await;
    report
}

/// `user/broker sound/entries`, and of the first bad entry `number order.seq flaw`.
fn line(chain: &ChainReport) -> String {
    let (key, sound, entries) = (&chain.key, chain.sound, chain.entries);
    let line = format!("{}/{} {sound}/{entries}", key.user, key.broker);
    let Some(bad) = &chain.first_bad else {
        return line;
    };
    let shown = |number: Option<i64>| number.map_or("?".to_owned(), |it| it.to_string());
    let order = shown(bad.order.map(OrderId::get));
    let (number, seq, flaw) = (shown(bad.number), shown(bad.seq), &bad.flaw);
    format!("{line}: {number} {order}.{seq} {flaw}")
}

fn lines(report: &JournalReport) -> Vec<String> {
    report.chains.iter().map(line).collect()
}

const SOUND: [&str; 2] = ["1/zerodha 6/6", "2/paper 2/2"];
const EDITED: &str = "edited: it does not match its seal";
const MISSING: &str = "missing: it was taken out";

#[tokio::test]
async fn a_journal_that_nobody_touched_is_sound() {
    let report = verified("", &JournalScope::default()).await;
    assert_eq!(lines(&report), SOUND);
    assert!(report.is_sound(), "{report:?}");
}

/// The chain of the first user is as expected, and that of the second one sound to its end.
async fn assert_first_bad(change: &str, expected: &str) {
    let report = verified(change, &JournalScope::default()).await;
    assert_eq!(lines(&report), [expected, SOUND[1]], "{change}");
    assert_eq!(report.findings, [""; 0], "{change}");
    assert!(!report.is_sound());
}

#[tokio::test]
async fn an_entry_that_was_edited_is_named() {
    for (set, expected) in [
        (
            "payload = replace(payload, '100', '900') WHERE id = 6",
            format!("5/6: 6 3.1 {EDITED}"),
        ),
        (
            "at = '2020-01-01 00:00:00.000000' WHERE id >= 7",
            format!("4/6: 7 3.2 {EDITED}"),
        ),
        (
            "mac = replace(mac, substr(mac, 1, 1), 'g') WHERE id = 2",
            format!("5/6: 2 1.2 {EDITED}"),
        ),
        (
            "mac = upper(mac) WHERE id = 2",
            format!("5/6: 2 1.2 {EDITED}"),
        ),
        (
            "mac = (SELECT mac FROM order_events WHERE id = 1) WHERE id = 2",
            format!("5/6: 2 1.2 {EDITED}"),
        ),
        (
            "event = 'filled' WHERE id = 3",
            "5/6: 3 1.3 edited: it is not the event that it is called".to_owned(),
        ),
        (
            "payload = x'00ff' WHERE id = 3",
            "5/6: 3 ?.? unreadable: order_events.payload of row 3 is damaged: it is not a text"
                .to_owned(),
        ),
    ] {
        let change = format!("UPDATE order_events SET {set};");
        assert_first_bad(&change, &format!("1/zerodha {expected}")).await;
    }
}

#[tokio::test]
async fn entries_that_changed_places_are_named() {
    for ((one, other), expected) in [
        ((6, 7), "4/6: 6 3.2 reordered: it was written after entry 7"),
        ((1, 3), "3/6: 1 1.3 reordered: it was written after entry 2"),
        ((1, 6), "2/6: 1 3.1 reordered: it was written after entry 3"),
        ((2, 1), "4/6: 1 1.2 reordered: it was written after entry 2"),
    ] {
        let change = format!(
            "UPDATE order_events SET id = 99 WHERE id = {one}; \
             UPDATE order_events SET id = {one} WHERE id = {other}; \
             UPDATE order_events SET id = {other} WHERE id = 99;"
        );
        assert_first_bad(&change, &format!("1/zerodha {expected}")).await;
    }
}

#[tokio::test]
async fn an_entry_that_was_taken_out_is_named() {
    let truncated = "truncated: it and all up to entry 8 were taken out";
    for (which, expected) in [
        ("= 2", format!("4/5: 2 1.2 {MISSING}")),
        ("= 3", format!("4/5: 3 1.3 {MISSING}")),
        ("IN (6, 7)", format!("3/4: 6 3.2 {MISSING}")),
        ("= 8", format!("5/5: 8 3.3 {truncated}")),
        ("> 5", format!("3/3: 6 3.1 {truncated}")),
    ] {
        let change = format!("DELETE FROM order_events WHERE id {which};");
        assert_first_bad(&change, &format!("1/zerodha {expected}")).await;
    }
}

/// The entries are what was written, and the orders are not what they say.
#[tokio::test]
async fn an_order_that_is_not_the_fold_of_its_entries_is_named() {
    for (change, expected) in [
        (
            "DELETE FROM order_events WHERE id = 8; \
             UPDATE sqlite_sequence SET seq = 7 WHERE name = 'order_events';",
            "5/5: 7 3.2 order differs: its broker_order_id is not what the entries say",
        ),
        (
            "UPDATE orders SET quantity = 5 WHERE id = 1;",
            "6/6: 3 1.3 order differs: its quantity is not what the entries say",
        ),
        (
            "DELETE FROM orders WHERE id = 3;",
            "6/6: 6 3.1 order missing: there is no order of that number",
        ),
    ] {
        assert_first_bad(change, &format!("1/zerodha {expected}")).await;
    }
}

/// The end of one chain is missing while the other goes on.
#[tokio::test]
async fn an_end_that_was_cut_off_in_the_middle_is_named_by_its_order() {
    let report = verified(
        "DELETE FROM order_events WHERE id = 5;",
        &JournalScope::default(),
    )
    .await;
    let expected = format!("2/paper 1/1: 5 2.2 {MISSING}");
    assert_eq!(lines(&report), [SOUND[0], &expected]);
    let whole = "DELETE FROM order_events WHERE id IN (4, 5);";
    let report = verified(whole, &JournalScope::default()).await;
    let expected = format!("2/paper 0/0: 4 2.1 {MISSING}");
    assert_eq!(lines(&report), [SOUND[0], &expected]);
}

/// Entry and order are gone: nothing is left that tells whose they were.
#[tokio::test]
async fn a_gap_that_nothing_explains_is_told() {
    let change = "DELETE FROM order_events WHERE id IN (4, 5); DELETE FROM orders WHERE id = 2;";
    let report = verified(change, &JournalScope::default()).await;
    assert_eq!(lines(&report), [SOUND[0]]);
    let expected = ["entries 4 to 5 are missing and nothing tells whose"];
    assert_eq!(report.findings, expected);
    let change = "DELETE FROM order_events WHERE id > 5; DELETE FROM orders WHERE id = 3;";
    let report = verified(change, &JournalScope::default()).await;
    let expected = ["entries 6 to 8 are missing, the newest, and nothing tells whose"];
    assert_eq!(report.findings, expected);
}

#[tokio::test]
async fn an_entry_that_was_moved_to_another_account_is_missed_by_its_own() {
    let change = "UPDATE order_events SET user_id = 2, broker_name = 'paper' WHERE id = 2;";
    let report = verified(change, &JournalScope::default()).await;
    let missed = "1/zerodha 4/5: 2 ?.? missing: it stands among the entries of user 2 at paper";
    let strange = format!("2/paper 2/3: 2 1.2 {EDITED}");
    assert_eq!(lines(&report), [missed, &strange]);
    let change = "UPDATE order_events SET broker_name = x'ff' WHERE id = 3;";
    let report = verified(change, &JournalScope::default()).await;
    assert_eq!(report.findings, ["entry 3 names no account"]);
}

/// What is wrong elsewhere is none of the business of who asks for a part, and what is wrong at
/// its edges is.
#[tokio::test]
async fn a_part_is_judged_by_itself() {
    let edit = "UPDATE order_events SET payload = replace(payload, '100', '900') WHERE id = 6;";
    let of_two = JournalScope {
        user: Some(UserId::new(2)),
        ..JournalScope::default()
    };
    let report = verified(edit, &of_two).await;
    assert_eq!(lines(&report), [SOUND[1]]);
    let on_paper = JournalScope {
        broker: Some(paper()),
        ..JournalScope::default()
    };
    assert_eq!(lines(&verified(edit, &on_paper).await), [SOUND[1]]);
    // Entries 3 and 8 were written five seconds after the others.
    let early = JournalScope {
        until: Some(at(5)),
        ..JournalScope::default()
    };
    let expected = format!("1/zerodha 4/5: 6 3.1 {EDITED}");
    let report = verified(edit, &early).await;
    assert_eq!(lines(&report), [&expected, SOUND[1]]);
    let first = JournalScope {
        order: Some("Z1".to_owned()),
        ..JournalScope::default()
    };
    // The entry right behind the part is looked at, and not counted.
    let expected = format!("1/zerodha 3/3: 6 3.1 {EDITED}");
    assert_eq!(lines(&verified(edit, &first).await), [expected]);
    let later = edit.replace("id = 6", "id = 8").replace("900", "x");
    let report = verified(&later, &first).await;
    assert_eq!(lines(&report), ["1/zerodha 3/3"]);
}

#[tokio::test]
async fn verifying_changes_nothing() {
    let place = filled().await;
    changed(&place, "DELETE FROM order_events WHERE id = 2;");
    let all = "SELECT group_concat(id || mac || payload, '|') FROM order_events";
    let content =
        |place: &Place| -> String { sql::<Text>(all).get_result(&mut place.raw()).unwrap() };
    let before = content(&place);
    assert!(!verify(&place, &JournalScope::default()).await.is_sound());
    assert_eq!(content(&place), before);
}

/// What can be read is reported, and that the rest cannot.
#[tokio::test]
async fn damaged_pages_are_told() {
    let place = filled().await;
    let page = "SELECT max(pageno) FROM dbstat WHERE name = 'order_events'";
    let page: i64 = sql::<diesel::sql_types::BigInt>(page)
        .get_result(&mut place.raw())
        .unwrap();
    let mut bytes = std::fs::read(&place.path).unwrap();
    bytes[usize::try_from(page).unwrap() * 4096 - 1] ^= 1;
    std::fs::write(&place.path, bytes).unwrap();
    let report = verify(&place, &JournalScope::default()).await;
    let [finding] = &report.findings[..] else {
        panic!("{report:?}");
    };
    let expected = "what comes after entry 0 cannot be read; `db check` tells more: ";
    assert!(finding.starts_with(expected), "{finding}");
}
