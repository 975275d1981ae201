//! Several orders in one request: who asks for them, and whether each leg was decided once.

use super::World;
use super::check::stored;
use super::clients::{Answer, TRIES, answer};
use super::plan::{Account, Legs, LegsWish};
use openalgo::core::id::IntentId;
use openalgo::core::order::{Order, Side};
use openalgo::engine::Engine;
use openalgo::engine::service::{Leg, SplitSize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is known of a wish.
#[derive(Debug, Clone)]
struct Request {
    wish: LegsWish,
    /// What was told of each leg, by its number.
    answers: BTreeMap<usize, Vec<Answer>>,
    /// How often it was asked for, and how often without an answer.
    asked: u32,
    unanswered: u32,
    is_over: bool,
}

/// What was asked for, by the number of the operation; clients outlive the process that they ask.
#[derive(Debug, Default)]
pub(crate) struct Requests(Mutex<BTreeMap<u32, Request>>);

impl Requests {
    pub(crate) fn begin(&self, wish: &LegsWish) {
        let request = Request {
            wish: wish.clone(),
            answers: BTreeMap::new(),
            asked: 0,
            unanswered: 0,
            is_over: false,
        };
        self.lock().insert(wish.number, request);
    }

    /// Wishes whose clients will ask again: those who can say that it is the same.
    pub(crate) fn unfinished(&self) -> Vec<LegsWish> {
        let requests = self.lock();
        let unfinished = requests.values().filter(|request| !request.is_over);
        let wishes = unfinished.map(|request| request.wish.clone());
        wishes.filter(|wish| wish.id.is_some()).collect()
    }

    fn change(&self, number: u32, change: impl FnOnce(&mut Request)) {
        if let Some(request) = self.lock().get_mut(&number) {
            change(request);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Request>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks until every leg was placed, or patience ends.
pub(crate) async fn client(world: Arc<World>, engine: Arc<Engine>, wish: LegsWish) {
    for _ in 0..TRIES {
        world.requests.change(wish.number, |request| {
            request.asked += 1;
            request.unanswered += 1;
        });
        let legs = ask(&world, &engine, &wish).await;
        let told: Vec<_> = legs
            .into_iter()
            .map(|leg| (leg.number, answer(leg.outcome)))
            .collect();
        world.note(|| format!("legs-{} is told {told:?}", wish.number));
        let is_placed = |(_, answer): &(usize, Answer)| matches!(answer, Answer::Placed { .. });
        let is_done = told.iter().all(is_placed);
        world.requests.change(wish.number, |request| {
            request.unanswered -= 1;
            for (number, answer) in told {
                request.answers.entry(number).or_default().push(answer);
            }
        });
        if is_done || wish.id.is_none() {
            break;
        }
        let pause = world.throw(|dice| dice.millis(300, 20_000));
        tokio::time::sleep(pause).await;
    }
    world.requests.change(wish.number, |it| it.is_over = true);
}

async fn ask(world: &World, engine: &Engine, wish: &LegsWish) -> Vec<Leg> {
    let (user, orders) = (world.user(wish.account), engine.orders());
    let number = wish.number;
    let legs = match wish.legs.clone() {
        Legs::Basket(legs) => {
            let legs = orders.basket(user, legs, wish.id.clone()).await;
            legs.map_err(|error| error.to_string())
        }
        Legs::Split(mut order, size) => {
            order.client_order_id.clone_from(&wish.id);
            let legs = orders.split(user, *order, SplitSize::Units(size)).await;
            legs.map_err(|error| error.to_string())
        }
    };
    legs.unwrap_or_else(|error| {
        world.note(|| format!("legs-{number} is refused: {error}"));
        Vec::new()
    })
}

/// Accuses the engine of every leg that was not decided once.
pub(crate) async fn check(world: &World) {
    let at_broker: BTreeSet<IntentId> = world.broker.submitted().into_iter().collect();
    for account in [Account::Live, Account::Paper] {
        let ours = stored(world, account).await;
        let requests = world.requests.lock().clone();
        for request in requests.values().filter(|it| it.wish.account == account) {
            let name = request.wish.strategy();
            let of_it = |order: &&Order| order.intent.order.strategy.as_ref() == Some(&name);
            let placed: Vec<&Order> = ours.iter().filter(of_it).collect();
            check_count(world, request, &placed);
            check_sides(world, request, &placed);
            check_answers(world, request, (&placed, &at_broker));
        }
    }
}

/// No leg twice, and no more units than were asked for.
fn check_count(world: &World, request: &Request, placed: &[&Order]) {
    let name = request.wish.strategy();
    let mut ids = BTreeSet::new();
    for order in placed {
        let id = &order.intent.order.client_order_id;
        if id.is_some() != request.wish.id.is_some() || (id.is_some() && !ids.insert(id)) {
            world.accuse(format!("{name} has more than one order under {id:?}"));
        }
    }
    let units: i64 = placed.iter().map(|it| it.intent.order.quantity.get()).sum();
    let asked = request.wish.units();
    if units > asked {
        world.accuse(format!("{name} is for {asked} units and led to {units}"));
    }
}

/// What buys was decided before what sells, where all was asked for once.
fn check_sides(world: &World, request: &Request, placed: &[&Order]) {
    if request.asked != 1 || !matches!(request.wish.legs, Legs::Basket(_)) {
        return;
    }
    let of = |side| {
        let orders = placed.iter().filter(move |it| it.intent.order.side == side);
        orders.map(|order| order.id)
    };
    if let (Some(last), Some(first)) = (of(Side::Buy).max(), of(Side::Sell).min())
        && first < last
    {
        let name = request.wish.strategy();
        world.accuse(format!("{name} sells before it has bought"));
    }
}

/// What was told of each leg is true.
fn check_answers(
    world: &World,
    request: &Request,
    (placed, at_broker): (&[&Order], &BTreeSet<IntentId>),
) {
    let name = request.wish.strategy();
    for (leg, answers) in &request.answers {
        let told = answers.iter().filter_map(|answer| match answer {
            Answer::Placed {
                intent, is_replay, ..
            } => Some((*intent, *is_replay)),
            Answer::Refused(_) | Answer::Maybe(_) => None,
        });
        let intents: BTreeSet<_> = told.clone().map(|(intent, _)| intent).collect();
        let firsts = told.filter(|(_, is_replay)| !is_replay).count();
        if intents.len() > 1 || firsts > 1 {
            world.accuse(format!("leg {leg} of {name} was placed more than once"));
        }
        let is_gone = |intent: &&IntentId| !placed.iter().any(|it| it.intent.id == **intent);
        if let Some(gone) = intents.iter().find(is_gone) {
            world.accuse(format!(
                "leg {leg} of {name} was told of {gone}, which is gone"
            ));
        }
    }
    let is_refusal = |answer: &Answer| matches!(answer, Answer::Refused(_));
    let is_refused = request.answers.values().flatten().all(is_refusal);
    let arrived = placed.iter().any(|it| at_broker.contains(&it.intent.id));
    if request.unanswered == 0 && is_refused && arrived {
        world.accuse(format!("{name} was refused in all its legs, and arrived"));
    }
}
