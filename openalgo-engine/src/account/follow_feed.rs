//! Lets resting paper orders meet prices as they come, where the source streams them and the
//! course of its prices is not known.

use super::{AccountError, AccountRegistry};
use crate::event::{Event, EventBus, EventStream, Next};
use crate::hub::{MarketDataHub, NextTick, TickReader};
use crate::market::Market;
use crate::ports::Ports;
use openalgo_core::id::UserId;
use openalgo_core::market::{FeedMode, InstrumentKey, Tick};
use openalgo_core::port::StoreError;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use thiserror::Error;

/// Why it is not known what resting orders wait for.
#[derive(Debug, Error)]
pub(crate) enum FollowError {
    /// The users could not be listed.
    #[error("users could not be read")]
    Store(#[from] StoreError),
    /// An account failed.
    #[error(transparent)]
    Account(#[from] AccountError),
}

/// Follows the prices that resting paper orders wait for.
#[derive(Debug)]
pub(crate) struct FeedFollower {
    ports: Arc<Ports>,
    market: Arc<Market>,
    accounts: Arc<AccountRegistry>,
    hub: MarketDataHub,
    events: EventStream,
    reader: TickReader,
    /// Whose orders wait for the price of each instrument.
    waiting: BTreeMap<InstrumentKey, BTreeSet<UserId>>,
}

impl FeedFollower {
    pub(crate) fn new(
        ports: Arc<Ports>,
        (market, hub): (Arc<Market>, MarketDataHub),
        accounts: Arc<AccountRegistry>,
        events: &EventBus,
    ) -> Self {
        Self {
            ports,
            market,
            accounts,
            events: events.subscribe(),
            reader: hub.reader(),
            hub,
            waiting: BTreeMap::new(),
        }
    }

    /// Works until prices or events end.
    pub(crate) async fn run(mut self) {
        self.look_again().await;
        loop {
            tokio::select! {
                biased;
                event = self.events.next() => match event {
                    Next::Event(Event::OrderChanged(_)) | Next::Missed(_) => {
                        self.look_again().await;
                    }
                    Next::Event(_) => {}
                    Next::End => return,
                },
                tick = self.reader.next() => match tick {
                    NextTick::Tick(tick) => self.meet(&tick).await,
                    NextTick::TooSlow => {
                        self.reader = self.hub.reader();
                        self.look_again().await;
                    }
                    NextTick::End => return,
                },
            }
        }
    }

    /// Finds out what orders wait for.
    async fn look_again(&mut self) {
        match self.watched().await {
            Ok(waiting) => {
                // Bid and offer decide on market orders that wait.
                let wanted = waiting.keys().map(|key| (key.clone(), FeedMode::Quote));
                self.reader.set(&wanted.collect());
                self.waiting = waiting;
            }
            Err(error) => {
                tracing::warn!(%error, "it is not known what resting orders wait for");
            }
        }
    }

    async fn watched(&self) -> Result<BTreeMap<InstrumentKey, BTreeSet<UserId>>, FollowError> {
        let mut waiting: BTreeMap<InstrumentKey, BTreeSet<UserId>> = BTreeMap::new();
        for user in self.ports.users.list().await? {
            let account = self.accounts.account(user.id, &self.ports.paper)?;
            for watch in account.watches().await? {
                waiting.entry(watch.instrument).or_default().insert(user.id);
            }
        }
        Ok(waiting)
    }

    /// Lets the orders of everybody who waits meet a price.
    async fn meet(&self, tick: &Tick) {
        let Some(users) = self.waiting.get(&tick.instrument) else {
            return;
        };
        let market = async {
            let instrument = self.market.instrument(&tick.instrument).await?;
            let quote = self.hub.quote(&tick.instrument).await?;
            Ok::<_, crate::market::LookupError>((instrument, quote))
        };
        let Ok((instrument, quote)) = market.await else {
            // The error would name the symbol.
            tracing::warn!("a resting order waits for what does not exist");
            return;
        };
        for user in users {
            let account = self.accounts.account(*user, &self.ports.paper);
            let met = match account {
                Ok(account) => account.price(Arc::clone(&instrument), quote.clone()).await,
                Err(error) => Err(error),
            };
            if let Err(error) = met {
                tracing::warn!(%user, %error, "resting orders did not meet a price");
            }
        }
    }
}
