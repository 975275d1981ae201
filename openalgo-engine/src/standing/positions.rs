//! Reading positions at a broker: the one place where that is done.

use super::StandingError;
use crate::asking::{NoAnswer, ask};
use crate::brokers::{Brokers, Login};
use openalgo_core::port::{BrokerReadError, BrokerSession, PortfolioReader};
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
    let broker = login.1.clone();
    let answer = match ask(deadline, reader.positions()).await {
        Ok(answer) => answer,
        Err(NoAnswer::Late) => return Err(StandingError::Late(broker)),
        Err(none @ NoAnswer::Panicked) => Err(BrokerReadError::Failed(none.into())),
    };
    answer.map_err(|error| {
        if matches!(error, BrokerReadError::SessionExpired) {
            return StandingError::Account(brokers.refuse(login, session).into());
        }
        let source = Arc::new(error);
        StandingError::Positions { broker, source }
    })
}
