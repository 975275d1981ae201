//! Reading positions at a broker: the one place where that is done.

use super::StandingError;
use crate::asking::{Untold, read};
use crate::brokers::{Brokers, Login};
use openalgo_core::port::{BrokerSession, PortfolioReader};
use openalgo_core::portfolio::Position;
use std::sync::Arc;
use std::time::Duration;

/// The positions of a user at a broker, as far as it tells them within `deadline`. A session that
/// the broker does not take any more is over.
pub(crate) async fn positions(
    brokers: &Brokers,
    (login, session): (&Login, &Arc<BrokerSession>),
    (reader, deadline): (&dyn PortfolioReader, Duration),
) -> Result<Vec<Position>, StandingError> {
    let asked = (deadline, reader.positions());
    let told = read(brokers, (login, session), asked).await;
    told.map_err(|untold| match untold {
        Untold::Over(over) => StandingError::Account(over.into()),
        Untold::Failed(error) => StandingError::Positions {
            broker: login.1.clone(),
            source: Arc::new(error),
        },
    })
}
