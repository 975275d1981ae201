//! Limits of risk: what they refuse, on paper and live, and that they let everybody out.

use crate::exchange::{Exchange as Broker, open_at, open_without_positions};
use crate::in_memory::{EXCHANGES, Place, traded};
use crate::risk::by;
use crate::wire::session;
use crate::world::{World, market, reliance};
use futures_util::future::join_all;
use openalgo::core::account::{LimitChange, LimitName, SymbolRule, User};
use openalgo::core::id::{BrokerOrderId, UserId};
use openalgo::core::market::Exchange;
use openalgo::core::monitor::AuditAction;
use openalgo::core::order::{NewOrder, Order, OrderKind, OrderSource, OrderStatus, Product, Side};
use openalgo::core::port::{Acknowledgement, AuditQuery, AuditRepository, MockOrderGateway};
use openalgo::core::rule::modification::Modification;
use openalgo::core::value::{Price, Quantity};
use openalgo::engine::service::{ModifyOrderError, PlaceOrderError, Placed, RiskService};
use openalgo::engine::{AccountError, Engine, LimitError};
use std::sync::Arc;
use std::time::Duration;

/// A broker that takes everything.
fn taking() -> Arc<MockOrderGateway> {
    let mut broker = MockOrderGateway::new();
    broker.expect_submit().returning(|intent| {
        let id = format!("B-{}", intent.order_id());
        Ok(Acknowledgement {
            broker_order_id: BrokerOrderId::try_new(&id).unwrap(),
            awaits_trigger: false,
        })
    });
    Arc::new(broker)
}

/// An engine on paper and one at a broker.
async fn both() -> [(Place, Engine); 2] {
    let paper = Place::new(Vec::new()).await;
    let live = Place::new(vec![session(taking())]).await;
    let engines = (paper.start().await, live.start().await);
    [(paper, engines.0), (live, engines.1)]
}

fn order(side: Side, quantity: i64) -> NewOrder {
    let quantity = Quantity::try_new(quantity).unwrap();
    NewOrder::market(traded(Exchange::Nse), side, quantity)
}

/// An order that a person places.
fn by_hand(side: Side, quantity: i64) -> NewOrder {
    NewOrder {
        source: OrderSource::Manual,
        ..order(side, quantity)
    }
}

async fn set(risk: &RiskService, user: &User, limit: &str, value: &str) {
    let limit: LimitName = limit.parse().unwrap();
    change(risk, user, limit.parse(value).unwrap()).await;
}

async fn change(risk: &RiskService, user: &User, change: LimitChange) {
    risk.change_limit(user.id, change, by(user)).await.unwrap();
}

