//! Named API keys.

use super::{Memory, Tables, duplicate, not_found};
use async_trait::async_trait;
use openalgo::core::account::{ApiToken, NewApiToken};
use openalgo::core::id::{ApiTokenId, KeyPrefix, TokenName, UserId};
use openalgo::core::market::Timestamp;
use openalgo::core::port::{ApiTokenRepository, CryptoError, StoreError};

impl Tables {
    fn keep_token(&mut self, new: &NewApiToken, now: Timestamp) -> Result<ApiToken, StoreError> {
        self.require_user(new.user)?;
        if self.token_of(new.user, &new.name).is_some() {
            return Err(duplicate("API key", &new.name));
        }
        let malformed = CryptoError::Malformed { what: "API key" };
        let token = ApiToken {
            id: ApiTokenId::new(self.next_number("api_tokens")),
            user: new.user,
            name: new.name.clone(),
            prefix: KeyPrefix::of(&new.key).ok_or(malformed)?,
            key_hash: new.key_hash.clone(),
            key: new.key.clone(),
            scopes: new.scopes.clone(),
            expires_at: new.expires_at,
            last_used_at: None,
            created_at: now,
        };
        self.api_tokens.push(token.clone());
        Ok(token)
    }

    fn token_of(&self, user: UserId, name: &TokenName) -> Option<usize> {
        let mut tokens = self.api_tokens.iter();
        tokens.position(|token| token.user == user && token.name == *name)
    }
}

#[async_trait]
impl ApiTokenRepository for Memory {
    async fn insert(&self, token: &NewApiToken) -> Result<ApiToken, StoreError> {
        self.write(|tables, now| tables.keep_token(token, now))
    }

    async fn list(&self, user: UserId) -> Result<Vec<ApiToken>, StoreError> {
        Ok(self.read(|tables| {
            let tokens = tables.api_tokens.iter().filter(|token| token.user == user);
            let mut tokens: Vec<_> = tokens.cloned().collect();
            tokens.sort_by(|one, other| one.name.cmp(&other.name));
            tokens
        }))
    }

    async fn candidates(&self, prefix: &KeyPrefix) -> Result<Vec<ApiToken>, StoreError> {
        Ok(self.read(|tables| {
            let tokens = tables.api_tokens.iter();
            tokens.filter(|it| it.prefix == *prefix).cloned().collect()
        }))
    }

    async fn touch(&self, id: ApiTokenId, at: Timestamp) -> Result<(), StoreError> {
        self.write(|tables, _| {
            let token = tables.api_tokens.iter_mut().find(|token| token.id == id);
            let token = token.ok_or_else(|| not_found("API key", &id))?;
            token.last_used_at = token.last_used_at.max(Some(at));
            Ok(())
        })
    }

    async fn delete(&self, user: UserId, name: &TokenName) -> Result<(), StoreError> {
        self.write(|tables, _| {
            let found = tables.token_of(user, name);
            let place = found.ok_or_else(|| not_found("API key", name))?;
            tables.api_tokens.remove(place);
            Ok(())
        })
    }
}
