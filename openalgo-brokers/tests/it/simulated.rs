//! The simulated exchange as its users see it.

use openalgo_brokers::simulated::{SimulatedError, SimulatedExchange};
use openalgo_core::market::{
    Contract, Exchange, Instrument, InstrumentKey, InstrumentKind, Quote, Timestamp,
};
use openalgo_core::port::MarketError;
use openalgo_core::testing::FakeClock;
use openalgo_core::value::{Price, Quantity};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::error::Error;
use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

static EXCHANGE: LazyLock<Arc<SimulatedExchange>> = LazyLock::new(|| exchange(1));

fn exchange(seed: u64) -> Arc<SimulatedExchange> {
    let clock = Arc::new(FakeClock::at("2026-11-25T10:30:00+05:30"));
    Arc::new(SimulatedExchange::new(seed, clock).unwrap())
}

fn key(text: &str) -> InstrumentKey {
    let (exchange, symbol) = text.split_once(':').unwrap();
    InstrumentKey::new(exchange.parse().unwrap(), symbol.parse().unwrap())
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_stored(text).unwrap()
}

fn quote(instrument: &str, time: &str) -> Quote {
    EXCHANGE.quote_at(&key(instrument), at(time)).unwrap()
}

/// The answer of a role, none of which ever waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("the simulated exchange waits"),
    }
}

fn instruments(date: &str) -> Vec<Instrument> {
    let source = EXCHANGE.source();
    ready(source.instruments.instruments(date.parse().unwrap())).unwrap()
}

#[test]
fn the_same_seed_gives_the_same_market() {
    let now = at("2026-11-25 05:00:00");
    for name in ["NSE:INFY", "NFO:NIFTY01DEC2626000CE", "MCX:GOLDM18DEC26FUT"] {
        let first = exchange(1).quote_at(&key(name), now).unwrap();
        assert_eq!(first, exchange(1).quote_at(&key(name), now).unwrap());
        assert_ne!(
            first.ltp,
            exchange(2).quote_at(&key(name), now).unwrap().ltp
        );
    }
}

#[test]
fn the_roles_use_the_clock() {
    let source = EXCHANGE.source();
    let quoted = ready(source.quotes.quote(&key("NSE:INFY"))).unwrap();
    assert_eq!(quoted, quote("NSE:INFY", "2026-11-25 05:00:00"));
    assert!(source.path.is_some());
}

#[test]
fn golden_quotes() {
    let line = |name, time| {
        let q = quote(name, time);
        let side = |price: Option<Price>| price.map_or_else(|| "-".into(), |p| p.to_string());
        format!(
            "{} o{} h{} l{} p{} v{} {}x{} {}x{} oi{:?}",
            q.ltp,
            q.open,
            q.high,
            q.low,
            q.prev_close,
            q.volume,
            side(q.bid),
            q.bid_quantity,
            side(q.ask),
            q.ask_quantity,
            q.oi
        )
    };
    let golden = GOLDEN.map(|(name, time, _)| (name, time, line(name, time)));
    let expected = GOLDEN.map(|(name, time, text)| (name, time, text.to_owned()));
    assert_eq!(golden, expected);
}

