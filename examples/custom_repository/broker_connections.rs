//! Logins at brokers.

use super::{Memory, not_found};
use async_trait::async_trait;
use openalgo::core::account::{BrokerConnection, BrokerTokens};
use openalgo::core::id::{BrokerName, UserId};
use openalgo::core::port::{BrokerConnectionRepository, StoreError};

#[async_trait]
impl BrokerConnectionRepository for Memory {
    async fn upsert(&self, connection: &BrokerConnection) -> Result<(), StoreError> {
        self.write(|tables, _| {
            tables.require_user(connection.user)?;
            let key = (connection.user, connection.broker.clone());
            tables.broker_connections.insert(key, connection.clone());
            Ok(())
        })
    }

    async fn find(
        &self,
        user: UserId,
        broker: &BrokerName,
    ) -> Result<Option<BrokerConnection>, StoreError> {
        let key = (user, broker.clone());
        Ok(self.read(|tables| tables.broker_connections.get(&key).cloned()))
    }

    async fn list(&self, user: UserId) -> Result<Vec<BrokerConnection>, StoreError> {
        Ok(self.read(|tables| {
            let connections = tables.broker_connections.values();
            connections.filter(|it| it.user == user).cloned().collect()
        }))
    }

    async fn revoke(&self, user: UserId, broker: &BrokerName) -> Result<(), StoreError> {
        self.write(|tables, _| {
            let found = tables.broker_connections.get_mut(&(user, broker.clone()));
            let login = found.ok_or_else(|| not_found("login of this user at", broker))?;
            login.is_revoked = true;
            login.tokens = BrokerTokens::default();
            Ok(())
        })
    }

    async fn delete(&self, user: UserId, broker: &BrokerName) -> Result<(), StoreError> {
        self.write(|tables, _| {
            let found = tables.broker_connections.remove(&(user, broker.clone()));
            found.ok_or_else(|| not_found("login of this user at", broker))?;
            Ok(())
        })
    }
}
