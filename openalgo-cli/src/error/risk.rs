//! Limits of risk and the kill switch.

use super::{CHECK, CliError, Exit, chain};
use openalgo::core::account::LimitValueError;
use openalgo::engine::service::RiskError;
use openalgo::engine::{HaltedError, LimitError};

impl From<HaltedError> for CliError {
    fn from(error: HaltedError) -> Self {
        match &error {
            HaltedError::Halted(..) => Self::refused("halted", &error)
                .hint("orders that rest can still be cancelled; see `openalgo risk status`"),
            HaltedError::Unreadable(cause) => Self::unreadable(&error, cause),
            _ => Self::new(Exit::Unavailable, "damaged_data", &error).hint(CHECK),
        }
    }
}

impl From<LimitError> for CliError {
    fn from(error: LimitError) -> Self {
        match &error {
            LimitError::Refused { .. } => Self::refused("risk_limit", &error)
                .hint("orders that only reduce a position pass; see `openalgo risk show`"),
            LimitError::Unreadable(cause) => Self::unreadable(&error, cause),
            LimitError::ProfitUnknown { .. } => {
                Self::new(Exit::Unavailable, "profit_unknown", &chain(&error))
                    .hint("try again; orders that only reduce a position pass")
            }
            LimitError::WorthUnknown { .. } => {
                Self::new(Exit::Unavailable, "worth_unknown", &error)
                    .hint("try again; orders that only reduce a position pass")
            }
            LimitError::Value(_) => Self::refused("too_large", &error).hint("order less"),
            _ => Self::refused("limits_changed", &error).hint("send it again"),
        }
    }
}

impl From<RiskError> for CliError {
    fn from(error: RiskError) -> Self {
        match error {
            RiskError::Store(error) => error.into(),
            RiskError::Route(error) => error.into(),
            other => Self::internal("nothing was changed", &other),
        }
    }
}

impl From<LimitValueError> for CliError {
    fn from(error: LimitValueError) -> Self {
        Self::refused("limit_value", &error).hint("`openalgo risk show` shows the limits")
    }
}
