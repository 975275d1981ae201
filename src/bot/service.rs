//! The bots that run in an open data folder.

use super::clockwork::Clockwork;
use super::inbox::Inbox;
use super::life::Life;
use super::memory::Memory;
use super::task::{feed, live, watch_over};
use super::{Bot, BotEnd, BotSetup, BotStartError};
use futures_util::future::join_all;
use openalgo_core::id::{BotName, UserId};
use openalgo_core::port::{BotStateRepository, StoreError};
use openalgo_core::strategy::BotKey;
use openalgo_engine::Engine;
use openalgo_engine::hub::TickReader;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// A bot that runs, or has run.
#[derive(Debug, Clone)]
pub struct BotHandle {
    key: BotKey,
    inbox: Arc<Inbox>,
    stop: watch::Sender<bool>,
    ended: watch::Receiver<Option<Arc<BotEnd>>>,
}

impl BotHandle {
    /// What it is called.
    pub fn name(&self) -> &BotName {
        &self.key.bot
    }

    /// For whom it trades.
    pub fn user(&self) -> UserId {
        self.key.user
    }

    /// Prices that it was not told, since later ones came before it had answered.
    pub fn missed(&self) -> u64 {
        self.inbox.missed()
    }

    /// How it ended; `None` while it runs.
    pub fn end(&self) -> Option<Arc<BotEnd>> {
        self.ended.borrow().clone()
    }

    /// Waits for its end.
    pub async fn ended(&self) -> Arc<BotEnd> {
        let mut ended = self.ended.clone();
        let end = ended.wait_for(Option::is_some).await;
        let end = end.ok().and_then(|end| end.clone());
        // Whoever would have told is gone with the runtime.
        end.unwrap_or_else(|| Arc::new(BotEnd::Panicked))
    }

    /// Lets it end, and waits for that. What it is in the middle of comes to its end; one that
    /// takes longer than ten seconds is ended. Its open orders and positions stay, unless it
    /// does something about them.
    pub async fn stop(&self) -> Arc<BotEnd> {
        self.stop.send_replace(true);
        self.ended().await
    }
}

/// The bots that run in an open data folder.
#[derive(Debug)]
pub struct Bots {
    engine: Arc<Engine>,
    states: Arc<dyn BotStateRepository>,
    /// `None` once no bot starts any more.
    running: Mutex<Option<BTreeMap<BotKey, BotHandle>>>,
}

impl Bots {
    /// Bots on an engine, which keep there what they need.
    pub fn new(engine: Arc<Engine>, states: Arc<dyn BotStateRepository>) -> Self {
        Self {
            engine,
            states,
            running: Mutex::new(Some(BTreeMap::new())),
        }
    }

    /// Starts a bot, which trades for a user until it ends or is stopped. There is one of a name at
    /// a time.
    pub async fn start(
        &self,
        user: UserId,
        setup: BotSetup,
        bot: impl Bot + 'static,
    ) -> Result<BotHandle, BotStartError> {
        setup.check()?;
        let bot_name = setup.name.clone();
        let key = BotKey {
            user,
            bot: bot_name,
        };
        self.check_free(&key)?;
        let memory = Memory::recall(key.clone(), Arc::clone(&self.states)).await?;
        let reader = self.reader(&setup).await?;
        let clockwork = Clockwork::new(&setup, self.engine.market().hours(), self.engine.now());
        let life = Life::new(Arc::clone(&self.engine), memory, Box::new(bot)).await?;
        self.spawn(key, life, (reader, clockwork))
    }

    /// The bots that run.
    pub fn running(&self) -> Vec<BotHandle> {
        let running = self.lock();
        let handles = running.iter().flat_map(BTreeMap::values);
        handles.filter(|it| it.end().is_none()).cloned().collect()
    }

    /// Takes all that a bot keeps away, so that it begins anew; how much that was. One that runs is
    /// refused.
    pub async fn forget(&self, user: UserId, bot: BotName) -> Result<u64, BotStartError> {
        let key = BotKey { user, bot };
        self.check_free(&key)?;
        let forgotten: Result<_, StoreError> = self.states.forget(&key).await;
        Ok(forgotten.map_err(super::MemoryError::from)?)
    }

    /// Stops all of them, and starts none any more.
    pub async fn end(&self) {
        let running = self.lock().take().unwrap_or_default();
        join_all(running.values().map(BotHandle::stop)).await;
    }

    fn lock(&self) -> MutexGuard<'_, Option<BTreeMap<BotKey, BotHandle>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_free(&self, key: &BotKey) -> Result<(), BotStartError> {
        let running = self.lock();
        let running = running.as_ref().ok_or(BotStartError::Closing)?;
        match running.get(key) {
            Some(handle) if handle.end().is_none() => Err(BotStartError::Running(key.bot.clone())),
            Some(_) | None => Ok(()),
        }
    }

    /// Reads the prices that a bot needs, if it needs any.
    async fn reader(&self, setup: &BotSetup) -> Result<Option<TickReader>, BotStartError> {
        let wanted = setup.subscriptions();
        if wanted.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.engine.hub().subscribe(&wanted).await?))
    }

    fn spawn(
        &self,
        key: BotKey,
        life: Life,
        prices: (Option<TickReader>, Clockwork),
    ) -> Result<BotHandle, BotStartError> {
        let mut running = self.lock();
        let running = running.as_mut().ok_or(BotStartError::Closing)?;
        let known = running.get(&key);
        if known.is_some_and(|known| known.end().is_none()) {
            return Err(BotStartError::Running(key.bot));
        }
        let inbox = Arc::new(Inbox::default());
        let (stop, stopped) = watch::channel(false);
        let (alive, is_alive) = watch::channel(());
        let (ending, ended) = watch::channel(None);
        let engine = Arc::clone(&self.engine);
        tokio::spawn(feed(engine, prices, (Arc::clone(&inbox), is_alive)));
        let life = live(life, (Arc::clone(&inbox), alive), stopped.clone());
        let life = tokio::spawn(life);
        let bot = key.bot.clone();
        tokio::spawn(async move {
            let end = watch_over(life, stopped).await;
            if end.is_orderly() {
                tracing::info!(%bot, %end, "a bot has ended");
            } else {
                tracing::error!(%bot, %end, "a bot has ended");
            }
            ending.send_replace(Some(Arc::new(end)));
        });
        let handle = BotHandle {
            key: key.clone(),
            inbox,
            stop,
            ended,
        };
        running.insert(key, handle.clone());
        Ok(handle)
    }
}
