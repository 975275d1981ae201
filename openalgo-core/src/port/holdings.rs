//! Delivered shares.

#![cfg_attr(
    any(test, feature = "testing"),
    expect(clippy::ref_option_ref, reason = "the mock is written by a macro")
)]

use super::StoreError;
use crate::id::{BrokerName, UserId};
use crate::portfolio::Holding;
use async_trait::async_trait;
use std::fmt;

/// Keeps holdings, one per user, broker and symbol: a share is the same on every exchange.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait HoldingRepository: fmt::Debug + Send + Sync {
    /// Keeps a holding in place of the one with the same user, broker and symbol. Its user must
    /// exist.
    async fn upsert(&self, holding: &Holding) -> Result<(), StoreError>;

    /// The holdings of a user at a broker, or at all of them; those kept first come first. One
    /// without a unit, settled or not, is none.
    async fn list<'a>(
        &self,
        user: UserId,
        broker: Option<&'a BrokerName>,
    ) -> Result<Vec<Holding>, StoreError>;
}
