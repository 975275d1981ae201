//! What a bot keeps, and the numbers of its orders.
//!
//! Both change while a bot is called, and are written when it has answered, all of it or nothing.
//! Killed in between, the bot stands where it stood before the call. Orders that it places
//! then have the numbers of those that it had placed, so that the same order is the same one.

use super::MemoryError;
use openalgo_core::id::{BotName, ClientOrderId, TextError};
use openalgo_core::port::{BotStateRepository, StoreError};
use openalgo_core::strategy::{BotChanges, BotKey, BotState};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Where the number of the next order is kept. No bot can use a name like it.
const NEXT_ORDER: &str = ".next-order";

/// The longest name and the longest text.
const LONGEST_NAME: usize = 64;
const LONGEST_TEXT: usize = 1 << 20;

/// What a bot keeps.
#[derive(Debug)]
pub(super) struct Memory {
    key: BotKey,
    /// `None` where nothing outlives the bot.
    kept_in: Option<Arc<dyn BotStateRepository>>,
    state: BotState,
    changes: BotChanges,
    next_order: u64,
}

impl Memory {
    /// What a bot kept the last time.
    pub(super) async fn recall(
        key: BotKey,
        kept_in: Arc<dyn BotStateRepository>,
    ) -> Result<Self, MemoryError> {
        let state = kept_in.read(&key).await?;
        let next_order = match state.get(NEXT_ORDER) {
            None => 1,
            Some(text) => text.parse().map_err(|source| MemoryError::NextOrder {
                bot: key.bot.clone(),
                text: text.clone(),
                source,
            })?,
        };
        Ok(Self {
            kept_in: Some(kept_in),
            state,
            next_order,
            ..Self::fleeting(key)
        })
    }

    /// One that is empty, and gone with the bot.
    pub(super) fn fleeting(key: BotKey) -> Self {
        Self {
            key,
            kept_in: None,
            state: BotState::new(),
            changes: BotChanges::new(),
            next_order: 1,
        }
    }

    pub(super) fn key(&self) -> &BotKey {
        &self.key
    }

    pub(super) fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, MemoryError> {
        let text = self.state.get(name).filter(|_| name != NEXT_ORDER);
        let read = text.map(|text| serde_json::from_str(text)).transpose();
        read.map_err(|source| MemoryError::Unreadable {
            name: name.to_owned(),
            source,
        })
    }

    pub(super) fn set<T: Serialize>(&mut self, name: &str, value: &T) -> Result<(), MemoryError> {
        if name.is_empty() || name.len() > LONGEST_NAME || name.starts_with('.') {
            return Err(MemoryError::Name(name.to_owned()));
        }
        let text = serde_json::to_string(value).map_err(|source| MemoryError::Unwritable {
            name: name.to_owned(),
            source,
        })?;
        if text.len() > LONGEST_TEXT {
            let (name, length) = (name.to_owned(), text.len());
            return Err(MemoryError::TooLong { name, length });
        }
        if self.state.get(name) != Some(&text) {
            self.change(name, text);
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, name: &str) {
        if name != NEXT_ORDER && self.state.remove(name).is_some() {
            self.changes.insert(name.to_owned(), None);
        }
    }

    fn change(&mut self, name: &str, text: String) {
        self.state.insert(name.to_owned(), text.clone());
        self.changes.insert(name.to_owned(), Some(text));
    }

    /// The id of the next order.
    pub(super) fn next_order_id(&mut self) -> Result<ClientOrderId, TextError> {
        let id = order_id(&self.key.bot, self.next_order)?;
        self.next_order = self.next_order.saturating_add(1);
        self.change(NEXT_ORDER, self.next_order.to_string());
        Ok(id)
    }

    /// Writes what has changed.
    pub(super) async fn save(&mut self) -> Result<(), StoreError> {
        let changes = std::mem::take(&mut self.changes);
        match &self.kept_in {
            Some(kept_in) if !changes.is_empty() => kept_in.save(&self.key, &changes).await,
            Some(_) | None => Ok(()),
        }
    }
}

fn order_id(bot: &BotName, number: u64) -> Result<ClientOrderId, TextError> {
    ClientOrderId::try_new(&format!("bot:{bot}:{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo_core::port::MockBotStateRepository;
    use openalgo_core::testing::sample;

    fn key() -> BotKey {
        BotKey {
            user: sample::NOBODY,
            bot: "first".parse().unwrap(),
        }
    }

    #[tokio::test]
    async fn what_was_kept_goes_out_at_once_and_with_the_number_of_the_next_order() {
        let mut store = MockBotStateRepository::new();
        let kept = [(NEXT_ORDER, "7"), ("gone", "1"), ("same", "[2]")];
        let kept: BotState = kept.map(|(name, text)| (name.into(), text.into())).into();
        store.expect_read().return_once(move |_| Ok(kept));
        let expected = [
            (NEXT_ORDER, Some("8")),
            ("gone", None),
            ("new", Some("\"₹\"")),
        ];
        let expected: BotChanges = expected
            .map(|(name, text)| (name.into(), text.map(Into::into)))
            .into();
        store
            .expect_save()
            .withf(move |_, changes| *changes == expected)
            .once()
            .returning(|_, _| Ok(()));
        let mut memory = Memory::recall(key(), Arc::new(store)).await.unwrap();
        memory.save().await.unwrap();
        assert_eq!(memory.next_order_id().unwrap().as_str(), "bot:first:7");
        memory.set("new", &"₹").unwrap();
        memory.set("same", &[2]).unwrap();
        memory.remove("gone");
        memory.remove("never");
        assert_eq!(memory.get::<String>("new").unwrap().as_deref(), Some("₹"));
        assert_eq!(memory.get::<i32>("gone").unwrap(), None);
        memory.save().await.unwrap();
        memory.save().await.unwrap();
    }

    #[test]
    fn names_of_its_own_are_out_of_a_bots_reach() {
        let mut memory = Memory::fleeting(key());
        for name in ["", NEXT_ORDER, ".", &"n".repeat(65)] {
            let refused = memory.set(name, &1);
            assert!(matches!(refused, Err(MemoryError::Name(_))), "{name}");
        }
        memory.next_order_id().unwrap();
        memory.remove(NEXT_ORDER);
        assert_eq!(memory.get::<u64>(NEXT_ORDER).unwrap(), None);
        assert_eq!(memory.next_order_id().unwrap().as_str(), "bot:first:2");
        memory.set("text", &"no number").unwrap();
        let unreadable = memory.get::<u64>("text").unwrap_err().to_string();
        assert!(unreadable.contains("'text'"), "{unreadable}");
    }

    #[test]
    fn the_id_of_an_order_of_the_longest_name_has_room_for_a_part() {
        let bot = "n".repeat(24).parse().unwrap();
        let id = order_id(&bot, 999_999_999_999).unwrap();
        id.derive(&"0".repeat(16)).unwrap();
    }
}
