//! An update on a disk that takes no more. What the program itself is told to do there stands with
//! the tests of the program.

use crate::older::make_older;
use crate::victim::{Victim, say, victim_folder};
use crate::world::World;
use openalgo::OpenAppError;
use openalgo::store::OpenError;
use std::error::Error;
use std::fs;
use std::path::Path;

/// Files of the folder that belong to copies, finished or not.
fn copies(data: &Path) -> Vec<String> {
    let names = fs::read_dir(data).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(".before-")).collect()
}

/// The copy that an update leaves is there as a whole or not at all, and without it nothing is
/// updated.
#[tokio::test]
async fn a_database_is_updated_when_there_is_room_for_a_copy_of_it() {
    if let Some(folder) = victim_folder() {
        match World::at(&folder).builder().open().await {
            Ok(_) => say("opened"),
            Err(OpenAppError::Database(error @ OpenError::Storage { .. })) => {
                say(&format!("{error}: {}", error.source().unwrap()));
            }
            Err(other) => panic!("{other:?}"),
        }
        return;
    }
    let world = World::new();
    let (app, _) = world.open_with_owner().await;
    let key = app.files().export_database_key();
    app.close().await;
    let (data, database) = (world.data(), world.data().join("main.db"));
    make_older(&database, &key);
    let old = fs::read(&database).unwrap();
    let test = "full_disk::a_database_is_updated_when_there_is_room_for_a_copy_of_it";
    for kib in [40, 100, 200, 400] {
        let mut victim = Victim::start_limited(test, world.root(), kib);
        let said = victim.words().next().unwrap();
        victim.kill();
        let place = database.display().to_string();
        assert!(said.contains(&place), "{kib} KiB: {said}");
        assert!(said.contains("disk I/O error"), "{kib} KiB: {said}");
        assert_eq!(copies(&data), Vec::<String>::new(), "{kib} KiB");
        assert!(fs::read(&database).unwrap() == old, "{kib} KiB");
    }
    let mut victim = Victim::start_limited(test, world.root(), 2_048);
    assert_eq!(victim.words().next().as_deref(), Some("opened"));
    victim.kill();
    assert_eq!(copies(&data).len(), 1);
    let app = world.open().await;
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;
}