const GOLDEN: [(&str, &str, &str); 6] = [
    (
        "NSE:RELIANCE",
        "2026-11-25 05:00:00",
        "1495.80 o1501.10 h1506.10 l1488.45 p1501.10 v289826 1495.80x1511 1495.85x1571 oiNone",
    ),
    (
        "NSE_INDEX:NIFTY",
        "2026-11-25 05:00:00",
        "25055.20 o25347.55 h25378.80 l25055.20 p25347.50 v0 -x0 -x0 oiNone",
    ),
    (
        "NFO:NIFTY29DEC26FUT",
        "2026-11-25 05:00:00",
        "25207.80 o25503.35 h25534.75 l25207.80 p25503.30 v1028300 25207.75x1950 25207.85x2210 oiSome(772720)",
    ),
    (
        "NFO:NIFTY01DEC2626000CE",
        "2026-11-25 05:00:00.999999",
        "5.25 o21.95 h24.80 l5.25 p21.95 v1015950 5.20x1365 5.35x325 oiSome(1972490)",
    ),
    (
        "CDS:USDINR29DEC26FUT",
        "2026-11-25 05:00:00",
        "88.1975 o88.20 h88.275 l88.15 p88.20 v12930000 88.1975x33000 88.205x30000 oiSome(15246000)",
    ),
    (
        "BSE:INFY",
        "1969-12-31 23:00:00",
        "1571.50 o1570.55 h1574.50 l1568.75 p1570.50 v61999 1571.35x120 1571.50x1166 oiNone",
    ),
];

#[test]
fn both_exchanges_of_a_share_follow_one_course() {
    let nse = quote("NSE:RELIANCE", "2026-11-25 05:00:00");
    let bse = quote("BSE:RELIANCE", "2026-11-25 05:00:00");
    assert_eq!((nse.ltp, nse.high, nse.low), (bse.ltp, bse.high, bse.low));
}

#[test]
fn a_price_is_constant_within_a_second() {
    let second = |time| Quote {
        timestamp: at("2026-11-25 05:00:00"),
        ..quote("NSE:INFY", time)
    };
    assert_eq!(
        second("2026-11-25 05:00:00"),
        second("2026-11-25 05:00:00.999999")
    );
}

#[test]
fn a_day_has_the_yearly_volatility() {
    let changes = |name: &str| {
        let quote = |day: i64| {
            let start = at("2022-11-25 05:00:00").plus(chrono::Duration::days(day));
            EXCHANGE.depth_at(&key(name), start).unwrap().bids[0].price
        };
        let prices: Vec<f64> = (0..=1_500)
            .map(|day| quote(day).to_string().parse::<f64>().unwrap().ln())
            .collect();
        prices.windows(2).map(|w| w[1] - w[0]).collect::<Vec<_>>()
    };
    let deviation = |changes: &[f64]| {
        let squares: f64 = changes.iter().map(|change| change * change).sum();
        (squares / 1_500.0).sqrt()
    };
    for (name, yearly) in [
        ("NSE:RELIANCE", 0.24),
        ("NSE:TRENT", 0.36),
        ("NSE:ITC", 0.18),
    ] {
        let measured = deviation(&changes(name)) * 252.0_f64.sqrt() / yearly;
        assert!((0.85..1.15).contains(&measured), "{name}: {measured}");
    }
    // Two members have 0.36 of their variance in common.
    let (a, b) = (changes("NSE:RELIANCE"), changes("NSE:TRENT"));
    let product: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum::<f64>() / 1_500.0;
    let correlation = product / deviation(&a) / deviation(&b);
    assert!((0.2..0.5).contains(&correlation), "{correlation}");
}

#[test]
fn instruments_of_a_day() {
    let all = instruments("2026-11-25");
    let count = |kind| all.iter().filter(|i| i.kind == kind).count();
    assert_eq!(count(InstrumentKind::Equity), 54);
    assert_eq!(count(InstrumentKind::Index), 7);
    // Six indices, six shares and five commodities and currencies, three months each.
    assert_eq!(count(InstrumentKind::Future), 3 * 17);
    // NIFTY has four weeks and three months. The first week of SENSEX is its month end. The other
    // indices have three months, shares have one.
    let calls = 41 * (7 + 6 + 4 * 3) + 21 * 6;
    assert_eq!(count(InstrumentKind::Call), calls);
    assert_eq!(count(InstrumentKind::Put), calls);
}

