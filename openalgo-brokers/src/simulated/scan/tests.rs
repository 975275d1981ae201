use super::*;
use openalgo_core::market::Exchange;
use openalgo_core::testing::FakeClock;
use openalgo_core::value::Quantity;
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

static EXCHANGE: LazyLock<SimulatedExchange> = LazyLock::new(|| {
    let clock = Arc::new(FakeClock::at("2026-11-25T10:30:00+05:30"));
    SimulatedExchange::new(11, clock).unwrap()
});

const INSTRUMENTS: [(Exchange, &str); 9] = [
    (Exchange::Nse, "RELIANCE"),
    (Exchange::Nse, "YESBANK"),
    (Exchange::Nse, "MARUTI"),
    (Exchange::NseIndex, "INDIAVIX"),
    (Exchange::Nfo, "NIFTY29DEC26FUT"),
    (Exchange::Mcx, "CRUDEOIL18DEC26FUT"),
    (Exchange::Nfo, "NIFTY29DEC2626000CE"),
    (Exchange::Nfo, "NIFTY29DEC2625500PE"),
    // Worth a tick for most of the time, and it expires within the spans.
    (Exchange::Nfo, "NIFTY01DEC2625000PE"),
];

fn key((exchange, symbol): (Exchange, &str)) -> InstrumentKey {
    InstrumentKey::new(exchange, symbol.parse().unwrap())
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_stored(text).unwrap()
}

fn span(from: Timestamp, seconds: i64) -> Span {
    let until = from.plus(chrono::Duration::seconds(seconds));
    Span { from, until }
}

/// Looks at every second, as the definition says.
fn naive(key: &InstrumentKey, band: PriceBand, span: Span) -> Option<i64> {
    let seconds = span.from.to_seconds() + 1..=span.until.to_seconds();
    seconds
        .into_iter()
        .find(|&second| price(key, second).is_some_and(|price| band.contains(price)))
}

fn price(key: &InstrumentKey, second: i64) -> Option<Price> {
    let at = Timestamp::from_micros(second * 1_000_000).unwrap();
    let listed = EXCHANGE.listed(key, Session::of(at).unwrap().day).ok()?;
    Some(float::to_price(EXCHANGE.tape(listed).at(second), listed.tick).unwrap())
}

fn found(key: &InstrumentKey, band: PriceBand, span: Span) -> Option<i64> {
    let quote = EXCHANGE.first_inside(key, band, span).unwrap();
    if let Some(quote) = &quote {
        assert!(band.contains(quote.ltp) && quote.is_coherent(), "{quote:?}");
        assert_eq!(quote.timestamp.to_micros() % 1_000_000, 0);
    }
    quote.map(|quote| quote.timestamp.to_seconds())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn it_finds_what_looking_at_every_second_finds(
        instrument in prop::sample::select(&INSTRUMENTS),
        micros in 0_i64..400_000_000_000,
        seconds in prop_oneof![-2_i64..40, 0_i64..2_500],
        ticks in (prop_oneof![-30_i64..30, -900_i64..900], 0_i64..4),
        open in 0..3,
    ) {
        let key = key(instrument);
        let from = at("2026-11-25 05:00:00");
        let from = from.plus(chrono::Duration::microseconds(micros));
        let span = span(from, seconds);
        let middle = price(&key, from.to_seconds()).unwrap();
        let tick = EXCHANGE.listed(&key, Session::of(from).unwrap().day).unwrap().tick;
        let low = tick.steps_from(middle, ticks.0).unwrap_or(tick.step());
        let high = tick.steps_from(low, ticks.1).unwrap();
        let band = PriceBand {
            low: (open != 1).then_some(low),
            high: (open != 2).then_some(high),
        };
        prop_assert_eq!(found(&key, band, span), naive(&key, band, span));
    }
}

fn nowhere() -> PriceBand {
    PriceBand {
        low: Some("9999999".parse().unwrap()),
        high: None,
    }
}

#[test]
fn a_band_between_two_ticks_holds_nothing() {
    let key = key(INSTRUMENTS[2]);
    let from = at("2026-11-25 05:00:00");
    let second = from.to_seconds() + 1;
    let middle = price(&key, second).unwrap();
    let half: Price = "0.5".parse().unwrap();
    let off_tick = Price::try_new(middle.to_decimal() + half.to_decimal()).unwrap();
    let band = PriceBand {
        low: Some(off_tick),
        high: Some(off_tick),
    };
    assert_eq!(found(&key, band, span(from, 600)), None);
}

#[test]
fn a_contract_has_no_price_before_it_is_listed_and_after_it_expired() {
    let any = PriceBand {
        low: None,
        high: None,
    };
    let future = key((Exchange::Nfo, "NIFTY23NOV26FUT"));
    // Listed when August's contracts have expired, gone at 03:00 in India after its expiry.
    let early = span(at("2026-07-01 00:00:00"), 90 * 86_400);
    let first = at("2026-08-25 21:30:00").to_seconds();
    assert_eq!(found(&future, any, early), Some(first));
    let late = span(at("2026-11-20 00:00:00"), 90 * 86_400);
    assert_eq!(found(&future, nowhere(), late), None);
    let last = at("2026-11-23 21:29:58");
    assert_eq!(
        found(&future, any, span(last, 9)),
        Some(last.to_seconds() + 1)
    );
    assert_eq!(
        found(&future, any, span(at("2026-11-23 21:29:59"), 9)),
        None
    );
    let unknown = |span| EXCHANGE.first_inside(&future, any, span).unwrap_err();
    for span in [
        span(at("2026-11-23 21:30:00"), 9),
        span(at("2026-06-01 00:00:00"), 9),
    ] {
        assert!(matches!(unknown(span), MarketError::UnknownInstrument(_)));
    }
}

#[test]
fn every_listing_is_unbroken() {
    let contracts = [
        "NIFTY23NOV2626000CE",
        "NIFTY09NOV2626000CE",
        "KOTAKBANK23NOV262100PE",
    ];
    for symbol in contracts {
        let key = key((Exchange::Nfo, symbol));
        let expiry = EXCHANGE.listing.expiry(&key).unwrap();
        let days = expiry - LONGEST_LISTING..=expiry + Days::new(40);
        let mut days = days.start().iter_days().take_while(|day| day <= days.end());
        let born = days
            .by_ref()
            .find(|day| EXCHANGE.listing.find(&key, *day).is_some());
        assert!(born.unwrap() > expiry - LONGEST_LISTING);
        for day in days {
            assert_eq!(
                EXCHANGE.listing.find(&key, day).is_some(),
                day <= expiry,
                "{day}"
            );
        }
    }
}

#[test]
fn weeks_are_passed_over_quickly() {
    for instrument in INSTRUMENTS {
        let key = key(instrument);
        let two_weeks = span(at("2026-11-25 05:00:00"), 14 * 86_400);
        assert_eq!(found(&key, nowhere(), two_weeks), None);
    }
}

#[test]
fn a_price_is_a_whole_quote() {
    let key = key(INSTRUMENTS[0]);
    let from = at("2026-11-25 05:00:00");
    let any = PriceBand {
        low: None,
        high: None,
    };
    let quote = EXCHANGE
        .first_inside(&key, any, span(from, 1))
        .unwrap()
        .unwrap();
    assert_eq!(quote.timestamp, from.plus(chrono::Duration::seconds(1)));
    assert_eq!(quote, EXCHANGE.quote_at(&key, quote.timestamp).unwrap());
    assert!(quote.bid_quantity > Quantity::ZERO);
}
