//! Opening a data folder: what to open and how, and the order of the steps.

mod error;
mod wire;

pub use error::OpenAppError;

use crate::app::{OpenAlgo, Opened};
use crate::backup;
use crate::control::{Door, PROGRAM};
use crate::folder::{DataFolder, PlaceRule};
use crate::key_source::KeySource;
use crate::lock::{FolderLock, Owner, Ownership};
use crate::open_folder::OpenFolder;
use crate::system::SystemClock;
use crate::vault::{self, Found, Unlocked};
use crate::world::{World, WorldClock};
use openalgo_core::monitor::Surface;
use openalgo_core::port::{Clock, MarketSource};
use openalgo_crypto::{ControlKey, SystemRandom};
use openalgo_engine::{Engine, EngineConfig};
use openalgo_store::{AnchorRule, Keys, OpenError, OpenMode, Store, StoreOptions};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Says what to open and how; [`Builder::open`] does it.
#[derive(Debug)]
pub struct Builder {
    folder: Option<DataFolder>,
    key_source: Option<KeySource>,
    create: bool,
    place: PlaceRule,
    anchor: AnchorRule,
    patience: Duration,
    reachable: bool,
    ownership: Option<Ownership>,
    clock: Arc<dyn Clock>,
    world: World,
    market: Option<MarketSource>,
    hours: Option<HoursRule>,
    engine: EngineConfig,
}

/// Whether trading on paper keeps the hours of the exchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HoursRule {
    /// It does not: the simulated exchange never closes.
    #[default]
    Always,
    /// It does: nothing fills while an exchange is closed, and intraday positions end on each
    /// trading day. Days and hours are those of [`DataFolder::read_calendar`].
    Bind,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            folder: None,
            key_source: None,
            create: true,
            place: PlaceRule::OwnDisk,
            anchor: AnchorRule::Hold,
            patience: Duration::from_secs(10),
            reachable: false,
            ownership: None,
            clock: Arc::new(SystemClock),
            world: World::default(),
            market: None,
            hours: None,
            engine: EngineConfig {
                watch_every: Some(Duration::from_secs(1)),
                reconcile_every: Some(Duration::from_secs(5)),
                watch_gtts_every: Some(Duration::from_secs(1)),
            },
        }
    }
}