#[track_caller]
fn refusal(placed: Result<Placed, PlaceOrderError>) -> String {
    match placed {
        Err(PlaceOrderError::Limit(error @ LimitError::Refused { .. })) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn each_limit_holds_at_once_on_paper_and_live_and_says_how_it_is_changed() {
    for (place, engine) in both().await {
        let (user, orders, risk) = (&place.owner, engine.orders(), engine.risk());
        let buy = |quantity| orders.place(user.id, order(Side::Buy, quantity));
        buy(10).await.unwrap();
        for (limit, value, refused, passes, expected) in [
            (
                "order_value",
                "500",
                6,
                5,
                "risk limit order_value: the order is worth ₹600.00 and may be worth ₹500.00; \
                 `openalgo risk set order_value AMOUNT` changes the limit",
            ),
            (
                "order_quantity",
                "7",
                8,
                7,
                "risk limit order_quantity: the order is for 8 units and may be for 7; `openalgo \
                 risk set order_quantity UNITS` changes the limit",
            ),
        ] {
            set(risk, user, limit, value).await;
            assert_eq!(refusal(buy(refused).await), expected);
            buy(passes).await.unwrap();
            set(risk, user, limit, "off").await;
            buy(refused).await.unwrap();
        }
        let taken = risk.today(user.id).await.unwrap().orders;
        set(risk, user, "daily_orders", &(taken + 1).to_string()).await;
        buy(1).await.unwrap();
        assert_eq!(
            refusal(buy(1).await),
            format!(
                "risk limit daily_orders: orders taken today: {0}, and there may be {0}; positions \
                 can be closed; `openalgo risk set daily_orders COUNT` changes the limit",
                taken + 1
            )
        );
        let stored = orders.list(user.id, 99).await.unwrap().len();
        assert_eq!(
            u64::try_from(stored).unwrap(),
            taken + 1,
            "nothing else is stored"
        );
        engine.stop().await;
    }
}

/// The last price counts, and the order's own where it is higher: a price that is typed far from
/// the market does not make an order small.
#[tokio::test(start_paused = true)]
async fn no_price_that_is_typed_makes_an_order_small() {
    let price = |text: &str| -> Price { text.parse().unwrap() };
    let limit = |text| OrderKind::Limit { price: price(text) };
    let stop = |text| OrderKind::StopMarket {
        trigger: price(text),
    };
    let stop_limit = |at, text| OrderKind::StopLimit {
        price: price(text),
        trigger: price(at),
    };
    for (place, engine) in both().await {
        let (user, orders) = (&place.owner, engine.orders());
        set(engine.risk(), user, "order_value", "1000").await;
        for (side, kind, most) in [
            (Side::Buy, limit("50"), 10),
            (Side::Buy, limit("200"), 5),
            (Side::Buy, stop("1"), 10),
            (Side::Buy, stop("125"), 8),
            (Side::Buy, stop_limit("125", "130"), 7),
            (Side::Sell, limit("2"), 10),
            (Side::Sell, limit("125"), 8),
            (Side::Sell, stop("200"), 10),
            (Side::Sell, stop_limit("1", "0.5"), 10),
        ] {
            // What is sold is another share, so that it takes nothing off what was bought.
            let bourse = match side {
                Side::Buy => Exchange::Nse,
                Side::Sell => Exchange::Bse,
            };
            let asked = |quantity| NewOrder {
                kind,
                instrument: traded(bourse),
                ..order(side, quantity)
            };
            // One leg is judged like one order, by whatever way it comes.
            let legs = vec![asked(most + 1), asked(most)];
            let legs = orders.basket(user.id, legs, None).await.unwrap();
            let told: Vec<_> = legs.iter().map(|leg| leg.outcome.is_ok()).collect();
            assert_eq!(told, [false, true], "{side} {kind:?}: {legs:?}");
            let first = orders.place(user.id, asked(most + 1)).await;
            let refused = refusal(first);
            assert!(refused.starts_with("risk limit order_value"), "{refused}");
        }
        engine.stop().await;
    }
}

/// A modification is judged as the order that it makes.
#[tokio::test(start_paused = true)]
async fn no_price_that_is_typed_makes_a_modification_small() {
    let [(place, engine), _] = both().await;
    let (user, orders) = (&place.owner, engine.orders());
    set(engine.risk(), user, "order_value", "1000").await;
    let asked = NewOrder {
        kind: OrderKind::Limit {
            price: "125".parse().unwrap(),
        },
        ..order(Side::Sell, 1)
    };
    let resting = orders.place(user.id, asked).await.unwrap().order;
    let change = |quantity| Modification {
        price: Some("10".parse().unwrap()),
        quantity: Quantity::try_new(quantity).ok(),
        ..Modification::default()
    };
    let id = resting.public_id();
    let modify = |quantity| orders.modify(user.id, &id, change(quantity));
    let refused = modify(11).await.unwrap_err();
    assert!(
        matches!(refused, ModifyOrderError::Account(AccountError::Limit(_))),
        "{refused}"
    );
    modify(10).await.unwrap();
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn symbols_that_are_denied_or_not_allowed_are_not_traded() {
    let [(place, engine), _] = both().await;
    let (user, risk) = (&place.owner, engine.risk());
    let nse = traded(Exchange::Nse);
    let buy = |exchange| {
        let order = NewOrder::market(traded(exchange), Side::Buy, Quantity::ONE);
        engine.orders().place(user.id, order)
    };
    let say = |rule| change(risk, user, LimitChange::Symbol(nse.clone(), rule));
    say(Some(SymbolRule::Deny)).await;
    assert_eq!(
        refusal(buy(Exchange::Nse).await),
        "risk limit symbols: INFY on NSE may not be traded; `openalgo risk symbol remove INFY \
         --exchange NSE` changes the limit"
    );
    buy(Exchange::Bse).await.unwrap();
    say(Some(SymbolRule::Allow)).await;
    buy(Exchange::Nse).await.unwrap();
    for exchange in &EXCHANGES[1..] {
        let refused = refusal(buy(*exchange).await);
        assert!(
            refused.contains("only listed symbols may be traded"),
            "{refused}"
        );
        assert!(
            refused.contains(&format!("--exchange {exchange}` changes")),
            "{refused}"
        );
    }
    say(None).await;
    buy(Exchange::Bse).await.unwrap();
    engine.stop().await;
}

/// Sixty-four at once, on threads that really run at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_orders_at_once_no_more_pass_than_may() {
    for live in [false, true] {
        let world = World::new();
        let broker = Broker::new(&world);
        let (app, owner) = if live {
            open_at(&world, &broker).await
        } else {
            world.open_with_owner().await
        };
        let app = Arc::new(app);
        set(app.risk(), &owner, "daily_orders", "10").await;
        let placing = (0..64).map(|_| {
            let app = Arc::clone(&app);
            tokio::spawn(async move { app.orders().place(owner.id, market(Side::Buy, 1)).await })
        });
        let placed = join_all(placing).await.into_iter().map(Result::unwrap);
        let (passed, refused): (Vec<_>, Vec<_>) = placed.partition(Result::is_ok);
        assert_eq!((passed.len(), refused.len()), (10, 54), "live: {live}");
        for placed in refused {
            refusal(placed);
        }
        assert_eq!(app.orders().list(owner.id, 99).await.unwrap().len(), 10);
        assert_eq!(app.risk().today(owner.id).await.unwrap().orders, 10);
        Arc::into_inner(app).unwrap().close().await;
    }
}

/// The count of the day is in the store, and another day has a count of its own.
#[tokio::test]
async fn a_count_outlives_the_program_and_ends_with_the_day() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    set(app.risk(), &owner, "daily_orders", "3").await;
    for _ in 0..2 {
        app.orders()
            .place(owner.id, market(Side::Buy, 1))
            .await
            .unwrap();
    }
    app.close().await;

    let app = world.open().await;
    let buy = || app.orders().place(owner.id, market(Side::Buy, 1));
    assert_eq!(app.risk().today(owner.id).await.unwrap().orders, 2);
    buy().await.unwrap();
    refusal(buy().await);
    world.clock.advance(chrono::Duration::days(1));
    buy().await.unwrap();
    assert_eq!(app.risk().today(owner.id).await.unwrap().orders, 1);
    app.close().await;
}

/// What the account refuses is not stored and does not count; what a broker refuses is, and does.
#[tokio::test(start_paused = true)]
async fn only_what_is_stored_counts() {
    let [(place, engine), _] = both().await;
    let (user, orders, risk) = (&place.owner, engine.orders(), engine.risk());
    set(risk, user, "daily_orders", "1").await;
    for _ in 0..3 {
        let too_dear = orders.place(user.id, order(Side::Buy, 1_000_000_000)).await;
        assert!(
            matches!(too_dear, Err(PlaceOrderError::Account(_))),
            "{too_dear:?}"
        );
    }
    assert_eq!(risk.today(user.id).await.unwrap().orders, 0);
    orders.place(user.id, order(Side::Buy, 1)).await.unwrap();
    refusal(orders.place(user.id, order(Side::Buy, 1)).await);
    engine.stop().await;
}

/// Paper orders are no reason to stop trading, and a paper loss is none.
#[tokio::test]
async fn paper_and_live_are_counted_by_themselves() {
    let world = World::new();
    let (app, owner) = open_at(&world, &Broker::new(&world)).await;
    set(app.risk(), &owner, "daily_orders", "1").await;
    for analyzer in ["true", "false"] {
        let key = openalgo::core::account::SettingKey::Analyzer;
        app.settings().set(key, analyzer).await.unwrap();
        assert_eq!(app.risk().today(owner.id).await.unwrap().orders, 0);
        app.orders()
            .place(owner.id, market(Side::Buy, 1))
            .await
            .unwrap();
        refusal(app.orders().place(owner.id, market(Side::Buy, 1)).await);
    }
    app.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_loss_of_the_day_refuses_entries_realised_or_not_and_outlives_the_engine() {
    let place = Place::new(Vec::new()).await;
    let engine = place.start().await;
    let (user, orders, risk) = (&place.owner, engine.orders(), engine.risk());
    set(risk, user, "daily_loss", "150").await;
    orders.place(user.id, order(Side::Buy, 10)).await.unwrap();
    place.price("85.05");
    orders.place(user.id, order(Side::Buy, 1)).await.unwrap();
    place.price("85");
    assert_eq!(
        refusal(orders.place(user.id, order(Side::Buy, 1)).await),
        "risk limit daily_loss: ₹150.05 are lost today and ₹150.00 may be; positions can be \
         closed; `openalgo risk set daily_loss AMOUNT` changes the limit"
    );
    // What is held may be sold, and not more.
    refusal(orders.place(user.id, order(Side::Sell, 12)).await);
    orders.place(user.id, order(Side::Sell, 11)).await.unwrap();
    refusal(orders.place(user.id, order(Side::Sell, 1)).await);
    let loss = "-150.05".parse().unwrap();
    assert_eq!(risk.today(user.id).await.unwrap().profit, Some(loss));
    engine.stop().await;

    let engine = place.start().await;
    let (orders, risk) = (engine.orders(), engine.risk());
    assert_eq!(risk.today(user.id).await.unwrap().profit, Some(loss));
    refusal(orders.place(user.id, order(Side::Buy, 1)).await);
    tokio::time::sleep(Duration::from_hours(24)).await;
    orders.place(user.id, order(Side::Buy, 1)).await.unwrap();
    engine.stop().await;
}

/// A broker's positions show what was traded by hand, too.
#[tokio::test]
async fn a_loss_at_a_broker_is_read_from_its_positions() {
    let world = World::new();
    let broker = Broker::new(&world);
    let (app, owner) = open_at(&world, &broker).await;
    set(app.risk(), &owner, "daily_loss", "100").await;
    let buy = || app.orders().place(owner.id, market(Side::Buy, 2));
    broker.change(|it| it.trade((reliance(), Product::Nrml), Side::Buy, 1));
    buy().await.unwrap();
    app.close().await;

    // Short of something for which nothing was paid.
    broker.change(|it| it.trade((reliance(), Product::Nrml), Side::Sell, 9));
    let (app, owner) = open_at(&world, &broker).await;
    refusal(app.orders().place(owner.id, market(Side::Buy, 2)).await);
    app.close().await;
}

#[tokio::test]
async fn a_loss_at_a_broker_without_positions_is_what_our_own_orders_lost() {
    let world = World::new();
    let broker = Broker::new(&world);
    let (app, owner) = open_without_positions(&world, &broker).await;
    let ltp = app.market().quote(&reliance()).await.unwrap().ltp;
    // The broker fills everything at the same price.
    let side = if ltp > "1450.5".parse().unwrap() {
        Side::Sell
    } else {
        Side::Buy
    };
    app.orders()
        .place(owner.id, market(side, 100))
        .await
        .unwrap();
    app.reconcile().await.unwrap();
    let lost = app.risk().today(owner.id).await.unwrap().profit.unwrap();
    assert!(lost.is_negative(), "{lost}");
    set(app.risk(), &owner, "daily_loss", &lost.abs().to_string()).await;
    refusal(app.orders().place(owner.id, market(side, 1)).await);
    app.orders()
        .place(owner.id, market(side.opposite(), 100))
        .await
        .unwrap();
    app.close().await;
}

/// Nobody is kept in a position, and nobody gets out of it twice.
#[tokio::test(start_paused = true)]
async fn exits_pass_every_limit_once() {
    let [(place, engine), _] = both().await;
    let (user, orders, risk) = (&place.owner, engine.orders(), engine.risk());
    orders.place(user.id, order(Side::Buy, 10)).await.unwrap();
    set(risk, user, "order_value", "1").await;
    set(risk, user, "order_quantity", "1").await;
    set(risk, user, "daily_orders", "1").await;
    let denied = LimitChange::Symbol(traded(Exchange::Nse), Some(SymbolRule::Deny));
    change(risk, user, denied).await;
    refusal(orders.place(user.id, order(Side::Buy, 1)).await);
    refusal(orders.place(user.id, order(Side::Sell, 11)).await);
    let exits = (0..4).map(|_| orders.place(user.id, order(Side::Sell, 4)));
    let placed = join_all(exits).await;
    let passed = placed.into_iter().flatten().count();
    assert_eq!(passed, 2, "the third would cross zero");
    assert_eq!(risk.today(user.id).await.unwrap().orders, 3, "exits count");
    orders.place(user.id, order(Side::Sell, 2)).await.unwrap();
    refusal(orders.place(user.id, order(Side::Sell, 1)).await);
    engine.stop().await;
}

/// A halt takes no entry and keeps nobody in a position, be it a person or a program.
#[tokio::test(start_paused = true)]
async fn while_trading_is_halted_orders_only_reduce() {
    let [(place, engine), _] = both().await;
    let (user, orders) = (&place.owner, engine.orders());
    orders.place(user.id, order(Side::Sell, 10)).await.unwrap();
    let reason = "enough".parse().unwrap();
    engine.risk().halt(user.id, reason, by(user)).await.unwrap();
    for refused in [
        by_hand(Side::Sell, 1),
        by_hand(Side::Buy, 11),
        order(Side::Sell, 1),
        order(Side::Buy, 11),
    ] {
        let placed = orders.place(user.id, refused).await;
        assert!(
            matches!(placed, Err(PlaceOrderError::Halted(_))),
            "{placed:?}"
        );
    }
    let placed = orders.place(user.id, order(Side::Buy, 4)).await.unwrap();
    assert_eq!(placed.order.status(), OrderStatus::Complete);
    let resting = NewOrder {
        kind: OrderKind::Limit {
            price: "90".parse().unwrap(),
        },
        ..by_hand(Side::Buy, 5)
    };
    orders.place(user.id, resting).await.unwrap();
    // What rests will take it off already.
    assert!(orders.place(user.id, by_hand(Side::Buy, 2)).await.is_err());
    orders.place(user.id, by_hand(Side::Buy, 1)).await.unwrap();
    engine.stop().await;
}

/// Other terms are judged like an order, unless they put no more at stake or still only reduce.
#[tokio::test(start_paused = true)]
async fn a_modification_does_not_get_past_a_limit() {
    let [(place, engine), _] = both().await;
    let (user, orders, risk) = (&place.owner, engine.orders(), engine.risk());
    let at = |price: &str, order: NewOrder| NewOrder {
        kind: OrderKind::Limit {
            price: price.parse().unwrap(),
        },
        ..order
    };
    let modify = async |order: &Order, change: Modification| {
        let id = order.public_id();
        let modified = orders.modify(user.id, &id, change).await;
        match modified {
            Ok(_) => true,
            Err(ModifyOrderError::Account(AccountError::Limit(LimitError::Refused { .. }))) => {
                false
            }
            Err(other) => panic!("{other:?}"),
        }
    };
    let units = |units| Modification {
        quantity: Some(Quantity::try_new(units).unwrap()),
        ..Modification::default()
    };
    let price = |price: &str| Modification {
        price: Some(price.parse().unwrap()),
        ..Modification::default()
    };
    orders.place(user.id, order(Side::Buy, 10)).await.unwrap();
    let entry = at("90", order(Side::Buy, 5));
    let entry = orders.place(user.id, entry).await.unwrap().order;
    let exit = at("110", order(Side::Sell, 9));
    let exit = orders.place(user.id, exit).await.unwrap().order;
    // The last price is 100.
    set(risk, user, "order_value", "499").await;
    set(risk, user, "daily_orders", "1").await;
    assert!(!modify(&entry, units(6)).await);
    assert!(!modify(&entry, price("90.05")).await);
    assert!(modify(&entry, units(4)).await);
    assert!(!modify(&entry, units(5)).await);
    set(risk, user, "order_value", "500").await;
    assert!(modify(&entry, units(5)).await, "worth what it may be");
    assert!(modify(&exit, price("112")).await);
    assert!(modify(&exit, units(10)).await);
    assert!(!modify(&exit, units(11)).await);
    engine.stop().await;
}

/// What cannot be read does not count as the absence of a limit.
#[tokio::test]
async fn damaged_limits_refuse_entries_until_they_are_cleared() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    app.orders()
        .place(owner.id, market(Side::Buy, 5))
        .await
        .unwrap();
    set(app.risk(), &owner, "order_quantity", "100").await;
    let damage = "UPDATE risk_limits SET max_order_quantity = 'many'";
    world.damage(app, damage).await;

    let app = world.open().await;
    let refused = app.orders().place(owner.id, market(Side::Buy, 1)).await;
    let Err(PlaceOrderError::Limit(LimitError::Unreadable(cause))) = refused else {
        panic!("{refused:?}");
    };
    assert!(cause.to_string().contains("max_order_quantity"), "{cause}");
    app.orders()
        .place(owner.id, market(Side::Sell, 5))
        .await
        .unwrap();
    let quantity = LimitName::OrderQuantity.parse("10").unwrap();
    let changed = app
        .risk()
        .change_limit(owner.id, quantity, by(&owner))
        .await;
    assert!(changed.is_err(), "the others are not known");
    app.risk().clear_limits(owner.id, by(&owner)).await.unwrap();
    app.orders()
        .place(owner.id, market(Side::Buy, 1))
        .await
        .unwrap();
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;
}

#[tokio::test(start_paused = true)]
async fn each_change_is_on_record_and_no_change_is_none() {
    let place = Place::new(Vec::new()).await;
    let engine = place.start().await;
    let (user, risk) = (&place.owner, engine.risk());
    for value in ["40", "40", "50", "off", "off"] {
        set(risk, user, "daily_orders", value).await;
    }
    risk.clear_limits(user.id, by(user)).await.unwrap();
    let query = AuditQuery {
        user: Some(user.id),
        limit: 9,
    };
    let entries = AuditRepository::list(&*place.store, query).await.unwrap();
    assert!(entries.iter().all(|it| it.action == AuditAction::RiskLimit));
    let said = entries.iter().rev().map(|it| it.detail.as_deref().unwrap());
    assert_eq!(
        said.collect::<Vec<_>>(),
        [
            "daily_orders 40 (was: daily_orders off)",
            "daily_orders 50 (was: daily_orders 40)",
            "daily_orders off (was: daily_orders 50)",
            "all limits off",
        ]
    );
    engine.stop().await;
}

/// Somebody else's limits are changed with that one's name.
#[tokio::test]
async fn a_refusal_names_the_user_whose_limit_it_is() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let password: secrecy::SecretString = "Long!Enough1".into();
    let (name, email) = ("ravi".parse().unwrap(), "ravi@example.in".parse().unwrap());
    let ravi = app.users().create(name, email, &password).await.unwrap();
    set(app.risk(), &ravi, "order_quantity", "1").await;
    let refused = refusal(app.orders().place(ravi.id, market(Side::Buy, 2)).await);
    assert!(
        refused.contains("`openalgo risk set order_quantity UNITS --user ravi`"),
        "{refused}"
    );
    let reason = "enough".parse().unwrap();
    app.risk().halt(ravi.id, reason, by(&owner)).await.unwrap();
    let halted = app.orders().place(ravi.id, market(Side::Buy, 1)).await;
    let halted = halted.unwrap_err().to_string();
    assert!(
        halted.ends_with("`openalgo risk resume --user ravi` allows it again"),
        "{halted}"
    );
    let others: UserId = owner.id;
    app.orders()
        .place(others, market(Side::Buy, 2))
        .await
        .unwrap();
    app.close().await;

    // A program that has only just begun knows the name, too.
    let app = world.open().await;
    let again = app.orders().place(ravi.id, market(Side::Buy, 1)).await;
    assert_eq!(again.unwrap_err().to_string(), halted);
    app.close().await;
}
