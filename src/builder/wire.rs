//! The one place where concrete types meet.

use super::{HoursRule, OpenAppError};
use crate::folder::DataFolder;
use crate::freeze::Frozen;
use crate::recording::read_course;
use crate::system::SystemIds;
use crate::world::World;
use openalgo_brokers::paper::{BROKER_NAME, PaperBroker};
use openalgo_brokers::recorded::RecordedMarket;
use openalgo_brokers::recording::RecordedCourse;
use openalgo_brokers::simulated::SimulatedExchange;
use openalgo_core::account::SettingKey;
use openalgo_core::id::BrokerName;
use openalgo_core::market::MarketHours;
use openalgo_core::port::{Clock, MarketSource, RandomSource, StoreError};
use openalgo_crypto::{ApiKeys, Argon2Cost, Argon2Hasher, Rfc6238, SystemRandom};
use openalgo_engine::{Ports, StartError};
use openalgo_store::Store;
use std::path::Path;
use std::sync::Arc;

/// Fills the engine's ports with the concrete types.
pub(super) fn ports(
    store: &Store,
    market: MarketSource,
    clock: Arc<dyn Clock>,
) -> Result<Ports, OpenAppError> {
    let random: Arc<dyn RandomSource> = Arc::new(SystemRandom);
    let paper = BrokerName::try_new(BROKER_NAME)?;
    Ok(Ports {
        users: store.users(),
        api_keys: store.api_keys(),
        risk: store.risk(),
        audit_log: store.audit_log(),
        sessions: store.sessions(),
        login_failures: store.login_failures(),
        settings: store.settings(),
        orders: store.orders(),
        gtt_orders: store.gtt_orders(),
        pending_orders: store.pending_orders(),
        trades: store.trades(),
        positions: store.positions(),
        holdings: store.holdings(),
        latency_metrics: store.latency_metrics(),
        order_logs: store.order_logs(),
        candles: store.candles(),
        ledger: store.paper_ledger(),
        paper,
        exchange: Arc::new(PaperBroker),
        market,
        passwords: Arc::new(Argon2Hasher::new(Arc::clone(&random), Argon2Cost::LOGIN)),
        totp: Arc::new(Rfc6238::new(Arc::clone(&random))),
        keys: Arc::new(ApiKeys::new(Arc::clone(&random), Argon2Cost::API_KEY)),
        ids: Arc::new(SystemIds::new(Arc::clone(&clock), random)),
        clock,
    })
}

/// Lets a market, and whoever trades on it, keep these hours.
pub(super) async fn with_hours(
    market: MarketSource,
    rule: HoursRule,
    folder: &DataFolder,
) -> Result<MarketSource, OpenAppError> {
    let hours = match rule {
        HoursRule::Always => MarketHours::Always,
        HoursRule::Bind => {
            let folder = folder.clone();
            let read = tokio::task::spawn_blocking(move || folder.read_calendar());
            let calendar = read.await.map_err(OpenAppError::Interrupted)??;
            MarketHours::Bind(Arc::new(calendar))
        }
    };
    Ok(MarketSource { hours, ..market })
}

/// Puts freeze quantities into the instruments of whichever source.
pub(super) fn with_freeze_quantities(market: MarketSource, folder: &DataFolder) -> MarketSource {
    MarketSource {
        instruments: Arc::new(Frozen {
            instruments: market.instruments,
            folder: folder.clone(),
        }),
        ..market
    }
}

/// The prices of the recording that a world has those of, if it has.
pub(super) async fn course(world: &World) -> Result<Option<Arc<RecordedCourse>>, OpenAppError> {
    let Some(path) = world.recording().map(Path::to_owned) else {
        return Ok(None);
    };
    let read = tokio::task::spawn_blocking(move || read_course(&path));
    let course = read.await.map_err(OpenAppError::Interrupted)??;
    Ok(Some(Arc::new(course)))
}

/// Where prices come from.
pub(super) async fn market(
    store: &Store,
    (world, course): (&World, Option<Arc<RecordedCourse>>),
    clock: Arc<dyn Clock>,
) -> Result<MarketSource, OpenAppError> {
    match (course, &world.market_data) {
        (Some(course), _) => Ok(course.source(clock)),
        (None, Some(folder)) => Ok(RecordedMarket::open(folder, clock).await?.source()),
        (None, None) => simulated_market(store, clock).await,
    }
}

/// The built-in exchange, with the seed of this installation.
async fn simulated_market(
    store: &Store,
    clock: Arc<dyn Clock>,
) -> Result<MarketSource, OpenAppError> {
    let key = SettingKey::SimulationSeed;
    let unusable = |reason: String| OpenAppError::Setting { key, reason };
    let setting = match store.settings().get(key).await {
        Err(error @ StoreError::NotFound { .. }) => return Err(unusable(error.to_string())),
        read => read.map_err(StartError::from)?,
    };
    let seed = setting
        .value
        .parse()
        .map_err(|_no_number| unusable(format!("'{}' is not a whole number", setting.value)))?;
    Ok(Arc::new(SimulatedExchange::new(seed, clock)?).source())
}
