//! Lists of instruments.

use super::StoreError;
use crate::account::{Watchlist, WatchlistItems};
use crate::id::{UserId, WatchlistId, WatchlistName};
use async_trait::async_trait;
use std::fmt;

/// Keeps each user's lists of instruments in their order.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait WatchlistRepository: fmt::Debug + Send + Sync {
    /// Makes an empty list behind the user's others; its name must be free for the user.
    async fn insert(&self, user: UserId, name: &WatchlistName) -> Result<Watchlist, StoreError>;

    /// A user's lists in their order.
    async fn list(&self, user: UserId) -> Result<Vec<Watchlist>, StoreError>;

    /// Gives a list another name, which must be free for the user.
    async fn rename(&self, id: WatchlistId, name: &WatchlistName) -> Result<(), StoreError>;

    /// Replaces what is on a list.
    async fn set_items(&self, id: WatchlistId, items: &WatchlistItems) -> Result<(), StoreError>;

    /// Puts these lists of a user first, in this order; the others follow as they were.
    async fn arrange(&self, user: UserId, first: &[WatchlistId]) -> Result<(), StoreError>;

    /// Removes a list.
    async fn delete(&self, id: WatchlistId) -> Result<(), StoreError>;
}
