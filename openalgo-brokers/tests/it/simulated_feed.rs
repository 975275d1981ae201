//! The feed of the simulated exchange: prices as they come.

use chrono::Duration;
use openalgo_brokers::simulated::{SimulatedExchange, SimulatedFeed};
use openalgo_core::market::{FeedMode, InstrumentKey, Tick, TickSource};
use openalgo_core::port::{MarketFeed, Subscription, TickStream};
use openalgo_core::testing::FakeClock;
use std::sync::Arc;
use std::time::Duration as Span;

struct Place {
    clock: Arc<FakeClock>,
    exchange: Arc<SimulatedExchange>,
    feed: SimulatedFeed,
}

fn place() -> Place {
    let clock = Arc::new(FakeClock::at("2026-11-25T10:30:00+05:30"));
    let exchange = Arc::new(SimulatedExchange::new(1, Arc::clone(&clock) as _).unwrap());
    let feed = SimulatedFeed::new(Arc::clone(&exchange), Span::from_secs(1));
    Place {
        clock,
        exchange,
        feed,
    }
}

fn key(symbol: &str) -> InstrumentKey {
    InstrumentKey::new("NSE".parse().unwrap(), symbol.parse().unwrap())
}

fn wanted(symbol: &str, mode: FeedMode) -> Subscription {
    Subscription {
        instrument: key(symbol),
        mode,
    }
}

/// The next price, if one comes within two seconds.
async fn next(stream: &mut dyn TickStream) -> Option<Tick> {
    let waiting = tokio::time::timeout(Span::from_secs(2), stream.next());
    waiting.await.ok().flatten()
}

#[tokio::test(start_paused = true)]
async fn what_is_subscribed_to_is_told_at_once_and_with_every_second() {
    let place = place();
    let mut stream = place.feed.open().await.unwrap();
    assert_eq!(next(&mut *stream).await, None, "nothing is wanted");
    let wanted = [
        wanted("INFY", FeedMode::Ltp),
        wanted("TCS", FeedMode::Depth),
    ];
    place.feed.subscribe(&wanted).await.unwrap();
    let now = place
        .exchange
        .quote_at(&key("INFY"), clock(&place))
        .unwrap();
    let first = next(&mut *stream).await.unwrap();
    assert_eq!((first.ltp, first.quote.is_none()), (now.ltp, true));
    assert_eq!(first.source, TickSource::Simulated);
    let second = next(&mut *stream).await.unwrap();
    let book = place.exchange.depth_at(&key("TCS"), clock(&place)).unwrap();
    assert_eq!(second.depth, Some(book));
    assert_eq!(second.quote.unwrap().volume, {
        let quote = place.exchange.quote_at(&key("TCS"), clock(&place)).unwrap();
        quote.volume
    });
    assert_eq!(next(&mut *stream).await, None, "the clock stands still");
    place.clock.advance(Duration::seconds(1));
    let third = next(&mut *stream).await.unwrap();
    assert_eq!(third.exchange_time, Some(clock(&place)));
}

/// The day's range is carried on from price to price; it must be that of a question.
#[tokio::test(start_paused = true)]
async fn figures_of_the_day_are_those_of_a_quote() {
    let place = place();
    let mut stream = place.feed.open().await.unwrap();
    let wanted = [wanted("INFY", FeedMode::Quote)];
    place.feed.subscribe(&wanted).await.unwrap();
    // Past the end of the session at 03:00.
    for hours in [0, 1, 5, 11, 3] {
        place
            .clock
            .advance(Duration::hours(hours) + Duration::seconds(7));
        let tick = next(&mut *stream).await.unwrap();
        let asked = place.exchange.quote_at(&key("INFY"), clock(&place));
        assert_eq!(tick.quote_after(None), asked.unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_of_what_is_wanted_no_more() {
    let place = place();
    let mut stream = place.feed.open().await.unwrap();
    let both = [wanted("INFY", FeedMode::Ltp), wanted("TCS", FeedMode::Ltp)];
    place.feed.subscribe(&both).await.unwrap();
    assert_eq!(next(&mut *stream).await.unwrap().instrument, key("INFY"));
    place.feed.unsubscribe(&[key("TCS")]).await.unwrap();
    assert_eq!(next(&mut *stream).await, None, "its price was ready before");
}

#[tokio::test(start_paused = true)]
async fn a_second_stream_ends_the_first() {
    let place = place();
    let mut first = place.feed.open().await.unwrap();
    let mut second = place.feed.open().await.unwrap();
    place
        .feed
        .subscribe(&[wanted("INFY", FeedMode::Ltp)])
        .await
        .unwrap();
    assert_eq!(first.next().await, None);
    assert!(next(&mut *second).await.is_some());
}

fn clock(place: &Place) -> openalgo_core::market::Timestamp {
    openalgo_core::port::Clock::now(&*place.clock)
}
