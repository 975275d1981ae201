//! The key moves, and whatever comes in between, the folder opens.

use super::{Place, noon};
use crate::key_source::{KeySource, UnlockError};
use crate::vault::{Unlocked, add_recovery, move_to};
use openalgo_core::port::RandomSource;
use openalgo_core::testing::FakeRandom;
use openalgo_crypto::MasterKey;
use openalgo_crypto::key_source::{KeyFile, KeySourceError};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::fs;

fn passphrase(text: &str) -> KeySource {
    KeySource::Passphrase(SecretString::from(text))
}

/// A place with a key in `my.key`, and the key's check value.
fn place() -> (Place, String) {
    let place = Place::new();
    let made = place.create(&place.path("my.key")).unwrap();
    (place, made.master.check_value())
}

fn move_it(place: &Place, unlocked: &Unlocked, to: &KeySource) -> Result<(), UnlockError> {
    let random = FakeRandom::default();
    // Another name or salt than the one that the key of the folder was made with.
    random.fill(&mut [0; 99]).unwrap();
    move_to(&place.folder, unlocked, to, (&random, noon())).map(drop)
}

fn file(place: &Place, name: &str) -> KeySource {
    KeySource::File(place.path(name))
}

/// Opens the place and sees that its key is the one of the check value.
#[track_caller]
fn assert_opens(place: &Place, asked: Option<&KeySource>, check: &str) {
    let unlocked = place.open(asked).unwrap();
    assert!(unlocked.master.matches_check(check));
    let vault = place.written();
    for unfinished in ["pending", "retired"] {
        assert_eq!(vault.get(unfinished), None, "{vault}");
    }
}

#[test]
fn a_key_moves_through_all_places_that_need_no_session() {
    let (place, check) = place();
    let there = passphrase("green boats sail");
    let unlocked = place.open(None).unwrap();
    move_it(&place, &unlocked, &there).unwrap();
    assert!(place.names().is_empty());
    assert!(matches!(
        place.open(None),
        Err(UnlockError::PassphraseNeeded)
    ));
    assert_opens(&place, Some(&there), &check);

    let unlocked = place.open(Some(&there)).unwrap();
    move_it(&place, &unlocked, &passphrase("red boats sail")).unwrap();
    let refused = place.open(Some(&there)).unwrap_err();
    assert!(matches!(
        refused,
        UnlockError::Source(KeySourceError::PassphraseWrong)
    ));

    let unlocked = place.open(Some(&passphrase("red boats sail"))).unwrap();
    move_it(&place, &unlocked, &file(&place, "new/other.key")).unwrap();
    assert_opens(&place, None, &check);
    assert_eq!(place.written()["key"]["source"], "file");
}

#[test]
fn a_key_stays_where_its_new_place_is_taken_or_forbidden() {
    let (place, check) = place();
    let other = MasterKey::make(&openalgo_crypto::SystemRandom).unwrap();
    let path = place.path("taken.key");
    KeyFile { path: path.clone() }.create(&other).unwrap();
    let before = place.written();
    let unlocked = place.open(None).unwrap();
    for (name, word) in [
        ("taken.key", "already exists"),
        ("data/inside.key", "inside"),
        ("my.key", "already"),
    ] {
        let refused = move_it(&place, &unlocked, &file(&place, name)).unwrap_err();
        assert!(refused.to_string().contains(word), "{refused}");
        assert_eq!(place.written(), before);
    }
    let kept = KeyFile { path }.load().unwrap();
    assert!(kept.matches_check(&other.check_value()));
    assert_opens(&place, None, &check);
}

#[test]
fn a_key_moves_to_a_copy_that_its_owner_made() {
    let (place, check) = place();
    fs::copy(place.path("my.key"), place.path("copy.key")).unwrap();
    let unlocked = place.open(None).unwrap();
    move_it(&place, &unlocked, &file(&place, "copy.key")).unwrap();
    assert_eq!(place.names(), ["copy.key"]);
    assert_opens(&place, None, &check);
}

