//! Money and positions add up, whatever happens.

use super::hours::bound;
use super::samples::{money, option, order, price, share};
use super::world::{CAPITAL, World};
use openalgo_brokers::paper::PaperBroker;
use openalgo_core::order::{OrderKind, PriceType, Product, Side};
use openalgo_core::port::PaperExchange;
use openalgo_core::rule::charges::ChargesOf;
use proptest::prelude::*;
use std::sync::Arc;

#[derive(Debug, Clone)]
enum Step {
    Place {
        option: bool,
        buy: bool,
        lots: i64,
        kind: u8,
        offset: i64,
        delivery: bool,
    },
    Cancel(usize),
    Tick {
        option: bool,
        offset: i64,
    },
    Reopen,
    /// So many days later.
    Later(i64),
    Reset,
    Terms {
        capital: usize,
        leverage: u8,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = (
        any::<bool>(),
        any::<bool>(),
        1..40_i64,
        0..4_u8,
        -40..40_i64,
        any::<bool>(),
    )
        .prop_map(|(option, buy, lots, kind, offset, delivery)| Step::Place {
            option,
            buy,
            lots,
            kind,
            offset,
            delivery,
        });
    let tick =
        (any::<bool>(), -60..60_i64).prop_map(|(option, offset)| Step::Tick { option, offset });
    let step = prop_oneof![
        4 => place,
        1 => (0..10_usize).prop_map(Step::Cancel),
        4 => tick,
        1 => Just(Step::Reopen),
        1 => (1..20_i64).prop_map(Step::Later),
        1 => Just(Step::Reset),
        1 => ((0..2_usize), 1..4_u8).prop_map(|(capital, leverage)| Step::Terms {
            capital,
            leverage,
        }),
    ];
    prop::collection::vec(step, 1..60)
}

fn near(base: i64, offset: i64) -> String {
    let hundredths = base * 100 + offset * 5;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn kind_of(kind: u8, near_price: &str) -> OrderKind {
    let (price, trigger) = (Some(price(near_price)), Some(price(near_price)));
    let price_type = PriceType::ALL[usize::from(kind)];
    OrderKind::from_parts(price_type, price, trigger).unwrap()
}

impl World {
    fn place_step(&mut self, step: &Step) {
        let Step::Place {
            option: is_option,
            buy,
            lots,
            kind,
            offset,
            delivery,
        } = *step
        else {
            return;
        };
        let instrument = if is_option { option() } else { share() };
        let base = if is_option { 100 } else { 1_500 };
        let side = if buy { Side::Buy } else { Side::Sell };
        let quantity = lots * instrument.lot_size.get();
        let kind = kind_of(kind, &near(base, offset));
        let mut order = order(&instrument, side, quantity, kind);
        if delivery && !is_option {
            order.product = Product::Cnc;
        }
        let ltp = self
            .ltp
            .get(&instrument.key)
            .map_or(near(base, 0), ToString::to_string);
        let _taken_or_refused = self.place(&instrument, order, &ltp);
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Place { .. } => self.place_step(step),
            Step::Cancel(at) => {
                let id = self
                    .ledger
                    .orders
                    .get(*at)
                    .and_then(|o| o.state.broker_order_id())
                    .cloned();
                if let Some(id) = id {
                    self.cancel(&id).unwrap();
                }
            }
            Step::Tick {
                option: is_option,
                offset,
            } => {
                let instrument = if *is_option { option() } else { share() };
                let base = if *is_option { 100 } else { 1_500 };
                self.tick(&instrument, &near(base, *offset));
            }
            Step::Later(days) => {
                for _ in 0..*days {
                    self.next_day();
                }
            }
            Step::Reset => {
                self.reset();
            }
            Step::Terms { capital, leverage } => {
                let mut terms = (*self.terms).clone();
                terms.capital = money(["2500000", CAPITAL][*capital]);
                terms.leverage.equity_mis = *leverage;
                terms.leverage.equity_cnc = *leverage;
                let bears =
                    [ChargesOf::None, ChargesOf::Zerodha][usize::from(leverage.is_multiple_of(2))];
                terms.charges = PaperBroker.charges(bears);
                terms.slippage = *leverage;
                self.change_terms(terms);
            }
            Step::Reopen => {
                let terms = Arc::clone(&self.terms);
                self.account = PaperBroker.open(self.ledger.clone(), terms);
            }
        }
    }
}

proptest! {
    /// Whatever happens, money is conserved, positions are the sums of their fills, and an
    /// account opened anew from the ledger goes on as if nothing had been.
    #[test]
    fn money_and_positions_add_up_after_any_sequence(steps in steps(), hours in any::<bool>()) {
        let world = || if hours { bound() } else { World::new() };
        let (mut world, mut twin) = (world(), world());
        for step in &steps {
            world.step(step);
            world.check();
            if !matches!(step, Step::Reopen) {
                twin.step(step);
            }
        }
        prop_assert_eq!(&world.ledger.funds, &twin.ledger.funds);
        prop_assert_eq!(&world.trades, &twin.trades);
        // Once it is evening on a trading day, no profit is in no day.
        for _ in 0..4 {
            world.next_day();
        }
        let earned = world.before_resets.plus(world.ledger.funds.realized_pnl).unwrap();
        prop_assert_eq!(world.earned_on_days(), earned);
    }
}
