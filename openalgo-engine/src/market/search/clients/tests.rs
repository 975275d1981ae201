//! What is found by three characters is what looking at everything finds.

use super::*;
use openalgo_core::market::{
    BrokerWords, Instrument, InstrumentKey, InstrumentKind, InstrumentListBuilder,
};
use openalgo_core::value::{Quantity, Tick};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// The rules as they are said: every word in every text of every instrument.
fn slowly<'l>(
    list: &'l InstrumentList,
    (query, exchange): (&str, Option<Exchange>),
    most: usize,
) -> Vec<InstrumentEntry<'l>> {
    let query = query.trim().to_ascii_uppercase();
    let terms: Vec<Term> = query.split_whitespace().map(Term::new).collect();
    let Some(first) = terms.first().map(|term| term.text.as_str()) else {
        return Vec::new();
    };
    let is_wanted = |entry: &InstrumentEntry<'_>| {
        exchange.is_none_or(|wanted| wanted == entry.exchange())
            && terms.iter().all(|term| term.occurs(entry))
    };
    let mut found: Vec<_> = list.entries().filter(is_wanted).collect();
    found.sort_by_key(|entry| {
        let symbol = entry.symbol();
        let rank = match symbol.find(first) {
            _ if symbol == query => 0,
            Some(0) => 1,
            Some(_) => 2,
            None => 3,
        };
        (rank, symbol.len(), symbol, entry.exchange())
    });
    found.truncate(most);
    found
}

/// Few letters, so that much is alike.
#[derive(Debug, Clone)]
struct Row {
    exchange: Exchange,
    symbol: String,
    name: String,
    theirs: String,
    token: Option<String>,
    strike: Option<Price>,
}

fn row() -> impl Strategy<Value = Row> {
    let exchanges = [
        Exchange::Nse,
        Exchange::Bse,
        Exchange::Nfo,
        Exchange::Crypto,
    ];
    let strikes = ["100", "12", "12.5", "212"].map(|strike| strike.parse().unwrap());
    let texts = (
        "[AB1&-]{1,5}",
        "[ABab1é ._-]{0,6}",
        "[ABab12 ]{0,5}",
        proptest::option::of("[12:]{1,5}"),
    );
    (
        select(exchanges.to_vec()),
        texts,
        proptest::option::of(select(strikes.to_vec())),
    )
        .prop_map(|(exchange, (symbol, name, theirs, token), strike)| Row {
            exchange,
            symbol,
            name,
            theirs,
            token,
            strike,
        })
}

fn list(rows: &[Row]) -> InstrumentList {
    let mut builder = InstrumentListBuilder::default();
    for row in rows {
        let instrument = Instrument {
            key: InstrumentKey::new(row.exchange, row.symbol.parse().unwrap()),
            name: row.name.as_str().into(),
            kind: InstrumentKind::Equity,
            expiry: None,
            strike: row.strike,
            lot_size: Quantity::ONE,
            tick: Tick::try_new("0.05".parse().unwrap()).unwrap(),
            token: row.token.as_ref().map(|token| token.parse().unwrap()),
            freeze_quantity: None,
        };
        let words = BrokerWords {
            symbol: &row.theirs,
            exchange: "",
        };
        builder.push(&instrument, words).unwrap();
    }
    builder.finish()
}

fn exchange() -> impl Strategy<Value = Option<Exchange>> {
    let some = select(vec![Exchange::Nse, Exchange::Nfo, Exchange::Mcx]);
    proptest::option::of(some)
}

proptest! {
    #[test]
    fn what_is_found_is_what_looking_at_everything_finds(
        rows in vec(row(), 0..200),
        queries in vec(("[ABab12é&:. -]{0,6}( [AB12]{1,3})?", exchange(), 1..40_usize), 1..30),
    ) {
        let list = list(&rows);
        let clients = Clients::new(&list);
        for (query, exchange, most) in queries {
            let keys = |found: Vec<InstrumentEntry<'_>>| -> Vec<_> {
                found.iter().map(InstrumentEntry::key).collect()
            };
            let asked = (query.as_str(), exchange);
            let found = keys(clients.find(&list, asked, most));
            prop_assert_eq!(found, keys(slowly(&list, asked, most)), "{:?}", asked);
        }
    }
}

/// Enough of them that gaps take two bytes and what is everywhere is kept as bits.
#[test]
fn what_is_rare_and_what_is_everywhere_is_found_among_many() {
    let row = |number: usize| Row {
        exchange: if number.is_multiple_of(3) {
            Exchange::Nse
        } else {
            Exchange::Bse
        },
        symbol: format!("SHARE{number}"),
        name: if number.is_multiple_of(700) {
            "Rare Metals"
        } else {
            "Share"
        }
        .to_owned(),
        theirs: format!("Series {}", number % 11),
        token: Some(format!("{}", number * 7_919)),
        strike: None,
    };
    let list = list(&(0..5_000).map(row).collect::<Vec<_>>());
    let clients = Clients::new(&list);
    let asked = [
        "rare",
        "SHARE",
        "s",
        "e1",
        "42",
        "metals 7",
        "series 10",
        "79190",
        "SHARE4999",
        "nothing",
        "share share share 9",
        "4 9 2",
    ];
    for query in asked {
        for exchange in [None, Some(Exchange::Nse), Some(Exchange::Mcx)] {
            let found = clients.find(&list, (query, exchange), MOST);
            let wanted = slowly(&list, (query, exchange), MOST);
            let keys = |found: &[InstrumentEntry<'_>]| -> Vec<_> {
                found.iter().map(InstrumentEntry::key).collect()
            };
            assert_eq!(keys(&found), keys(&wanted), "{query} {exchange:?}");
        }
    }
    assert_eq!(clients.find(&list, ("rare", None), MOST).len(), 8);
}
