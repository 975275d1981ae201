//! Instruments packed for memory: everything that went in comes out, by every way to it.

use chrono::NaiveDate;
use openalgo_core::market::{
    BrokerWords, Contract, ContractClass, Exchange, FreezeQuantities, Instrument, InstrumentKey,
    InstrumentKind, InstrumentList, InstrumentListBuilder, OptionRight, Symbol,
};
use openalgo_core::value::{Price, Quantity, Tick};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn share(exchange: Exchange, symbol: &str) -> Instrument {
    Instrument {
        key: InstrumentKey::new(exchange, Symbol::try_new(symbol).unwrap()),
        name: format!("{symbol} LIMITED").into(),
        kind: InstrumentKind::Equity,
        expiry: None,
        strike: None,
        lot_size: Quantity::ONE,
        tick: Tick::try_new("0.05".parse().unwrap()).unwrap(),
        token: None,
        freeze_quantity: None,
    }
}

fn contract(exchange: Exchange, contract: &Contract) -> Instrument {
    let (kind, expiry, strike) = match contract {
        Contract::Future { expiry, .. } => (InstrumentKind::Future, *expiry, None),
        Contract::Option {
            expiry,
            strike,
            right: OptionRight::Call,
            ..
        } => (InstrumentKind::Call, *expiry, Some(*strike)),
        Contract::Option { expiry, strike, .. } => (InstrumentKind::Put, *expiry, Some(*strike)),
        other => panic!("{other:?} never expires"),
    };
    Instrument {
        name: contract.base().into(),
        kind,
        expiry: Some(expiry),
        strike,
        lot_size: Quantity::try_new(75).unwrap(),
        ..share(exchange, contract.to_symbol().unwrap().as_str())
    }
}

fn option(base: &str, expiry: &str, strike: &str, right: OptionRight) -> Instrument {
    let option = Contract::Option {
        base: base.into(),
        expiry: day(expiry),
        strike: strike.parse().unwrap(),
        right,
    };
    contract(Exchange::Nfo, &option)
}

fn future(exchange: Exchange, base: &str, expiry: &str) -> Instrument {
    let expiry = day(expiry);
    contract(
        exchange,
        &Contract::Future {
            base: base.into(),
            expiry,
        },
    )
}

fn prices(strikes: &[&str]) -> Vec<Price> {
    strikes
        .iter()
        .map(|strike| strike.parse().unwrap())
        .collect()
}

#[test]
fn an_instrument_is_found_by_what_its_broker_calls_it() {
    let mut builder = InstrumentListBuilder::default();
    let numbered = |exchange, symbol, token: &str| Instrument {
        token: Some(token.parse().unwrap()),
        ..share(exchange, symbol)
    };
    let words = |symbol, exchange| BrokerWords { symbol, exchange };
    // The same number on two exchanges, which the reference loses one of.
    let nse = numbered(Exchange::Nse, "INFY", "408065");
    let index = numbered(Exchange::NseIndex, "NIFTY", "408065");
    builder.push(&nse, words("INFY", "NSE")).unwrap();
    builder.push(&index, words("NIFTY 50", "NSE")).unwrap();
    let list = builder.finish();

    let found = list.by_token(Exchange::NseIndex, "408065").unwrap();
    assert_eq!(found.to_instrument().unwrap(), index);
    let found = list.by_token(Exchange::Nse, "408065").unwrap();
    assert_eq!(found.to_instrument().unwrap(), nse);
    assert!(list.by_token(Exchange::Bse, "408065").is_none());
    let found = list
        .by_broker_symbol(Exchange::NseIndex, "NIFTY 50")
        .unwrap();
    assert_eq!(
        (found.symbol(), found.broker_symbol()),
        ("NIFTY", "NIFTY 50")
    );
    assert_eq!(
        (found.broker_exchange(), found.token()),
        ("NSE", Some("408065"))
    );
    let found = list.by_broker_symbol(Exchange::Nse, "INFY").unwrap();
    assert_eq!(
        (found.broker_symbol(), found.broker_exchange()),
        ("INFY", "NSE")
    );
    assert!(list.by_broker_symbol(Exchange::NseIndex, "NIFTY").is_none());
}

