//! The paper account of a user: its money, starting anew, another capital, and what happened in it
//! without an order.

use super::portfolio::FundsView;
use super::{ChangeGttError, ChangeSettingError, GttService, PortfolioError, SettingService};
use crate::account::{AccountError, AccountHandle, AccountRegistry, keep_up};
use crate::market::Market;
use crate::ports::Ports;
use crate::standing::StandingError;
use openalgo_core::account::SettingKey;
use openalgo_core::id::UserId;
use openalgo_core::market::Timestamp;
use openalgo_core::monitor::{AuditAction, AuditEntry, Author};
use openalgo_core::order::GttStatus;
use openalgo_core::paper::{DailyPnl, Movement, PaperAccountKey, PaperOpening};
use openalgo_core::port::StoreError;
use openalgo_core::portfolio::Funds;
use openalgo_core::value::Money;
use std::sync::Arc;
use thiserror::Error;

/// Why a paper account was not changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PaperAccountError {
    /// The account failed.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// An order that waits for a price could not be withdrawn.
    #[error(transparent)]
    Gtt(#[from] ChangeGttError),
    /// The capital is none that an account can have.
    #[error(transparent)]
    Setting(#[from] ChangeSettingError),
    /// Its money cannot be shown.
    #[error(transparent)]
    Portfolio(#[from] PortfolioError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How much there is in a paper account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaperHeld {
    /// Open positions.
    pub positions: usize,
    /// Shares that were delivered, by symbol.
    pub holdings: usize,
    /// Orders that rest.
    pub orders: usize,
}

/// The money of paper accounts, wherever it is shown.
#[derive(Debug, Clone)]
pub(crate) struct PaperFunds {
    ports: Arc<Ports>,
    settings: SettingService,
    market: Arc<Market>,
    accounts: Arc<AccountRegistry>,
}

impl PaperFunds {
    pub(crate) fn new(
        (ports, settings): (Arc<Ports>, SettingService),
        market: Arc<Market>,
        accounts: Arc<AccountRegistry>,
    ) -> Self {
        Self {
            ports,
            settings,
            market,
            accounts,
        }
    }

    fn key(&self, user: UserId) -> PaperAccountKey {
        let broker = self.ports.paper.clone();
        PaperAccountKey { user, broker }
    }

    /// The money of a user's paper account, its open positions valued at present prices.
    pub(crate) async fn view(&self, user: UserId) -> Result<FundsView, PortfolioError> {
        let (funds, key) = (self.read(user).await?, self.key(user));
        let positions = self.ports.positions.list(user, Some(&key.broker)).await?;
        let mut unrealized_pnl = Money::ZERO;
        let held = positions.iter().map(|it| it.key.instrument.clone());
        let prices = self.market.prices(held).await;
        for position in positions {
            let ltp = prices.price_or(&position.key.instrument, position.ltp);
            unrealized_pnl = unrealized_pnl.plus(position.marked_at(ltp)?.unrealized_pnl)?;
        }
        let total_pnl = funds.realized_pnl.plus(unrealized_pnl)?;
        Ok(FundsView {
            broker: key.broker,
            funds,
            unrealized_pnl,
            total_pnl,
        })
    }

    /// The account of a user, after what is due by an instant.
    async fn account(&self, user: UserId, at: Timestamp) -> Result<AccountHandle, PortfolioError> {
        let account = self.accounts.account(user, &self.ports.paper)?;
        let kept_up = keep_up(&account, &self.market, at).await;
        kept_up.map_err(StandingError::from)?;
        Ok(account)
    }

    /// The money as it is stored, after what is due by now.
    async fn read(&self, user: UserId) -> Result<Funds, PortfolioError> {
        let at = self.ports.clock.now();
        self.account(user, at).await?;
        let opening = PaperOpening {
            capital: self.settings.parsed(SettingKey::StartingCapital)?,
            day: self.settings.day_of(at)?,
            at,
        };
        let state = self.ports.ledger.load(&self.key(user), &opening).await?;
        Ok(state.funds)
    }
}

/// Shows and changes paper accounts.
#[derive(Debug, Clone)]
pub struct PaperService {
    funds: Arc<PaperFunds>,
    gtts: Arc<GttService>,
}

impl PaperService {
    pub(crate) fn new(funds: Arc<PaperFunds>, gtts: Arc<GttService>) -> Self {
        Self { funds, gtts }
    }

    /// The money of a user's paper account, wherever orders go now.
    pub async fn funds(&self, user: UserId) -> Result<FundsView, PortfolioError> {
        self.funds.ports.users.get(user).await?;
        self.funds.view(user).await
    }

    /// How much there is in a user's paper account, wherever orders go now.
    pub async fn held(&self, user: UserId) -> Result<PaperHeld, PaperAccountError> {
        let (ports, key) = (&self.funds.ports, self.funds.key(user));
        let account = self.funds.account(user, ports.clock.now()).await?;
        let open = ports.positions.list(user, Some(&key.broker)).await?;
        let holdings = ports.holdings.list(user, Some(&key.broker)).await?;
        Ok(PaperHeld {
            positions: open.len(),
            holdings: holdings.len(),
            orders: account.resting().await?.len(),
        })
    }

    /// Starts a user's account anew with its capital. Orders that rest or wait for a price are
    /// withdrawn first; positions and holdings are gone, and what was realised with them. Orders
    /// and trades stay on record.
    pub async fn reset(&self, user: UserId, by: Author) -> Result<FundsView, PaperAccountError> {
        let ports = &self.funds.ports;
        ports.users.get(user).await?;
        self.withdraw_gtts(user).await?;
        let at = ports.clock.now();
        let account = self.funds.account(user, at).await?;
        account.reset(at).await?;
        let entry = AuditEntry {
            by,
            action: AuditAction::PaperReset,
            object: format!("user {user}"),
            detail: None,
            at,
        };
        ports.audit_log.append(&entry).await?;
        Ok(self.funds.view(user).await?)
    }

    /// Withdraws what waits for a price on paper.
    async fn withdraw_gtts(&self, user: UserId) -> Result<(), PaperAccountError> {
        for gtt in self.gtts.list(user, Some(GttStatus::Active)).await? {
            if gtt.broker != self.funds.ports.paper {
                continue;
            }
            match self.gtts.cancel(user, &gtt.trigger_id).await {
                // It was met in between; its order is one of those that are withdrawn next.
                Ok(_) | Err(ChangeGttError::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Gives every account another capital: what is free in it changes by the difference.
    pub async fn set_capital(&self, capital: Money) -> Result<(), PaperAccountError> {
        let ports = &self.funds.ports;
        let value = capital.to_string();
        let settings = &self.funds.settings;
        settings.set(SettingKey::StartingCapital, &value).await?;
        for user in ports.users.list().await? {
            self.funds.account(user.id, ports.clock.now()).await?;
        }
        Ok(())
    }

    /// What moved in or out of a user's positions besides trades, the newest first.
    pub async fn movements(&self, user: UserId, limit: u32) -> Result<Vec<Movement>, StoreError> {
        let key = self.funds.key(user);
        self.funds.ports.ledger.movements(&key, limit).await
    }

    /// What the days of a user's account came to, the newest first.
    pub async fn daily(&self, user: UserId, limit: u32) -> Result<Vec<DailyPnl>, StoreError> {
        let key = self.funds.key(user);
        self.funds.ports.ledger.daily(&key, limit).await
    }
}
