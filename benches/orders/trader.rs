//! A data folder as a program has it, and somebody who trades in it.

use crate::raw::Connection;
use async_trait::async_trait;
use openalgo::core::account::{LimitName, SettingKey, User};
use openalgo::core::id::{BrokerName, BrokerOrderId};
use openalgo::core::market::{Exchange, InstrumentKey};
use openalgo::core::monitor::{Author, Surface};
use openalgo::core::order::{JournaledIntent, NewOrder, Side};
use openalgo::core::port::{
    Acknowledgement, BrokerSession, CancelError, ModifyError, OrderGateway, SubmitError,
};
use openalgo::core::value::Quantity;
use openalgo::{KeySource, OpenAlgo};
use secrecy::ExposeSecret;
use std::sync::Arc;
use tempfile::TempDir;

/// A broker that answers at once and tells nothing else.
#[derive(Debug)]
struct Prompt;

#[async_trait]
impl OrderGateway for Prompt {
    async fn submit(&self, intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        let id = format!("26112500{:06}", intent.order_id().get());
        Ok(Acknowledgement {
            broker_order_id: BrokerOrderId::try_new(&id).unwrap(),
            awaits_trigger: false,
        })
    }

    async fn modify(&self, _order: &BrokerOrderId, _asked: &NewOrder) -> Result<(), ModifyError> {
        Ok(())
    }

    async fn cancel(&self, _order: &BrokerOrderId) -> Result<(), CancelError> {
        Ok(())
    }
}

pub(crate) struct Trader {
    folder: TempDir,
    app: OpenAlgo,
    owner: User,
}

impl Trader {
    /// Somebody who trades on paper.
    pub(crate) async fn new() -> Self {
        // Beside the build, because the system's folder for temporary files may be no disk.
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let app = OpenAlgo::builder()
            .data_dir(folder.path().join("data"))
            .key_source(KeySource::File(folder.path().join("master.key")))
            .without_market_watch()
            .open()
            .await
            .unwrap();
        let owner = app.set_up_owner().await.unwrap().user;
        let trader = Self { folder, app, owner };
        trader.place(Side::Buy).await;
        trader
    }

    /// From now on orders go to a broker that answers at once, as fast as they are asked for.
    pub(crate) async fn go_live(&self) {
        let (app, owner) = (&self.app, self.owner.id);
        let broker = BrokerName::try_new("prompt").unwrap();
        let session = BrokerSession::new(broker.clone(), Arc::new(Prompt));
        app.brokers().connect(owner, session).await.unwrap();
        app.brokers().choose(owner, Some(&broker)).await.unwrap();
        let settings = app.settings();
        settings.set(SettingKey::Analyzer, "false").await.unwrap();
        let fast = LimitName::OrdersPerSecond.parse("1000000").unwrap();
        let by = Author {
            user: Some(owner),
            surface: Surface::Embedded,
        };
        app.risk().change_limit(owner, fast, by).await.unwrap();
    }

    /// Places an order for one share at the market.
    pub(crate) async fn place(&self, side: Side) {
        let symbol = "RELIANCE".parse().unwrap();
        let instrument = InstrumentKey::new(Exchange::Nse, symbol);
        let order = NewOrder {
            strategy: Some("breakout".into()),
            ..NewOrder::market(instrument, side, Quantity::ONE)
        };
        let orders = self.app.orders();
        orders.place(self.owner.id, order).await.unwrap();
    }

    /// The same file past the program.
    pub(crate) fn raw(&self) -> Connection {
        let (path, key) = self.place_and_key();
        Connection::open(&path, &key)
    }

    pub(crate) fn place_and_key(&self) -> (String, String) {
        let path = self.folder.path().join("data").join("main.db");
        let key = self.app.files().export_database_key();
        (
            path.to_str().unwrap().to_owned(),
            key.expose_secret().to_string(),
        )
    }
}
