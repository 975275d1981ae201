//! A bot on prices of the past, as fast as they can be read: the same prices and the same bot give the
//! same trades.
//!
//! It trades on paper through the engine that everything else goes through, in a data folder that is
//! thrown away. One price is told after the other, and the next only when all that came of it is
//! done; time stands where the price is.
//!
//! | file | what is in it |
//! |---|---|
//! | `tape` | prices in the order of time, from a recording or out of candles |
//! | `market` | the market and the clock that those prices make |

mod market;
mod tape;

pub use tape::{CandleTrack, Tape, TapeError};

use super::clockwork::Clockwork;
use super::life::Life;
use super::memory::Memory;
use super::{Bot, BotEnd, BotSetup, BotStartError, SetupError};
use crate::{HoursRule, KeySource, OpenAlgo, OpenAppError, OwnerSetupError};
use market::{SetClock, ToldMarket};
use openalgo_core::account::SettingKey;
use openalgo_core::id::UserId;
use openalgo_core::market::{MarketHours, Tick, Timestamp};
use openalgo_core::order::{Order, Trade};
use openalgo_core::port::{MarketSource, PriceOrigin, StoreError};
use openalgo_core::strategy::BotKey;
use openalgo_engine::service::{ChangeSettingError, FundsView, PortfolioError};
use std::io;
use std::sync::Arc;
use tape::Playing;
use tempfile::TempDir;
use thiserror::Error;

