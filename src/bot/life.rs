//! Tells a bot what happens, one thing after the other, and writes what it keeps after each.

use super::clockwork::News;
use super::memory::Memory;
use super::{Bot, BotContext, BotEnd, BotResult, BotStartError, MemoryError};
use openalgo_core::id::UserId;
use openalgo_core::order::Order;
use openalgo_engine::Engine;
use openalgo_engine::event::{Event, EventStream, Next};
use serde_json::json;
use std::sync::Arc;

/// So many of its user's newest orders are looked through for those that a bot has left open.
const LOOKED_THROUGH: u32 = 10_000;

/// A bot and what it lives in.
pub(super) struct Life {
    bot: Box<dyn Bot>,
    pub(super) context: BotContext,
    events: EventStream,
    /// The minute in which its account was last brought up to the present.
    minute: i64,
}

impl Life {
    /// A life that is about to begin, with the orders that are open from the one before.
    pub(super) async fn new(
        engine: Arc<Engine>,
        memory: Memory,
        bot: Box<dyn Bot>,
    ) -> Result<Self, BotStartError> {
        let events = engine.subscribe();
        let user: UserId = memory.key().user;
        let orders = engine.orders().list(user, LOOKED_THROUGH).await;
        let mut context = BotContext::new(engine, memory);
        for order in orders.map_err(MemoryError::from)? {
            if context.is_own(&order) {
                context.track(&order);
            }
        }
        Ok(Self {
            bot,
            context,
            events,
            minute: 0,
        })
    }

    /// Waits for something to become of an order. A call that is abandoned loses nothing.
    pub(super) async fn next_event(&mut self) -> Next {
        self.events.next().await
    }

    pub(super) async fn begin(&mut self) -> Result<(), BotEnd> {
        let answer = self.bot.start(&mut self.context).await;
        self.answered(answer).await
    }

    /// Tells the bot something, and what became of its orders by then and by what it did.
    pub(super) async fn tell(&mut self, news: News) -> Result<(), BotEnd> {
        self.meet_the_market().await?;
        let (bot, context) = (&mut self.bot, &mut self.context);
        let answer = match news {
            News::Timer(name) => bot.timer(context, &name).await,
            News::Tick(tick) => bot.tick(context, &tick).await,
            News::Candle(series, candle) => {
                context.remember(&series, &candle);
                bot.candle(context, &series, &candle).await
            }
        };
        self.answered(answer).await
    }

    /// Lets the bot end; how it ended.
    pub(super) async fn end(&mut self, end: BotEnd) -> BotEnd {
        let mut end = end;
        if end.is_orderly() {
            let answer = self.bot.stop(&mut self.context).await;
            end = match self.answered(answer).await {
                Ok(()) | Err(BotEnd::Finished) => end,
                Err(failure) => failure,
            };
        }
        let shown = json!({ "end": end.to_string() });
        self.context.record("end", None, &shown);
        end
    }

    /// Where time is set, what happens at a time happens in one order: resting orders meet the price
    /// of that time, and then the bot is told it. By true time nobody waits for anybody.
    pub(super) async fn meet_the_market(&mut self) -> Result<(), BotEnd> {
        let engine = self.context.engine();
        if !engine.clock().is_staged() || !self.context.has_traded {
            return Ok(());
        }
        let minute = engine.now().to_seconds().div_euclid(60);
        if self.context.open.is_empty() && minute == self.minute {
            return Ok(());
        }
        self.minute = minute;
        let met = engine.catch_up_of(self.context.user()).await;
        met.map_err(BotEnd::Behind)?;
        self.tell_events().await
    }

    async fn answered(&mut self, answer: BotResult) -> Result<(), BotEnd> {
        self.write_down(answer).await?;
        self.tell_events().await
    }

    async fn tell_events(&mut self) -> Result<(), BotEnd> {
        while let Some(next) = self.events.try_next() {
            self.event(next).await?;
        }
        Ok(())
    }

    /// Tells the bot what became of an order, if it is one of its own.
    pub(super) async fn event(&mut self, next: Next) -> Result<(), BotEnd> {
        match next {
            Next::Event(Event::OrderChanged(order)) if self.context.is_own(&order) => {
                self.changed(&order).await
            }
            Next::Event(_) => Ok(()),
            Next::Missed(_) => self.look_again().await,
            Next::End => Err(BotEnd::EngineStopped),
        }
    }

    async fn changed(&mut self, order: &Order) -> Result<(), BotEnd> {
        self.context.track(order);
        let answer = self.bot.order(&mut self.context, order).await;
        self.write_down(answer).await
    }

    /// Events were lost: what became of its orders is read where it is kept.
    async fn look_again(&mut self) -> Result<(), BotEnd> {
        let known: Vec<Order> = self.context.open.values().cloned().collect();
        for before in known {
            let orders = self.context.engine().orders();
            let id = before.intent.id.local_order_id();
            match orders.find(self.context.user(), &id).await {
                Ok(Some(order)) if order != before => self.changed(&order).await?,
                Ok(_) => {}
                Err(error) => return Err(BotEnd::Failed(error.into())),
            }
        }
        Ok(())
    }

    /// Writes what the bot keeps, also when it failed: the orders that it placed are real.
    async fn write_down(&mut self, answer: BotResult) -> Result<(), BotEnd> {
        let saved = self.context.memory.save().await;
        answer.map_err(BotEnd::Failed)?;
        saved.map_err(BotEnd::Unkept)?;
        if self.context.is_finishing {
            return Err(BotEnd::Finished);
        }
        Ok(())
    }
}
