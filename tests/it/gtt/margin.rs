//! What waits for a price on paper has its money.

use super::{above, below, buy};
use crate::in_memory::Place;
use crate::memory::Memory;
use async_trait::async_trait;
use openalgo::core::id::{GttId, TriggerId, UserId};
use openalgo::core::market::{SessionBoundary, Timestamp};
use openalgo::core::order::{Gtt, GttStatus, NewGtt, Side, TriggerSide};
use openalgo::core::paper::{LedgerEntry, PaperAccountKey, PaperOpening, PaperState, Reservation};
use openalgo::core::port::{GttQuery, GttRepository, PaperLedger, StoreError};
use openalgo::core::portfolio::Funds;
use openalgo::core::value::Money;
use openalgo::engine::service::{ChangeGttError, PlaceGttError};
use openalgo::engine::{Engine, EngineConfig, Ports};
use openalgo_core::testing::sample::{money, paper, units};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::advance;

async fn funds(place: &Place, engine: &Engine) -> Funds {
    engine.paper().funds(place.owner.id).await.unwrap().funds
}

async fn used(place: &Place, engine: &Engine) -> Money {
    funds(place, engine).await.used_margin
}

#[tokio::test(start_paused = true)]
async fn it_reserves_its_dearer_leg_follows_changes_and_gives_it_back() {
    let place = Place::new(Vec::new()).await;
    let engine = place.start().await;
    let (gtts, owner) = (engine.gtts(), place.owner.id);
    let asked = buy(&[below("90"), above("110")]);
    let gtt = gtts.place(owner, asked.clone()).await.unwrap().gtt;
    assert_eq!(gtt.margin, money("1100"));
    assert_eq!(used(&place, &engine).await, money("1100"));
    let more = NewGtt {
        quantity: units(20),
        ..asked.clone()
    };
    let changed = gtts.modify(owner, &gtt.trigger_id, more).await.unwrap();
    assert_eq!(changed.margin, money("2200"));
    let too_much = NewGtt {
        quantity: units(1_000_000),
        ..asked.clone()
    };
    let refused = gtts.modify(owner, &gtt.trigger_id, too_much.clone()).await;
    assert!(matches!(refused, Err(ChangeGttError::Account(_))));
    let message = refused.unwrap_err().to_string();
    assert!(message.ends_with("The GTT is unchanged."), "{message}");
    let refused = gtts.place(owner, too_much).await;
    assert!(matches!(refused, Err(PlaceGttError::Account(_))));
    assert_eq!(gtts.list(owner, None).await.unwrap().len(), 1);
    assert_eq!(used(&place, &engine).await, money("2200"));
    gtts.cancel(owner, &gtt.trigger_id).await.unwrap();
    assert_eq!(used(&place, &engine).await, Money::ZERO);
    engine.stop().await;
}

/// Keeps no change while it is full.
#[derive(Debug)]
struct Full {
    real: Arc<Memory>,
    is_full: AtomicBool,
}

#[async_trait]
impl GttRepository for Full {
    async fn insert(&self, gtt: &Gtt) -> Result<GttId, StoreError> {
        GttRepository::insert(&*self.real, gtt).await
    }

    async fn find(&self, user: UserId, id: &TriggerId) -> Result<Option<Gtt>, StoreError> {
        GttRepository::find(&*self.real, user, id).await
    }

    async fn list(&self, query: GttQuery) -> Result<Vec<Gtt>, StoreError> {
        GttRepository::list(&*self.real, query).await
    }

    async fn active(&self) -> Result<Vec<Result<Gtt, StoreError>>, StoreError> {
        GttRepository::active(&*self.real).await
    }

