//! Lists of instruments.

use super::{Memory, Tables, duplicate, not_found};
use async_trait::async_trait;
use openalgo::core::account::{Watchlist, WatchlistItems};
use openalgo::core::id::{UserId, WatchlistId, WatchlistName};
use openalgo::core::port::{StoreError, WatchlistRepository};

impl Tables {
    fn make_watchlist(
        &mut self,
        user: UserId,
        name: &WatchlistName,
    ) -> Result<Watchlist, StoreError> {
        self.require_user(user)?;
        self.require_free(user, name)?;
        let made = Watchlist {
            id: WatchlistId::new(self.next_number("watchlists")),
            user,
            name: name.clone(),
            items: WatchlistItems::default(),
        };
        self.watchlists.push(made.clone());
        Ok(made)
    }

    fn require_free(&self, user: UserId, name: &WatchlistName) -> Result<(), StoreError> {
        let has_it = |list: &Watchlist| list.user == user && list.name == *name;
        if self.watchlists.iter().any(has_it) {
            return Err(duplicate("watchlist", name));
        }
        Ok(())
    }

    fn watchlist(&mut self, id: WatchlistId) -> Result<&mut Watchlist, StoreError> {
        let list = self.watchlists.iter_mut().find(|list| list.id == id);
        list.ok_or_else(|| not_found("watchlist", &id))
    }

    fn rename_watchlist(
        &mut self,
        id: WatchlistId,
        name: &WatchlistName,
    ) -> Result<(), StoreError> {
        let list = self.watchlist(id)?;
        if list.name == *name {
            return Ok(());
        }
        let user = list.user;
        self.require_free(user, name)?;
        self.watchlist(id)?.name = name.clone();
        Ok(())
    }

    fn arrange_watchlists(
        &mut self,
        user: UserId,
        first: &[WatchlistId],
    ) -> Result<(), StoreError> {
        let is_theirs = |id| {
            self.watchlists
                .iter()
                .any(|it| it.user == user && it.id == id)
        };
        if let Some(unknown) = first.iter().find(|id| !is_theirs(**id)) {
            return Err(not_found("watchlist", unknown));
        }
        let place = |id| first.iter().position(|it| *it == id).unwrap_or(first.len());
        self.watchlists.sort_by_key(|list| place(list.id));
        Ok(())
    }
}

#[async_trait]
impl WatchlistRepository for Memory {
    async fn insert(&self, user: UserId, name: &WatchlistName) -> Result<Watchlist, StoreError> {
        self.write(|tables, _| tables.make_watchlist(user, name))
    }

    async fn list(&self, user: UserId) -> Result<Vec<Watchlist>, StoreError> {
        Ok(self.read(|tables| {
            let lists = tables.watchlists.iter();
            lists.filter(|list| list.user == user).cloned().collect()
        }))
    }

    async fn rename(&self, id: WatchlistId, name: &WatchlistName) -> Result<(), StoreError> {
        self.write(|tables, _| tables.rename_watchlist(id, name))
    }

    async fn set_items(&self, id: WatchlistId, items: &WatchlistItems) -> Result<(), StoreError> {
        self.write(|tables, _| {
            tables.watchlist(id)?.items = items.clone();
            Ok(())
        })
    }

    async fn arrange(&self, user: UserId, first: &[WatchlistId]) -> Result<(), StoreError> {
        self.write(|tables, _| tables.arrange_watchlists(user, first))
    }

    async fn delete(&self, id: WatchlistId) -> Result<(), StoreError> {
        self.write(|tables, _| {
            tables.watchlist(id)?;
            tables.watchlists.retain(|list| list.id != id);
            Ok(())
        })
    }
}
