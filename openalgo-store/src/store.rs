//! The store: opening it, its repositories, closing it.

mod opening;

pub(crate) use opening::{remove_unfinished, storage};

use crate::anchor::AnchorRule;
use crate::bridge::{Context, Database};
use crate::keys::Keys;
use crate::open_error::OpenError;
use crate::presence::Presence;
use crate::reader::Readers;
use crate::repo::paper_ledger;
use crate::source::Source;
use crate::writer::Writer;
use crate::{CheckReport, Summary};
use crate::{check, file, summary};
use openalgo_core::market::Timestamp;
use openalgo_core::port::{
    ApiKeyRepository, ApiTokenRepository, AuditRepository, BotStateRepository,
    BrokerConnectionRepository, CandleRepository, Clock, GttRepository, HoldingRepository,
    JournalArchive, LatencyMetricRepository, LoginFailureRepository, MasterContractRepository,
    OrderLogRepository, OrderRepository, PaperLedger, PendingOrderRepository, PositionRepository,
    RiskRepository, SessionRepository, SettingRepository, StoreError, StrategyRepository,
    TelegramRepository, TradeRepository, UserRepository, WatchlistRepository,
};
use opening::{bring_up, make, naming_pages, text_of, unopened};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Whether a database is expected to exist. There is no "either": creating one beside a key that
/// was mistyped would look like lost data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Makes a new file. An existing one is refused, unless it is empty.
    Create,
    /// Opens an existing file; a missing one is refused.
    Existing,
}

/// What a store is opened with.
#[derive(Debug)]
pub struct StoreOptions {
    /// Open what is in the file.
    pub keys: Keys,
    /// Tells the time of changes that carry none.
    pub clock: Arc<dyn Clock>,
    /// Whether the file is expected to exist.
    pub mode: OpenMode,
    /// What is done about an older copy of the file.
    pub anchor: AnchorRule,
}

/// An open database. Clones share it; the last one closes it.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) database: Arc<Database>,
}

impl Store {
    /// Opens the database at `path`: proves the key, applies missing migrations, starts the
    /// writer. One process at a time may open a file, which the caller sees to.
    ///
    /// A new database is made under another name, and gets its own when it is complete: a process
    /// that is killed leaves either no database or a whole one.
    ///
    /// Blocks; on an async runtime call it through `spawn_blocking`. When it fails, an existing
    /// file is as it was and a new one is gone. Before migrations change an existing database, a
    /// copy is left beside it, encrypted with the same key.
    pub fn open(path: &Path, options: StoreOptions) -> Result<Self, OpenError> {
        let path = std::path::absolute(path).map_err(|error| storage(path, "find", error))?;
        match options.mode {
            OpenMode::Existing => {
                file::examine(&path)?;
                Self::start(path, options)
            }
            OpenMode::Create => {
                make(&path, (&options.keys, options.anchor))?;
                Self::start(path.clone(), options).inspect_err(|_| remove_unfinished(&path))
            }
        }
    }

    fn start(path: PathBuf, options: StoreOptions) -> Result<Self, OpenError> {
        let Keys {
            database_key,
            journal_key,
            sealer,
        } = options.keys;
        let source = Arc::new(Source::new(text_of(&path)?, database_key));
        let anchoring = (options.anchor, journal_key.clone(), options.clock.now());
        let (writer, anchor) =
            bring_up(&path, &source, anchoring).map_err(|error| naming_pages(error, &source))?;
        let context = Arc::new(Context {
            sealer,
            clock: options.clock,
            journal_key,
            anchor,
            presence: Presence::of([path.clone(), file::wal_of(&path)]),
        });
        let readers = Readers::open(Arc::clone(&source)).map_err(|error| unopened(&path, error))?;
        let writer = Writer::start((writer, source), Arc::clone(&context))
            .map_err(|error| storage(&path, "start the writer of", error))?;
        let database = Database {
            path,
            context,
            readers,
            writer,
        };
        Ok(Self {
            database: Arc::new(database),
        })
    }

    /// The present instant, by the clock that changes are dated with.
    pub fn now(&self) -> Timestamp {
        self.database.context.clock.now()
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.database.path
    }

    /// Finishes what has begun, moves the WAL into the file and closes it. Whoever still uses a
    /// repository gets [`StoreError::Closed`].
    pub async fn close(&self) {
        self.database.readers.stop().await;
        let database = Arc::clone(&self.database);
        let stopped = tokio::task::spawn_blocking(move || database.writer.stop());
        if stopped.await.is_err() {
            tracing::error!("the database was not closed in order");
        }
    }

