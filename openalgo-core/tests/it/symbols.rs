//! The symbol grammar, over every row of a recorded instrument file.

use chrono::NaiveDate;
use openalgo_core::market::{Contract, Exchange, OptionRight, Symbol, SymbolError};
use openalgo_core::value::Price;
use proptest::prelude::*;

/// A row of Kite's instrument dump, as far as symbols need it.
struct Row {
    symbol: String,
    name: String,
    expiry: Option<NaiveDate>,
    strike: String,
    kind: String,
    exchange: String,
    segment: String,
}

fn rows(path: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let columns = reader.headers().unwrap().clone();
    let at = |name: &str| columns.iter().position(|column| column == name).unwrap();
    let place = [
        "tradingsymbol",
        "name",
        "expiry",
        "strike",
        "instrument_type",
        "exchange",
    ]
    .map(at);
    let segment = at("segment");
    let row = |record: csv::StringRecord| Row {
        symbol: record[place[0]].to_owned(),
        name: record[place[1]].to_owned(),
        expiry: record[place[2]].parse().ok(),
        strike: record[place[3]].to_owned(),
        kind: record[place[4]].to_owned(),
        exchange: record[place[5]].to_owned(),
        segment: record[segment].to_owned(),
    };
    reader
        .records()
        .map(|record| row(record.unwrap()))
        .collect()
}

/// The contract that a row describes. Where a row has no name, its trading symbol serves.
fn contract(row: &Row) -> (Exchange, Contract) {
    let exchange: Exchange = row.exchange.parse().unwrap();
    let named = if row.name.is_empty() {
        &row.symbol
    } else {
        &row.name
    };
    let base = |text: &str| text.replace(' ', "").to_uppercase().into_boxed_str();
    match (row.kind.as_str(), row.expiry) {
        ("FUT", Some(expiry)) => (
            exchange,
            Contract::Future {
                base: base(named),
                expiry,
            },
        ),
        (right @ ("CE" | "PE"), Some(expiry)) => {
            let strike: Price = row.strike.parse().unwrap();
            let right: OptionRight = right.parse().unwrap();
            (
                exchange,
                Contract::Option {
                    base: base(named),
                    expiry,
                    strike,
                    right,
                },
            )
        }
        _ if row.segment == "INDICES" => {
            let exchange = if exchange == Exchange::Bse {
                Exchange::BseIndex
            } else {
                Exchange::NseIndex
            };
            (
                exchange,
                Contract::Index {
                    name: base(&row.symbol),
                },
            )
        }
        _ => (
            exchange,
            Contract::Cash {
                base: base(&row.symbol),
            },
        ),
    }
}

fn files() -> Vec<String> {
    let recorded = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/instruments.csv").to_owned();
    let more = std::env::var("OPENALGO_INSTRUMENT_FILES").unwrap_or_default();
    std::iter::once(recorded)
        .chain(more.split(':').filter(|f| !f.is_empty()).map(str::to_owned))
        .collect()
}

#[test]
fn symbols_of_every_recorded_row_read_back() {
    for file in files() {
        let rows = rows(&file);
        assert!(!rows.is_empty(), "{file} has no rows");
        for row in &rows {
            let (exchange, described) = contract(row);
            let symbol = described.to_symbol().unwrap();
            let read = Contract::parse(exchange, &symbol).unwrap();
            assert_eq!(read, described, "{symbol} of {file}");
            assert_eq!(read.to_symbol().unwrap(), symbol);
        }
        println!("{} symbols of {file} read back", rows.len());
    }
}

fn parse(exchange: Exchange, text: &str) -> Result<Contract, SymbolError> {
    Contract::parse(exchange, &Symbol::try_new(text).unwrap())
}

#[track_caller]
fn assert_option(exchange: Exchange, text: &str, expected: (&str, &str, &str, OptionRight)) {
    let (base, date, strike, right) = expected;
    let expiry = date.parse().unwrap();
    let strike = strike.parse().unwrap();
    let expected = Contract::Option {
        base: base.into(),
        expiry,
        strike,
        right,
    };
    assert_eq!(parse(exchange, text).unwrap(), expected);
}

