//! Calls about what bots keep.

use super::answer::plain;
use super::call::someone;
use openalgo::core::strategy::{BotChanges, BotKey};
use openalgo_core::testing::contract::Repositories;
use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

#[derive(Debug, Clone)]
pub(super) enum Bots {
    Read(BotKey),
    Save(BotKey, BotChanges),
    Forget(BotKey),
}

fn key() -> impl Strategy<Value = BotKey> {
    let bot = select(vec!["first", "second"]).prop_map(|name| name.parse().unwrap());
    (someone(), bot).prop_map(|(user, bot)| BotKey { user, bot })
}

fn changes() -> impl Strategy<Value = BotChanges> {
    let key = select(vec!["a", "A", "b"]).prop_map(String::from);
    let value = select(vec!["", "₹", "null"]).prop_map(String::from);
    btree_map(key, option::of(value), 0..4)
}

pub(super) fn bots() -> impl Strategy<Value = Bots> {
    prop_oneof![
        1 => key().prop_map(Bots::Read),
        3 => (key(), changes()).prop_map(|(key, changes)| Bots::Save(key, changes)),
        1 => key().prop_map(Bots::Forget),
    ]
}

impl Bots {
    pub(super) async fn answer(&self, store: &Repositories) -> String {
        let states = &store.bot_states;
        match self {
            Self::Read(bot) => plain(states.read(bot).await),
            Self::Save(bot, changes) => plain(states.save(bot, changes).await),
            Self::Forget(bot) => plain(states.forget(bot).await),
        }
    }
}
