//! Sends live orders to a broker of one's own. A broker is a struct of roles: this one takes orders and
//! tells its order book, and offers nothing else.
//!
//! `cargo run --example custom_broker`

use openalgo::SystemClock;
use openalgo::core::account::SettingKey;
use openalgo::core::id::{BrokerName, BrokerOrderId};
use openalgo::core::market::Timestamp;
use openalgo::core::order::JournaledIntent;
use openalgo::core::port::{
    Acknowledgement, BookOrder, BrokerReadError, BrokerSession, CancelError, Clock, ModifyError,
    OrderBook, OrderBookReader, OrderGateway, SubmitError,
};
use openalgo::prelude::*;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

/// A broker in this process, which fills everything at a hundred rupees.
#[derive(Debug, Default)]
struct Desk {
    book: Mutex<Vec<BookOrder>>,
}

impl Desk {
    fn filled(intent: &JournaledIntent, id: BrokerOrderId, at: Timestamp) -> Option<BookOrder> {
        let order = &intent.intent().order;
        Some(BookOrder {
            broker_order_id: id,
            tag: Some(intent.intent().id.tag()),
            instrument: order.instrument.clone(),
            side: order.side,
            quantity: order.quantity,
            product: order.product,
            kind: order.kind,
            status: OrderStatus::Complete,
            filled: order.quantity,
            average: "100".parse().ok()?,
            message: None,
            placed_at: at,
        })
    }
}

#[async_trait]
impl OrderGateway for Desk {
    /// Called once for each order, after it is on disk. What cannot be told for sure is
    /// [`SubmitError::OutcomeUnknown`]: then the order book decides, and nothing is sent again.
    async fn submit(&self, intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        let refused = || SubmitError::Refused {
            reason: "the desk does not take it".into(),
        };
        let id = format!("DESK-{}", intent.order_id());
        let id = BrokerOrderId::try_new(&id).map_err(|_too_long| refused())?;
        let line = Self::filled(intent, id.clone(), SystemClock.now()).ok_or_else(refused)?;
        self.book
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
        Ok(Acknowledgement {
            broker_order_id: id,
            awaits_trigger: false,
        })
    }

    async fn modify(&self, _order: &BrokerOrderId, _asked: &NewOrder) -> Result<(), ModifyError> {
        let reason = "it is filled".into();
        Err(ModifyError::Refused { reason })
    }

    async fn cancel(&self, _order: &BrokerOrderId) -> Result<(), CancelError> {
        let reason = "it is filled".into();
        Err(CancelError::Refused { reason })
    }
}

#[async_trait]
impl OrderBookReader for Desk {
    async fn orders(&self) -> Result<OrderBook, BrokerReadError> {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(OrderBook {
            orders: book.clone(),
            complete: true,
        })
    }

    fn carries_tags(&self) -> bool {
        true
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let app = OpenAlgo::builder()
        .data_dir(folder.path().join("data"))
        .key_source(KeySource::File(folder.path().join("master.key")))
        .open()
        .await?;
    let owner = app.set_up_owner().await?.user;

    let (desk, name) = (Arc::new(Desk::default()), BrokerName::try_new("desk")?);
    let session = BrokerSession {
        order_book: Some(Arc::clone(&desk) as _),
        ..BrokerSession::new(name.clone(), desk)
    };
    app.brokers().connect(owner.id, session).await?;
    // Live orders need both: the analyzer off, and a broker that was chosen for them.
    app.settings().set(SettingKey::Analyzer, "false").await?;
    app.brokers().choose(owner.id, Some(&name)).await?;

    let reliance = InstrumentKey::new(Exchange::Nse, "RELIANCE".parse()?);
    let order = NewOrder::market(reliance, Side::Buy, Quantity::try_new(10)?);
    let placed = app.orders().place(owner.id, order).await?.order;
    // The broker has it; how it ended is in its order book.
    app.reconcile().await?;
    let id = placed.public_id();
    let order = app
        .orders()
        .find(owner.id, &id)
        .await?
        .ok_or("the order is gone")?;
    let (status, price) = (order.status(), order.average_price()?);
    #[expect(clippy::print_stdout, reason = "an example shows what it did")]
    {
        println!("{id}: {status} at ₹{price}");
        for event in app.orders().journal(order.id).await? {
            println!("  {} {}", event.at, event.kind.as_str());
        }
    }
    app.close().await;
    match status {
        OrderStatus::Complete => Ok(()),
        _ => Err("the desk has not filled the order".into()),
    }
}
