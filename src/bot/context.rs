//! What a bot may do.

use super::memory::Memory;
use super::{BotOrderError, MemoryError};
use openalgo_core::id::{BotName, IntentId, UserId};
use openalgo_core::market::{
    Candle, CandleSeries, Instrument, InstrumentKey, Interval, Quote, Timestamp,
};
use openalgo_core::monitor::NewOrderLog;
use openalgo_core::order::{NewOrder, Order, OrderSource, Product, Trade};
use openalgo_core::port::StoreError;
use openalgo_core::portfolio::MarkedPosition;
use openalgo_core::rule::modification::Modification;
use openalgo_core::value::NetQuantity;
use openalgo_engine::Engine;
use openalgo_engine::market::LookupError;
use openalgo_engine::service::{
    AccountFunds, ExitOrigin, History, HistoryError, HistoryRequest, Placed, PortfolioError,
    SmartOrder, SmartOutcome,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many candles of each series are at hand.
const AT_HAND: usize = 1_000;

/// What a bot may do: ask for the time and for prices, trade, keep what it needs, say something.
#[derive(Debug)]
pub struct BotContext {
    engine: Arc<Engine>,
    pub(super) memory: Memory,
    candles: BTreeMap<CandleSeries, Vec<Candle>>,
    /// Its orders that are not over.
    pub(super) open: BTreeMap<IntentId, Order>,
    /// Whether it has ever had an order.
    pub(super) has_traded: bool,
    pub(super) missed: u64,
    pub(super) is_finishing: bool,
}

impl BotContext {
    pub(super) fn new(engine: Arc<Engine>, memory: Memory) -> Self {
        Self {
            engine,
            memory,
            candles: BTreeMap::new(),
            open: BTreeMap::new(),
            has_traded: false,
            missed: 0,
            is_finishing: false,
        }
    }

    /// Everything else that there is.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The present instant: on prices of the past, the one of the price.
    pub fn now(&self) -> Timestamp {
        self.engine.now()
    }

    /// What it is called. Its orders carry this as their strategy.
    pub fn name(&self) -> &BotName {
        &self.memory.key().bot
    }

    /// For whom it trades.
    pub fn user(&self) -> UserId {
        self.memory.key().user
    }

    /// Prices that it was not told, since later ones came before it had answered.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// Ends the bot once it has answered; its [`stop`](super::Bot::stop) is still called.
    pub fn finish(&mut self) {
        self.is_finishing = true;
    }

    /// Says something: in the log of requests, which is encrypted, and in the program's own log.
    pub fn log(&self, text: &str) {
        tracing::info!(bot = %self.name(), "{text}");
        self.record("log", None, &json!({ "text": text }));
    }

    pub(super) fn record(&self, endpoint: &str, request: Option<&Value>, response: &Value) {
        self.engine.logs().record(NewOrderLog {
            user: Some(self.user()),
            endpoint: format!("bot/{}/{endpoint}", self.name()),
            method: "BOT".into(),
            request: request.map(Value::to_string),
            response: Some(response.to_string()),
            status_code: None,
            latency: None,
            ip_address: None,
            user_agent: None,
        });
    }
}

/// Prices.
impl BotContext {
    /// The market of an instrument right now.
    pub async fn quote(&self, instrument: &InstrumentKey) -> Result<Quote, LookupError> {
        self.engine.hub().quote(instrument).await
    }

    /// The instrument of this name.
    pub async fn instrument(&self, key: &InstrumentKey) -> Result<Arc<Instrument>, LookupError> {
        self.engine.market().instrument(key).await
    }

    /// The candles that it was told, the oldest first: at least the last 1,000.
    pub fn candles(&self, instrument: &InstrumentKey, interval: Interval) -> &[Candle] {
        let series = CandleSeries {
            instrument: instrument.clone(),
            interval,
        };
        self.candles.get(&series).map_or(&[], Vec::as_slice)
    }

    /// Past prices as the source of prices tells them; a recording of prices tells none.
    pub async fn history(&self, request: &HistoryRequest) -> Result<History, HistoryError> {
        self.engine.history().fetch(request).await
    }

    pub(super) fn remember(&mut self, series: &CandleSeries, candle: &Candle) {
        let known = match self.candles.get_mut(series) {
            Some(known) => known,
            None => self.candles.entry(series.clone()).or_default(),
        };
        if known.len() >= 2 * AT_HAND {
            known.drain(..AT_HAND);
        }
        known.push(candle.clone());
    }
}

/// What it keeps.
impl BotContext {
    /// What it kept under a name; `None` when there is nothing.
    pub fn kept<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, MemoryError> {
        self.memory.get(name)
    }

    /// Keeps something in the encrypted file, for itself when it starts the next time. All that it
    /// keeps in one call is written when it answers, or nothing is.
    pub fn keep<T: Serialize + Sync>(&mut self, name: &str, value: &T) -> Result<(), MemoryError> {
        self.memory.set(name, value)
    }

    /// Keeps something no longer.
    pub fn forget(&mut self, name: &str) {
        self.memory.remove(name);
    }
}

/// Trading. Orders go where those of its user go: to the paper exchange while the analyzer is on.
impl BotContext {
    /// Places an order.
    ///
    /// Its client order id is made of the bot's name and a number that is kept, so that a bot that
    /// was killed and places the same order again gets the first answer
    /// ([`Placed::replayed`]) and not a second order. An id that the order has is left as it is.
    pub async fn place(&mut self, order: NewOrder) -> Result<Placed, BotOrderError> {
        let order = self.own(order)?;
        let request = json!(order);
        let placed = self.engine.orders().place(self.user(), order).await;
        let placed = self.done(("place", &request), placed, |placed| Some(&placed.order))?;
        self.track(&placed.order);
        Ok(placed)
    }

    /// Leads to a net position from whatever is held and under way.
    pub async fn smart(
        &mut self,
        order: NewOrder,
        position: NetQuantity,
    ) -> Result<SmartOutcome, BotOrderError> {
        let order = self.own(order)?;
        let request = json!({ "order": order, "position": position });
        let smart = SmartOrder { order, position };
        let outcome = self.engine.orders().smart(self.user(), smart).await;
        let outcome = self.done(("smart", &request), outcome, |outcome| match outcome {
            SmartOutcome::Placed(placed) => Some(&placed.order),
            SmartOutcome::NoOrder(_) => None,
        })?;
        if let SmartOutcome::Placed(placed) = &outcome {
            self.track(&placed.order);
        }
        Ok(outcome)
    }

    /// Closes a position at the market, whoever opened it.
    pub async fn close(
        &mut self,
        instrument: &InstrumentKey,
        product: Product,
    ) -> Result<Placed, BotOrderError> {
        let origin = ExitOrigin {
            strategy: Some(self.name().to_string()),
            source: OrderSource::Strategy,
            client_order_id: Some(self.memory.next_order_id()?),
        };
        let request = json!({ "instrument": instrument, "product": product });
        let slot = (instrument.clone(), product);
        let placed = self.engine.orders().close(self.user(), slot, origin).await;
        let placed = self.done(("close", &request), placed, |placed| Some(&placed.order))?;
        self.track(&placed.order);
        Ok(placed)
    }

    /// Gives an order of its user another quantity or price.
    pub async fn modify(
        &mut self,
        order_id: &str,
        change: Modification,
    ) -> Result<Order, BotOrderError> {
        let request = json!({
            "order": order_id,
            "quantity": change.quantity,
            "price_type": change.price_type,
            "price": change.price,
            "trigger": change.trigger,
        });
        let order = self.engine.orders().modify(self.user(), order_id, change);
        self.done(("modify", &request), order.await, |order| Some(order))
    }

    /// Cancels an order of its user.
    pub async fn cancel(&mut self, order_id: &str) -> Result<Order, BotOrderError> {
        let request = json!({ "order": order_id });
        let order = self.engine.orders().cancel(self.user(), order_id).await;
        self.done(("cancel", &request), order, |order| Some(order))
    }

    /// The order as the bot's own.
    fn own(&mut self, order: NewOrder) -> Result<NewOrder, BotOrderError> {
        let client_order_id = match order.client_order_id {
            Some(id) => id,
            None => self.memory.next_order_id()?,
        };
        Ok(NewOrder {
            strategy: Some(self.name().to_string()),
            source: OrderSource::Strategy,
            client_order_id: Some(client_order_id),
            ..order
        })
    }

    fn done<T, E: Into<BotOrderError>>(
        &self,
        (endpoint, request): (&str, &Value),
        outcome: Result<T, E>,
        order: impl Fn(&T) -> Option<&Order>,
    ) -> Result<T, BotOrderError> {
        let outcome = outcome.map_err(Into::into);
        let response = match outcome.as_ref().map(order) {
            Ok(Some(order)) => json!({ "order": order.public_id(), "status": order.status() }),
            Ok(None) => json!({ "order": null }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        self.record(endpoint, Some(request), &response);
        outcome
    }
}

/// The books.
impl BotContext {
    /// Its orders that are not over, the oldest first.
    pub fn open_orders(&self) -> impl Iterator<Item = &Order> {
        self.open.values()
    }

    /// The newest orders of its user.
    pub async fn orders(&self, limit: u32) -> Result<Vec<Order>, StoreError> {
        self.engine.orders().list(self.user(), limit).await
    }

    /// The newest executions of its user.
    pub async fn trades(&self, limit: u32) -> Result<Vec<Trade>, StoreError> {
        self.engine.orders().trades(self.user(), limit).await
    }

    /// The net position of its user in an instrument; negative when more is sold than bought.
    pub async fn position(
        &self,
        instrument: &InstrumentKey,
        product: Product,
    ) -> Result<NetQuantity, PortfolioError> {
        let portfolio = self.engine.portfolio();
        let standing = portfolio.standing(self.user(), instrument.clone(), product);
        Ok(standing.await?.held)
    }

    /// The positions of its user today.
    pub async fn positions(&self) -> Result<Vec<MarkedPosition>, PortfolioError> {
        self.engine.portfolio().positions(self.user()).await
    }

    /// The money of its user.
    pub async fn funds(&self) -> Result<AccountFunds, PortfolioError> {
        self.engine.portfolio().funds(self.user()).await
    }

    pub(super) fn is_own(&self, order: &Order) -> bool {
        let strategy = order.intent.order.strategy.as_deref();
        order.intent.user == self.user() && strategy == Some(self.name().as_str())
    }

    pub(super) fn track(&mut self, order: &Order) {
        self.has_traded = true;
        if order.status().is_final() {
            self.open.remove(&order.intent.id);
        } else {
            self.open.insert(order.intent.id, order.clone());
        }
    }
}
