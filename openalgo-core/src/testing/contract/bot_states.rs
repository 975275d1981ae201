//! The suite of [`BotStateRepository`](crate::port::BotStateRepository).

use super::Repositories;
use super::given::{is_missing, nobody, user};
use crate::id::UserId;
use crate::strategy::{BotChanges, BotKey, BotState};

/// Runs the suite of what bots keep; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! bot_state_contract {
    ($run:path) => {
        $crate::contract_cases! { bot_states on $run:
            what_a_bot_keeps_is_read_as_kept,
            a_change_leaves_what_it_does_not_name,
            bots_are_apart,
            what_is_forgotten_is_gone_and_counted,
            keeping_needs_a_user,
        }
    };
}

fn bot(user: UserId, name: &str) -> BotKey {
    let bot = name.parse().unwrap();
    BotKey { user, bot }
}

fn changes<const N: usize>(changes: [(&str, Option<&str>); N]) -> BotChanges {
    let owned = |(key, value): (&str, Option<&str>)| (key.into(), value.map(Into::into));
    changes.into_iter().map(owned).collect()
}

fn state<const N: usize>(kept: [(&str, &str); N]) -> BotState {
    kept.map(|(key, value)| (key.into(), value.into())).into()
}

/// Texts come back as they were, the empty one and those in all scripts among them.
pub async fn what_a_bot_keeps_is_read_as_kept(store: &Repositories) {
    let bot = bot(user(store, "owner").await, "first");
    let states = &store.bot_states;
    assert_eq!(states.read(&bot).await.unwrap(), BotState::new());
    let kept = changes([
        ("a", Some("")),
        ("b", Some("{\"₹\":1}\n")),
        ("B", Some("'")),
    ]);
    states.save(&bot, &kept).await.unwrap();
    let expected = state([("a", ""), ("b", "{\"₹\":1}\n"), ("B", "'")]);
    assert_eq!(states.read(&bot).await.unwrap(), expected);
}

/// One text is replaced, one is taken away, and one stays.
pub async fn a_change_leaves_what_it_does_not_name(store: &Repositories) {
    let bot = bot(user(store, "owner").await, "first");
    let states = &store.bot_states;
    let first = changes([("a", Some("1")), ("b", Some("2")), ("c", Some("3"))]);
    states.save(&bot, &first).await.unwrap();
    let second = changes([("a", Some("4")), ("b", None), ("never", None)]);
    states.save(&bot, &second).await.unwrap();
    let expected = state([("a", "4"), ("c", "3")]);
    assert_eq!(states.read(&bot).await.unwrap(), expected);
    states.save(&bot, &BotChanges::new()).await.unwrap();
    assert_eq!(states.read(&bot).await.unwrap(), expected);
}

/// Neither another bot of the same user nor one of the same name sees it.
pub async fn bots_are_apart(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    let bots = [
        bot(owner, "first"),
        bot(owner, "second"),
        bot(other, "first"),
    ];
    for (bot, value) in bots.iter().zip(["1", "2", "3"]) {
        let kept = changes([("a", Some(value))]);
        store.bot_states.save(bot, &kept).await.unwrap();
    }
    for (bot, value) in bots.iter().zip(["1", "2", "3"]) {
        let kept = store.bot_states.read(bot).await.unwrap();
        assert_eq!(kept, state([("a", value)]), "{bot}");
    }
}

/// A bot that is forgotten begins anew, and the others go on.
pub async fn what_is_forgotten_is_gone_and_counted(store: &Repositories) {
    let owner = user(store, "owner").await;
    let (first, second) = (bot(owner, "first"), bot(owner, "second"));
    let states = &store.bot_states;
    let kept = changes([("a", Some("1")), ("b", Some("2"))]);
    states.save(&first, &kept).await.unwrap();
    states.save(&second, &kept).await.unwrap();
    assert_eq!(states.forget(&first).await.unwrap(), 2);
    assert_eq!(states.forget(&first).await.unwrap(), 0);
    assert_eq!(states.read(&first).await.unwrap(), BotState::new());
    assert_eq!(states.read(&second).await.unwrap().len(), 2);
}

/// Nothing is kept for nobody, and a refused change leaves nothing behind.
pub async fn keeping_needs_a_user(store: &Repositories) {
    let bot = bot(nobody(), "first");
    let states = &store.bot_states;
    let refused = states.save(&bot, &changes([("a", Some("1"))])).await;
    assert!(is_missing(&refused), "{refused:?}");
    states.save(&bot, &changes([("a", None)])).await.unwrap();
    assert_eq!(states.read(&bot).await.unwrap(), BotState::new());
}
