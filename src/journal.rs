//! The journal of orders: proving that it is what was written, and writing it out for others.

mod error;
mod export;

pub use error::JournalError;
pub use export::{ExportRule, Exported};

use crate::open_folder::OpenFolder;
use openalgo_core::account::SettingKey;
use openalgo_core::id::{BrokerName, UserId, Username};
use openalgo_core::journal::{JournalReport, JournalScope, StoredEntry};
use openalgo_core::market::{SessionBoundary, TradingDay};
use std::collections::BTreeMap;

/// Entries that are read at a time.
const PAGE: u32 = 1_000;
/// What an entry takes besides what happened, about.
const FRAME: usize = 512;

/// Which part of the journal is meant; where nothing is named, all of it.
#[derive(Debug, Clone, Default)]
pub struct JournalPart {
    /// Only the orders of this user.
    pub user: Option<Username>,
    /// Only the orders at this broker.
    pub broker: Option<BrokerName>,
    /// Only what happened on this trading day or later.
    pub from: Option<TradingDay>,
    /// Only what happened on this trading day or earlier.
    pub to: Option<TradingDay>,
    /// Only the orders with this id.
    pub order: Option<String>,
}

impl OpenFolder {
    /// Proves that the journal of orders is what was written, and names the first entry of each
    /// account that is not. Changes nothing, whatever the state of the journal.
    pub async fn verify_journal(&self, part: &JournalPart) -> Result<JournalReport, JournalError> {
        let scope = self.scope(part).await?;
        Ok(self.store.journal().verify(&scope).await?)
    }

    /// Reads entries of the journal, if they take no more than about so many bytes.
    pub async fn read_journal(
        &self,
        part: &JournalPart,
        most: usize,
    ) -> Result<Vec<StoredEntry>, JournalError> {
        let scope = self.scope(part).await?;
        let (mut entries, mut bytes) = (Vec::<StoredEntry>::new(), 0_usize);
        loop {
            let after = entries.last().map_or(0, |entry| entry.number);
            let page = self.store.journal().entries(&scope, after, PAGE).await?;
            if page.is_empty() {
                return Ok(entries);
            }
            for entry in &page {
                bytes = bytes
                    .saturating_add(entry.payload.len())
                    .saturating_add(FRAME);
            }
            if bytes > most {
                return Err(JournalError::TooLong { most });
            }
            entries.extend(page);
        }
    }

    /// The names of the users, for what tells of them by number.
    pub async fn user_names(&self) -> Result<BTreeMap<UserId, Username>, JournalError> {
        let users = self.store.users().list().await?.into_iter();
        Ok(users.map(|user| (user.id, user.username)).collect())
    }

    async fn scope(&self, part: &JournalPart) -> Result<JournalScope, JournalError> {
        if let (Some(from), Some(to)) = (part.from, part.to)
            && from > to
        {
            return Err(JournalError::NoDays { from, to });
        }
        let user = match &part.user {
            None => None,
            Some(name) => {
                let found = self.store.users().find(name).await?;
                let unknown = || JournalError::UnknownUser(name.clone());
                Some(found.ok_or_else(unknown)?.id)
            }
        };
        self.check_whose(part).await?;
        let boundary = self.session_boundary().await;
        Ok(JournalScope {
            user,
            broker: part.broker.clone(),
            from: part.from.map(|day| boundary.start_of(day)),
            until: part
                .to
                .map(|day| boundary.next_after(boundary.start_of(day))),
            order: part.order.clone(),
        })
    }

    /// Refuses an id that orders of several users have, unless it is said whose is meant: paper
    /// accounts give out the same numbers at the same time.
    async fn check_whose(&self, part: &JournalPart) -> Result<(), JournalError> {
        let (Some(order), None) = (&part.order, &part.user) else {
            return Ok(());
        };
        let mut whose = Vec::new();
        // What is damaged keeps nobody from the journal.
        for user in self.store.users().list().await.unwrap_or_default() {
            if let Ok(Some(_)) = self.store.orders().find(user.id, order).await {
                whose.push(user.username);
            }
        }
        if whose.len() > 1 {
            let order = order.clone();
            return Err(JournalError::Ambiguous { order, whose });
        }
        Ok(())
    }

    /// When trading days begin. A setting that cannot be read keeps nobody from the journal.
    async fn session_boundary(&self) -> SessionBoundary {
        let key = SettingKey::SessionExpiryTime;
        let setting = self.store.settings().get(key).await;
        let parsed = setting.map(|setting| setting.value.parse());
        if let Ok(Ok(boundary)) = parsed {
            return boundary;
        }
        tracing::warn!("it is not known when trading days begin: 03:00 is assumed");
        SessionBoundary::default()
    }
}