    /// Users.
    pub fn users(&self) -> Arc<dyn UserRepository> {
        self.port()
    }

    /// The main API key of each user.
    pub fn api_keys(&self) -> Arc<dyn ApiKeyRepository> {
        self.port()
    }

    /// Logins at brokers.
    pub fn broker_connections(&self) -> Arc<dyn BrokerConnectionRepository> {
        self.port()
    }

    /// Login sessions.
    pub fn sessions(&self) -> Arc<dyn SessionRepository> {
        self.port()
    }

    /// Failed logins.
    pub fn login_failures(&self) -> Arc<dyn LoginFailureRepository> {
        self.port()
    }

    /// Settings of the installation.
    pub fn settings(&self) -> Arc<dyn SettingRepository> {
        self.port()
    }

    /// Orders and their journal.
    pub fn orders(&self) -> Arc<dyn OrderRepository> {
        self.port()
    }

    /// The journal of orders as a whole.
    pub fn journal(&self) -> Arc<dyn JournalArchive> {
        self.port()
    }

    /// The trade history.
    pub fn trades(&self) -> Arc<dyn TradeRepository> {
        self.port()
    }

    /// Positions.
    pub fn positions(&self) -> Arc<dyn PositionRepository> {
        self.port()
    }

    /// Delivered shares.
    pub fn holdings(&self) -> Arc<dyn HoldingRepository> {
        self.port()
    }

    /// Webhook strategies.
    pub fn strategies(&self) -> Arc<dyn StrategyRepository> {
        self.port()
    }

    /// Orders that wait for approval.
    pub fn pending_orders(&self) -> Arc<dyn PendingOrderRepository> {
        self.port()
    }

    /// Telegram bots.
    pub fn telegram(&self) -> Arc<dyn TelegramRepository> {
        self.port()
    }

    /// The log of requests.
    pub fn order_logs(&self) -> Arc<dyn OrderLogRepository> {
        self.port()
    }

    /// How long brokers take.
    pub fn latency_metrics(&self) -> Arc<dyn LatencyMetricRepository> {
        self.port()
    }

    /// Candles that are kept.
    pub fn candles(&self) -> Arc<dyn CandleRepository> {
        self.port()
    }

    /// What bots keep.
    pub fn bot_states(&self) -> Arc<dyn BotStateRepository> {
        self.port()
    }

    /// The ledger of the paper exchange.
    pub fn paper_ledger(&self) -> Arc<dyn PaperLedger> {
        self.port()
    }

    /// Named API keys.
    pub fn api_tokens(&self) -> Arc<dyn ApiTokenRepository> {
        self.port()
    }

    /// Orders that wait for a price.
    pub fn gtt_orders(&self) -> Arc<dyn GttRepository> {
        self.port()
    }

    /// Watchlists.
    pub fn watchlists(&self) -> Arc<dyn WatchlistRepository> {
        self.port()
    }

    /// Limits of risk and the kill switch.
    pub fn risk(&self) -> Arc<dyn RiskRepository> {
        self.port()
    }

    /// What is known of the lists of instruments of brokers.
    pub fn master_contracts(&self) -> Arc<dyn MasterContractRepository> {
        self.port()
    }

    /// Who did what.
    pub fn audit_log(&self) -> Arc<dyn AuditRepository> {
        self.port()
    }

    fn port(&self) -> Arc<Database> {
        Arc::clone(&self.database)
    }

    /// Examines everything that is stored; takes as long as reading the whole file.
    pub async fn check(&self) -> Result<CheckReport, StoreError> {
        check::run(&self.database).await
    }

    /// The time up to which accounts on paper have come in which anything happened; `None` when
    /// nothing ever did.
    pub async fn last_paper_entry(&self) -> Result<Option<Timestamp>, StoreError> {
        let operation = "read when accounts on paper changed";
        self.database
            .read(operation, |c, _context| paper_ledger::last_entry(c))
            .await
    }

    /// What is in the database, in figures.
    pub async fn summary(&self) -> Result<Summary, StoreError> {
        let path = self.database.path.clone();
        let operation = "summarise the database";
        self.database
            .read(operation, move |c, context| {
                context.presence.examine()?;
                summary::of(c, &path)
            })
            .await
    }
}
