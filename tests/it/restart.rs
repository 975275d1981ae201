//! A folder that is closed and opened again goes on where it was.

use crate::world::{World, limit, market};
use chrono::Duration;
use openalgo::core::account::SettingKey;
use openalgo::core::order::{OrderStatus, Side};
use openalgo::{KeySource, OpenAlgo, OpenAppError, Opened, UnlockError};

#[tokio::test]
async fn a_resting_order_meets_the_prices_of_the_time_in_between() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let resting = limit(&app, Side::Buy, 1, -40).await;
    let price = resting.kind.price().unwrap();
    let order = app.orders().place(owner.id, resting).await.unwrap().order;
    assert_eq!(order.status(), OrderStatus::Open);
    app.close().await;

    // The simulated price wanders: within a month it comes by two rupees below.
    world.clock.advance(Duration::days(30));
    let app = world.open().await;
    let order = app
        .orders()
        .find(owner.id, &order.public_id())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(order.status(), OrderStatus::Complete);
    let trade = app.orders().trades(owner.id, 1).await.unwrap().remove(0);
    assert_eq!(trade.execution.price, price);
    assert!(
        trade.execution.at > order.intent.at,
        "it was filled after it was placed"
    );
    assert!(
        trade.execution.at < app.now(),
        "and while the program was off"
    );
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;
}

#[tokio::test]
async fn being_off_changes_nothing_about_what_is_filled() {
    let (always_on, often_off) = (World::new(), World::new());
    let (app, owner) = always_on.open_with_owner().await;
    let (brief, _) = often_off.open_with_owner().await;
    let mut brief = Some(brief);
    for ticks in [-400, -200, -100, -50, 50, 100, 200, 400] {
        let side = if ticks < 0 { Side::Buy } else { Side::Sell };
        let order = limit(&app, side, 3, ticks).await;
        app.orders().place(owner.id, order.clone()).await.unwrap();
        brief
            .as_ref()
            .unwrap()
            .orders()
            .place(owner.id, order)
            .await
            .unwrap();
    }
    brief.take().unwrap().close().await;
    for _ in 0..48 {
        always_on.clock.advance(Duration::minutes(30));
        app.catch_up().await.unwrap();
    }
    often_off.clock.advance(Duration::days(1));
    let brief = often_off.open().await;
    let fills = |trades: Vec<openalgo::core::order::Trade>| {
        let fill =
            |trade: openalgo::core::order::Trade| (trade.execution.at, trade.execution.price);
        trades.into_iter().map(fill).collect::<Vec<_>>()
    };
    let seen = fills(app.orders().trades(owner.id, 100).await.unwrap());
    let caught_up = fills(brief.orders().trades(owner.id, 100).await.unwrap());
    assert!(
        !seen.is_empty(),
        "a day moves the price by more than a few rupees"
    );
    assert_eq!(seen, caught_up);
    assert_eq!(
        app.paper().funds(owner.id).await.unwrap(),
        brief.paper().funds(owner.id).await.unwrap()
    );
    app.close().await;
    brief.close().await;
}

#[tokio::test]
async fn a_new_day_starts_todays_profit_from_zero() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    app.orders()
        .place(owner.id, market(Side::Buy, 10))
        .await
        .unwrap();
    app.orders()
        .place(owner.id, market(Side::Sell, 10))
        .await
        .unwrap();
    let funds = app.paper().funds(owner.id).await.unwrap().funds;
    assert!(
        funds.today_realized_pnl.is_negative(),
        "the spread costs something"
    );
    app.close().await;
    world.clock.advance(Duration::days(1));
    let app = world.open().await;
    let next = app.paper().funds(owner.id).await.unwrap().funds;
    assert!(next.today_realized_pnl.is_zero());
    assert_eq!(next.realized_pnl, funds.realized_pnl);
    app.close().await;
}

#[tokio::test]
async fn a_folder_is_opened_only_with_its_own_key() {
    let world = World::new();
    world.open().await.close().await;
    let other = World::new();
    other.open().await.close().await;
    let opened = OpenAlgo::builder()
        .data_dir(world.data())
        .key_source(KeySource::File(other.key()))
        .open()
        .await;
    let Err(OpenAppError::Unlock(UnlockError::NamedElsewhere { .. })) = opened else {
        panic!("{opened:?}");
    };
}

#[tokio::test]
async fn a_missing_key_is_never_made_beside_existing_data() {
    let world = World::new();
    world.open().await.close().await;
    std::fs::remove_file(world.key()).unwrap();
    let opened = OpenAlgo::builder()
        .data_dir(world.data())
        .key_source(KeySource::File(world.key()))
        .open()
        .await;
    assert!(
        matches!(opened, Err(OpenAppError::Unlock(UnlockError::Source(_)))),
        "{opened:?}"
    );
    assert!(!world.key().exists());
}

#[tokio::test]
async fn one_process_or_part_of_it_owns_a_folder() {
    let world = World::new();
    let app = world.open().await;
    let second = OpenAlgo::builder()
        .data_dir(world.data())
        .key_source(KeySource::File(world.key()))
        .patience(std::time::Duration::ZERO)
        .open()
        .await;
    let Err(OpenAppError::Lock(error)) = second else {
        panic!("{second:?}")
    };
    let owner = format!(
        "is in use by process {}, which answers no commands",
        std::process::id()
    );
    assert!(error.to_string().ends_with(&owner), "{error}");
    app.close().await;
    world.open().await.close().await;
}

/// What examines and saves a folder must not depend on what trades.
#[tokio::test]
async fn a_folder_whose_engine_does_not_start_opens_without_it() {
    let world = World::new();
    let app = match world.builder().open_what_works().await.unwrap() {
        Opened::Engine(app) => *app,
        Opened::Files { why, .. } => panic!("{why}"),
    };
    let change = "DELETE FROM settings WHERE key = 'simulation_seed'";
    world.damage(app, change).await;
    let refused = world.builder().open().await.unwrap_err();
    let key = SettingKey::SimulationSeed;
    assert!(
        matches!(refused, OpenAppError::Setting { key: found, .. } if found == key),
        "{refused}"
    );
    let Opened::Files { files, why } = world.builder().open_what_works().await.unwrap() else {
        panic!("the engine has started");
    };
    assert_eq!(why.to_string(), refused.to_string());
    assert!(!files.check().await.unwrap().is_sound());
    files.close().await;
}