    async fn update(&self, gtt: &Gtt) -> Result<(), StoreError> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(StoreError::Failed {
                operation: "commit",
                source: "the disk is full".into(),
            });
        }
        GttRepository::update(&*self.real, gtt).await
    }

    async fn claim(&self, id: GttId, side: TriggerSide, at: Timestamp) -> Result<bool, StoreError> {
        GttRepository::claim(&*self.real, id, side, at).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_cannot_be_stored_leaves_what_it_reserved_before() {
    let place = Place::new(Vec::new()).await;
    let store = Arc::new(Full {
        real: Arc::clone(&place.store),
        is_full: AtomicBool::new(false),
    });
    let ports = Ports {
        gtt_orders: Arc::clone(&store) as _,
        ..place.ports()
    };
    let engine = place.start_on(ports, EngineConfig::default()).await;
    let (gtts, owner) = (engine.gtts(), place.owner.id);
    let asked = buy(&[below("90")]);
    let gtt = gtts.place(owner, asked.clone()).await.unwrap().gtt;
    store.is_full.store(true, Ordering::SeqCst);
    let more = NewGtt {
        quantity: units(20),
        ..asked
    };
    let lost = gtts.modify(owner, &gtt.trigger_id, more).await;
    assert!(matches!(lost, Err(ChangeGttError::Store(_))), "{lost:?}");
    store.is_full.store(false, Ordering::SeqCst);
    engine.watch_gtts().await.unwrap();
    assert_eq!(used(&place, &engine).await, gtt.margin);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn its_order_takes_what_was_reserved_even_when_nothing_else_is_left() {
    let place = Place::new(Vec::new()).await;
    let engine = place.start().await;
    let (gtts, owner) = (engine.gtts(), place.owner.id);
    let free = funds(&place, &engine).await.available;
    let all = NewGtt {
        quantity: units(111_111),
        ..buy(&[below("90")])
    };
    let gtt = gtts.place(owner, all).await.unwrap().gtt;
    assert!(free.minus(gtt.margin).unwrap() < money("100"));
    place.price("89");
    engine.watch_gtts().await.unwrap();
    let gtt = gtts.find(owner, &gtt.trigger_id).await.unwrap().unwrap();
    assert_eq!(
        (gtt.status, gtt.margin),
        (GttStatus::Triggered, Money::ZERO)
    );
    let positions = engine.portfolio().positions(owner).await.unwrap();
    assert_eq!(positions[0].position.quantity.get(), 111_111);
    assert_eq!(used(&place, &engine).await, positions[0].position.margin);
    engine.stop().await;
}

/// The order that was rejected took along what was reserved: what waits for the next try has it again.
#[tokio::test(start_paused = true)]
async fn it_reserves_again_between_tries() {
    let place = Place::new(Vec::new()).await;
    let engine = place.start().await;
    let (gtts, owner) = (engine.gtts(), place.owner.id);
    // Nothing is held that could be sold.
    let uncovered = NewGtt {
        side: Side::Sell,
        ..buy(&[above("110")])
    };
    let gtt = gtts.place(owner, uncovered).await.unwrap().gtt;
    let reserved = gtt.margin;
    assert_ne!(reserved, Money::ZERO);
    for _ in 1..=2 {
        place.trade_at(&engine, "110").await;
        let waits = place.gtt(&gtt).await;
        assert_eq!((waits.status, waits.margin), (GttStatus::Active, reserved));
        assert_eq!(used(&place, &engine).await, reserved);
        advance(Duration::from_secs(20)).await;
    }
    place.trade_at(&engine, "110").await;
    let over = place.gtt(&gtt).await;
    assert_eq!(
        (over.status, over.margin),
        (GttStatus::Rejected, Money::ZERO)
    );
    assert_eq!(used(&place, &engine).await, Money::ZERO);
    engine.stop().await;
}

/// The program ended after the money was reserved, and before what it is for was stored.
#[tokio::test(start_paused = true)]
async fn what_is_reserved_for_nothing_is_given_back() {
    let place = Place::new(Vec::new()).await;
    let engine = place.start().await;
    let (free, now) = (funds(&place, &engine).await, engine.now());
    engine.stop().await;
    let key = PaperAccountKey {
        user: place.owner.id,
        broker: paper(),
    };
    let opening = PaperOpening {
        capital: free.total_capital,
        day: SessionBoundary::default().day_of(now),
        at: now,
    };
    let state = place.store.load(&key, &opening).await.unwrap();
    let margin = money("900");
    let funds_after = Funds {
        available: free.available.minus(margin).unwrap(),
        used_margin: margin,
        ..free.clone()
    };
    let left = entry(state, (funds_after, margin));
    place.store.commit(left).await.unwrap().await.unwrap();
    let engine = place.start().await;
    assert_eq!(used(&place, &engine).await, margin);
    engine.watch_gtts().await.unwrap();
    assert_eq!(funds(&place, &engine).await, free);
    engine.stop().await;
}

fn entry(state: PaperState, (funds, margin): (Funds, Money)) -> LedgerEntry {
    LedgerEntry {
        version: state.version + 1,
        orders: Vec::new(),
        starts_anew: false,
        movements: Vec::new(),
        daily: None,
        positions: Vec::new(),
        holdings: Vec::new(),
        reservations: vec![Reservation {
            gtt: "GTT-LOST".parse().unwrap(),
            margin,
        }],
        funds,
        trading_day: state.trading_day,
        jobs_until: state.jobs_until,
        last_order_number: state.last_order_number,
        at: state.jobs_until,
        key: state.key,
    }
}
