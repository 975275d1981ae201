//! Our own orders at a broker, of the present trading day.

use crate::ports::Ports;
use crate::service::SettingService;
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::order::Order;
use openalgo_core::port::{OrderQuery, StoreError};

/// All of them, those inserted last first.
pub(crate) async fn orders_of_day(
    (ports, settings): (&Ports, &SettingService),
    (user, broker): (UserId, &BrokerName),
) -> Result<Vec<Order>, StoreError> {
    let query = OrderQuery {
        user,
        broker: Some(broker.clone()),
        day: Some(settings.day_of(ports.clock.now())?),
        limit: u32::MAX,
    };
    ports.orders.list(&query).await
}
