//! Positions, holdings and funds, valued at present prices.

use super::SettingService;
use super::paper::PaperFunds;
use crate::account::AccountError;
use crate::market::Market;
use crate::ports::Ports;
use crate::route::{RouteError, Router};
use crate::standing::{Standing, StandingError, Standings};
use openalgo_core::account::SettingKey;
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::market::{InstrumentKey, SessionBoundary};
use openalgo_core::order::Product;
use openalgo_core::port::StoreError;
use openalgo_core::portfolio::{Funds, Holding, MarkedPosition, PositionKey};
use openalgo_core::value::{Money, Price, ValueError};
use std::sync::Arc;
use thiserror::Error;

/// Why the portfolio cannot be shown.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PortfolioError {
    /// It is not known which broker's portfolio is meant.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The broker does not tell it.
    #[error("funds are not offered by the broker '{0}'")]
    NotOffered(BrokerName),
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

/// The money of an account, with its open positions valued at present prices.
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
        let boundary: SessionBoundary = self.settings.parsed(SettingKey::SessionExpiryTime)?;
        let since = boundary.start_of(boundary.day_of(self.ports.clock.now()));
        let mut marked = Vec::new();
        for position in self.ports.positions.of_day(user, &broker, since).await? {
            let ltp = self.ltp(&position.key.instrument, position.ltp).await;
            marked.push(position.marked_at(ltp)?);
        }
        Ok(marked)
    }

    /// The delivered shares.
    pub async fn holdings(&self, user: UserId) -> Result<Vec<Holding>, PortfolioError> {
        let broker = self.broker(user).await?;
        let mut holdings = self.ports.holdings.list(user, Some(&broker)).await?;
        for holding in &mut holdings {
            holding.ltp = self.ltp(&holding.key.instrument, holding.ltp).await;
        }
        Ok(holdings)
    }

    /// The money.
    pub async fn funds(&self, user: UserId) -> Result<FundsView, PortfolioError> {
        let broker = self.broker(user).await?;
        if broker != self.ports.paper {
            return Err(PortfolioError::NotOffered(broker));
        }
        self.paper.view(user).await
    }

    async fn broker(&self, user: UserId) -> Result<BrokerName, PortfolioError> {
        let user = self.ports.users.get(user).await?;
        Ok(self.router.route(&user)?.broker)
    }

    /// The present price, or the last one known where there is none.
    async fn ltp(&self, instrument: &InstrumentKey, last: Price) -> Price {
        self.market
            .quote(instrument)
            .await
            .map_or(last, |quote| quote.ltp)
    }
}