#[test]
fn expiries_and_strikes_are_those_of_the_underlying_only() {
    let all = [
        option("NIFTY", "2026-12-08", "26100", OptionRight::Call),
        option("NIFTY", "2026-12-01", "26150", OptionRight::Call),
        option("NIFTY", "2026-12-01", "9900.5", OptionRight::Call),
        option("NIFTY", "2026-12-01", "26100", OptionRight::Put),
        option("NIFTY", "2026-11-24", "26100", OptionRight::Put),
        option("NIFTYNXT50", "2026-12-29", "70000", OptionRight::Call),
        future(Exchange::Nfo, "NIFTY", "2026-12-29"),
        future(Exchange::Nfo, "NIFTY", "2027-01-26"),
        future(Exchange::Mcx, "GOLD", "2027-02-05"),
        future(Exchange::Mcx, "GOLDM", "2026-12-04"),
    ];
    let list = InstrumentList::pack(&all).unwrap();
    let nifty = list.chain(Exchange::Nfo, "NIFTY").unwrap();
    let today = day("2026-11-27");
    let options = nifty.expiries(ContractClass::Options, today);
    assert_eq!(options, [day("2026-12-01"), day("2026-12-08")]);
    let futures = nifty.expiries(ContractClass::Futures, today);
    assert_eq!(futures, [day("2026-12-29"), day("2027-01-26")]);
    let past = nifty.expiries(ContractClass::Options, day("2026-11-24"));
    assert_eq!(past.len(), 3);
    let strikes = nifty.strikes(day("2026-12-01"), OptionRight::Call);
    assert_eq!(strikes, prices(&["9900.5", "26150"]));
    let strikes = nifty.strikes(day("2026-12-01"), OptionRight::Put);
    assert_eq!(strikes, prices(&["26100"]));
    assert_eq!(nifty.len(), 7);
    let gold = list.chain(Exchange::Mcx, "GOLD").unwrap();
    assert_eq!((gold.base(), gold.len()), ("GOLD", 1));
    assert!(list.chain(Exchange::Nfo, "GOLD").is_none());
    let bases: Vec<_> = list.chains().map(|chain| chain.base()).collect();
    assert_eq!(bases, ["NIFTY", "NIFTYNXT50", "GOLD", "GOLDM"]);
}

#[test]
fn freeze_quantities_are_those_of_the_underlying_and_leave_the_sources_own_alone() {
    let own = Instrument {
        freeze_quantity: Some(Quantity::try_new(50).unwrap()),
        ..future(Exchange::Nfo, "NIFTY", "2026-12-29")
    };
    let all = [
        own,
        future(Exchange::Nfo, "NIFTY", "2027-01-26"),
        option("NIFTY", "2026-12-01", "26100", OptionRight::Call),
        option("NIFTYNXT50", "2026-12-29", "70000", OptionRight::Call),
        share(Exchange::Nse, "NIFTY"),
    ];
    let units = Quantity::try_new(1_800).unwrap();
    let known = FreezeQuantities::new([(Exchange::Nfo, "NIFTY".into(), units)]);
    let list = InstrumentList::pack(&all).unwrap();
    let list = list.with_freeze_quantities(&known).unwrap();
    let of = |place: usize| {
        let entry = list.find(&all[place].key).unwrap();
        entry.freeze_quantity().map(Quantity::get)
    };
    assert_eq!(
        [0, 1, 2, 3, 4].map(of),
        [Some(50), Some(1_800), Some(1_800), None, None]
    );
    let lots = list.find(&all[2].key).unwrap().lot_size();
    assert_eq!(lots, all[2].lot_size);
}

#[test]
fn a_name_that_no_broker_has_is_refused() {
    let mut builder = InstrumentListBuilder::default();
    let long = "X".repeat(70_000);
    let words = BrokerWords {
        symbol: &long,
        exchange: "",
    };
    let refused = builder
        .push(&share(Exchange::Nse, "INFY"), words)
        .unwrap_err();
    assert!(
        refused.to_string().contains("INFY has 70000 characters"),
        "{refused}"
    );
    assert!(builder.finish().is_empty());
}

