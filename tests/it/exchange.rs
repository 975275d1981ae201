//! A broker in this process with orders, positions and an order book of its own, for stories about
//! live orders.

use crate::world::World;
use async_trait::async_trait;
use openalgo::OpenAlgo;
use openalgo::core::account::{SettingKey, User};
use openalgo::core::id::{BrokerName, BrokerOrderId, UserId};
use openalgo::core::market::InstrumentKey;
use openalgo::core::order::{JournaledIntent, NewOrder, OrderKind, OrderStatus, Product, Side};
use openalgo::core::port::{
    Acknowledgement, BookOrder, BrokerReadError, BrokerSession, CancelError, Clock, ModifyError,
    OrderBook, OrderBookReader, OrderGateway, PortfolioReader, SubmitError,
};
use openalgo::core::portfolio::{BrokerFunds, Holding, Position, PositionKey};
use openalgo::core::value::{NetQuantity, Price, Quantity};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What the broker does with an order that reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Manner {
    /// It takes it, fills it if it is one at the market, and says that it has it.
    #[default]
    Plain,
    /// It takes it, and lets it rest whatever it is.
    Rests,
    /// It takes and fills it, and the answer is lost.
    AnswerLost,
    /// The order is lost on its way.
    OrderLost,
    /// It refuses it.
    Refuses,
}

/// Something that happens at the broker while nobody looks.
type Happening = Box<dyn FnOnce(&mut Ledger) + Send>;

/// What the broker has.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) orders: Vec<BookOrder>,
    pub(crate) positions: BTreeMap<(InstrumentKey, Product), i64>,
    pub(crate) refuses_cancels: bool,
    /// How often an order was modified.
    pub(crate) modifications: u32,
    /// Whether it shows a book in which its orders are missing.
    pub(crate) hides_orders: bool,
}

impl Ledger {
    pub(crate) fn line(&mut self, id: &str) -> &mut BookOrder {
        let mut lines = self.orders.iter_mut();
        lines.find(|it| it.broker_order_id.as_str() == id).unwrap()
    }

    /// Fills so many more units of an order.
    pub(crate) fn fill(&mut self, id: &str, units: i64) {
        let line = self.line(id);
        line.filled = Quantity::try_new(line.filled.get() + units).unwrap();
        line.average = "1450.5".parse().unwrap();
        line.status = if line.filled == line.quantity {
            OrderStatus::Complete
        } else {
            OrderStatus::Open
        };
        let slot = (line.instrument.clone(), line.product);
        let side = line.side;
        self.trade(slot, side, units);
    }

    /// Changes a position, as an order does that somebody places by hand.
    pub(crate) fn trade(&mut self, slot: (InstrumentKey, Product), side: Side, units: i64) {
        let signed = if side == Side::Buy { units } else { -units };
        *self.positions.entry(slot).or_default() += signed;
    }
}

/// The broker.
pub(crate) struct Exchange {
    clock: Arc<dyn Clock>,
    ledger: Mutex<Ledger>,
    manner: Mutex<Manner>,
    /// Whether it takes the session for over, whatever it is asked.
    knows_nobody: AtomicBool,
    /// What happens right after positions were read, one thing each time.
    after_positions: Mutex<VecDeque<Happening>>,
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

impl Exchange {
    pub(crate) fn new(world: &World) -> Arc<Self> {
        Self::with_clock(Arc::clone(&world.clock) as _)
    }

    pub(crate) fn with_clock(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            ledger: Mutex::default(),
            manner: Mutex::default(),
            knows_nobody: AtomicBool::default(),
            after_positions: Mutex::default(),
        })
    }

    pub(crate) fn behaves(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// Lets it take the session for over, whatever it is asked.
    pub(crate) fn knows_nobody(&self, so: bool) {
        self.knows_nobody.store(so, Ordering::SeqCst);
    }

    fn refuses_session(&self) -> bool {
        self.knows_nobody.load(Ordering::SeqCst)
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Ledger) -> T) -> T {
        change(&mut self.ledger.lock().unwrap())
    }

    pub(crate) fn after_positions(&self, happens: impl FnOnce(&mut Ledger) + Send + 'static) {
        let mut queue = self.after_positions.lock().unwrap();
        queue.push_back(Box::new(happens));
    }

    /// How many orders it has.
    pub(crate) fn count(&self) -> usize {
        self.change(|ledger| ledger.orders.len())
    }

    pub(crate) fn session(self: &Arc<Self>) -> BrokerSession {
        BrokerSession {
            order_book: Some(Arc::clone(self) as _),
            portfolio: Some(Arc::clone(self) as _),
            ..BrokerSession::new(name(), Arc::clone(self) as _)
        }
    }
}

pub(crate) fn name() -> BrokerName {
    BrokerName::try_new("fake").unwrap()
}

/// A folder whose owner's orders go to the exchange.
pub(crate) async fn open_at(world: &World, exchange: &Arc<Exchange>) -> (OpenAlgo, User) {
    open_with(world, exchange.session()).await
}

/// The same where the broker does not tell its positions.
pub(crate) async fn open_without_positions(
    world: &World,
    exchange: &Arc<Exchange>,
) -> (OpenAlgo, User) {
    let session = BrokerSession {
        portfolio: None,
        ..exchange.session()
    };
    open_with(world, session).await
}

