//! What traders type, and what they get.

use crate::market::InstrumentIndex;
use chrono::NaiveDate;
use openalgo_core::market::{
    BrokerWords, Contract, Exchange, Instrument, InstrumentKey, InstrumentKind,
    InstrumentListBuilder, OptionRight,
};
use openalgo_core::value::{Price, Quantity, Tick};

const TODAY: &str = "2026-11-27";
/// The expiries of an index: weekly, then monthly; the first one is over.
const EXPIRIES: [&str; 5] = [
    "2026-11-24",
    "2026-12-01",
    "2026-12-08",
    "2026-12-29",
    "2027-01-26",
];

#[derive(Default)]
struct List(InstrumentListBuilder);

impl List {
    fn add(&mut self, exchange: Exchange, symbol: &str, (name, theirs): (&str, &str)) {
        let instrument = plain(exchange, symbol, name);
        let words = BrokerWords {
            symbol: theirs,
            exchange: "",
        };
        self.0.push(&instrument, words).unwrap();
    }

    fn share(&mut self, symbol: &str, name: &str) {
        for exchange in [Exchange::Nse, Exchange::Bse] {
            self.add(exchange, symbol, (name, symbol));
        }
    }

    fn contract(&mut self, exchange: Exchange, contract: &Contract) {
        let symbol = contract.to_symbol().unwrap();
        let mut instrument = plain(exchange, symbol.as_str(), contract.base());
        match contract {
            Contract::Option {
                expiry,
                strike,
                right,
                ..
            } => {
                instrument.expiry = Some(*expiry);
                instrument.strike = Some(*strike);
                instrument.kind = match right {
                    OptionRight::Call => InstrumentKind::Call,
                    OptionRight::Put => InstrumentKind::Put,
                };
            }
            Contract::Future { expiry, .. } => {
                instrument.expiry = Some(*expiry);
                instrument.kind = InstrumentKind::Future;
            }
            Contract::Cash { .. } | Contract::Index { .. } | Contract::Perpetual { .. } => {
                panic!("{contract:?} never expires")
            }
        }
        instrument.token = Some(format!("{symbol}::90").parse().unwrap());
        self.0.push(&instrument, BrokerWords::default()).unwrap();
    }

    fn futures(&mut self, exchange: Exchange, base: &str) {
        for expiry in ["2026-12-29", "2027-01-26"] {
            let expiry = expiry.parse().unwrap();
            self.contract(
                exchange,
                &Contract::Future {
                    base: base.into(),
                    expiry,
                },
            );
        }
    }

    fn options(
        &mut self,
        base: &str,
        expiries: &[&str],
        strikes: &(impl Iterator<Item = u32> + Clone),
    ) {
        for expiry in expiries {
            for strike in strikes.clone() {
                for right in [OptionRight::Call, OptionRight::Put] {
                    let option = Contract::Option {
                        base: base.into(),
                        expiry: expiry.parse().unwrap(),
                        strike: strike.to_string().parse::<Price>().unwrap(),
                        right,
                    };
                    self.contract(Exchange::Nfo, &option);
                }
            }
        }
    }
}

fn plain(exchange: Exchange, symbol: &str, name: &str) -> Instrument {
    let kind = if exchange.is_index() {
        InstrumentKind::Index
    } else {
        InstrumentKind::Equity
    };
    Instrument {
        key: InstrumentKey::new(exchange, symbol.parse().unwrap()),
        name: name.into(),
        kind,
        expiry: None,
        strike: None,
        lot_size: Quantity::ONE,
        tick: Tick::try_new("0.05".parse().unwrap()).unwrap(),
        token: None,
        freeze_quantity: None,
    }
}

