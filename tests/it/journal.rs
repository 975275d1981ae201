//! The journal of orders as its owner proves it and writes it out.

use crate::world::{World, limit, market};
use openalgo::core::journal::{Flaw, StoredEntry};
use openalgo::core::order::Side;
use openalgo::crypto::MasterKey;
use openalgo::journal::{ExportRule, JournalError, JournalPart};
use openalgo::{OpenAlgo, OpenFolder};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

/// A filled order and one that rests and is cancelled: six entries.
async fn traded(world: &World) -> OpenAlgo {
    let (app, owner) = world.open_with_owner().await;
    let orders = app.orders();
    orders.place(owner.id, market(Side::Buy, 1)).await.unwrap();
    let resting = limit(&app, Side::Buy, 1, -2_000).await;
    let resting = orders.place(owner.id, resting).await.unwrap().order;
    orders.cancel(owner.id, &resting.public_id()).await.unwrap();
    app
}

fn everything() -> JournalPart {
    JournalPart::default()
}

async fn read(files: &OpenFolder, part: &JournalPart) -> Vec<StoredEntry> {
    files.read_journal(part, 1 << 20).await.unwrap()
}

async fn export(files: &OpenFolder, path: &Path, rule: ExportRule) -> Result<u64, JournalError> {
    let all = everything();
    let exporting = files.export_journal(&all, (path, rule), &|_, _| {});
    exporting.await.map(|exported| exported.entries)
}

fn parsed(path: &Path) -> Vec<StoredEntry> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn the_journal_of_a_day_is_sound_and_written_out_whole() {
    let world = World::new();
    let app = traded(&world).await;
    let report = app.files().verify_journal(&everything()).await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    let [chain] = &report.chains[..] else {
        panic!("{report:?}")
    };
    assert_eq!((chain.entries, chain.sound), (6, 6));
    let path = world.root().join("journal.jsonl");
    let told = Mutex::new(Vec::new());
    let progress = |done, of| told.lock().unwrap().push((done, of));
    let target = (path.as_path(), ExportRule::Keep);
    let all = everything();
    let exporting = app.files().export_journal(&all, target, &progress);
    let exported = exporting.await.unwrap();
    assert_eq!((exported.path, exported.entries), (path.clone(), 6));
    assert_eq!(told.into_inner().unwrap(), [(0, 6), (6, 6)]);
    assert_eq!(parsed(&path), read(app.files(), &everything()).await);
    app.close().await;
}

/// What docs/journal.md says about checking elsewhere, step by step.
#[tokio::test]
async fn what_was_written_out_can_be_checked_without_the_program() {
    let world = World::new();
    let app = traded(&world).await;
    let path = world.root().join("journal.jsonl");
    export(app.files(), &path, ExportRule::Keep).await.unwrap();
    app.close().await;
    let digits = fs::read_to_string(world.key()).unwrap();
    let master = MasterKey::from_hex(&digits.trim().into()).unwrap();
    let key = master.journal_key();
    let mut ends = BTreeMap::new();
    for (number, entry) in (1..).zip(parsed(&path)) {
        assert_eq!(entry.number, number);
        let link = entry.link.unwrap();
        let previous = ends.insert((entry.user, entry.broker.clone()), link.seal.clone());
        assert_eq!(link.previous, previous.unwrap_or_else(|| "0".repeat(64)));
        let fields = [
            entry.user.to_string(),
            entry.broker,
            entry.order.to_string(),
            entry.seq.to_string(),
            entry.at,
            entry.payload,
        ];
        let fields = fields.each_ref().map(String::as_bytes);
        let seal = key.link(&bytes_of(&link.previous), &fields);
        assert_eq!(seal, bytes_of(&link.seal), "entry {number}");
    }
}

fn bytes_of(hex: &str) -> [u8; 32] {
    let (pairs, []) = hex.as_bytes().as_chunks::<2>() else {
        panic!("{hex}")
    };
    let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    let bytes: Vec<_> = pairs.iter().map(byte).collect();
    bytes.try_into().unwrap()
}

/// A folder whose journal was changed still opens, and whoever asks is told where.
#[tokio::test]
async fn damage_is_named_and_nothing_of_it_is_mended() {
    let world = World::new();
    let app = traded(&world).await;
    let edit = "DROP TRIGGER order_events_keep_rows; \
                UPDATE order_events SET payload = replace(payload, 'BUY', 'SELL') WHERE id = 4";
    world.damage(app, edit).await;
    let files = world.builder().open_folder().await.unwrap();
    let before = read(&files, &everything()).await;
    let report = files.verify_journal(&everything()).await.unwrap();
    let chain = &report.chains[0];
    let bad = chain.first_bad.as_ref().unwrap();
    assert_eq!(
        (bad.number, bad.seq, &bad.flaw),
        (Some(4), Some(1), &Flaw::Edited)
    );
    assert_eq!((chain.sound, chain.entries), (5, 6));
    assert_eq!(read(&files, &everything()).await, before);
    let path = world.root().join("damaged.jsonl");
    // What is there is written out as it is.
    assert_eq!(export(&files, &path, ExportRule::Keep).await.unwrap(), 6);
    files.close().await;
    // The id of the order is told as people know it.
    let app = world.open().await;
    let owner = app.users().owner().await.unwrap();
    let newest = &app.orders().list(owner.id, 1).await.unwrap()[0];
    assert_eq!(bad.public_id, Some(newest.public_id()));
    app.close().await;
}

