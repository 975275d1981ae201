//! A data folder that goes away with the test, and a clock that the test moves.

use diesel::connection::{Connection, SimpleConnection};
use diesel::sqlite::SqliteConnection;
use openalgo::core::account::User;
use openalgo::core::market::{Exchange, InstrumentKey, Symbol};
use openalgo::core::order::{NewOrder, OrderKind, Side};
use openalgo::core::value::{Price, Quantity};
use openalgo::{Builder, KeySource, OpenAlgo};
use openalgo_core::testing::FakeClock;
use secrecy::ExposeSecret;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// A morning on which the market is open.
pub(crate) const MORNING: &str = "2026-11-25T10:30:00+05:30";

pub(crate) struct World {
    root: PathBuf,
    pub(crate) clock: Arc<FakeClock>,
    /// Removed with the world.
    _temporary: Option<TempDir>,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let Self { root, clock, .. } = Self::at(folder.path());
        Self {
            root,
            clock,
            _temporary: Some(folder),
        }
    }

    /// A world in a folder that somebody else removes.
    pub(crate) fn at(folder: &Path) -> Self {
        let clock = Arc::new(FakeClock::at(MORNING));
        Self {
            root: folder.to_owned(),
            clock,
            _temporary: None,
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.root.join("master.key")
    }

    pub(crate) fn builder(&self) -> Builder {
        OpenAlgo::builder()
            .data_dir(self.data())
            .key_source(KeySource::File(self.key()))
            .clock(Arc::clone(&self.clock) as _)
            .without_market_watch()
    }

    /// Opens the folder, or makes it.
    pub(crate) async fn open(&self) -> OpenAlgo {
        self.builder().open().await.unwrap()
    }

    /// Closes the folder, and changes its file as only somebody with the key can.
    pub(crate) async fn damage(&self, app: OpenAlgo, change: &str) {
        let key = app.files().export_database_key();
        app.close().await;
        let path = self.data().join("main.db");
        let mut c = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        let key = format!("PRAGMA key = \"x'{}'\"", key.expose_secret());
        c.batch_execute(&key).unwrap();
        c.batch_execute(change).unwrap();
    }

    /// Opens the folder and gives it an owner.
    pub(crate) async fn open_with_owner(&self) -> (OpenAlgo, User) {
        let app = self.open().await;
        let owner = app.set_up_owner().await.unwrap().user;
        (app, owner)
    }
}

pub(crate) fn reliance() -> InstrumentKey {
    InstrumentKey::new(Exchange::Nse, Symbol::try_new("RELIANCE").unwrap())
}

pub(crate) fn market(side: Side, quantity: i64) -> NewOrder {
    NewOrder::market(reliance(), side, Quantity::try_new(quantity).unwrap())
}

/// A limit order so many ticks of five paise away from the present price.
pub(crate) async fn limit(app: &OpenAlgo, side: Side, quantity: i64, ticks: i64) -> NewOrder {
    let ltp = app.market().quote(&reliance()).await.unwrap().ltp;
    let tick = app.market().instrument(&reliance()).await.unwrap().tick;
    let price: Price = tick.steps_from(ltp, ticks).unwrap();
    NewOrder {
        kind: OrderKind::Limit { price },
        ..market(side, quantity)
    }
}
