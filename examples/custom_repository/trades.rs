//! The trade history.

use super::{Memory, Tables};
use async_trait::async_trait;
use openalgo::core::id::TradeId;
use openalgo::core::order::{NewTrade, Trade};
use openalgo::core::port::{OrderQuery, StoreError, TradeRepository};
use std::sync::Arc;

impl Tables {
    /// Keeps an execution.
    pub(super) fn add_trade(&mut self, trade: &NewTrade) -> Result<Trade, StoreError> {
        self.require_user(trade.user)?;
        if let Some(order) = trade.order {
            self.stored_order(order)?;
        }
        let trade = Trade {
            id: TradeId::new(self.trades.last().map_or(1, |last| last.id.get() + 1)),
            user: trade.user,
            broker: trade.broker.clone(),
            order: trade.order,
            execution: trade.execution.clone(),
        };
        self.trades.push(Arc::new(trade.clone()));
        Ok(trade)
    }

    fn is_trade_meant(&self, query: &OrderQuery, trade: &Trade) -> bool {
        let broker = query.broker.as_ref();
        trade.user == query.user
            && broker.is_none_or(|broker| trade.broker == *broker)
            && (query.day.is_none() || self.is_trade_of_order(query, trade))
    }

    fn is_trade_of_order(&self, query: &OrderQuery, trade: &Trade) -> bool {
        let mut orders = self.orders.iter().map(|stored| &stored.order);
        orders.any(|order| trade.order == Some(order.id) && Self::is_meant(query, order))
    }
}

#[async_trait]
impl TradeRepository for Memory {
    async fn insert(&self, trade: &NewTrade) -> Result<Trade, StoreError> {
        self.write(|tables, _| tables.add_trade(trade))
    }

    async fn list(&self, query: &OrderQuery) -> Result<Vec<Trade>, StoreError> {
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        Ok(self.read(|tables| {
            let newest_first = tables.trades.iter().rev();
            let meant = newest_first.filter(|trade| tables.is_trade_meant(query, trade));
            meant.take(limit).map(|trade| (**trade).clone()).collect()
        }))
    }
}
