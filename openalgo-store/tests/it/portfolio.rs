//! Positions, as somebody with the key sees them.

use crate::support::{Place, paper, user};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Double;
use openalgo_core::testing::sample;

#[tokio::test]
async fn a_position_shows_figures_that_are_rounded_from_the_exact_ones() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let position = sample::position(owner.id, paper());
    store.positions().upsert(&position).await.unwrap();
    let figures = sql::<(Double, Double, Double, Double)>(
        "SELECT average_price, pnl, pnl_percent, day_buy_avg FROM positions",
    )
    .get_result::<(f64, f64, f64, f64)>(&mut place.raw())
    .unwrap();
    assert_eq!(format!("{figures:?}"), "(333.3333, 13.95, 1.395, 333.3333)");
}