/// The same where it shows no order book.
pub(crate) async fn open_without_book(world: &World, exchange: &Arc<Exchange>) -> (OpenAlgo, User) {
    let session = BrokerSession {
        order_book: None,
        ..exchange.session()
    };
    open_with(world, session).await
}

async fn open_with(world: &World, session: BrokerSession) -> (OpenAlgo, User) {
    let (app, owner) = world.open_with_owner().await;
    app.brokers().connect(owner.id, session).await.unwrap();
    let settings = app.settings();
    settings.set(SettingKey::Analyzer, "false").await.unwrap();
    let brokers = app.brokers();
    brokers.choose(owner.id, Some(&name())).await.unwrap();
    (app, owner)
}

#[async_trait]
impl OrderGateway for Exchange {
    async fn submit(&self, intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        let manner = *self.manner.lock().unwrap();
        if manner == Manner::Refuses {
            let reason = "no margin".into();
            return Err(SubmitError::Refused { reason });
        }
        if manner == Manner::OrderLost {
            return Err(SubmitError::OutcomeUnknown("timed out".into()));
        }
        let order = &intent.intent().order;
        let mut ledger = self.ledger.lock().unwrap();
        let id = format!("B-{}", ledger.orders.len() + 1);
        let broker_order_id = BrokerOrderId::try_new(&id).unwrap();
        let awaits_trigger = order.kind.trigger().is_some();
        ledger.orders.push(BookOrder {
            broker_order_id: broker_order_id.clone(),
            tag: Some(intent.intent().id.tag()),
            instrument: order.instrument.clone(),
            side: order.side,
            quantity: order.quantity,
            product: order.product,
            kind: order.kind,
            status: if awaits_trigger {
                OrderStatus::TriggerPending
            } else {
                OrderStatus::Open
            },
            filled: Quantity::ZERO,
            average: Price::ZERO,
            message: None,
            placed_at: self.clock.now(),
        });
        if order.kind == OrderKind::Market && manner != Manner::Rests {
            ledger.fill(&id, order.quantity.get());
        }
        if manner == Manner::AnswerLost {
            return Err(SubmitError::OutcomeUnknown("timed out".into()));
        }
        Ok(Acknowledgement {
            broker_order_id,
            awaits_trigger,
        })
    }

    async fn modify(&self, order: &BrokerOrderId, asked: &NewOrder) -> Result<(), ModifyError> {
        if self.refuses_session() {
            return Err(ModifyError::SessionExpired);
        }
        let manner = *self.manner.lock().unwrap();
        match manner {
            Manner::Refuses => {
                let reason = "too late".into();
                return Err(ModifyError::Refused { reason });
            }
            Manner::OrderLost => return Err(ModifyError::OutcomeUnknown("timed out".into())),
            Manner::Plain | Manner::Rests | Manner::AnswerLost => {}
        }
        self.change(|ledger| {
            ledger.modifications += 1;
            let line = ledger.line(order.as_str());
            (line.quantity, line.kind) = (asked.quantity, asked.kind);
        });
        if manner == Manner::AnswerLost {
            return Err(ModifyError::OutcomeUnknown("timed out".into()));
        }
        Ok(())
    }

    async fn cancel(&self, order: &BrokerOrderId) -> Result<(), CancelError> {
        let mut ledger = self.ledger.lock().unwrap();
        if self.refuses_session() {
            return Err(CancelError::SessionExpired);
        }
        if ledger.refuses_cancels {
            let reason = "too late".into();
            return Err(CancelError::Refused { reason });
        }
        ledger.line(order.as_str()).status = OrderStatus::Cancelled;
        Ok(())
    }
}

#[async_trait]
impl OrderBookReader for Exchange {
    async fn orders(&self) -> Result<OrderBook, BrokerReadError> {
        if self.refuses_session() {
            return Err(BrokerReadError::SessionExpired);
        }
        Ok(self.change(|ledger| OrderBook {
            orders: if ledger.hides_orders {
                Vec::new()
            } else {
                ledger.orders.clone()
            },
            complete: !ledger.hides_orders,
        }))
    }

    fn carries_tags(&self) -> bool {
        true
    }
}

#[async_trait]
impl PortfolioReader for Exchange {
    async fn positions(&self) -> Result<Vec<Position>, BrokerReadError> {
        let mut ledger = self.ledger.lock().unwrap();
        if self.refuses_session() {
            return Err(BrokerReadError::SessionExpired);
        }
        let positions = ledger.positions.iter();
        let positions = positions.map(|((instrument, product), units)| {
            let key = PositionKey {
                user: UserId::new(1),
                broker: name(),
                instrument: instrument.clone(),
                product: *product,
            };
            Position {
                quantity: NetQuantity::try_new(*units).unwrap(),
                ..Position::flat(key, self.clock.now())
            }
        });
        let positions = positions.collect();
        if let Some(happens) = self.after_positions.lock().unwrap().pop_front() {
            happens(&mut ledger);
        }
        Ok(positions)
    }

    async fn holdings(&self) -> Result<Vec<Holding>, BrokerReadError> {
        Ok(Vec::new())
    }

    async fn funds(&self) -> Result<BrokerFunds, BrokerReadError> {
        Err(BrokerReadError::Failed("not told".into()))
    }
}
