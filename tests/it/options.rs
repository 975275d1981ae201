//! Orders for options that are meant by their distance from the money.

use crate::exchange::{Exchange as Bourse, open_at};
use crate::world::World;
use openalgo::OpenAlgo;
use openalgo::core::account::User;
use openalgo::core::id::ClientOrderId;
use openalgo::core::market::{Exchange, OptionRight};
use openalgo::core::order::{OrderKind, OrderMode, OrderSource, Product, Side};
use openalgo::core::rule::strike::StrikeOffset;
use openalgo::core::value::Quantity;
use openalgo::engine::market::{OptionChoice, UnderlyingQuery};
use openalgo::engine::service::{
    KeyedLeg, Leg, OptionLeg, OptionLegPlaced, OptionsOrder, OptionsOrderError, PlaceOrderError,
    Requested,
};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder on the recorded prices.
struct Recorded {
    world: World,
    quotes: PathBuf,
    app: OpenAlgo,
    owner: User,
}

impl Recorded {
    async fn open() -> Self {
        let world = World::new();
        let data = world.root().join("market");
        fs::create_dir(&data).unwrap();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/data");
        for file in ["instruments.csv", "quotes.json"] {
            fs::copy(from.join(file), data.join(file)).unwrap();
        }
        let quotes = data.join("quotes.json");
        let recorded = openalgo::World {
            market_data: Some(data),
            ..openalgo::World::default()
        };
        let app = world.builder().world(recorded).open().await.unwrap();
        let owner = app.set_up_owner().await.unwrap().user;
        Self {
            world,
            quotes,
            app,
            owner,
        }
    }

    /// Moves the price of the index, which moves what is at the money.
    fn index_at(&self, price: f64) {
        let text = fs::read_to_string(&self.quotes).unwrap();
        let mut quotes: serde_json::Value = serde_json::from_str(&text).unwrap();
        quotes["NSE:NIFTY 50"]["last_price"] = price.into();
        fs::write(&self.quotes, quotes.to_string()).unwrap();
        self.world.clock.advance(chrono::Duration::seconds(5));
    }

    async fn options(&self, order: OptionsOrder) -> Vec<OptionLegPlaced<Leg>> {
        let placed = self.app.orders().options(self.owner.id, order).await;
        placed.unwrap().legs
    }
}

fn leg(offset: StrikeOffset, right: OptionRight, side: Side) -> OptionLeg {
    OptionLeg {
        option: OptionChoice {
            expiry: None,
            offset,
            right,
            strike_step: None,
        },
        side,
        quantity: Quantity::try_new(75).unwrap(),
        product: Product::Nrml,
        kind: OrderKind::Market,
        split: None,
    }
}

fn order(legs: Vec<OptionLeg>, id: Option<&str>) -> OptionsOrder {
    OptionsOrder {
        underlying: UnderlyingQuery {
            name: "NIFTY".to_owned(),
            exchange: Exchange::NseIndex,
        },
        expiry: chrono::NaiveDate::from_ymd_opt(2026, 12, 1),
        legs,
        strategy: Some("straddle".to_owned()),
        source: OrderSource::Api,
        client_order_id: id.map(|id| ClientOrderId::try_new(id).unwrap()),
    }
}

fn straddle(id: Option<&str>) -> OptionsOrder {
    let sold = |right| leg(StrikeOffset::AtTheMoney, right, Side::Sell);
    order(vec![sold(OptionRight::Call), sold(OptionRight::Put)], id)
}

fn symbols<P>(legs: &[OptionLegPlaced<P>]) -> Vec<String> {
    let options = legs.iter().map(|leg| leg.option.as_ref().unwrap());
    options.map(|option| option.symbol.to_string()).collect()
}

fn ids(legs: &[OptionLegPlaced<Leg>]) -> Vec<(String, bool)> {
    let parts = legs.iter().flat_map(|leg| leg.outcome.as_ref().unwrap());
    let placed = parts.map(|part| part.outcome.as_ref().unwrap());
    placed
        .map(|it| (it.order.public_id(), it.replayed))
        .collect()
}

/// By then another strike is at the money.
#[tokio::test]
async fn the_same_request_again_is_not_about_other_options() {
    let place = Recorded::open().await;
    let first = place.options(straddle(Some("today"))).await;
    assert_eq!(
        symbols(&first),
        ["NIFTY01DEC2626100CE", "NIFTY01DEC2626100PE"]
    );
    place.index_at(26_310.0);
    let again = place.options(straddle(Some("today"))).await;
    assert_eq!(symbols(&again), symbols(&first));
    let (first, again) = (ids(&first), ids(&again));
    assert!(first.iter().all(|(_, replayed)| !replayed));
    assert!(again.iter().all(|(_, replayed)| *replayed));
    let only_ids = |ids: &[(String, bool)]| ids.iter().map(|it| it.0.clone()).collect::<Vec<_>>();
    assert_eq!(only_ids(&first), only_ids(&again));
    assert_eq!(
        place
            .app
            .orders()
            .list(place.owner.id, 10)
            .await
            .unwrap()
            .len(),
        2
    );
    let fresh = place.options(straddle(None)).await;
    assert_eq!(
        symbols(&fresh),
        ["NIFTY01DEC2626300CE", "NIFTY01DEC2626300PE"]
    );
    place.app.close().await;
}

