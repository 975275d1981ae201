//! The lives of the process: each starts the engine on what the one before left behind.

use super::clients::{cancel, client, close, modify, smart};
use super::faults::Fault;
use super::plan::{Account, Operation, Planned};
use super::{Sabotage, World, approvals, gtts, legs, limits};
use openalgo::engine::{Engine, EngineConfig, Settlement};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

/// How often a process is killed at most.
const MOST_LIVES: u32 = 12;

/// Nobody waits for so long.
const LONGEST_LIFE: Duration = Duration::from_hours(24);

/// How the engine runs: seldom enough that a day of passes is soon computed.
const CONFIG: EngineConfig = EngineConfig {
    watch_every: Some(Duration::from_mins(5)),
    reconcile_every: Some(Duration::from_mins(2)),
    watch_gtts_every: Some(Duration::from_mins(1)),
};

/// How a life ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Killed,
    /// The engine did not start.
    Failed,
    /// The day is over.
    Evening,
}

/// Lives one life after the other until the day is over.
pub(crate) fn live(world: &Arc<World>) {
    for life in 0.. {
        let end = one_life(world, life);
        world.store.lose_what_is_not_durable();
        let pause = world.throw(|dice| dice.millis(50, 60_000));
        match end {
            End::Evening => return,
            End::Killed => world.faults.note(Fault::Restart),
            End::Failed => {}
        }
        world.note(|| format!("life {life} ended: {end:?}"));
        world.clock.skip(pause);
    }
}

fn one_life(world: &Arc<World>, life: u32) -> End {
    let may_die = world.faults.occurs(Fault::Restart) && life < MOST_LIVES;
    let left = may_die.then(|| world.throw(|dice| dice.between(3, 2_500)).cast_unsigned());
    world.steps.begin_life(left);
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        world.clock.begin_life();
        world.limits.begin_life();
        let end = tokio::select! {
            biased;
            () = world.steps.killed() => End::Killed,
            ended = day(world) => ended.map_or(End::Failed, |()| End::Evening),
            () = tokio::time::sleep(LONGEST_LIFE) => {
                world.accuse("somebody waits for ever".into());
                End::Evening
            }
        };
        world.clock.end_life();
        end
    })
}

/// Starts the engine and logs in at the broker.
async fn start(world: &World) -> Result<Arc<Engine>, Box<dyn Error>> {
    let engine = Engine::start(world.ports(), CONFIG).await?;
    let user = world.user(Account::Live);
    engine
        .brokers()
        .connect(user, world.broker.session())
        .await?;
    Ok(Arc::new(engine))
}

async fn day(world: &Arc<World>) -> Result<(), Box<dyn Error>> {
    let engine = start(world).await?;
    // A twin that asks another engine meets no claim of the first.
    let other = match world.sabotage {
        Some(Sabotage::Claim) => start(world).await?,
        _ => Arc::clone(&engine),
    };
    let mut clients = JoinSet::new();
    for wish in world.calls.unfinished() {
        clients.spawn(client(Arc::clone(world), Arc::clone(&engine), wish));
    }
    for wish in world.requests.unfinished() {
        clients.spawn(legs::client(Arc::clone(world), Arc::clone(&engine), wish));
    }
    for wish in world.gtts.unfinished() {
        clients.spawn(gtts::client(Arc::clone(world), Arc::clone(&engine), wish));
    }
    for wish in world.keyed.unfinished() {
        let client = approvals::client(Arc::clone(world), Arc::clone(&engine), wish);
        clients.spawn(client);
    }
    while let Some(Planned { at, operation }) = world.next_planned() {
        world.clock.sleep_until(at).await;
        world.note(|| format!("{operation:?}"));
        world.take_planned();
        begin(&mut clients, world, (&engine, &other), operation);
    }
    while let Some(ended) = clients.join_next().await {
        if let Err(error) = ended {
            world.accuse(format!("a client ended early: {error}"));
        }
    }
    evening(world, &engine).await;
    engine.stop().await;
    Ok(())
}

