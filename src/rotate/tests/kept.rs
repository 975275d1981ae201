//! Files that keep the old key.

use super::*;

/// A key that nobody knows of would lie about, and the same command would not go through.
#[tokio::test]
async fn a_rotation_that_fails_keeps_no_second_file_of_the_key() {
    let world = World::with_file().await;
    let kept = tempfile::tempdir().unwrap();
    let (made, own) = (kept.path().join("made.key"), kept.path().join("own.key"));
    let old = fs::read(world.path("my.key")).unwrap();
    fs::copy(world.path("my.key"), &own).unwrap();
    let keep = |path: &Path| RotateKey {
        keep_old: Some(path.to_owned()),
        ..RotateKey::default()
    };
    // Nothing can be written where the copy belongs.
    let copy = world.folder().copy_under_new_key();
    fs::create_dir(&copy).unwrap();
    for path in [&made, &own] {
        let refused = world.rotate(keep(path)).await.unwrap_err();
        assert!(matches!(refused, RotateKeyError::Copy(_)), "{refused}");
    }
    fs::remove_dir(&copy).unwrap();
    // Whoever made a file of the key has it still.
    assert_eq!(names(kept.path()), ["own.key"]);
    world.assert_whole().await;

    world.rotate(keep(&made)).await.unwrap();
    assert_eq!(fs::read(&made).unwrap(), old);
    world.assert_whole().await;
}

/// One that was killed leaves such a file.
#[tokio::test]
async fn a_file_that_holds_this_very_key_keeps_the_old_one() {
    let world = World::with_file().await;
    let kept = tempfile::tempdir().unwrap();
    let [same, other] = ["same.key", "other.key"].map(|name| kept.path().join(name));
    fs::copy(world.path("my.key"), &same).unwrap();
    let key = MasterKey::make(&SystemRandom).unwrap();
    let path = other.clone();
    KeyFile { path }.create(&key).unwrap();
    let before = [&same, &other].map(|path| fs::read(path).unwrap());
    let current = world.path("my.key");
    let keep = |path: &Path| RotateKey {
        keep_old: Some(path.to_owned()),
        ..RotateKey::default()
    };
    // The new key waits in a file beside that of the old one, and takes its place in the end.
    for taken in [&other, &current, &world.path("my.key.next")] {
        let key_check = world.key_check();
        let refused = world.rotate(keep(taken)).await.unwrap_err();
        assert!(refused.to_string().contains("exists"), "{refused}");
        assert_eq!(world.key_check(), key_check);
        world.assert_whole().await;
    }
    world.rotate(keep(&same)).await.unwrap();
    assert_eq!([&same, &other].map(|path| fs::read(path).unwrap()), before);
    world.assert_whole().await;
}
