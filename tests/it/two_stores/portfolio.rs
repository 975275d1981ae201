//! Calls about orders, positions and holdings, strategies and watchlists.

use super::answer::plain;
use super::call::{broker, number, someone};
use super::pending;
use openalgo::core::account::WatchlistItems;
use openalgo::core::id::{BrokerName, IntentId, OrderId, StrategyId, UserId, WatchlistId};
use openalgo::core::market::{Exchange, InstrumentKey};
use openalgo::core::order::{Fill, OrderEvent, OrderEventKind, OrderKind, OrderStatus, Product};
use openalgo::core::port::{OrderQuery, StatusReport};
use openalgo::core::portfolio::{Holding, Position};
use openalgo::core::strategy::{
    Direction, NewStrategy, Platform, Schedule, StrategyPlan, StrategySymbol, WebhookId,
};
use openalgo::core::value::{NetQuantity, Quantity};
use openalgo_core::testing::contract::Repositories;
use openalgo_core::testing::sample::{self, at, broker_id, day, event, instrument, price, units};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

#[derive(Debug, Clone)]
pub(super) enum Orders {
    Insert(UserId, BrokerName, IntentId, (u32, Option<&'static str>)),
    Append(OrderId, OrderEvent),
    Report(StatusReport),
    Find(UserId, String),
    FindByClientId(UserId, &'static str, i64),
    FindByRequest(UserId, &'static str, i64),
    List(OrderQuery),
    Count(UserId, u32),
    Unresolved,
    LeftOpen(UserId, BrokerName, u32),
    Journal(OrderId),
}

#[derive(Debug, Clone)]
pub(super) enum Books {
    Position(Box<Position>),
    Positions(UserId, Option<BrokerName>),
    Holding(Box<Holding>),
    Holdings(UserId, Option<BrokerName>),
}

#[derive(Debug, Clone)]
pub(super) enum Lists {
    AddStrategy(NewStrategy),
    Strategy(StrategyId),
    Webhook(WebhookId),
    SetPlan(StrategyId, StrategyPlan),
    SetActive(StrategyId, bool),
    SetSymbols(StrategyId, Vec<StrategySymbol>),
    DropStrategy(StrategyId),
    AddWatchlist(UserId, &'static str),
    Rename(WatchlistId, &'static str),
    SetItems(WatchlistId, Vec<InstrumentKey>),
    Arrange(UserId, Vec<WatchlistId>),
    DropWatchlist(WatchlistId),
}

const IDS: [&str; 2] = ["A1", "B2"];
const CLIENT_IDS: [&str; 2] = ["mine", "other"];

fn intent_id() -> impl Strategy<Value = IntentId> {
    (1..5_u128).prop_map(|number| IntentId::new(Uuid::from_u128(number)))
}

fn kind() -> impl Strategy<Value = OrderEventKind> {
    let id = || select(&IDS[..]).prop_map(broker_id);
    prop_oneof![
        Just(OrderEventKind::Sent),
        (id(), any::<bool>()).prop_map(|(broker_order_id, awaits_trigger)| {
            OrderEventKind::Accepted {
                broker_order_id,
                awaits_trigger,
            }
        }),
        Just(OrderEventKind::Triggered),
        (1..101_i64, select(vec!["1500.05", "1499.9999"])).prop_map(|(quantity, at)| {
            OrderEventKind::Filled {
                fill: Fill {
                    quantity: units(quantity),
                    price: price(at),
                },
            }
        }),
        (1..150_i64, any::<bool>()).prop_map(|(quantity, awaits_trigger)| {
            OrderEventKind::Modified {
                quantity: units(quantity),
                kind: OrderKind::Limit {
                    price: price("1499.5"),
                },
                awaits_trigger,
            }
        }),
        Just(OrderEventKind::Cancelled { reason: None }),
        option::of(id()).prop_map(|broker_order_id| OrderEventKind::Rejected {
            broker_order_id,
            reason: "no funds".into(),
        }),
        Just(OrderEventKind::OutcomeUnknown {
            reason: "timed out".into(),
        }),
    ]
}

fn report() -> impl Strategy<Value = StatusReport> {
    let id = prop_oneof![
        4 => select(&IDS[..]).prop_map(str::to_owned),
        1 => intent_id().prop_map(IntentId::local_order_id),
    ];
    let status = select(OrderStatus::ALL);
    let filled = select(vec![(0, "0"), (40, "1500.05"), (100, "1500.0333")]);
    (someone(), broker(), id, status, filled).prop_map(|(user, broker, id, status, filled)| {
        StatusReport {
            user,
            broker,
            broker_order_id: broker_id(&id),
            status,
            filled: Quantity::try_new(filled.0).unwrap(),
            average: price(filled.1),
            at: at(60),
        }
    })
}

pub(super) fn orders() -> impl Strategy<Value = Orders> {
    let order = || number().prop_map(OrderId::new);
    let client_id = || select(&CLIENT_IDS[..]);
    let public_id = prop_oneof![
        select(&IDS[..]).prop_map(str::to_owned),
        intent_id().prop_map(IntentId::local_order_id),
        Just("local:nonsense".to_owned()),
    ];
    let placed = (24..26_u32, option::of(client_id()));
    let query = (
        someone(),
        option::of(broker()),
        option::of(24..26_u32),
        0..4_u32,
    );
    prop_oneof![
        4 => (someone(), broker(), intent_id(), placed)
            .prop_map(|(user, broker, id, placed)| Orders::Insert(user, broker, id, placed)),
        6 => (order(), 0..99_i64, kind())
            .prop_map(|(id, at, kind)| Orders::Append(id, event(at, kind))),
        4 => report().prop_map(Orders::Report),
        1 => (someone(), public_id).prop_map(|(user, id)| Orders::Find(user, id)),
        1 => (someone(), client_id(), 20..30_i64)
            .prop_map(|(user, id, since)| Orders::FindByClientId(user, id, since)),
        1 => (someone(), client_id(), 20..30_i64)
            .prop_map(|(user, id, since)| Orders::FindByRequest(user, id, since)),
        1 => query.prop_map(|(user, broker, day_of, limit)| Orders::List(OrderQuery {
            user,
            broker,
            day: day_of.map(day),
            limit,
        })),
        1 => (someone(), 24..27_u32).prop_map(|(user, day)| Orders::Count(user, day)),
        1 => Just(Orders::Unresolved),
        1 => (someone(), broker(), 24..27_u32)
            .prop_map(|(user, broker, day)| Orders::LeftOpen(user, broker, day)),
        1 => order().prop_map(Orders::Journal),
    ]
}

fn share() -> impl Strategy<Value = InstrumentKey> {
    let other = |key: InstrumentKey| InstrumentKey::new(Exchange::Bse, key.symbol);
    select(vec![
        instrument("INFY"),
        instrument("TCS"),
        other(instrument("INFY")),
    ])
}

fn position() -> impl Strategy<Value = Position> {
    let product = select(Product::ALL);
    (someone(), broker(), share(), product, -2..3_i64, 0..9_i64).prop_map(
        |(user, broker, share, product, net, seconds)| {
            let mut position = sample::position(user, broker);
            position.key.instrument = share;
            position.key.product = product;
            if net == 0 {
                position = Position::flat(position.key, at(seconds));
            }
            position.quantity = NetQuantity::try_new(net).unwrap();
            position.updated_at = at(seconds);
            position
        },
    )
}

fn holding() -> impl Strategy<Value = Holding> {
    (someone(), broker(), share(), 0..3_i64, 0..2_i64).prop_map(
        |(user, broker, share, settled, on_its_way)| {
            let mut holding = sample::holding(user, broker);
            holding.key.instrument = share;
            holding.quantity = Quantity::try_new(settled).unwrap();
            holding.t1_quantity = Quantity::try_new(on_its_way).unwrap();
            holding
        },
    )
}

pub(super) fn books() -> impl Strategy<Value = Books> {
    let asked = || (someone(), option::of(broker()));
    prop_oneof![
        3 => position().prop_map(|it| Books::Position(Box::new(it))),
        1 => asked().prop_map(|(user, broker)| Books::Positions(user, broker)),
        3 => holding().prop_map(|it| Books::Holding(Box::new(it))),
        1 => asked().prop_map(|(user, broker)| Books::Holdings(user, broker)),
    ]
}

fn plan() -> impl Strategy<Value = StrategyPlan> {
    select(vec!["alpha", "Beta", "gamma"]).prop_map(|name| StrategyPlan {
        name: name.parse().unwrap(),
        description: None,
        platform: Platform::TradingView,
        direction: Direction::Both,
        schedule: Schedule::Positional,
    })
}

fn webhook() -> impl Strategy<Value = WebhookId> {
    select(vec!["a", "b", "c"])
        .prop_map(|name| format!("webhook-of-{name}-strategy").parse().unwrap())
}

fn symbols() -> impl Strategy<Value = Vec<StrategySymbol>> {
    let symbol = share().prop_map(|instrument| StrategySymbol {
        instrument,
        quantity: units(5),
        product: Product::Mis,
    });
    vec(symbol, 0..3)
}

pub(super) fn lists() -> impl Strategy<Value = Lists> {
    let strategy = || number().prop_map(StrategyId::new);
    let list = || number().prop_map(WatchlistId::new);
    let name = || select(vec!["mornings", "evenings", "Mornings"]);
    let new = (someone(), webhook(), plan(), any::<bool>(), symbols()).prop_map(
        |(user, webhook_id, plan, is_active, symbols)| NewStrategy {
            user,
            webhook_id,
            plan,
            is_active,
            symbols,
        },
    );
    prop_oneof![
        3 => new.prop_map(Lists::AddStrategy),
        1 => strategy().prop_map(Lists::Strategy),
        1 => webhook().prop_map(Lists::Webhook),
        1 => (strategy(), plan()).prop_map(|(id, plan)| Lists::SetPlan(id, plan)),
        1 => (strategy(), any::<bool>()).prop_map(|(id, active)| Lists::SetActive(id, active)),
        1 => (strategy(), symbols()).prop_map(|(id, all)| Lists::SetSymbols(id, all)),
        1 => strategy().prop_map(Lists::DropStrategy),
        3 => (someone(), name()).prop_map(|(user, name)| Lists::AddWatchlist(user, name)),
        1 => (list(), name()).prop_map(|(id, name)| Lists::Rename(id, name)),
        1 => (list(), vec(share(), 0..3)).prop_map(|(id, all)| Lists::SetItems(id, all)),
        1 => (someone(), vec(list(), 0..3)).prop_map(|(id, first)| Lists::Arrange(id, first)),
        1 => list().prop_map(Lists::DropWatchlist),
    ]
}

impl Orders {
    pub(super) async fn answer(&self, store: &Repositories) -> String {
        let orders = &store.orders;
        match self {
            Self::Insert(user, broker, id, (of_day, client_id)) => {
                let mut intent = sample::intent(*user, broker.clone());
                intent.id = *id;
                intent.trading_day = day(*of_day);
                intent.at = at(i64::from(*of_day));
                intent.order.client_order_id = client_id.map(|it| it.parse().unwrap());
                // On one of the days they are parts of requests.
                intent.request = client_id.filter(|_| *of_day == 25).map(pending::request);
                plain(orders.insert(&intent).await)
            }
            Self::Append(id, event) => plain(orders.append(*id, event).await),
            Self::Report(report) => plain(orders.update_status(report).await),
            Self::Find(user, id) => plain(orders.find(*user, id).await),
            Self::FindByClientId(user, id, since) => {
                let id = id.parse().unwrap();
                plain(orders.find_by_client_id(*user, &id, at(*since)).await)
            }
            Self::FindByRequest(user, id, since) => {
                let key = pending::key(*user, id);
                plain(orders.find_by_request(&key, at(*since)).await)
            }
            Self::List(query) => plain(orders.list(query).await),
            Self::Count(user, of_day) => plain(orders.count(*user, day(*of_day)).await),
            Self::Unresolved => plain(orders.unresolved().await),
            Self::LeftOpen(user, broker, before) => {
                plain(orders.left_open(*user, broker, day(*before)).await)
            }
            Self::Journal(id) => plain(orders.journal(*id).await),
        }
    }
}

impl Books {
    pub(super) async fn answer(&self, store: &Repositories) -> String {
        let (positions, holdings) = (&store.positions, &store.holdings);
        match self {
            Self::Position(position) => plain(positions.upsert(position).await),
            Self::Positions(user, broker) => plain(positions.list(*user, broker.as_ref()).await),
            Self::Holding(holding) => plain(holdings.upsert(holding).await),
            Self::Holdings(user, broker) => plain(holdings.list(*user, broker.as_ref()).await),
        }
    }
}

impl Lists {
    pub(super) async fn answer(&self, store: &Repositories) -> String {
        let (strategies, watchlists) = (&store.strategies, &store.watchlists);
        match self {
            Self::AddStrategy(new) => plain(strategies.insert(new).await),
            Self::Strategy(id) => plain(strategies.get(*id).await),
            Self::Webhook(id) => plain(strategies.find_by_webhook(id).await),
            Self::SetPlan(id, plan) => plain(strategies.set_plan(*id, plan).await),
            Self::SetActive(id, active) => plain(strategies.set_active(*id, *active).await),
            Self::SetSymbols(id, all) => plain(strategies.set_symbols(*id, all).await),
            Self::DropStrategy(id) => plain(strategies.delete(*id).await),
            Self::AddWatchlist(user, name) => {
                plain(watchlists.insert(*user, &name.parse().unwrap()).await)
            }
            Self::Rename(id, name) => plain(watchlists.rename(*id, &name.parse().unwrap()).await),
            Self::SetItems(id, all) => match WatchlistItems::try_new(all.clone()) {
                Ok(items) => plain(watchlists.set_items(*id, &items).await),
                // A list with an instrument twice does not come about.
                Err(_twice) => String::new(),
            },
            Self::Arrange(user, first) => plain(watchlists.arrange(*user, first).await),
            Self::DropWatchlist(id) => plain(watchlists.delete(*id).await),
        }
    }
}