#[tokio::test]
async fn a_part_is_named_by_user_broker_day_and_order() {
    let world = World::new();
    let app = traded(&world).await;
    let owner = app.users().owner().await.unwrap();
    let day = |text: &str| Some(text.parse().unwrap());
    let numbers = async |part: JournalPart| {
        let entries = read(app.files(), &part).await.into_iter();
        entries.map(|entry| entry.number).collect::<Vec<_>>()
    };
    let of_owner = JournalPart {
        user: Some(owner.username),
        broker: Some("paper".parse().unwrap()),
        from: day("2026-11-25"),
        to: day("2026-11-25"),
        order: None,
    };
    assert_eq!(numbers(of_owner).await.len(), 6);
    let before = JournalPart {
        to: day("2026-11-24"),
        ..everything()
    };
    assert_eq!(numbers(before).await, [0; 0]);
    let elsewhere = JournalPart {
        broker: Some("zerodha".parse().unwrap()),
        ..everything()
    };
    assert_eq!(numbers(elsewhere).await, [0; 0]);
    let filled = app
        .orders()
        .list(owner.id, 10)
        .await
        .unwrap()
        .pop()
        .unwrap();
    let of_order = JournalPart {
        order: Some(filled.public_id()),
        ..everything()
    };
    assert_eq!(numbers(of_order).await, [1, 2, 3]);
    app.close().await;
}

/// Accounts on paper give out the same numbers at the same time.
#[tokio::test]
async fn an_order_of_two_users_is_not_written_out_as_one() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let (name, email) = ("second", "second@example.com");
    let (name, email) = (name.parse().unwrap(), email.parse().unwrap());
    let password = "Some-Pass1!".into();
    let second = app.users().create(name, email, &password).await.unwrap();
    let mut ids = Vec::new();
    for user in [owner.id, second.id] {
        let placed = app.orders().place(user, market(Side::Buy, 1)).await;
        ids.push(placed.unwrap().order.public_id());
    }
    assert_eq!(ids[0], ids[1]);
    let of_order = JournalPart {
        order: ids.pop(),
        ..everything()
    };
    let refused = app.files().read_journal(&of_order, 1 << 20).await;
    let refused = refused.unwrap_err().to_string();
    let both = format!("'{}' and 'second'", owner.username);
    assert!(refused.contains(&both), "{refused}");
    let of_one = JournalPart {
        user: Some(second.username),
        ..of_order
    };
    let entries = read(app.files(), &of_one).await;
    assert_eq!(entries.len(), 3);
    assert!(entries.iter().all(|entry| entry.user == second.id.get()));
    app.close().await;
}

#[tokio::test]
async fn a_part_that_makes_no_sense_is_refused() {
    let world = World::new();
    let app = traded(&world).await;
    let day = |text: &str| Some(text.parse().unwrap());
    let nobody = JournalPart {
        user: Some("nobody".parse().unwrap()),
        ..everything()
    };
    let refused = app.files().verify_journal(&nobody).await.unwrap_err();
    assert_eq!(refused.to_string(), "there is no user 'nobody'");
    let reversed = JournalPart {
        from: day("2026-11-25"),
        to: day("2026-11-24"),
        ..everything()
    };
    let refused = app.files().verify_journal(&reversed).await.unwrap_err();
    assert!(matches!(refused, JournalError::NoDays { .. }), "{refused}");
    app.close().await;
}

/// A file that exists is left alone unless its place is to be taken; what fails leaves nothing.
#[tokio::test]
async fn a_file_is_complete_private_and_takes_no_other_place() {
    let world = World::new();
    let app = traded(&world).await;
    let files = app.files();
    let path = world.root().join("journal.jsonl");
    fs::write(&path, "mine").unwrap();
    let refused = export(files, &path, ExportRule::Keep).await.unwrap_err();
    assert!(matches!(refused, JournalError::Exists { .. }), "{refused}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    assert_eq!(export(files, &path, ExportRule::Replace).await.unwrap(), 6);
    assert_eq!(parsed(&path).len(), 6);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let nowhere = world.root().join("none/journal.jsonl");
    let refused = export(files, &nowhere, ExportRule::Keep).await.unwrap_err();
    assert!(
        matches!(refused, JournalError::NoFolder { .. }),
        "{refused}"
    );
    // A folder is no file whose place can be taken.
    let folder = world.root().join("folder");
    fs::create_dir(&folder).unwrap();
    let refused = export(files, &folder, ExportRule::Replace)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, JournalError::Reserved { .. }),
        "{refused}"
    );
    let left: Vec<_> = fs::read_dir(world.root()).unwrap().collect();
    assert_eq!(left.len(), 4, "{left:?}");
    let too_much = files.read_journal(&everything(), 1_000).await.unwrap_err();
    assert!(
        matches!(too_much, JournalError::TooLong { .. }),
        "{too_much}"
    );
    app.close().await;
}
