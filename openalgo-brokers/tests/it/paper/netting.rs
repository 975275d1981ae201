//! Positions against a slow model of them, that takes units one by one.

use super::samples::{order, share};
use super::world::World;
use openalgo_core::order::{Execution, OrderKind, Product, Side};
use openalgo_core::value::{NetQuantity, Price};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// What is held: units, and what they cost together. Each unit costs as much as the others.
#[derive(Debug, Default)]
struct Pool {
    units: i64,
    cost: Decimal,
    realized: Decimal,
    /// How often a part was closed, each of which a position may round.
    closings: u32,
}

impl Pool {
    fn trade(&mut self, fill: &Execution) {
        let direction = match fill.side {
            Side::Buy => 1,
            Side::Sell => -1,
        };
        if self.units.signum() == -direction {
            self.closings += 1;
        }
        for _ in 0..fill.quantity.get() {
            self.take(direction, fill.price);
        }
    }

    fn take(&mut self, direction: i64, price: Price) {
        let price = price.to_decimal();
        if self.units.signum() == -direction {
            let average = self.cost / Decimal::from(self.units.abs());
            // A long unit is sold, a short one bought back.
            self.realized += (average - price) * Decimal::from(direction);
            self.cost -= average;
        } else {
            self.cost += price;
        }
        self.units += direction;
    }

    /// Whether a figure is that of the pool, but for what rounding may make of it.
    fn is_near(&self, figure: Decimal, exact: Decimal) -> bool {
        let step = Decimal::new(1, 4);
        (figure - exact).abs() <= step * Decimal::from(self.closings)
    }
}

proptest! {
    #[test]
    fn a_position_is_what_its_units_come_to_one_by_one(
        trades in prop::collection::vec((any::<bool>(), 1..40_i64, 140_000..160_000_i64), 1..40),
    ) {
        let (mut world, share, mut pool) = (World::new(), share(), Pool::default());
        for (buys, units, paise) in trades {
            let side = if buys { Side::Buy } else { Side::Sell };
            let ltp = Decimal::new(paise / 5 * 5, 2).to_string();
            let placed = world.place(&share, order(&share, side, units, OrderKind::Market), &ltp);
            prop_assert!(placed.is_ok());
            pool.trade(world.trades.last().unwrap());
            let held = world.position(&share, Product::Mis);
            prop_assert_eq!(held.quantity, NetQuantity::try_new(pool.units).unwrap());
            prop_assert!(pool.is_near(held.cost.to_decimal(), pool.cost), "{:?} {:?}", held, pool);
            let realized = held.realized_pnl.to_decimal();
            prop_assert!(pool.is_near(realized, pool.realized), "{:?} {:?}", held, pool);
            world.check();
        }
    }
}