/// Why a rehearsal did not take place.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RehearsalError {
    /// What the bot wants to be told makes no sense.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// There is no room for a data folder.
    #[error("no folder could be made for the rehearsal")]
    Folder(#[source] io::Error),
    /// Its data folder was not opened.
    #[error(transparent)]
    Open(#[from] OpenAppError),
    /// It has no owner.
    #[error(transparent)]
    Owner(#[from] OwnerSetupError),
    /// A setting was refused.
    #[error(transparent)]
    Setting(#[from] ChangeSettingError),
    /// The bot does not start.
    #[error(transparent)]
    Start(#[from] BotStartError),
    /// The prices cannot be read.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// What came of it cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What its money came to cannot be told.
    #[error(transparent)]
    Portfolio(#[from] PortfolioError),
}

/// What came of a rehearsal.
#[derive(Debug)]
pub struct Rehearsed {
    /// How the bot ended.
    pub end: BotEnd,
    /// The orders of the account, the oldest first.
    pub orders: Vec<Order>,
    /// Its executions, the oldest first.
    pub trades: Vec<Trade>,
    /// Its money at the end.
    pub funds: FundsView,
    /// How many prices were told.
    pub prices: u64,
    /// How many could not be, and were left out.
    pub left_out: u64,
}

impl Rehearsed {
    /// The executions as lines of text; see [`trade_list`].
    pub fn trade_list(&self) -> String {
        trade_list(&self.trades)
    }
}

/// Executions as lines of text, with a comma between time in India, symbol, side, quantity, price,
/// product and the broker's id.
pub fn trade_list(trades: &[Trade]) -> String {
    let line = |Trade { execution, .. }: &Trade| {
        let id = execution.broker_trade_id.as_ref();
        format!(
            "{},{},{},{},{},{},{}\n",
            execution.at.to_ist().format("%F %T%.6f"),
            execution.instrument,
            execution.side,
            execution.quantity,
            execution.price,
            execution.product,
            id.map_or("", |id| id.as_str()),
        )
    };
    trades.iter().map(line).collect::<Vec<_>>().concat()
}

/// A bot on prices of the past.
#[derive(Debug)]
pub struct Rehearsal {
    tape: Tape,
    hours: HoursRule,
    settings: Vec<(SettingKey, String)>,
}

impl Rehearsal {
    /// On these prices, at the hours of the exchanges: what is not traded at cannot fill anything,
    /// and intraday positions end on each trading day.
    pub fn new(tape: Tape) -> Self {
        Self {
            tape,
            hours: HoursRule::Bind,
            settings: Vec::new(),
        }
    }

    /// Whether the hours of the exchanges bind.
    #[must_use]
    pub fn market_hours(mut self, rule: HoursRule) -> Self {
        self.hours = rule;
        self
    }

    /// Sets something of the paper exchange before it begins, such as its charges or the money that
    /// an account begins with.
    #[must_use]
    pub fn setting(mut self, key: SettingKey, value: &str) -> Self {
        self.settings.push((key, value.to_owned()));
        self
    }

    /// Lets a bot trade.
    pub async fn run(
        self,
        setup: BotSetup,
        bot: impl Bot + 'static,
    ) -> Result<Rehearsed, RehearsalError> {
        setup.check()?;
        let folder = TempDir::new().map_err(RehearsalError::Folder)?;
        let clock = Arc::new(SetClock::at(self.tape.begins));
        let market = Arc::new(ToldMarket::new(self.tape.instruments.clone()));
        let app = OpenAlgo::builder()
            .data_dir(folder.path().join("data"))
            .key_source(KeySource::File(folder.path().join("master.key")))
            .clock(Arc::clone(&clock) as _)
            .market_source(MarketSource {
                origin: PriceOrigin::Staged,
                ..MarketSource::new(Arc::clone(&market) as _, Arc::clone(&market) as _)
            })
            .market_hours(self.hours)
            .without_market_watch()
            .open()
            .await?;
        let stage = Stage { app, clock, market };
        let told = Box::pin(stage.play(self, setup, Box::new(bot))).await;
        stage.app.close().await;
        told
    }
}

/// Where a rehearsal takes place.
struct Stage {
    app: OpenAlgo,
    clock: Arc<SetClock>,
    market: Arc<ToldMarket>,
}

impl Stage {
    async fn play(
        &self,
        rehearsal: Rehearsal,
        setup: BotSetup,
        bot: Box<dyn Bot>,
    ) -> Result<Rehearsed, RehearsalError> {
        for (key, value) in &rehearsal.settings {
            self.app.settings().set(*key, value).await?;
        }
        let owner = self.app.set_up_owner().await?.user;
        let hours: MarketHours = self.app.market().hours().clone();
        for subscription in setup.subscriptions() {
            let found = self.app.market().instrument(&subscription.instrument).await;
            found.map_err(BotStartError::from)?;
        }
        let memory = Memory::fleeting(BotKey {
            user: owner.id,
            bot: setup.name.clone(),
        });
        let life = Life::new(self.app.shared_engine(), memory, bot).await?;
        let mut course = Course {
            stage: self,
            clockwork: Clockwork::new(&setup, &hours, rehearsal.tape.begins),
            life,
            prices: 0,
            left_out: 0,
        };
        let end = course.run(rehearsal.tape.play(&hours)).await?;
        let end = course.life.end(end).await;
        let told = (course.prices, course.left_out);
        self.report(owner.id, end, told).await
    }

    async fn report(
        &self,
        owner: UserId,
        end: BotEnd,
        (prices, left_out): (u64, u64),
    ) -> Result<Rehearsed, RehearsalError> {
        let mut orders = self.app.orders().list(owner, u32::MAX).await?;
        let mut trades = self.app.orders().trades(owner, u32::MAX).await?;
        orders.reverse();
        trades.reverse();
        Ok(Rehearsed {
            end,
            orders,
            trades,
            funds: self.app.paper().funds(owner).await?,
            prices,
            left_out,
        })
    }
}

/// How far a rehearsal is.
struct Course<'s> {
    stage: &'s Stage,
    clockwork: Clockwork,
    life: Life,
    prices: u64,
    left_out: u64,
}

impl Course<'_> {
    /// Tells all prices; how the bot ended.
    async fn run(&mut self, mut playing: Playing) -> Result<BotEnd, TapeError> {
        if let Err(end) = self.life.begin().await {
            return Ok(end);
        }
        loop {
            let some = playing.next().await?;
            if some.is_empty() {
                break;
            }
            for tick in some {
                if let Err(end) = self.tell(tick).await {
                    return Ok(end);
                }
            }
        }
        match self.end_candles().await {
            Ok(()) => Ok(BotEnd::Over),
            Err(end) => Ok(end),
        }
    }

    async fn tell(&mut self, tick: Tick) -> Result<(), BotEnd> {
        self.pass(|due| due < tick.received_at).await?;
        self.stage.clock.go_to(tick.received_at);
        if !self.stage.market.take(&tick) {
            self.left_out = self.left_out.saturating_add(1);
            return Ok(());
        }
        self.prices = self.prices.saturating_add(1);
        // Resting orders meet also those prices that the bot is not told.
        self.life.meet_the_market().await?;
        for news in self.clockwork.take(&Arc::new(tick)) {
            self.life.tell(news).await?;
        }
        Ok(())
    }

    /// Lets time go by, as long as there is something to tell at a time that counts.
    async fn pass(&mut self, counts: impl Fn(Timestamp) -> bool) -> Result<(), BotEnd> {
        while let Some(due) = self.clockwork.due().filter(|due| counts(*due)) {
            self.stage.clock.go_to(due);
            for news in self.clockwork.advance(due) {
                self.life.tell(news).await?;
            }
        }
        Ok(())
    }

    /// After the last price the candles that it belongs to come to their end.
    async fn end_candles(&mut self) -> Result<(), BotEnd> {
        match self.clockwork.last_candle_due() {
            Some(last) => self.pass(|due| due <= last).await,
            None => Ok(()),
        }
    }
}