impl Builder {
    /// Opens this folder instead of the user's own.
    #[must_use]
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.folder = Some(DataFolder::new(path));
        self
    }

    /// Takes the master key from here. Without it, a new folder's key goes to the keychain or,
    /// where there is none, to a key file; an existing folder knows where its key is.
    #[must_use]
    pub fn key_source(mut self, source: KeySource) -> Self {
        self.key_source = Some(source);
        self
    }

    /// Refuses a folder without data instead of starting a new one.
    #[must_use]
    pub fn existing_only(mut self) -> Self {
        self.create = false;
        self
    }

    /// Where the folder may lie: on a disk of this machine unless said.
    #[must_use]
    pub fn place(mut self, rule: PlaceRule) -> Self {
        self.place = rule;
        self
    }

    /// Takes an older copy of the database that was put back, which is refused otherwise: for the
    /// day on which the newer one is lost. The audit log keeps from where that was said.
    #[must_use]
    pub fn accept_older(mut self, from: Surface) -> Self {
        self.anchor = AnchorRule::Accept(from);
        self
    }

    /// How long to wait for another process that owns the folder; ten seconds unless said.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Listens at a local address for the commands of other processes, from the moment at which
    /// this one owns the folder. They are answered once [`crate::OpenFolder::take_door`] is.
    #[must_use]
    pub fn reachable(mut self) -> Self {
        self.reachable = true;
        self
    }

    /// Opens a folder again that this process has closed and still owns. It is reachable if it was
    /// before, and its door is where it was.
    #[must_use]
    pub fn owned(mut self, ownership: Ownership) -> Self {
        self.ownership = Some(ownership);
        self
    }

    /// Tells the time by this clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Lets paper orders trade in this world. What else there is to date, such as backups and who
    /// owns the folder, goes by the true time.
    #[must_use]
    pub fn world(mut self, world: World) -> Self {
        self.world = world;
        self
    }

    /// Takes instruments and prices from a source of one's own instead of those of its world. It keeps
    /// its own hours, unless [`Builder::market_hours`] says which.
    #[must_use]
    pub fn market_source(mut self, market: MarketSource) -> Self {
        self.market = Some(market);
        self
    }

    /// Whether trading on paper keeps the hours of the exchanges, whatever its world
    /// ([`World::hours_rule`]).
    #[must_use]
    pub fn market_hours(mut self, rule: HoursRule) -> Self {
        self.hours = Some(rule);
        self
    }

    /// Looks neither at the market nor at brokers by itself: resting paper orders meet the market
    /// when the folder is opened and at each [`Engine::catch_up`], and the order books of brokers
    /// are read then, after a lost answer, and at each [`Engine::reconcile`]. Orders that wait for
    /// a price meet it at each [`Engine::watch_gtts`].
    #[must_use]
    pub fn without_market_watch(mut self) -> Self {
        self.engine.watch_every = None;
        self.engine.reconcile_every = None;
        self.engine.watch_gtts_every = None;
        self
    }

    /// Opens the folder, or makes it, and starts the engine.
    pub async fn open(self) -> Result<OpenAlgo, OpenAppError> {
        match self.open_what_works().await? {
            Opened::Engine(app) => Ok(*app),
            Opened::Files { files, why } => {
                files.close().await;
                Err(why)
            }
        }
    }

    /// The same, but without the engine if something in the folder keeps it from starting.
    pub async fn open_what_works(self) -> Result<Opened, OpenAppError> {
        let (world, config) = (self.world.clone(), self.engine.clone());
        let own = self.market.clone();
        let of_world = own.is_none().then(|| world.hours_rule());
        let rule = self.hours.or(of_world);
        let course = wire::course(&world).await;
        let clock = match &course {
            Ok(course) => WorldClock::new(&world, course.as_deref(), &self.clock)?,
            Err(_told_below) => WorldClock::True(Arc::clone(&self.clock)),
        };
        let files = self.open_files(clock.get()).await?;
        let started = async {
            let course = course?;
            clock.go_on(&files.store).await?;
            let market = match own {
                Some(market) => market,
                None => wire::market(&files.store, (&world, course), clock.get()).await?,
            };
            let market = match rule {
                Some(rule) => wire::with_hours(market, rule, files.folder()).await?,
                None => market,
            };
            let market = wire::with_freeze_quantities(market, files.folder());
            let ports = wire::ports(&files.store, market, clock.get())?;
            Ok(Engine::start(ports, config).await?)
        };
        let started: Result<_, OpenAppError> = Box::pin(started).await;
        let files = Box::new(files);
        Ok(match started {
            Ok(engine) => Opened::Engine(Box::new(OpenAlgo::new(
                engine,
                *files,
                (world, clock.get()),
            ))),
            Err(why) => Opened::Files { files, why },
        })
    }

    /// The key with which to speak to the owner of the folder, from the same key source as the
    /// data; the folder is not opened.
    pub async fn control_key(self) -> Result<ControlKey, OpenAppError> {
        let folder = self.folder.map_or_else(DataFolder::of_user, Ok)?;
        let asked = self.key_source;
        let unlocking = tokio::task::spawn_blocking(move || {
            vault::unlock(&folder, asked.as_ref()).map(|found| found.first.master.control_key())
        });
        Ok(unlocking.await.map_err(OpenAppError::Interrupted)??)
    }

    /// Opens the folder, or makes it, without an engine.
    pub async fn open_folder(self) -> Result<OpenFolder, OpenAppError> {
        let clock = Arc::clone(&self.clock);
        self.open_files(clock).await
    }

    /// Opens the folder with a store that goes by `store_clock`.
    async fn open_files(self, store_clock: Arc<dyn Clock>) -> Result<OpenFolder, OpenAppError> {
        let folder = self.folder.map_or_else(DataFolder::of_user, Ok)?;
        let opening = Opening {
            folder,
            key_source: self.key_source,
            create: self.create,
            place: self.place,
            anchor: self.anchor,
            patience: self.patience,
            reachable: self.reachable,
            ownership: self.ownership,
            clock: self.clock,
            store_clock,
        };
        let opened = tokio::task::spawn_blocking(move || opening.run());
        opened.await.map_err(OpenAppError::Interrupted)?
    }
}