#[test]
fn the_examples_of_the_reference_are_read_as_it_says() {
    let (call, put) = (OptionRight::Call, OptionRight::Put);
    assert_option(
        Exchange::Nfo,
        "NIFTY28MAR2420800CE",
        ("NIFTY", "2024-03-28", "20800", call),
    );
    assert_option(
        Exchange::Nfo,
        "VEDL25APR24292.5CE",
        ("VEDL", "2024-04-25", "292.5", call),
    );
    assert_option(
        Exchange::Cds,
        "USDINR19APR2482CE",
        ("USDINR", "2024-04-19", "82", call),
    );
    assert_option(
        Exchange::Mcx,
        "CRUDEOIL17APR246750CE",
        ("CRUDEOIL", "2024-04-17", "6750", call),
    );
    assert_option(
        Exchange::Cds,
        "726GS203225APR2497PE",
        ("726GS2032", "2024-04-25", "97", put),
    );
    let expiry = "2024-04-25".parse().unwrap();
    let future = Contract::Future {
        base: "726GS2033".into(),
        expiry,
    };
    assert_eq!(parse(Exchange::Cds, "726GS203325APR24FUT").unwrap(), future);
    let perpetual = Contract::Perpetual {
        base: "BTCUSD".into(),
    };
    assert_eq!(parse(Exchange::Crypto, "BTCUSDFUT").unwrap(), perpetual);
    assert_eq!(parse(Exchange::Crypto, "BTCINR").unwrap().base(), "BTCINR");
}

#[test]
fn a_share_whose_name_ends_like_an_option_is_a_share() {
    let share = Contract::Cash {
        base: "RELIANCE".into(),
    };
    assert_eq!(parse(Exchange::Nse, "RELIANCE").unwrap(), share);
}

#[test]
fn what_is_no_contract_is_refused_on_a_derivative_exchange() {
    let not = [
        "NIFTY",
        "RELIANCE",
        "FUT",
        "CE",
        "NIFTY32JAN24FUT",
        "NIFTY29FEB23FUT",
        "NIFTY28MAR24CE",
        "28MAR2420800CE",
        "NIFTY28MAR240CE",
        "NIFTY28MAR2420800.0CE",
        "NIFTY28MAR24020800CE",
        "NIFTY28MAR2420800.50CE",
    ];
    for text in not {
        let refused = parse(Exchange::Nfo, text);
        assert!(
            matches!(refused, Err(SymbolError::NotAContract { .. })),
            "{text}: {refused:?}"
        );
    }
}

#[test]
fn symbols_are_upper_case_without_blanks() {
    for text in [
        "",
        "reliance",
        "NIFTY 50",
        "NSE:TCS",
        "TCS\n",
        "₹",
        &"A".repeat(65),
    ] {
        assert!(Symbol::try_new(text).is_err(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn every_contract_reads_back(
        base in "[A-Z0-9&-]{1,12}",
        days in 0..36_500_u64,
        cents in 1..10_000_000_i64,
        call: bool,
    ) {
        let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
        let expiry = first.checked_add_days(chrono::Days::new(days)).unwrap();
        let future = Contract::Future { base: base.clone().into(), expiry };
        prop_assert_eq!(&parse(Exchange::Nfo, &future.to_string()).unwrap(), &future);
        let strike: Price = format!("{}.{:02}", cents / 100, cents % 100).parse().unwrap();
        let right = if call { OptionRight::Call } else { OptionRight::Put };
        let option = Contract::Option { base: base.into(), expiry, strike, right };
        prop_assert_eq!(&parse(Exchange::Nfo, &option.to_string()).unwrap(), &option);
    }

    #[test]
    fn no_symbol_makes_the_parser_panic(text in "[!-~]{0,70}") {
        if let Ok(symbol) = Symbol::try_new(&text) {
            for exchange in Exchange::ALL {
                let _contract = Contract::parse(*exchange, &symbol);
            }
        }
    }
}
