//! Killed at each step.

use super::*;

#[tokio::test]
async fn an_interrupted_rotation_is_undone_or_finished() {
    for step in STEPS_OF_A_FILE {
        World::with_file().await.survives(step).await;
    }
}

/// Where the key is wrapped, announcing it is keeping it, and moving it is recording it.
#[tokio::test]
async fn an_interrupted_rotation_of_a_wrapped_key_is_undone_or_finished() {
    for step in [Step::Kept, Step::Copied, Step::Renamed] {
        World::with_passphrase().await.survives(step).await;
    }
}

/// One entry of the keychain is left, and it is the one that opens the folder.
#[tokio::test]
async fn an_interrupted_rotation_in_the_keychain_is_undone_or_finished() {
    for step in STEPS_OF_A_FILE.into_iter().chain([Step::Emptied]) {
        let world = World::with_keychain().await;
        let before = world.entry();
        let announced = world.survives(step).await;
        let announced = announced["key"]["account"].as_str().unwrap().to_owned();
        let after = Keychain { account: announced };
        let (kept, gone) = if step >= Step::Renamed {
            (after, before)
        } else {
            (before, after)
        };
        assert_eq!(world.entry(), kept, "{step:?}");
        assert!(kept.load().unwrap().matches_check(&world.key_check()));
        let gone = gone.load().unwrap_err();
        assert!(
            matches!(gone, KeySourceError::KeychainEmpty { .. }),
            "{gone}"
        );
    }
}