/// A move that was killed after each of its steps.
#[test]
fn an_interrupted_move_is_undone_or_finished() {
    type Step = fn(&Place, &mut Value);
    let steps: [(&str, Step, &[&str]); 4] = [
        ("announced", |_, _| {}, &["my.key"]),
        (
            "half written",
            |place, _| fs::write(place.path("new.key.part"), "07").unwrap(),
            &["my.key"],
        ),
        (
            "written",
            |place, _| {
                fs::copy(place.path("my.key"), place.path("new.key")).unwrap();
            },
            &["my.key"],
        ),
        (
            "recorded",
            |place, vault| {
                fs::copy(place.path("my.key"), place.path("new.key")).unwrap();
                let old = json!({ "key": vault["key"], "key_check": vault["key_check"] });
                vault["key"] = vault["pending"]["key"].take();
                vault["retired"] = old;
                vault.as_object_mut().unwrap().remove("pending");
            },
            &["new.key"],
        ),
    ];
    for (step, leave, names) in steps {
        let (place, check) = place();
        let mut vault = place.written();
        let key = json!({ "source": "file", "path": place.path("new.key") });
        vault["pending"] = json!({ "key": key, "key_check": check });
        leave(&place, &mut vault);
        place.write(&vault);
        assert_opens(&place, None, &check);
        assert_eq!(place.names(), names, "{step}");
    }
}

/// The old place was lost while the key was on its way.
#[test]
fn the_only_copy_of_a_key_is_never_removed() {
    let (place, check) = place();
    let mut vault = place.written();
    let key = json!({ "source": "file", "path": place.path("new.key") });
    vault["pending"] = json!({ "key": key, "key_check": check });
    place.write(&vault);
    fs::rename(place.path("my.key"), place.path("new.key")).unwrap();
    assert_opens(&place, None, &check);
    assert_eq!(place.names(), ["new.key"]);
    assert_opens(&place, None, &check);
}

/// What was put into the old place since is none of ours.
#[test]
fn another_key_in_the_old_place_is_left_alone() {
    let (place, check) = place();
    let other = MasterKey::make(&openalgo_crypto::SystemRandom).unwrap();
    let path = place.path("old.key");
    KeyFile { path: path.clone() }.create(&other).unwrap();
    let mut vault = place.written();
    let key = json!({ "source": "file", "path": path });
    vault["retired"] = json!({ "key": key, "key_check": check });
    place.write(&vault);
    assert_opens(&place, None, &check);
    assert_eq!(place.names(), ["my.key", "old.key"]);
}

#[test]
fn the_first_version_of_the_file_is_read_and_brought_up_to_date() {
    let (place, check) = place();
    let old = json!({
        "version": 1,
        "key": { "source": "file", "path": place.path("my.key") },
        "key_check": check,
    });
    place.write(&old);
    assert_opens(&place, None, &check);
    assert_eq!(place.written(), old, "opening writes nothing");
    let mut unlocked = place.open(None).unwrap();
    let random = FakeRandom::default();
    add_recovery(&place.folder, &mut unlocked, (&random, noon())).unwrap();
    assert_eq!(place.written()["version"], 2);
    assert_opens(&place, None, &check);
    let mut newer = place.written();
    newer["version"] = json!(3);
    place.write(&newer);
    let refused = place.open(None).unwrap_err();
    assert!(refused.to_string().contains("newer"), "{refused}");
}

#[test]
fn a_recovery_key_opens_what_lost_its_key() {
    let (place, check) = place();
    let random = FakeRandom::default();
    let make = || {
        let mut unlocked = place.open(None).unwrap();
        add_recovery(&place.folder, &mut unlocked, (&random, noon())).unwrap()
    };
    let recovery = |text: &SecretString| KeySource::Recovery(text.clone());
    let none = place.open(Some(&recovery(&SecretString::from("0"))));
    assert!(matches!(none, Err(UnlockError::NoRecoveryKey { .. })));
    let (older, newer) = (make(), make());
    fs::remove_file(place.path("my.key")).unwrap();
    assert!(matches!(
        place.open(None),
        Err(UnlockError::Source(KeySourceError::FileMissing { .. }))
    ));
    assert!(matches!(
        place.open(Some(&recovery(&older))),
        Err(UnlockError::Source(KeySourceError::RecoveryKeyWrong))
    ));
    let mistyped = SecretString::from(newer.expose_secret().replacen(' ', "X ", 1));
    assert!(matches!(
        place.open(Some(&recovery(&mistyped))),
        Err(UnlockError::Source(KeySourceError::RecoveryKeyMistyped {
            group: 1
        }))
    ));
    let unlocked = place.open(Some(&recovery(&newer))).unwrap();
    move_it(&place, &unlocked, &file(&place, "found.key")).unwrap();
    assert_opens(&place, None, &check);
    assert_opens(&place, Some(&recovery(&newer)), &check);
    assert!(
        !fs::read_to_string(place.folder.vault())
            .unwrap()
            .contains(newer.expose_secret().get(..5).unwrap())
    );
}
