//! What `Store::check` finds when somebody with the key changed the file.

mod books;

use crate::support::{
    Place, accepted, event, instrument, intent, money, only_finding, paper, user, zerodha,
};
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use openalgo_core::account::{NewApiKey, PasswordHash, SettingKey};
use openalgo_core::order::Product;
use openalgo_core::port::Clock;
use openalgo_core::portfolio::{Position, PositionKey};
use openalgo_store::{OpenError, Store};
use secrecy::SecretString;

/// Two users, three orders of two accounts with eight entries, two keys and a position.
pub(crate) async fn filled() -> Place {
    let place = Place::new();
    let store = place.create();
    let (one, two) = (user(&store, "one").await, user(&store, "two").await);
    for (number, (owner, broker)) in
        (1..).zip([(&one, zerodha()), (&two, paper()), (&one, zerodha())])
    {
        let order = store.orders().insert(&intent(owner, broker)).await.unwrap();
        if number != 2 {
            let id = format!("Z{number}");
            store
                .orders()
                .append(order.id, &event(5, accepted(&id)))
                .await
                .unwrap();
        }
    }
    for owner in [&one, &two] {
        let key = NewApiKey {
            user: owner.id,
            key_hash: PasswordHash::new("x"),
            key: SecretString::from("key"),
        };
        store.api_keys().replace(&key).await.unwrap();
    }
    let key = PositionKey {
        user: one.id,
        broker: zerodha(),
        instrument: instrument("INFY"),
        product: Product::Mis,
    };
    let position = Position {
        realized_pnl: money("1.25"),
        ..Position::flat(key, crate::support::at(1))
    };
    store.positions().upsert(&position).await.unwrap();
    let report = store.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(report.checks.len(), 11);
    store.close().await;
    place
}

/// Changes the file past the store, then opens it again.
async fn tampered(change: &str) -> (Place, Store) {
    let place = filled().await;
    place.raw().batch_execute(change).unwrap();
    let store = place.open();
    (place, store)
}

pub(crate) const UNLOCK: &str =
    "DROP TRIGGER order_events_keep_rows; DROP TRIGGER order_events_keep_all;";

#[tokio::test]
async fn the_journal_refuses_changes() {
    let place = filled().await;
    for change in [
        "UPDATE order_events SET at = at",
        "DELETE FROM order_events",
    ] {
        let refused = place.raw().batch_execute(change).unwrap_err();
        assert_eq!(refused.to_string(), "order_events is append-only");
    }
}

#[tokio::test]
async fn an_edited_entry_is_named() {
    for edit in [
        "payload = replace(payload, '100', '900')",
        "at = '2020-01-01 00:00:00.000000'",
        "broker_name = 'paper'",
        "seq = 9",
        "mac = replace(mac, substr(mac, 1, 1), 'g')",
        "mac = upper(mac)",
    ] {
        let edit = format!("{UNLOCK} UPDATE order_events SET {edit} WHERE id = 6;");
        let (_place, store) = tampered(&edit).await;
        let report = store.check().await.unwrap();
        let journal = report.findings().find(|(name, _)| *name == "journal");
        let finding = journal.unwrap_or_else(|| panic!("{edit}")).1;
        assert!(finding.starts_with("entry 6 (number"), "{finding}");
    }
}

#[tokio::test]
async fn the_word_of_an_entry_must_be_that_of_its_event() {
    let edit = format!("{UNLOCK} UPDATE order_events SET event = 'filled' WHERE id = 2;");
    let (_place, store) = tampered(&edit).await;
    let finding = only_finding(&store, "journal").await;
    assert_eq!(
        finding,
        "entry 2 (number 2 of order 1) is not the event it says it is"
    );
}

#[tokio::test]
async fn entries_taken_out_are_missed() {
    let (_place, store) =
        tampered(&format!("{UNLOCK} DELETE FROM order_events WHERE id = 3;")).await;
    let report = store.check().await.unwrap();
    let (_, finding) = report
        .findings()
        .find(|(name, _)| *name == "journal")
        .unwrap();
    assert_eq!(finding, "the entry before entry 4 is missing");
    let (_place, store) =
        tampered(&format!("{UNLOCK} DELETE FROM order_events WHERE id = 8;")).await;
    let report = store.check().await.unwrap();
    let (_, finding) = report
        .findings()
        .find(|(name, _)| *name == "journal")
        .unwrap();
    assert!(finding.contains("the newest are missing"), "{finding}");
    assert!(report.findings().any(|(name, _)| name == "orders"));
}

#[tokio::test]
async fn an_edited_order_is_named() {
    for (edit, column) in [
        ("quantity = 5", "quantity"),
        ("filled_quantity = 5", "filled_quantity"),
        ("status = 'COMPLETE'", "status"),
        ("strategy = 'mine'", "strategy"),
        ("filled_value = 1", "filled_value"),
        ("price = 'free'", "price"),
    ] {
        let (_place, store) = tampered(&format!("UPDATE orders SET {edit} WHERE id = 3")).await;
        let report = store.check().await.unwrap();
        let (_, finding) = report
            .findings()
            .find(|(name, _)| *name == "orders")
            .unwrap();
        assert_eq!(
            finding,
            format!("{column} of order 3 is not what its journal says")
        );
    }
}

#[tokio::test]
async fn a_moved_secret_is_named() {
    let change = "UPDATE api_keys SET key_encrypted = \
                  (SELECT key_encrypted FROM api_keys WHERE user_id = 1) WHERE user_id = 2";
    let (_place, store) = tampered(change).await;
    let finding = only_finding(&store, "sealed fields").await;
    assert!(finding.contains("api_keys.key_encrypted"), "{finding}");
}

