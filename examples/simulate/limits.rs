//! Limits of risk that change during the day, and whether orders kept to them.

use super::World;
use super::check::stored;
use super::exchange::Held;
use super::plan::{Account, Slot};
use openalgo::core::account::{LimitChange, RiskLimits};
use openalgo::core::market::Timestamp;
use openalgo::core::monitor::{Author, Surface};
use openalgo::core::order::{Order, Side};
use openalgo::core::port::{Clock, TradeRepository};
use openalgo::core::value::Quantity;
use openalgo::engine::Engine;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How far apart an order and the fills may be that were known when it was decided: a position at
/// a broker is read a while before the order leaves, and fills are told late.
const AROUND: chrono::Duration = chrono::Duration::minutes(5);

/// A time in which the most units that one order may be for were the same.
#[derive(Debug, Clone)]
struct Stretch {
    account: Account,
    from: Timestamp,
    until: Option<Timestamp>,
    most: Option<Quantity>,
}

#[derive(Debug, Default)]
struct State {
    stretches: Vec<Stretch>,
    /// Changes that are under way.
    changing: u32,
}

/// Which limits held when.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<State>);

impl Limits {
    fn note<T>(&self, note: impl FnOnce(&mut State) -> T) -> T {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The process is gone: whether a change that was under way was made, nobody knows.
    pub(crate) fn begin_life(&self) {
        self.note(|state| state.changing = 0);
    }

    fn begin(&self, account: Account, now: Timestamp) {
        self.note(|state| {
            state.changing += 1;
            let open = state.stretches.iter_mut();
            for stretch in open.filter(|it| it.account == account && it.until.is_none()) {
                stretch.until = Some(now);
            }
        });
    }

    fn end(&self, account: Account, now: Timestamp, limits: Option<&RiskLimits>) {
        self.note(|state| {
            state.changing = state.changing.saturating_sub(1);
            // With another change under way nobody knows which of both is the last.
            if let Some(limits) = limits.filter(|_| state.changing == 0) {
                state.stretches.push(Stretch {
                    account,
                    from: now,
                    until: None,
                    most: limits.order_quantity,
                });
            }
        });
    }

    /// The limit that held for an order, where that is known.
    fn most(&self, account: Account, at: Timestamp) -> Option<Quantity> {
        self.note(|state| {
            let mut stretches = state.stretches.iter();
            let stretch = stretches.find(|it| {
                // An order may have been let in well before it is dated.
                let from = it.from.plus(AROUND);
                it.account == account && from < at && it.until.is_none_or(|until| at < until)
            });
            stretch?.most
        })
    }
}

/// Changes a limit.
pub(crate) async fn change(
    world: Arc<World>,
    engine: Arc<Engine>,
    (account, change): (Account, LimitChange),
) {
    let user = world.user(account);
    let by = Author {
        user: Some(user),
        surface: Surface::Embedded,
    };
    world.limits.begin(account, world.clock.now());
    let changed = engine.risk().change_limit(user, change, by).await;
    world.note(|| format!("{account:?} is limited to {changed:?}"));
    let limits = changed.as_ref().ok();
    world.limits.end(account, world.clock.now(), limits);
}

type Fill = (Timestamp, i64);

/// Accuses the engine of every order that is larger than its limit and was no exit: at no moment
/// around it was so much held.
pub(crate) async fn check(world: &World, held: &[Held]) {
    let at_broker = held.iter().flat_map(|held| {
        let slot = (held.row.instrument.clone(), held.row.product);
        let fills = held.fills.iter();
        fills.map(move |fill| {
            (
                slot.clone(),
                (fill.at, signed(held.row.side, fill.quantity)),
            )
        })
    });
    check_account(world, Account::Live, by_slot(at_broker)).await;
    let query = super::check::query(world, Account::Paper);
    let trades = TradeRepository::list(&*world.memory, &query).await;
    let on_paper = trades.unwrap().into_iter().map(|trade| {
        let it = trade.execution;
        let units = signed(it.side, it.quantity);
        ((it.instrument, it.product), (it.at, units))
    });
    check_account(world, Account::Paper, by_slot(on_paper)).await;
}

fn by_slot(fills: impl Iterator<Item = (Slot, Fill)>) -> BTreeMap<Slot, Vec<Fill>> {
    let mut slots: BTreeMap<Slot, Vec<Fill>> = BTreeMap::new();
    for (slot, fill) in fills {
        slots.entry(slot).or_default().push(fill);
    }
    for fills in slots.values_mut() {
        fills.sort_by_key(|(at, _)| *at);
    }
    slots
}

async fn check_account(world: &World, account: Account, slots: BTreeMap<Slot, Vec<Fill>>) {
    for order in stored(world, account).await {
        let asked = &order.intent.order;
        let Some(most) = world.limits.most(account, order.intent.at) else {
            continue;
        };
        let slot = (asked.instrument.clone(), asked.product);
        let fills = slots.get(&slot).map_or(&[][..], Vec::as_slice);
        if first_quantity(world, &order).await > most && !may_reduce(&order, fills) {
            let (id, units) = (order.intent.id, asked.quantity);
            world.accuse(format!("{id} is for {units}, and {most} was the limit"));
        }
    }
}

/// What an order was placed for, before it was modified.
async fn first_quantity(world: &World, order: &Order) -> Quantity {
    use openalgo::core::order::OrderEventKind::Planned;
    use openalgo::core::port::OrderRepository;
    let journal = world.memory.journal(order.id).await.unwrap();
    match journal.into_iter().next().map(|event| event.kind) {
        Some(Planned { intent }) => intent.order.quantity,
        _ => order.intent.order.quantity,
    }
}

/// Whether enough was held at any moment around an order for it to be an exit.
fn may_reduce(order: &Order, fills: &[Fill]) -> bool {
    let asked = &order.intent.order;
    let at = order.intent.at;
    let needed = -signed(asked.side, asked.quantity);
    let mut position = 0;
    let mut positions = vec![(Timestamp::from_micros(0).unwrap(), 0)];
    for (at, units) in fills {
        position += units;
        positions.push((*at, position));
    }
    // What was held at the beginning of the time counts as well.
    let first = positions.iter().rposition(|it| it.0 <= at.plus(-AROUND));
    let mut around = positions.iter().skip(first.unwrap_or_default());
    around.any(|(when, held)| {
        let is_enough = held.signum() == needed.signum() && held.abs() >= needed.abs();
        *when <= at.plus(AROUND) && is_enough
    })
}

fn signed(side: Side, quantity: Quantity) -> i64 {
    match side {
        Side::Buy => quantity.get(),
        Side::Sell => -quantity.get(),
    }
}