#[tokio::test]
async fn another_request_under_the_same_id_is_a_conflict() {
    let place = Recorded::open().await;
    place.options(straddle(Some("today"))).await;
    let other = order(
        vec![leg(StrikeOffset::Out(1), OptionRight::Call, Side::Sell)],
        Some("today"),
    );
    let refused = place.app.orders().options(place.owner.id, other).await;
    assert!(matches!(
        refused.unwrap_err(),
        OptionsOrderError::Place(PlaceOrderError::Conflict { .. })
    ));
    place.app.close().await;
}

#[tokio::test]
async fn bought_legs_go_first_and_a_bad_one_keeps_no_other_from_it() {
    let place = Recorded::open().await;
    let legs = vec![
        leg(StrikeOffset::AtTheMoney, OptionRight::Call, Side::Sell),
        leg(StrikeOffset::Out(50), OptionRight::Call, Side::Buy),
        leg(StrikeOffset::Out(2), OptionRight::Call, Side::Buy),
    ];
    let told = place.options(order(legs, None)).await;
    let failed = told[1].outcome.as_ref().unwrap_err().to_string();
    assert_eq!(
        failed,
        "Offset OTM50 is out of range for available strikes. Please use a smaller offset."
    );
    assert!(told[0].outcome.is_ok() && told[2].outcome.is_ok());
    let orders = place.app.orders().list(place.owner.id, 10).await.unwrap();
    let sides: Vec<_> = orders.iter().rev().map(|it| it.intent.order.side).collect();
    assert_eq!(sides, [Side::Buy, Side::Sell]);
    place.app.close().await;
}

#[tokio::test]
async fn a_leg_that_is_split_goes_on_with_its_option() {
    let place = Recorded::open().await;
    let split = || OptionLeg {
        quantity: Quantity::try_new(225).unwrap(),
        split: Some(Quantity::try_new(75).unwrap()),
        ..leg(StrikeOffset::AtTheMoney, OptionRight::Call, Side::Buy)
    };
    let first = place.options(order(vec![split()], Some("parts"))).await;
    assert_eq!(ids(&first).len(), 3);
    place.index_at(26_310.0);
    let again = place.options(order(vec![split()], Some("parts"))).await;
    assert_eq!(symbols(&again), symbols(&first));
    assert!(ids(&again).iter().all(|(_, replayed)| *replayed));
    place.app.close().await;
}

#[tokio::test]
async fn requests_have_one_to_twenty_legs() {
    let place = Recorded::open().await;
    let sold = leg(StrikeOffset::AtTheMoney, OptionRight::Call, Side::Sell);
    for legs in [Vec::new(), vec![sold; 21]] {
        let refused = place
            .app
            .orders()
            .options(place.owner.id, order(legs, None));
        let text = refused.await.unwrap_err().to_string();
        assert_eq!(text, "Legs must contain 1 to 20 items.");
    }
    place.app.close().await;
}

/// A person decides on the options that were at the money when the key asked.
#[tokio::test]
async fn options_of_a_semi_automatic_key_wait_for_a_person() {
    let place = Recorded::open().await;
    let (app, owner) = (&place.app, place.owner.id);
    app.users().create_api_key(owner).await.unwrap();
    app.users()
        .set_order_mode(owner, OrderMode::SemiAuto)
        .await
        .unwrap();
    let ask = async || {
        let order = straddle(Some("keyed"));
        app.keyed_orders().options(owner, order).await.unwrap().legs
    };
    let waiting = |leg: &OptionLegPlaced<KeyedLeg>| match &leg.outcome.as_ref().unwrap()[0].outcome
    {
        Ok(Requested::Waits(queued)) => queued.pending.id,
        other => panic!("{other:?}"),
    };
    let first = ask().await;
    place.index_at(26_310.0);
    let again = ask().await;
    assert_eq!(
        symbols(&again),
        ["NIFTY01DEC2626100CE", "NIFTY01DEC2626100PE"]
    );
    for (one, other) in first.iter().zip(&again) {
        assert_eq!(waiting(one), waiting(other));
    }
    assert!(app.orders().list(owner, 10).await.unwrap().is_empty());
    place.app.close().await;
}

/// What is at the money by prices that are made up is not at the money.
#[tokio::test]
async fn made_up_prices_choose_no_option_for_real_money() {
    let world = World::new();
    let exchange = Bourse::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    let refused = app.orders().options(owner.id, straddle(Some("live"))).await;
    assert!(
        matches!(refused, Err(OptionsOrderError::NoRealPrices)),
        "{refused:?}"
    );
    let refused = app.keyed_orders().options(owner.id, straddle(None)).await;
    assert!(refused.is_err());
    assert!(exchange.change(|ledger| ledger.orders.is_empty()));
    app.close().await;
}