/// The part of opening that waits for files, locks and key derivation.
struct Opening {
    folder: DataFolder,
    key_source: Option<KeySource>,
    create: bool,
    place: PlaceRule,
    anchor: AnchorRule,
    patience: Duration,
    reachable: bool,
    ownership: Option<Ownership>,
    clock: Arc<dyn Clock>,
    store_clock: Arc<dyn Clock>,
}

impl Opening {
    fn run(self) -> Result<OpenFolder, OpenAppError> {
        self.folder.examine()?;
        if !self.folder.has_data() && (!self.create || self.folder.has_lost_data()) {
            return Err(OpenAppError::without_data(&self.folder));
        }
        let (ownership, door) = match &self.ownership {
            Some(ownership) => (ownership.clone(), None),
            None => self.take()?,
        };
        // Asked again under the lock: somebody else may have made the data meanwhile.
        let is_new = !self.folder.has_data();
        let asked = self.key_source.as_ref();
        let found = if is_new {
            vault::create(&self.folder, asked, &SystemRandom, self.clock.now())?.into()
        } else {
            vault::unlock(&self.folder, asked)?
        };
        let (mut unlocked, store) = self.open_store(found, is_new)?;
        vault::settle(&self.folder, &mut unlocked, self.clock.now());
        backup::discard_unfinished(&self.folder);
        Ok(OpenFolder {
            folder: self.folder,
            unlocked,
            store,
            clock: self.clock,
            is_new,
            door,
            ownership,
        })
    }

    /// Opens the database with whichever key opens it.
    fn open_store(&self, found: Found, is_new: bool) -> Result<(Unlocked, Store), OpenAppError> {
        let is_wrong = |error: &OpenAppError| {
            matches!(
                error,
                OpenAppError::Damaged { .. }
                    | OpenAppError::Database(OpenError::WrongKeyOrDamaged { .. })
            )
        };
        match (self.try_key(&found.first, is_new), found.second) {
            (Ok(store), _) => Ok((found.first, store)),
            (Err(error), Some(second)) if is_wrong(&error) => {
                let store = self.try_key(&second, is_new)?;
                Ok((second, store))
            }
            (Err(error), _) => Err(error),
        }
    }

    fn try_key(&self, unlocked: &Unlocked, is_new: bool) -> Result<Store, OpenAppError> {
        let options = StoreOptions {
            keys: Keys::of(&unlocked.master, Arc::new(SystemRandom)),
            clock: Arc::clone(&self.store_clock),
            mode: if is_new {
                OpenMode::Create
            } else {
                OpenMode::Existing
            },
            anchor: self.anchor,
        };
        Store::open(&self.folder.database(), options).map_err(|error| match error {
            // The check value has shown that it is the key of this folder.
            OpenError::WrongKeyOrDamaged { path } if unlocked.is_checked() => {
                OpenAppError::Damaged { path }
            }
            // Its log is left, or there would be no data.
            OpenError::Missing { path } => OpenAppError::DataLost { path },
            other => other.into(),
        })
    }

    /// Makes this process the owner of the folder, and says so in the lock file.
    fn take(&self) -> Result<(Ownership, Option<Door>), OpenAppError> {
        self.folder.examine_place(self.place)?;
        self.folder.create()?;
        let lock = Arc::new(FolderLock::take(&self.folder, self.patience)?);
        let door = self
            .reachable
            .then(|| Door::open(&self.folder, Arc::clone(&lock)));
        let door = door.and_then(|door| match door {
            Ok(door) => Some(door),
            Err(error) => {
                tracing::warn!(error = %error, "other processes cannot reach this one");
                None
            }
        });
        let owner = Owner {
            pid: std::process::id(),
            address: door.as_ref().map(|door| door.address().to_owned()),
            version: PROGRAM.to_owned(),
            since: self.clock.now(),
        };
        lock.sign(&owner)?;
        Ok((Ownership { owner, _lock: lock }, door))
    }
}