/// Lets somebody ask for an operation.
fn begin(
    clients: &mut JoinSet<()>,
    world: &Arc<World>,
    (engine, other): (&Arc<Engine>, &Arc<Engine>),
    operation: Operation,
) {
    let (here, at) = (Arc::clone(world), Arc::clone(engine));
    match operation {
        Operation::Place(wish) => {
            world.calls.begin(&wish);
            if wish.is_twin {
                let (here, at) = (Arc::clone(world), Arc::clone(other));
                clients.spawn(client(here, at, (*wish).clone()));
            }
            clients.spawn(client(here, at, *wish));
        }
        Operation::Cancel(number) => drop(clients.spawn(cancel(here, at, number))),
        Operation::Modify(number, change) => {
            clients.spawn(modify(here, at, (number, change)));
        }
        Operation::Smart(account, order) => {
            clients.spawn(smart(here, at, (account, *order)));
        }
        Operation::Close(account, slot, origin) => {
            clients.spawn(close(here, at, (account, slot, origin)));
        }
        Operation::Legs(wish) => {
            world.requests.begin(&wish);
            clients.spawn(legs::client(here, at, *wish));
        }
        Operation::Limit(account, change) => {
            clients.spawn(limits::change(here, at, (account, change)));
        }
        Operation::Gtt(wish) => {
            world.gtts.begin(&wish);
            if wish.is_twin {
                let (here, at) = (Arc::clone(world), Arc::clone(other));
                clients.spawn(gtts::client(here, at, (*wish).clone()));
            }
            clients.spawn(gtts::client(here, at, *wish));
        }
        Operation::ChangeGtt(number, change) => {
            clients.spawn(gtts::change(here, at, (number, change)));
        }
        Operation::Keyed(wish) => {
            world.keyed.begin(&wish);
            clients.spawn(approvals::client(here, at, *wish));
        }
        Operation::Decide(number, verdict) => {
            clients.spawn(approvals::decide(here, at, (number, verdict)));
        }
        Operation::ByHand(order) => world.broker.place_by_hand(*order),
    }
}

/// Nothing goes wrong any more, and the broker's books tell everything.
async fn evening(world: &Arc<World>, engine: &Engine) {
    world.faults.end();
    world.steps.begin_life(None);
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_secs(100)).await;
        reconcile(world, engine).await;
    }
    gtts::meet_all(world, engine).await;
    reconcile(world, engine).await;
    settle(world, engine).await;
    // What rests may be filled at any moment, also between the last look into the book and the check.
    world.broker.exchange().close();
    reconcile(world, engine).await;
    super::check::check(world, engine).await;
}

async fn reconcile(world: &World, engine: &Engine) {
    if let Err(error) = engine.reconcile().await {
        world.accuse(format!("the books could not be read: {error}"));
    }
}

/// The user says what became of orders that several at the broker look like. Nobody needs to be
/// asked where orders carry marks.
async fn settle(world: &World, engine: &Engine) {
    for order in engine.unresolved().await.unwrap() {
        let intent = order.intent.id;
        if engine.orders().candidates(order.id).is_empty() || world.broker.carries_tags {
            world.accuse(format!("{intent} is left to nobody: {:?}", order.state));
        }
        let truth = {
            let exchange = world.broker.exchange();
            let held = exchange.of_intent(intent);
            held.map_or(Settlement::NeverArrived, |held| {
                Settlement::Is(held.row.broker_order_id.clone())
            })
        };
        let (user, id) = (order.intent.user, intent.local_order_id());
        world.note(|| format!("{intent} is settled: {truth:?}"));
        if let Err(error) = engine.orders().settle(user, &id, truth).await {
            world.accuse(format!("{intent} cannot be settled: {error}"));
        }
    }
}
