//! The main API key of each user.

use super::{Memory, not_found};
use async_trait::async_trait;
use openalgo::core::account::{ApiKeyRecord, NewApiKey};
use openalgo::core::id::UserId;
use openalgo::core::order::OrderMode;
use openalgo::core::port::{ApiKeyRepository, StoreError};

#[async_trait]
impl ApiKeyRepository for Memory {
    async fn replace(&self, key: &NewApiKey) -> Result<(), StoreError> {
        self.write(|tables, now| {
            tables.require_user(key.user)?;
            let present = tables.api_keys.get(&key.user);
            let record = ApiKeyRecord {
                user: key.user,
                key_hash: key.key_hash.clone(),
                key: key.key.clone(),
                order_mode: present.map_or(OrderMode::Auto, |present| present.order_mode),
                created_at: now,
            };
            tables.api_keys.insert(key.user, record);
            Ok(())
        })
    }

    async fn find(&self, user: UserId) -> Result<Option<ApiKeyRecord>, StoreError> {
        Ok(self.read(|tables| tables.api_keys.get(&user).cloned()))
    }

    async fn list(&self) -> Result<Vec<ApiKeyRecord>, StoreError> {
        Ok(self.read(|tables| tables.api_keys.values().cloned().collect()))
    }

    async fn set_order_mode(&self, user: UserId, mode: OrderMode) -> Result<(), StoreError> {
        self.write(|tables, _| {
            let key = tables.api_keys.get_mut(&user);
            let key = key.ok_or_else(|| not_found("API key of user", &user))?;
            key.order_mode = mode;
            Ok(())
        })
    }
}
