//! A bot that runs in an open folder: one task takes prices as they come, another tells the bot.

use super::BotEnd;
use super::clockwork::Clockwork;
use super::inbox::Inbox;
use super::life::Life;
use openalgo_core::market::Timestamp;
use openalgo_engine::Engine;
use openalgo_engine::hub::{NextTick, TickReader};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long a bot may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// A clock can be set: how long nobody looks at it.
const LOOK: Duration = Duration::from_secs(1);

/// Tells a bot what happens until it ends. While this goes on, `_alive` is held.
pub(super) async fn live(
    mut life: Life,
    (inbox, _alive): (Arc<Inbox>, watch::Sender<()>),
    mut stop: watch::Receiver<bool>,
) -> BotEnd {
    let end = match life.begin().await {
        Ok(()) => run(&mut life, &inbox, &mut stop).await,
        Err(end) => end,
    };
    life.end(end).await
}

async fn run(life: &mut Life, inbox: &Inbox, stop: &mut watch::Receiver<bool>) -> BotEnd {
    loop {
        let told = tokio::select! {
            biased;
            () = asked(stop) => return BotEnd::Stopped,
            event = life.next_event() => life.event(event).await,
            news = inbox.next() => match news {
                Ok(news) => {
                    life.context.missed = inbox.missed();
                    life.tell(news).await
                }
                Err(end) => return end.into(),
            },
        };
        if let Err(end) = told {
            return end;
        }
    }
}

/// Waits until the bot is to stop.
async fn asked(stop: &mut watch::Receiver<bool>) {
    // Without anybody who could ask, nobody waits for it either.
    drop(stop.wait_for(|stop| *stop).await);
}

/// Why nothing more comes into an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    EngineStopped,
    TooSlow,
}

impl From<Closed> for BotEnd {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::EngineStopped => Self::EngineStopped,
            Closed::TooSlow => Self::TooSlow,
        }
    }
}

/// Puts prices, candles and timers into an inbox while the bot lives.
pub(super) async fn feed(
    engine: Arc<Engine>,
    (reader, clockwork): (Option<TickReader>, Clockwork),
    (inbox, mut alive): (Arc<Inbox>, watch::Receiver<()>),
) {
    tokio::select! {
        biased;
        _ = alive.changed() => {}
        closed = take(&engine, (reader, clockwork), &inbox) => inbox.close(closed),
    }
}

async fn take(
    engine: &Engine,
    (mut reader, mut clockwork): (Option<TickReader>, Clockwork),
    inbox: &Inbox,
) -> Closed {
    loop {
        let news = tokio::select! {
            biased;
            next = next_tick(&mut reader) => match next {
                NextTick::Tick(tick) => clockwork.take(&tick),
                NextTick::TooSlow => return Closed::TooSlow,
                NextTick::End => return Closed::EngineStopped,
            },
            () = wait(engine, clockwork.due()) => clockwork.advance(engine.now()),
        };
        if inbox.put(news).is_err() {
            return Closed::TooSlow;
        }
    }
}

async fn next_tick(reader: &mut Option<TickReader>) -> NextTick {
    match reader {
        Some(reader) => reader.next().await,
        None => std::future::pending().await,
    }
}

async fn wait(engine: &Engine, due: Option<Timestamp>) {
    match due {
        None => std::future::pending().await,
        Some(due) => {
            let left = engine.clock().time_until(due);
            tokio::time::sleep(left.map_or(LOOK, |left| left.min(LOOK))).await;
        }
    }
}

/// Waits for a bot to end; one that was stopped and does not is ended.
pub(super) async fn watch_over(
    mut life: JoinHandle<BotEnd>,
    mut stop: watch::Receiver<bool>,
) -> BotEnd {
    let overdue = async {
        if stop.wait_for(|stop| *stop).await.is_err() {
            // Nobody can stop it any more.
            return std::future::pending().await;
        }
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        biased;
        ended = &mut life => ended.unwrap_or(BotEnd::Panicked),
        () = overdue => {
            life.abort();
            BotEnd::Overdue
        }
    }
}