/// A whole day of instruments as brokers list them, shares and contracts.
#[test]
fn a_hundred_and_ten_thousand_instruments_take_less_than_25_megabytes() {
    let mut builder = InstrumentListBuilder::default();
    for number in 0..22_000_u32 {
        let mut share = share(Exchange::Bse, &format!("SHARE{number}"));
        share.name = format!("COMPANY NUMBER {number} LIMITED").into();
        share.token = Some(
            format!("{}::::{number}", 100_000_000 + number)
                .parse()
                .unwrap(),
        );
        builder.push(&share, BrokerWords::default()).unwrap();
    }
    for number in 0..88_000_u32 {
        let base = format!("BASE{}", number % 250);
        let strike = (100 + number / 250 * 5).to_string();
        let mut option = option(&base, "2026-12-29", &strike, OptionRight::Call);
        option.token = Some(
            format!("{}::::{number}", 200_000_000 + number)
                .parse()
                .unwrap(),
        );
        let theirs = option.key.symbol.as_str().replace("29DEC26", "26DEC");
        let words = BrokerWords {
            symbol: &theirs,
            exchange: "NFO",
        };
        builder.push(&option, words).unwrap();
    }
    let list = builder.finish();
    assert_eq!(list.len(), 110_000);
    assert!(list.memory() < 25_000_000, "{}", list.memory());
}

fn any_instrument() -> impl Strategy<Value = Instrument> {
    let exchange = prop::sample::select(&[Exchange::Nse, Exchange::Nfo, Exchange::Mcx][..]);
    let base = prop::sample::select(&["NIFTY", "NIFTYNXT50", "M&M", "360ONE", "A"][..]);
    let expiry = prop::sample::select(&["2026-12-01", "2026-12-29", "2027-01-26"][..]);
    let strike = prop::sample::select(&["292.5", "83.25", "9900", "26100"][..]);
    let lot = prop::sample::select(&[1_i64, 75, 100][..]);
    let freeze = prop::option::of(Just(Quantity::try_new(1_800).unwrap()));
    (
        exchange,
        base,
        expiry,
        strike,
        lot,
        freeze,
        0..3_u8,
        prop::option::of(0..9_u8),
    )
        .prop_map(
            |(exchange, base, expiry, strike, lot, freeze, kind, token)| {
                let made = match (exchange, kind) {
                    (Exchange::Nse, _) => share(exchange, base),
                    (_, 0) => future(exchange, base, expiry),
                    (_, 1) => option(base, expiry, strike, OptionRight::Call),
                    (..) => option(base, expiry, strike, OptionRight::Put),
                };
                Instrument {
                    lot_size: Quantity::try_new(lot).unwrap(),
                    freeze_quantity: freeze,
                    token: token.map(|token| token.to_string().parse().unwrap()),
                    ..made
                }
            },
        )
}

proptest! {
    /// Against a map, which is slow and obvious: of two of one name the later one counts.
    #[test]
    fn what_is_packed_comes_out_as_it_was(all in prop::collection::vec(any_instrument(), 0..60)) {
        let list = InstrumentList::pack(&all).unwrap();
        let expected: BTreeMap<_, _> = all.iter().map(|it| (it.key.clone(), it)).collect();
        prop_assert_eq!(list.len(), expected.len());
        let unpacked: Vec<_> = list.entries().filter_map(|entry| entry.to_instrument()).collect();
        prop_assert!(unpacked.iter().eq(expected.values().copied()));
        for (key, instrument) in &expected {
            prop_assert_eq!(&list.find(key).unwrap().to_instrument().unwrap(), *instrument);
        }
        for instrument in expected.values().filter(|it| it.key.exchange.is_derivative()) {
            let chain = list.chain(instrument.key.exchange, &instrument.name).unwrap();
            let contracts = chain.entries().filter(|entry| entry.key() == instrument.key);
            prop_assert_eq!(contracts.count(), 1);
        }
        let contracts = expected.values().filter(|it| it.expiry.is_some()).count();
        prop_assert_eq!(list.chains().map(|chain| chain.len()).sum::<usize>(), contracts);
    }
}
