//! Orders at a broker that were not placed here. Nothing here cancels or counts them; whoever closes
//! a position wants to know of them.

use super::{StandingError, Standings};
use crate::reconciler::{HURRIED, read_book};
use openalgo_core::id::{BrokerName, BrokerOrderId, UserId};
use openalgo_core::order::OrderStatus;
use openalgo_core::port::BookOrder;
use std::collections::BTreeSet;

impl Standings {
    /// Those that rest there, as far as the broker shows its book.
    pub(crate) async fn others_resting(
        &self,
        user: UserId,
        broker: &BrokerName,
    ) -> Result<Vec<BookOrder>, StandingError> {
        if *broker == self.ports.paper {
            return Ok(Vec::new());
        }
        let login = (user, broker.clone());
        let session = self.session(&login)?;
        let Some(reader) = session.order_book.clone() else {
            return Ok(Vec::new());
        };
        let mut book = read_book((&login, &session), (&*reader, HURRIED), &self.brokers).await?;
        let ours = self.of_the_day(user, broker).await?;
        let ours = ours.iter().filter_map(|it| it.state.broker_order_id());
        let ours: BTreeSet<&BrokerOrderId> = ours.collect();
        book.orders.retain(|row| {
            let rests = matches!(row.status, OrderStatus::Open | OrderStatus::TriggerPending);
            rests && !ours.contains(&row.broker_order_id)
        });
        Ok(book.orders)
    }
}