#[test]
fn contracts_carry_what_their_exchange_says() {
    let all = instruments("2026-11-25");
    let find = |name: &str| all.iter().find(|i| i.key == key(name)).unwrap();
    let lot = |name| find(name).lot_size.get();
    assert_eq!(lot("NFO:NIFTY01DEC2626000CE"), 65);
    assert_eq!(lot("NSE_INDEX:NIFTY"), 1);
    assert_eq!(lot("NFO:RELIANCE29DEC26FUT"), 500);
    assert_eq!(lot("NFO:ONGC29DEC26FUT"), 3_025);
    assert_eq!(lot("NFO:YESBANK29DEC26FUT"), 33_325);
    assert_eq!(lot("MCX:CRUDEOIL18DEC26FUT"), 100);
    assert_eq!(find("CDS:USDINR29DEC26FUT").tick.to_string(), "0.0025");
    let call = find("NFO:YESBANK29DEC2622.5CE");
    assert_eq!(
        (&*call.name, call.tick.to_string()),
        ("YESBANK", "0.05".into())
    );
    assert_eq!(call.strike, Some("22.5".parse().unwrap()));
}

#[test]
fn every_instrument_is_sound_on_days_around_expiries() {
    let days = [
        "2026-11-23",
        "2026-11-24",
        "2026-11-25",
        "2026-03-30",
        "2026-12-31",
        "2027-01-31",
    ];
    for day in days {
        let all = instruments(day);
        let (morning, night) = (
            at(&format!("{day} 00:01:00")),
            at(&format!("{day} 17:00:07")),
        );
        for instrument in &all {
            is_sound(instrument, morning);
        }
        // Quotes late in a day look at more of it, so some must do.
        for instrument in all.iter().step_by(9) {
            is_sound(instrument, night);
        }
        let keys: BTreeSet<_> = all.iter().map(|i| &i.key).collect();
        let tokens: BTreeSet<_> = all.iter().map(|i| (i.key.exchange, &i.token)).collect();
        assert_eq!((keys.len(), tokens.len()), (all.len(), all.len()));
    }
}

fn is_sound(instrument: &Instrument, time: Timestamp) {
    let key = &instrument.key;
    let contract = Contract::parse(key.exchange, &key.symbol).unwrap();
    assert_eq!(contract.to_symbol().unwrap(), key.symbol);
    let q = EXCHANGE.quote_at(key, time).unwrap();
    assert!(
        q.is_coherent() && q.low <= q.open && q.open <= q.high,
        "{q:?}"
    );
    let prices = [q.ltp, q.open, q.high, q.low, q.prev_close];
    let prices = prices.into_iter().chain(q.bid).chain(q.ask);
    for price in prices {
        assert!(
            instrument.tick.allows(price) && price >= instrument.tick.step(),
            "{q:?}"
        );
    }
    assert!(q.bid.is_none_or(|bid| bid <= q.ltp) && q.ask.is_none_or(|ask| ask >= q.ltp));
    if let (Some(bid), Some(ask)) = (q.bid, q.ask) {
        let widest = instrument.tick.steps_from(bid, 3).unwrap();
        assert!(bid < ask && ask <= widest, "{q:?}");
    }
    assert_eq!(q.ask.is_some(), instrument.is_tradable());
    assert_eq!(q.ask_quantity.is_zero(), !instrument.is_tradable());
    assert_eq!(q.bid_quantity.is_zero(), q.bid.is_none());
    assert!(q.bid_quantity.is_multiple_of(instrument.lot_size));
    assert_eq!(q.oi.is_some(), instrument.expiry.is_some());
}

