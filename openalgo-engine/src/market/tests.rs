//! Lists of instruments that cannot be had, or are not whole.

use super::{LookupError, Market, UpdateError, Updated};
use async_trait::async_trait;
use chrono::{Duration, NaiveDate};
use openalgo_core::market::{
    Contract, Exchange, Instrument, InstrumentKey, InstrumentKind, ListSize, SizeRule,
};
use openalgo_core::port::{Clock, InstrumentSource, MarketError, MarketSource, MockQuoteSource};
use openalgo_core::testing::FakeClock;
use openalgo_core::value::{Quantity, Tick};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Shares that there are, and futures of one day; `None` where it fails.
#[derive(Debug)]
struct Source {
    shares: Mutex<Option<usize>>,
    expiry: NaiveDate,
    asked: AtomicUsize,
}

fn instrument(exchange: Exchange, symbol: &str) -> Instrument {
    Instrument {
        key: InstrumentKey::new(exchange, symbol.parse().unwrap()),
        name: symbol.into(),
        kind: InstrumentKind::Equity,
        expiry: None,
        strike: None,
        lot_size: Quantity::ONE,
        tick: Tick::try_new("0.05".parse().unwrap()).unwrap(),
        token: None,
        freeze_quantity: None,
    }
}

fn future(number: usize, expiry: NaiveDate) -> Instrument {
    let base = format!("SHARE{number}").into();
    let symbol = Contract::Future { base, expiry }.to_symbol().unwrap();
    Instrument {
        kind: InstrumentKind::Future,
        expiry: Some(expiry),
        ..instrument(Exchange::Nfo, symbol.as_str())
    }
}

#[async_trait]
impl InstrumentSource for Source {
    async fn instruments(&self, date: NaiveDate) -> Result<Vec<Instrument>, MarketError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let shares = *self.shares.lock().unwrap();
        let shares = shares.ok_or_else(|| MarketError::Failed("no line".into()))?;
        let spots = (0..shares).map(|it| instrument(Exchange::Nse, &format!("SHARE{it}")));
        let futures = (0..shares).map(|number| future(number, self.expiry));
        let futures = futures.filter(|_| date <= self.expiry);
        Ok(spots.chain(futures).collect())
    }
}

struct World {
    source: Arc<Source>,
    clock: Arc<FakeClock>,
    market: Market,
}

async fn world() -> World {
    let source = Arc::new(Source {
        shares: Mutex::new(Some(10)),
        expiry: "2026-11-25".parse().unwrap(),
        asked: AtomicUsize::new(0),
    });
    let clock = Arc::new(FakeClock::at("2026-11-25T10:00:00+05:30"));
    let told: Arc<dyn InstrumentSource> = Arc::<Source>::clone(&source);
    let roles = MarketSource::new(Arc::new(MockQuoteSource::new()), told);
    let market = Market::open(roles, Arc::<FakeClock>::clone(&clock))
        .await
        .unwrap();
    World {
        source,
        clock,
        market,
    }
}

impl World {
    fn has(&self, shares: Option<usize>) {
        *self.source.shares.lock().unwrap() = shares;
    }
}

#[tokio::test]
async fn a_new_day_is_listed_anew_though_half_of_the_list_has_expired() {
    let world = world().await;
    assert_eq!(world.market.instruments().await.len(), 20);
    world.clock.advance(Duration::days(1));
    assert_eq!(world.market.instruments().await.len(), 10);
}

#[tokio::test]
async fn yesterdays_list_is_used_while_todays_cannot_be_had_and_what_expired_is_not_found() {
    let world = world().await;
    let future = future(3, world.source.expiry).key;
    world.market.instrument(&future).await.unwrap();
    world.has(None);
    world.clock.advance(Duration::days(1));
    let share = InstrumentKey::new(Exchange::Nse, "SHARE3".parse().unwrap());
    world.market.instrument(&share).await.unwrap();
    let expired = world.market.instrument(&future).await.unwrap_err();
    let LookupError::UnknownSymbol { suggestions, .. } = expired else {
        panic!("{expired}")
    };
    assert!(suggestions.is_empty());
    // It is not asked again with every look-up, but a minute later it is.
    assert_eq!(world.source.asked.load(Ordering::SeqCst), 2);
    world.has(Some(11));
    world.clock.advance(Duration::seconds(61));
    assert_eq!(world.market.instruments().await.len(), 11);
}

#[tokio::test]
async fn a_list_of_which_much_is_missing_is_not_used() {
    let world = world().await;
    world.has(Some(7));
    let refused = world.market.update(SizeRule::AsBefore).await.unwrap_err();
    assert!(
        matches!(
            refused,
            UpdateError::Short(ListSize {
                now: 14,
                before: 20
            })
        ),
        "{refused}"
    );
    assert_eq!(world.market.instruments().await.len(), 20);
    world.has(Some(12));
    let updated = Updated {
        date: world.source.expiry,
        before: 20,
        now: 24,
    };
    assert_eq!(
        world.market.update(SizeRule::AsBefore).await.unwrap(),
        updated
    );
    assert_eq!(world.market.instruments().await.len(), 24);
    // Whoever has looked at it may take one of which much has gone rightly.
    world.has(Some(5));
    assert!(world.market.update(SizeRule::AsBefore).await.is_err());
    assert_eq!(world.market.update(SizeRule::Any).await.unwrap().now, 10);
    world.has(Some(12));
    world.market.update(SizeRule::AsBefore).await.unwrap();
    world.has(None);
    assert!(world.market.update(SizeRule::AsBefore).await.is_err());
    assert_eq!(world.market.instruments().await.len(), 24);
}

#[tokio::test]
async fn the_instruments_of_an_earlier_day_are_listed_once_for_all_that_is_due_of_it() {
    let world = world().await;
    let then = world.clock.now();
    world.clock.advance(Duration::days(1));
    world.market.instruments().await;
    let listed = world.source.asked.load(Ordering::SeqCst);
    for number in 0..10 {
        let future = future(number, world.source.expiry).key;
        let found = world.market.instrument_at(&future, then).await.unwrap();
        assert_eq!(found.key, future, "it has expired since");
    }
    let unknown = InstrumentKey::new(Exchange::Nse, "NOTHING".parse().unwrap());
    let unknown = world.market.instrument_at(&unknown, then).await;
    assert!(matches!(unknown, Err(LookupError::UnknownSymbol { .. })));
    assert_eq!(world.source.asked.load(Ordering::SeqCst), listed + 1);
    let earlier = then.plus(-Duration::days(1));
    let share = InstrumentKey::new(Exchange::Nse, "SHARE3".parse().unwrap());
    world.market.instrument_at(&share, earlier).await.unwrap();
    assert_eq!(world.source.asked.load(Ordering::SeqCst), listed + 2);
}