fn index() -> InstrumentIndex {
    let mut list = List::default();
    for (symbol, name) in [
        ("RELIANCE", "RELIANCE INDUSTRIES"),
        ("RELAXO", "RELAXO FOOTWEARS"),
        ("TATASTEEL", "TATA STEEL"),
        ("TCS", "TATA CONSULTANCY SERV LT"),
        ("SBIN", "STATE BANK OF INDIA"),
        ("INFY", "INFOSYS"),
        ("M&M", "MAHINDRA & MAHINDRA"),
        ("BANKINDIA", "BANK OF INDIA"),
        ("MAPMYINDIA", "CE INFO SYSTEMS"),
        ("NIFTYBEES", "NIP IND ETF NIFTY BEES"),
    ] {
        list.share(symbol, name);
    }
    for (symbol, theirs) in [
        ("NIFTY", "NIFTY 50"),
        ("NIFTYNXT50", "NIFTY NEXT 50"),
        ("BANKNIFTY", "NIFTY BANK"),
        ("NIFTYIT", "NIFTY IT"),
    ] {
        list.add(Exchange::NseIndex, symbol, (theirs, theirs));
    }
    for base in ["NIFTY", "BANKNIFTY", "NIFTYNXT50", "RELIANCE", "INFY"] {
        list.futures(Exchange::Nfo, base);
    }
    for base in ["GOLD", "GOLDM", "GOLDPETAL"] {
        list.futures(Exchange::Mcx, base);
    }
    list.options("NIFTY", &EXPIRIES, &(25_000..27_000).step_by(50));
    list.options("BANKNIFTY", &["2026-12-29"], &(25_000..28_000).step_by(50));
    list.options("RELIANCE", &["2026-12-29"], &(1_200..1_600).step_by(20));
    InstrumentIndex::new(list.0.finish(), TODAY.parse().unwrap())
}

#[track_caller]
fn first(query: &str, expected: &[&str]) {
    let found = index().search(query, None, 50);
    let mut found: Vec<_> = found.iter().map(|hit| hit.key.to_string()).collect();
    found.truncate(expected.len());
    assert_eq!(found, expected, "{query}");
}

#[test]
fn an_option_is_found_by_underlying_strike_and_kind_the_nearest_expiry_first() {
    let calls = [
        "NFO:NIFTY01DEC2626100CE",
        "NFO:NIFTY08DEC2626100CE",
        "NFO:NIFTY29DEC2626100CE",
    ];
    first("NIFTY 26100 CE", &calls);
    first("nifty 26100ce", &calls);
    first("26100 call nifty", &calls);
    // Of the bank's index, only after all of what was named.
    let found = index().search("nifty 26100 ce", None, 50);
    let bases: Vec<_> = found.iter().map(|hit| &*hit.name).collect();
    assert_eq!(bases, ["NIFTY", "NIFTY", "NIFTY", "NIFTY", "BANKNIFTY"]);
    first("reliance 1300 pe", &["NFO:RELIANCE29DEC261300PE"]);
    first("bank nifty 26000 pe", &["NFO:BANKNIFTY29DEC2626000PE"]);
    first("26100 ce", &["NFO:NIFTY01DEC2626100CE"]);
}

#[test]
fn what_has_expired_is_not_found() {
    let found = index().search("NIFTY 26100 PE", Some(Exchange::Nfo), 50);
    let today: NaiveDate = TODAY.parse().unwrap();
    assert!(
        found.iter().all(|hit| hit.expiry.unwrap() >= today),
        "{found:?}"
    );
    assert!(index().search("NIFTY24NOV2626100PE", None, 5).is_empty());
}

#[test]
fn a_contract_is_found_by_its_month() {
    first("nifty dec fut", &["NFO:NIFTY29DEC26FUT"]);
    first("nifty jan 2027 fut", &["NFO:NIFTY26JAN27FUT"]);
    first("nifty 8 dec 26100 pe", &["NFO:NIFTY08DEC2626100PE"]);
    first("nifty 08dec26 26100 pe", &["NFO:NIFTY08DEC2626100PE"]);
    first(
        "gold fut",
        &[
            "MCX:GOLD29DEC26FUT",
            "MCX:GOLD26JAN27FUT",
            "MCX:GOLDM29DEC26FUT",
        ],
    );
    first("infosys fut", &["NFO:INFY29DEC26FUT", "NFO:INFY26JAN27FUT"]);
}

#[test]
fn an_underlying_comes_with_its_futures_and_the_options_around_the_middle_last() {
    let found = index().search("nifty", None, 200);
    let keys: Vec<_> = found.iter().map(|hit| hit.key.to_string()).collect();
    let first = [
        "NSE_INDEX:NIFTY",
        "NFO:NIFTY29DEC26FUT",
        "NFO:NIFTY26JAN27FUT",
    ];
    assert_eq!(keys[..3], first);
    let option = found.iter().position(|hit| hit.strike.is_some()).unwrap();
    assert!(found[option..].iter().all(|hit| hit.strike.is_some()));
    assert!(keys[..option].contains(&"NSE:NIFTYBEES".to_owned()));
    assert_eq!(keys[option], "NFO:NIFTY01DEC2626000CE");
}