#[test]
fn a_contract_ends_with_its_expiry() {
    // Guru Nanak Jayanti, 24 November, moves the expiry to the 23rd; the day ends at 03:00.
    let last = quote("NFO:NIFTY23NOV2626000CE", "2026-11-23 21:29:59");
    assert!(last.is_coherent());
    for (name, time) in [
        ("NFO:NIFTY23NOV2626000CE", "2026-11-23 21:30:00"),
        ("NFO:NIFTY24NOV2626000CE", "2026-11-20 05:00:00"),
        ("NFO:NIFTY01DEC2626001CE", "2026-11-25 05:00:00"),
        ("NFO:NIFTY01DEC2699999CE", "2026-11-25 05:00:00"),
        ("NFO:NIFTY01DEC26FUT", "2026-11-25 05:00:00"),
        ("NFO:INFY29DEC26FUT", "2026-11-25 05:00:00"),
        ("NFO:NIFTY", "2026-11-25 05:00:00"),
        ("NSE:NIFTY", "2026-11-25 05:00:00"),
        ("MCX:CRUDEOIL", "2026-11-25 05:00:00"),
        ("CRYPTO:BTCUSDFUT", "2026-11-25 05:00:00"),
    ] {
        let answer = EXCHANGE.quote_at(&key(name), at(time));
        let unknown = matches!(&answer, Err(MarketError::UnknownInstrument(k)) if *k == key(name));
        assert!(unknown, "{name}: {answer:?}");
    }
}

#[test]
fn after_the_close_of_its_last_day_an_option_is_worth_its_intrinsic_value() {
    let spot = quote("NSE_INDEX:NIFTY", "2026-12-01 10:00:00")
        .ltp
        .to_decimal();
    let call = quote("NFO:NIFTY01DEC2625000CE", "2026-12-01 10:00:00")
        .ltp
        .to_decimal();
    assert!((spot - call - Decimal::from(25_000)).abs() <= "0.05".parse().unwrap());
    let future = quote("NFO:NIFTY29DEC26FUT", "2026-12-29 10:00:00").ltp;
    assert_eq!(future, quote("NSE_INDEX:NIFTY", "2026-12-29 10:00:00").ltp);
}

#[test]
fn volume_grows_and_the_day_begins_at_three() {
    let quotes: Vec<Quote> = ["21:30:00", "21:30:10", "22:29:59", "22:30:00", "22:30:01"]
        .map(|time| quote("NSE:INFY", &format!("2026-11-24 {time}")))
        .into();
    assert!(quotes.windows(2).all(|w| w[0].volume <= w[1].volume));
    assert_eq!(quotes[0].volume, 0);
    assert_eq!(
        (quotes[0].open, quotes[0].high),
        (quotes[0].ltp, quotes[0].ltp)
    );
    assert!(quotes[2].volume > 0);
    let close = quote("NSE:INFY", "2026-11-24 21:29:59");
    assert_eq!(quotes[0].prev_close, close.ltp);
}

#[test]
fn depth_surrounds_the_quote() {
    let (name, time) = ("NSE:INFY", "2026-11-25 05:00:00");
    let (depth, q) = (
        EXCHANGE.depth_at(&key(name), at(time)).unwrap(),
        quote(name, time),
    );
    assert_eq!((depth.bids.len(), depth.asks.len()), (5, 5));
    assert_eq!(Some(depth.bids[0].price), q.bid);
    assert_eq!(
        (Some(depth.asks[0].price), depth.asks[0].quantity),
        (q.ask, q.ask_quantity)
    );
    assert!(depth.bids.windows(2).all(|w| w[0].price > w[1].price));
    assert!(depth.asks.windows(2).all(|w| w[0].price < w[1].price));
    let index = EXCHANGE
        .depth_at(&key("NSE_INDEX:NIFTY"), at(time))
        .unwrap();
    assert!(index.bids.is_empty() && index.asks.is_empty());
}

fn refused(csv_text: &str) -> String {
    let clock = Arc::new(FakeClock::at("2026-11-25T10:30:00+05:30"));
    let refusal = SimulatedExchange::with_market_data(1, clock, csv_text).unwrap_err();
    let source = match &refusal {
        SimulatedError::Invalid { source, .. } => source.to_string(),
        other => other.source().map(ToString::to_string).unwrap_or_default(),
    };
    format!("{refusal}: {source}")
}

