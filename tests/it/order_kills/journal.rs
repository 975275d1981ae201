//! The points around what makes orders durable.

use super::point::{self, Point};
use crate::tapped::{Call, Tap, Tapped};
use async_trait::async_trait;
use openalgo::core::port::{OrderRepository, StoreError};
use std::sync::Arc;

/// The store's orders, with the points.
pub(super) fn journal(orders: Arc<dyn OrderRepository>) -> Tapped<Points> {
    let tap = Points;
    Tapped { orders, tap }
}

#[derive(Debug)]
pub(super) struct Points;

#[async_trait]
impl Tap for Points {
    async fn before(&self, call: Call<'_>) -> Result<(), StoreError> {
        match call {
            Call::Insert => point::reached(Point::BeforeIntent),
            Call::Append => {
                point::reached(Point::BeforeOutcome);
                point::reached(Point::BeforeFinding);
            }
            Call::InsertCancelled | Call::UpdateStatus | Call::FindByClientId(_) => {}
        }
        Ok(())
    }

    fn after(&self, call: Call<'_>) {
        match call {
            Call::Insert => point::reached(Point::IntentStored),
            Call::Append => {
                point::reached(Point::OutcomeStored);
                point::reached(Point::FindingStored);
            }
            Call::InsertCancelled | Call::UpdateStatus | Call::FindByClientId(_) => {}
        }
    }
}
