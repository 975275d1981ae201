//! Another key for the folder.

use super::trial::{BEGINS, Sign, Trial};
use super::{Prepared, files, names};
use crate::victim::{say, victim_folder};
use crate::world::World;
use openalgo::RotateKey;
use std::fs;

const TEST: &str = "kills::rotation::a_killed_rotation_leaves_a_folder_that_opens";
/// How often it is killed in the ordinary tests.
const KILLS: u64 = 12;

const SIGNS: &[Sign] = &[
    Sign::Word,
    Sign::There("master.key.next"),
    Sign::There("data/main.db.rotated.new"),
    Sign::There("data/main.db.rotated"),
    Sign::Gone("data/main.db.rotated"),
    Sign::Gone("master.key.next"),
];

async fn rotate(world: &World) {
    let files = files(world).await;
    say(BEGINS);
    let with = RotateKey::default();
    files.rotate_key(with, &|_| {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_rotation_leaves_a_folder_that_opens() {
    if let Some(folder) = victim_folder() {
        return rotate(&World::at(&folder)).await;
    }
    let folder = Prepared::new().await;
    folder.keep();
    let mut trial = Trial::new((TEST, folder.root()), SIGNS, KILLS);
    while !trial.is_over(&["copying", "copied", "in its place"]) {
        folder.put_back();
        trial.kill();
        trial.met(point(&folder));
        let is_changed = salt(&folder, "data") != salt(&folder, "kept/data");
        folder.assert_whole(&folder.world, &[]).await;
        assert_tidy(&folder);
        let settled = key_check(&folder, "data");
        assert_eq!(settled != key_check(&folder, "kept/data"), is_changed);
        rotate(&folder.world).await;
        assert_ne!(key_check(&folder, "data"), settled);
        folder.world.open().await.close().await;
        assert_tidy(&folder);
    }
    println!("{}", trial.report("rotation", 0));
}

/// How far a rotation had come.
fn point(folder: &Prepared) -> &'static str {
    let is_there = |name| folder.root().join(name).exists();
    let vault = vault(folder, "data");
    let is_in_its_place = salt(folder, "data") != salt(folder, "kept/data");
    match () {
        () if is_in_its_place && vault.get("pending").is_some() => "in its place",
        () if is_in_its_place && vault.get("retired").is_some() => "recorded",
        () if is_in_its_place => "finished",
        () if is_there("data/main.db.rotated") => "copied",
        () if is_there("data/main.db.rotated.new") => "copying",
        () if is_there("master.key.next") => "kept",
        () if vault.get("pending").is_some() => "announced",
        () => "not begun",
    }
}

/// Nothing of a change is left, in the folder and beside it.
fn assert_tidy(folder: &Prepared) {
    let vault = vault(folder, "data");
    for unfinished in ["pending", "retired"] {
        assert_eq!(vault.get(unfinished), None, "{vault}");
    }
    let mut found = names(&folder.world.data());
    // A draft of the vault file holds nothing secret, and the next change takes its place.
    found.retain(|name| name != "vault.json.new");
    let expected = ["instance.lock", "main.db", "main.db-anchor", "vault.json"];
    assert_eq!(found, expected);
    assert_eq!(names(folder.root()), ["data", "kept", "master.key"]);
}

fn vault(folder: &Prepared, name: &str) -> serde_json::Value {
    let text = fs::read_to_string(folder.root().join(name).join("vault.json"));
    serde_json::from_str(&text.unwrap()).unwrap()
}

fn key_check(folder: &Prepared, name: &str) -> String {
    vault(folder, name)["key_check"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// What the database in a folder begins with, which no other one does.
fn salt(folder: &Prepared, name: &str) -> Vec<u8> {
    let path = folder.root().join(name).join("main.db");
    fs::read(path).unwrap()[..16].to_vec()
}
