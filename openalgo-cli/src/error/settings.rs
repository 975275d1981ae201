//! Settings, and the broker that was chosen.

use super::CliError;
use openalgo::core::account::SettingError;
use openalgo::engine::service::{ChangeSettingError, ChooseBrokerError};

impl From<ChangeSettingError> for CliError {
    fn from(error: ChangeSettingError) -> Self {
        match error {
            ChangeSettingError::Value(error) => error.into(),
            ChangeSettingError::Store(error) => error.into(),
            other => Self::internal("the setting was not changed", &other),
        }
    }
}

impl From<SettingError> for CliError {
    fn from(error: SettingError) -> Self {
        Self::refused("setting_value", &error)
            .hint("`openalgo settings list` shows the settings and what they do")
    }
}

impl From<ChooseBrokerError> for CliError {
    fn from(error: ChooseBrokerError) -> Self {
        match error {
            ChooseBrokerError::Store(error) => error.into(),
            ChooseBrokerError::NotConnected { .. } => Self::refused("not_connected", &error).hint(
                "`openalgo broker list` shows the brokers that orders can go to; they change only \
                 with `openalgo broker use NAME`",
            ),
            other => Self::internal("the broker was not chosen", &other),
        }
    }
}
