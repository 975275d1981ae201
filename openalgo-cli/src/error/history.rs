//! Why past prices cannot be told, and what to do about it.

use super::{CliError, Exit, chain};
use openalgo::engine::service::HistoryError;

impl From<HistoryError> for CliError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Lookup(error) => error.into(),
            HistoryError::Store(error) => error.into(),
            HistoryError::Market(_) => Self::new(Exit::Unavailable, "no_history", &chain(&error))
                .hint("what was kept before is told with --stored"),
            HistoryError::NotOffered => Self::new(Exit::Unavailable, "not_offered", &error)
                .hint("what was kept before is told with --stored"),
            HistoryError::Unsupported { .. } => {
                Self::refused("unsupported_interval", &error).hint("name another --interval")
            }
            HistoryError::NothingStored(series) => {
                let message = format!(
                    "no candles of {} are kept that {} could be made of",
                    series.instrument, series.interval
                );
                Self::refused("nothing_stored", &message)
                    .hint("`openalgo history SYMBOL --interval 1m --from DATE --keep` keeps some")
            }
            HistoryError::NotKept(_) => {
                Self::refused("not_kept", &error).hint("give --interval 1m or --interval D")
            }
            HistoryError::TooMany { .. } => Self::refused("too_large", &error)
                .hint("name fewer days with --from and --to, or a longer --interval"),
            other => Self::internal("past prices could not be told", &other),
        }
    }
}