#[test]
fn symbols_come_before_names_and_what_is_traded_much_before_the_rest() {
    first("tata", &["NSE:TATASTEEL", "BSE:TATASTEEL", "NSE:TCS"]);
    first(
        "rel",
        &["NSE:RELIANCE", "BSE:RELIANCE", "NFO:RELIANCE29DEC26FUT"],
    );
    first("TCS", &["NSE:TCS", "BSE:TCS"]);
}

#[test]
fn a_letter_or_two_find_what_begins_with_them() {
    first("r", &["NSE:RELIANCE", "BSE:RELIANCE"]);
    first("tc", &["NSE:TCS", "BSE:TCS"]);
    // Bank of India, by its name; what has the letters inside only is not found.
    let found = index().search("ba", None, 50);
    assert!(
        found
            .iter()
            .all(|hit| hit.key.symbol.as_str().starts_with("BA")),
        "{found:?}"
    );
}

#[test]
fn companies_and_indices_are_found_by_their_names() {
    first("state bank", &["NSE:SBIN", "BSE:SBIN"]);
    first("infosys", &["NSE:INFY", "BSE:INFY"]);
    first("nifty 50", &["NSE_INDEX:NIFTY"]);
    first("nifty bank", &["NSE_INDEX:BANKNIFTY"]);
    first("bank nifty", &["NSE_INDEX:BANKNIFTY"]);
    first("nifty next 50", &["NSE_INDEX:NIFTYNXT50"]);
    first("m&m", &["NSE:M&M"]);
    first("mahindra", &["NSE:M&M"]);
    // A company whose name holds a word for calls.
    first("ce info", &["NSE:MAPMYINDIA", "BSE:MAPMYINDIA"]);
}

#[test]
fn every_word_must_occur() {
    assert!(index().search("bank france", None, 10).is_empty());
    assert!(index().search("  ", None, 10).is_empty());
    assert!(index().search("nifty", None, 0).is_empty());
    assert!(index().search("\u{130}\t\0 'x", None, 10).is_empty());
}

#[test]
fn a_misspelt_word_is_taken_for_the_nearest_one() {
    first("relaince", &["NSE:RELIANCE"]);
    first("tatasteal", &["NSE:TATASTEEL"]);
    first("infosis", &["NSE:INFY"]);
    first("bnaknifty 26000 ce", &["NFO:BANKNIFTY29DEC2626000CE"]);
    first("nfity dec fut", &["NFO:NIFTY29DEC26FUT"]);
    first("mahindr", &["NSE:M&M"]);
}

#[test]
fn a_whole_symbol_its_beginning_and_a_token_find_it() {
    first("NIFTY01DEC2626100CE", &["NFO:NIFTY01DEC2626100CE"]);
    first("nifty29dec26f", &["NFO:NIFTY29DEC26FUT"]);
    first("GOLD29DEC26FUT::90", &["MCX:GOLD29DEC26FUT"]);
}

#[test]
fn only_the_exchange_that_was_asked_for_is_searched() {
    let found = index().search("reliance", Some(Exchange::Bse), 10);
    let keys: Vec<_> = found.iter().map(|hit| hit.key.to_string()).collect();
    assert_eq!(keys, ["BSE:RELIANCE"]);
}

/// The rules of the API: any field, shorter symbols first, no more than 500.
#[test]
fn clients_find_as_they_know_it() {
    let index = index();
    let keys = |query: &str, exchange| -> Vec<String> {
        let found = index.search_as_clients_do(query, exchange);
        found.iter().map(|hit| hit.key().to_string()).collect()
    };
    assert_eq!(keys("NIFTY", None).len(), 500);
    assert_eq!(
        keys("nifty", None)[..2],
        ["NSE_INDEX:NIFTY", "NSE_INDEX:NIFTYIT"]
    );
    assert_eq!(keys("nifty 26100", Some(Exchange::Nfo)).len(), 12);
    assert_eq!(
        keys("NIFTY 50", Some(Exchange::NseIndex))[0],
        "NSE_INDEX:NIFTY"
    );
    assert_eq!(keys("infosys", None), ["NSE:INFY", "BSE:INFY"]);
    assert_eq!(keys("relaince", None), Vec::<String>::new());
    assert_eq!(keys(" ", None), Vec::<String>::new());
}
