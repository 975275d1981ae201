//! What traders type, and how long the slowest of it takes.

use crate::samples::timed;
use openalgo::core::market::InstrumentEntry;
use openalgo::engine::market::InstrumentIndex;
use std::hint::black_box;
use std::time::Duration;

/// A few of everything: options, futures, names, beginnings, slips, and what is not there.
const QUERIES: [&str; 20] = [
    "NIFTY 26100 CE",
    "nifty dec fut",
    "banknifty 29 dec 24000 pe",
    "nifty",
    "nifty 50",
    "tata",
    "tata steel",
    "reli",
    "hdfc bank 24000 ce",
    "bank",
    "in",
    "n",
    "industries",
    "TATASTEEL0",
    "NIFTY29DEC2626100CE",
    "bnaknifty jan fut",
    "hdfcbnak",
    "26100 ce",
    "zzzzzz",
    "10000256::::1",
];
/// How often each is asked.
const ROUNDS: usize = 50;

pub(crate) fn run(index: &InstrumentIndex) {
    // What a misspelt word is compared with is made once.
    drop(black_box(index.search("nfity", None, 20)));
    // So are three characters of everything, for the rules of the API.
    let made = timed(|| drop(black_box(index.search_as_clients_do("nifty", None))));
    println!("the first search by the rules of the API, which makes their index: {made:?}");
    let traders = times(|query| drop(black_box(index.search(query, None, 20))));
    let clients = times(|query| drop(black_box(index.search_as_clients_do(query, None))));
    let scanned = times(|query| {
        let word = query
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let has = |entry: &InstrumentEntry<'_>| entry.symbol().contains(&word);
        black_box(index.list().entries().filter(has).count());
    });
    show("search, p99; budget 1 ms", (&traders, &scanned));
    show("search by the rules of the API, p99", (&clients, &scanned));
    let median = |times: &[Duration]| times.get(times.len() / 2).copied().unwrap();
    println!(
        "  medians: search {:?}, by the rules of the API {:?}; yardstick: one word in every symbol",
        median(&traders),
        median(&clients)
    );
}

/// The times of all queries, the shortest first.
fn times(mut search: impl FnMut(&str)) -> Vec<Duration> {
    let rounds = (0..ROUNDS).flat_map(|_| QUERIES);
    let mut times: Vec<_> = rounds.map(|query| timed(|| search(query))).collect();
    times.sort_unstable();
    times
}

fn show(name: &str, (ours, yardstick): (&[Duration], &[Duration])) {
    let p99 = |times: &[Duration]| {
        let place = times.len().saturating_mul(99) / 100;
        times.get(place).copied().unwrap()
    };
    let (ours, yardstick) = (p99(ours), p99(yardstick));
    let ratio = ours.as_secs_f64() / yardstick.as_secs_f64();
    println!("{name:<45} {ours:>12.1?} {yardstick:>12.1?} {ratio:>7.2}");
}
