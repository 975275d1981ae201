//! Positions, holdings and funds, valued at present prices.

use super::SettingService;
use super::paper::PaperFunds;
use crate::account::AccountError;
use crate::asking::{Untold, read};
use crate::brokers::{Brokers, Login};
use crate::market::{Market, Prices};
use crate::ports::Ports;
use crate::route::{RouteError, Router};
use crate::standing::{Standing, StandingError, Standings, positions};
use openalgo_core::account::SettingKey;
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::market::{InstrumentKey, SessionBoundary};
use openalgo_core::order::Product;
use openalgo_core::port::{BrokerReadError, BrokerSession, PortfolioReader, StoreError};
use openalgo_core::portfolio::{
    BrokerFunds, Funds, Holding, MarkedPosition, Position, PositionKey,
};
use openalgo_core::value::{Money, ValueError};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// How long a broker may take to tell what is owned there.
const DEADLINE: Duration = Duration::from_secs(15);

/// Why the portfolio cannot be shown.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PortfolioError {
    /// It is not known which broker's portfolio is meant.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The broker does not tell it.
    #[error("{what} are not offered by the broker '{broker}'")]
    NotOffered {
        /// What was asked for.
        what: &'static str,
        /// The broker.
        broker: BrokerName,
    },
    /// The broker did not tell it now.
    #[error("the {what} at the broker '{broker}' could not be read: {source}; try again")]
    NotTold {
        /// What was asked for.
        what: &'static str,
        /// The broker.
        broker: BrokerName,
        /// What it said.
        source: BrokerReadError,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be told what is held.
    #[error(transparent)]
    Standing(#[from] StandingError),
    /// The account failed.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A sum left the range of its type.
    #[error(transparent)]
    Value(#[from] ValueError),
}

/// The money where orders go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountFunds {
    /// That of the paper account.
    Paper(FundsView),
    /// What a broker states.
    Broker(BrokerName, BrokerFunds),
}

/// The money of a paper account, with its open positions valued at present prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundsView {
    /// The broker that keeps it.
    pub broker: BrokerName,
    /// The money.
    pub funds: Funds,
    /// Profit of the open positions.
    pub unrealized_pnl: Money,
    /// Profit of the open positions and everything realised.
    pub total_pnl: Money,
}

/// Shows what a user holds at the broker that orders go to now.
#[derive(Debug, Clone)]
pub struct PortfolioService {
    ports: Arc<Ports>,
    settings: SettingService,
    market: Arc<Market>,
    router: Router,
    standings: Standings,
    paper: Arc<PaperFunds>,
    brokers: Brokers,
}

/// A user at a live broker that tells what is owned there.
struct Live {
    login: Login,
    session: Arc<BrokerSession>,
    reader: Arc<dyn PortfolioReader>,
}

impl PortfolioService {
    pub(crate) fn new(
        (ports, settings): (Arc<Ports>, SettingService),
        market: Arc<Market>,
        (standings, paper): (Standings, Arc<PaperFunds>),
    ) -> Self {
        let router = Router::new(settings.clone(), ports.paper.clone());
        Self {
            ports,
            settings,
            market,
            router,
            brokers: standings.brokers().clone(),
            standings,
            paper,
        }
    }

    /// What is held of one instrument under a product, and what orders under way will still add.
    /// At a broker that shows its positions, what was traded by hand counts too.
    pub async fn standing(
        &self,
        user: UserId,
        instrument: InstrumentKey,
        product: Product,
    ) -> Result<Standing, PortfolioError> {
        let key = PositionKey {
            user,
            broker: self.broker(user).await?,
            instrument,
            product,
        };
        Ok(self.standings.read(&key).await?)
    }

    /// The positions of the trading day: the open ones, and those that were closed since it began.
    pub async fn positions(&self, user: UserId) -> Result<Vec<MarkedPosition>, PortfolioError> {
        let broker = self.broker(user).await?;
        let held = if let Some(live) = self.live((user, &broker), "positions")? {
            let (at, asked) = ((&live.login, &live.session), (&*live.reader, DEADLINE));
            positions(&self.brokers, at, asked).await?
        } else {
            let boundary: SessionBoundary = self.settings.parsed(SettingKey::SessionExpiryTime)?;
            let since = boundary.start_of(boundary.day_of(self.ports.clock.now()));
            self.ports.positions.of_day(user, &broker, since).await?
        };
        let wanted = held.iter().map(|it| it.key.instrument.clone());
        let prices = self.prices(&broker, wanted).await;
        let mark = |held: Position| {
            let ltp = prices.price_or(&held.key.instrument, held.ltp);
            Ok(held.marked_at(ltp)?)
        };
        held.into_iter().map(mark).collect()
    }

    /// The delivered shares.
    pub async fn holdings(&self, user: UserId) -> Result<Vec<Holding>, PortfolioError> {
        const WHAT: &str = "holdings";
        let broker = self.broker(user).await?;
        let mut holdings = match self.live((user, &broker), WHAT)? {
            Some(live) => self.ask(&live, (WHAT, live.reader.holdings())).await?,
            None => self.ports.holdings.list(user, Some(&broker)).await?,
        };
        let wanted = holdings.iter().map(|it| it.key.instrument.clone());
        let prices = self.prices(&broker, wanted).await;
        for holding in &mut holdings {
            holding.ltp = prices.price_or(&holding.key.instrument, holding.ltp);
        }
        Ok(holdings)
    }

    /// The money.
    pub async fn funds(&self, user: UserId) -> Result<AccountFunds, PortfolioError> {
        const WHAT: &str = "funds";
        let broker = self.broker(user).await?;
        let Some(live) = self.live((user, &broker), WHAT)? else {
            return Ok(AccountFunds::Paper(self.paper.view(user).await?));
        };
        let told = self.ask(&live, (WHAT, live.reader.funds())).await?;
        Ok(AccountFunds::Broker(broker, told))
    }

    /// Whom to ask about what is owned at a live broker; `None` on paper.
    fn live(
        &self,
        (user, broker): (UserId, &BrokerName),
        what: &'static str,
    ) -> Result<Option<Live>, PortfolioError> {
        if *broker == self.ports.paper {
            return Ok(None);
        }
        let login = (user, broker.clone());
        let session = self.brokers.live(&login).map_err(AccountError::from)?;
        let broker = broker.clone();
        let reader = session.portfolio.clone();
        let reader = reader.ok_or(PortfolioError::NotOffered { what, broker })?;
        Ok(Some(Live {
            login,
            session,
            reader,
        }))
    }

    async fn ask<T>(
        &self,
        live: &Live,
        (what, asked): (
            &'static str,
            impl Future<Output = Result<T, BrokerReadError>>,
        ),
    ) -> Result<T, PortfolioError> {
        let at = (&live.login, &live.session);
        let told = read(&self.brokers, at, (DEADLINE, asked)).await;
        told.map_err(|untold| match untold {
            Untold::Over(over) => AccountError::from(over).into(),
            Untold::Failed(source) => PortfolioError::NotTold {
                what,
                broker: live.login.1.clone(),
                source,
            },
        })
    }

    /// Present prices. What is real has none that are made up: there the broker's hold.
    async fn prices(
        &self,
        broker: &BrokerName,
        wanted: impl Iterator<Item = InstrumentKey>,
    ) -> Prices {
        if *broker != self.ports.paper && self.market.is_staged() {
            return Prices::default();
        }
        self.market.prices(wanted).await
    }

    async fn broker(&self, user: UserId) -> Result<BrokerName, PortfolioError> {
        let user = self.ports.users.get(user).await?;
        Ok(self.router.route(&user)?.broker)
    }
}
