//! Live or paper: decided once per request, here and nowhere else.

use crate::service::SettingService;
use openalgo_core::account::{SettingKey, User};
use openalgo_core::id::BrokerName;
use openalgo_core::order::TradingMode;
use openalgo_core::port::StoreError;
use thiserror::Error;

/// Where an order goes and in which mode; carried with the order and its exits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// Real money or paper.
    pub(crate) mode: TradingMode,
    /// The broker.
    pub(crate) broker: BrokerName,
}

/// Why an order goes nowhere.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RouteError {
    /// Analyze mode is off and the user has chosen no broker.
    #[error("analyze mode is off and no broker is chosen for live orders")]
    NoOrderBroker,
    /// The setting does not say whether analyze mode is on.
    #[error("the setting 'analyzer' is '{0}', which is neither true nor false")]
    Unclear(String),
    /// The setting cannot be read, so nothing is assumed about it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Decides where orders go.
#[derive(Debug, Clone)]
pub(crate) struct Router {
    settings: SettingService,
    paper: BrokerName,
}

impl Router {
    pub(crate) fn new(settings: SettingService, paper: BrokerName) -> Self {
        Self { settings, paper }
    }

    /// Where an order of this user goes now.
    pub(crate) fn route(&self, user: &User) -> Result<Route, RouteError> {
        let analyzer = self.settings.value(SettingKey::Analyzer)?;
        let broker = match analyzer.as_str() {
            "true" => self.paper.clone(),
            "false" => user.order_broker.clone().ok_or(RouteError::NoOrderBroker)?,
            _ => return Err(RouteError::Unclear(analyzer)),
        };
        let mode = if broker == self.paper {
            TradingMode::Paper
        } else {
            TradingMode::Live
        };
        Ok(Route { mode, broker })
    }
}
