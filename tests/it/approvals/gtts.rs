//! Orders that wait for a price, as a semi-automatic key asks for them.

use super::Desk;
use crate::in_memory::traded;
use openalgo::core::account::SettingKey;
use openalgo::core::market::Exchange;
use openalgo::core::order::{
    Gtt, GttLeg, GttLegs, GttProduct, GttStatus, NewGtt, OrderMode, Side, TradingMode, TriggerSide,
};
use openalgo::engine::service::KeyedError;
use openalgo_core::testing::sample::{price, units};

const PLACE: &str = "Place GTT order is not allowed in Semi-Auto mode. Switch to Auto mode, or \
                     place it by hand.";
const MODIFY: &str = "Modify GTT order is not allowed in Semi-Auto mode. Switch to Auto mode.";
const CANCEL: &str = "Cancel GTT order is not allowed in Semi-Auto mode. Switch to Auto mode.";

fn gtt(id: &str) -> NewGtt {
    let leg = GttLeg::new(TriggerSide::Below, price("95"), None);
    NewGtt {
        instrument: traded(Exchange::Nse),
        side: Side::Buy,
        quantity: units(1),
        product: GttProduct::Cnc,
        legs: GttLegs::try_new(vec![leg]).unwrap(),
        strategy: None,
        expires_at: None,
        trigger_id: Some(id.parse().unwrap()),
    }
}

impl Desk {
    async fn gtt(&self, asked: NewGtt) -> Gtt {
        let placed = self.engine.gtts().place(self.user(), asked).await;
        placed.unwrap().gtt
    }

    async fn analyzer(&self, value: &str) {
        let settings = self.engine.settings();
        settings.set(SettingKey::Analyzer, value).await.unwrap();
    }

    /// What the key is told when it modifies and cancels.
    async fn changes(&self, gtt: &Gtt) -> [Option<String>; 2] {
        fn text<T, E: std::error::Error>(answer: &Result<T, KeyedError<E>>) -> Option<String> {
            answer.as_ref().err().map(ToString::to_string)
        }
        let (keyed, id) = (self.engine.keyed_orders(), &gtt.trigger_id);
        [
            text(&keyed.modify_gtt(self.user(), id, gtt.as_asked()).await),
            text(&keyed.cancel_gtt(self.user(), id).await),
        ]
    }
}

/// Nobody would be asked when the price comes.
#[tokio::test(start_paused = true)]
async fn what_a_key_asks_for_places_nothing_by_itself() {
    let desk = Desk::new().await;
    let keyed = desk.engine.keyed_orders();
    for analyzer in ["false", "true"] {
        desk.analyzer(analyzer).await;
        let refused = keyed.place_gtt(desk.user(), gtt("one")).await;
        assert_eq!(refused.unwrap_err().to_string(), PLACE);
    }
    desk.place.price("90");
    desk.engine.watch_gtts().await.unwrap();
    let list = desk.engine.gtts().list(desk.user(), None).await;
    assert_eq!(list.unwrap(), []);
    let orders = desk.engine.orders().list(desk.user(), 9).await;
    assert_eq!(orders.unwrap(), []);
    assert_eq!(desk.broker.count(), 0);
    desk.engine.stop().await;
}

/// A key that was automatic is told of what it has placed.
#[tokio::test(start_paused = true)]
async fn the_same_one_again_is_the_one_that_there_is() {
    let desk = Desk::new().await;
    let keyed = desk.engine.keyed_orders();
    desk.mode(OrderMode::Auto).await;
    let first = keyed.place_gtt(desk.user(), gtt("one")).await.unwrap();
    assert!(!first.replayed);
    desk.mode(OrderMode::SemiAuto).await;
    let again = keyed.place_gtt(desk.user(), gtt("one")).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.gtt, first.gtt);
    let list = desk.engine.gtts().list(desk.user(), None).await;
    assert_eq!(list.unwrap().len(), 1);
    desk.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_key_does_not_change_what_is_live() {
    let desk = Desk::new().await;
    let live = desk.gtt(gtt("live")).await;
    let refused = [MODIFY, CANCEL].map(|it| Some(it.to_owned()));
    assert_eq!(desk.changes(&live).await, refused);
    // On paper a key may, but what is live stays a person's business.
    desk.analyzer("true").await;
    let paper = desk.gtt(gtt("paper")).await;
    assert_eq!(paper.mode, TradingMode::Paper);
    assert_eq!(desk.changes(&live).await, refused);
    assert_eq!(desk.changes(&paper).await, [None, None]);
    desk.analyzer("false").await;
    desk.mode(OrderMode::Auto).await;
    assert_eq!(desk.changes(&live).await, [None, None]);
    let cancelled = desk
        .engine
        .gtts()
        .list(desk.user(), Some(GttStatus::Cancelled));
    assert_eq!(cancelled.await.unwrap().len(), 2);
    desk.engine.stop().await;
}