#[test]
fn damaged_market_data_is_refused_with_its_place() {
    let head = "symbol,name,exchange,kind,base_price,annual_volatility_percent,lot_size,tick_size";
    let refused_row = |row: &str| refused(&format!("{head}\nA,A,NSE,EQ,10,20,1,0.05\n{row}\n"));
    for (row, complaint) in [
        (
            "b,B,NSE,EQ,10,20,1,0.05",
            "row 3 of the market data: column 'symbol' cannot be 'b'",
        ),
        (
            "B,B,NES,EQ,10,20,1,0.05",
            "column 'exchange' cannot be 'NES'",
        ),
        (
            "B,B,MCX,EQ,10,20,1,0.05",
            "column 'exchange' cannot be 'MCX': it does not trade",
        ),
        ("B,B,NSE,ETF,10,20,1,0.05", "column 'kind' cannot be 'ETF'"),
        (
            "B,B,NSE,EQ,ten,20,1,0.05",
            "column 'base_price' cannot be 'ten'",
        ),
        (
            "B,B,NSE,EQ,0,20,1,0.05",
            "column 'base_price' cannot be '0'",
        ),
        (
            "B,B,NSE,EQ,10,-1,1,0.05",
            "column 'annual_volatility_percent' cannot be '-1'",
        ),
        ("B,B,NSE,EQ,10,20,0,0.05", "column 'lot_size' cannot be '0'"),
        ("B,B,NSE,EQ,10,20,1,0", "column 'tick_size' cannot be '0'"),
        (
            "A,B,NSE,EQ,10,20,1,0.05",
            "column 'symbol' cannot be 'A': another row has it",
        ),
        (
            "B,B,NSE,EQ,10,20,1",
            "the market data are no comma-separated table",
        ),
    ] {
        let refusal = refused_row(row);
        assert!(refusal.contains(complaint), "{refusal}");
    }
    assert!(refused("symbol,name\n").contains("have no column 'exchange'"));
}

#[test]
fn another_market_is_possible() {
    let clock = Arc::new(FakeClock::at("2026-11-25T10:30:00+05:30"));
    let text = "tick_size,symbol,name,exchange,kind,base_price,annual_volatility_percent,lot_size\n\
                0.0001,TINY,Tiny,NSE,EQ,0.0001,200,1\n\
                1,HUGE,Huge,NSE,EQ,10000000,200,1\n";
    let exchange = Arc::new(SimulatedExchange::with_market_data(1, clock, text).unwrap());
    let now = at("2026-11-25 05:00:00");
    let tiny = exchange.quote_at(&key("NSE:TINY"), now).unwrap();
    assert!(tiny.is_coherent());
    assert!(
        exchange
            .quote_at(&key("NSE:HUGE"), now)
            .unwrap()
            .is_coherent()
    );
    let all = ready(
        exchange
            .source()
            .instruments
            .instruments("2026-11-25".parse().unwrap()),
    )
    .unwrap();
    for instrument in all {
        let q = exchange.quote_at(&instrument.key, now).unwrap();
        assert!(q.is_coherent() && instrument.tick.allows(q.ltp));
        assert!(q.bid.is_some() || q.bid_quantity == Quantity::ZERO);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_time_and_no_symbol_makes_it_panic(
        micros in any::<i64>(),
        name in prop::sample::select(vec!["INFY", "NIFTY29DEC26FUT", "NIFTY01DEC2626000CE"]),
        exchange in prop::sample::select(Exchange::ALL),
    ) {
        if let Some(at) = Timestamp::from_micros(micros) {
            let key = InstrumentKey::new(exchange, name.parse().unwrap());
            if let Ok(quote) = EXCHANGE.quote_at(&key, at) {
                prop_assert!(quote.is_coherent());
            }
        }
    }
}

#[test]
fn far_dates_have_no_contracts() {
    for date in [chrono::NaiveDate::MIN, chrono::NaiveDate::MAX] {
        let all = ready(EXCHANGE.source().instruments.instruments(date)).unwrap();
        assert_eq!(all.len(), 61);
    }
}