#[tokio::test]
async fn an_inexact_amount_is_named() {
    let (_place, store) = tampered("UPDATE positions SET realized_pnl = 0.1 + 0.2").await;
    let finding = only_finding(&store, "values").await;
    assert!(
        finding.starts_with("positions.realized_pnl of row 1: 0.300000"),
        "{finding}"
    );
    let (_place, store) = tampered("UPDATE positions SET realized_pnl = 'x', quantity = 1").await;
    let error = store
        .positions()
        .list(openalgo_core::id::UserId::new(1), None)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "positions.realized_pnl of row 1 is damaged: it is not a number"
    );
}

#[tokio::test]
async fn a_dangling_reference_is_named() {
    let change = "PRAGMA foreign_keys = OFF; \
                  INSERT INTO telegram_config (user_id) VALUES (99)";
    let (_place, store) = tampered(change).await;
    let finding = only_finding(&store, "references").await;
    assert_eq!(
        finding,
        "row 1 of telegram_config points to a row of users that does not exist"
    );
}

#[tokio::test]
async fn a_flipped_bit_is_found() {
    let place = filled().await;
    let mut bytes = std::fs::read(&place.path).unwrap();
    let page = bytes.len() / 4096 / 2;
    bytes[page * 4096 + 100] ^= 1;
    std::fs::write(&place.path, bytes).unwrap();
    let report = place.open().check().await.unwrap();
    let (name, finding) = report.findings().next().unwrap();
    assert_eq!(name, "pages");
    assert!(finding.contains(&format!("page {}", page + 1)), "{finding}");
}

#[tokio::test]
async fn what_is_on_a_damaged_page_is_named() {
    let mut met = Vec::new();
    for part in ["orders", "positions", "idx_orders_user"] {
        let place = filled().await;
        let root = sql::<BigInt>("SELECT coalesce(max(rootpage), 0) FROM sqlite_master")
            .sql(&format!(" WHERE name = '{part}'"))
            .get_result::<i64>(&mut place.raw())
            .unwrap();
        assert_ne!(root, 0, "there is no {part}");
        let mut bytes = std::fs::read(&place.path).unwrap();
        bytes[usize::try_from(root - 1).unwrap() * 4096 + 100] ^= 1;
        std::fs::write(&place.path, bytes).unwrap();
        let report = place.open().check().await.unwrap();
        let (name, finding) = report.findings().next().unwrap();
        assert_eq!(name, "pages");
        met.push(finding.replace(&format!("page {root} is damaged"), ""));
    }
    let expected = [
        " (table orders)",
        " (table positions)",
        " (index idx_orders_user of orders)",
    ];
    assert_eq!(met, expected);
}

/// Wherever it is: opening says that the file is damaged, or the check says which page is, and
/// what it could not examine because of that in one line.
#[tokio::test]
async fn a_flipped_bit_is_found_on_every_page_without_noise() {
    let place = filled().await;
    let whole = std::fs::read(&place.path).unwrap();
    let (mut opened, mut refused, mut limited) = (0, 0, 0);
    for page in 0..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096 + 100] ^= 1;
        std::fs::write(&place.path, bytes).unwrap();
        let store = match place.try_open() {
            Ok(store) => store,
            Err(OpenError::Damaged { pages, .. }) => {
                assert_eq!(pages, Some(format!("page {} is damaged", page + 1)));
                refused += 1;
                continue;
            }
            // Without the first page there is no telling.
            Err(OpenError::WrongKeyOrDamaged { .. }) if page == 0 => continue,
            Err(error) => panic!("page {page}: {error}"),
        };
        opened += 1;
        let report = store.check().await.unwrap();
        let findings: Vec<_> = report.findings().collect();
        assert_eq!(findings[0].0, "pages", "page {page}: {findings:?}");
        for (name, finding) in findings {
            for noise in ["malformed", "failed to", "unable to", "btree"] {
                assert!(!finding.contains(noise), "page {page}: {name}: {finding}");
            }
            if name == "other checks" {
                let expected = "not examined, because pages are damaged: ";
                assert!(finding.starts_with(expected), "{finding}");
                limited += 1;
            }
        }
        store.close().await;
    }
    assert!(
        opened > 0 && refused > 0 && limited > 0,
        "{opened} {refused} {limited}"
    );
}

#[tokio::test]
async fn an_edited_setting_is_named() {
    for (edit, expected) in [
        (
            "UPDATE settings SET value = 'zzz' WHERE key = 'analyzer'",
            "'zzz' is no value for the setting analyzer: it must be true or false",
        ),
        (
            "UPDATE settings SET value = x'ff00' WHERE key = 'theme'",
            "the value of the setting theme is no text",
        ),
        (
            "DELETE FROM settings WHERE key = 'simulation_seed'",
            "the setting simulation_seed is missing",
        ),
        (
            "INSERT INTO settings (key, value) VALUES ('colour', 'red')",
            "there is no setting 'colour'",
        ),
    ] {
        let (_place, store) = tampered(edit).await;
        assert_eq!(only_finding(&store, "settings").await, expected);
    }
}

#[tokio::test]
async fn the_summary_counts() {
    let place = filled().await;
    let summary = place.open().summary().await.unwrap();
    for (table, rows) in [
        ("users", 2),
        ("orders", 3),
        ("order_events", 8),
        ("settings", SettingKey::ALL.len().try_into().unwrap()),
    ] {
        assert_eq!(summary.rows(table), Some(rows), "{table}");
    }
    assert!(summary.database_bytes > 100_000);
    assert_eq!(summary.newest_entry, Some(place.clock.now()));
}
