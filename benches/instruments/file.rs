//! A file like that of a broker: as long, with shares, indices, futures and options.

use std::fmt::Write;

const HEADINGS: &str = "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,\
                        strike,tick_size,lot_size,instrument_type,segment,exchange";
const SHARES: u32 = 20_000;
/// Shares with futures and options.
const TRADED: u32 = 220;
const ROWS: u32 = 110_000;
const EXPIRIES: [(&str, &str); 3] = [
    ("2026-12-29", "26DEC"),
    ("2027-01-26", "27JAN"),
    ("2027-02-23", "27FEB"),
];

/// A list of 110,000 instruments, always the same.
pub(crate) fn text() -> String {
    let mut text = String::with_capacity(12 << 20);
    text.push_str(HEADINGS);
    let mut rows = Rows {
        text: &mut text,
        number: 0,
    };
    for index in ["NIFTY 50", "NIFTY BANK", "NIFTY NEXT 50"] {
        rows.add((index, index), ("", "0"), "0.05,1,EQ,INDICES,NSE");
    }
    for share in 0..SHARES {
        let exchange = if share % 2 == 0 { "NSE" } else { "BSE" };
        let (symbol, name) = (symbol(share / 2), name(share / 2));
        let rest = format!("0.05,1,EQ,{exchange},{exchange}");
        rows.add((&symbol, &name), ("", "0"), &rest);
    }
    let traded: Vec<_> = (0..TRADED).map(symbol).collect();
    let bases = ["NIFTY", "BANKNIFTY"]
        .into_iter()
        .chain(traded.iter().map(String::as_str));
    for base in bases.clone() {
        for (expiry, month) in EXPIRIES {
            let theirs = format!("{base}{month}FUT");
            rows.add((&theirs, base), (expiry, "0"), "0.05,75,FUT,NFO-FUT,NFO");
        }
    }
    let mut strikes = 0..;
    while rows.number < ROWS {
        let strike = 24_000 + strikes.next().unwrap_or(0) * 50;
        for base in bases.clone() {
            for (expiry, month) in EXPIRIES {
                for right in ["CE", "PE"] {
                    if rows.number < ROWS {
                        let theirs = format!("{base}{month}{strike}{right}");
                        let rest = format!("0.05,75,{right},NFO-OPT,NFO");
                        rows.add((&theirs, base), (expiry, &strike.to_string()), &rest);
                    }
                }
            }
        }
    }
    text
}

struct Rows<'t> {
    text: &'t mut String,
    number: u32,
}

impl Rows<'_> {
    fn add(&mut self, (symbol, name): (&str, &str), (expiry, strike): (&str, &str), rest: &str) {
        self.number += 1;
        let (feed, number) = (10_000_000 + self.number * 256, self.number);
        write!(
            self.text,
            "\n{feed},{number},{symbol},{name},0.0,{expiry},{strike},{rest}"
        )
        .unwrap();
    }
}

const BEGINNINGS: [&str; 16] = [
    "TATA", "RELI", "INFO", "HDFC", "BAJA", "MAHI", "SUNP", "KOTA", "AXIS", "WIPR", "ADAN", "ULTR",
    "NEST", "GRAS", "CIPL", "DIVI",
];
const ENDS: [&str; 8] = [
    "STEEL", "BANK", "MOTORS", "POWER", "CHEM", "FIN", "TECH", "FOODS",
];

fn symbol(number: u32) -> String {
    let (beginning, end) = words(number);
    format!("{beginning}{end}{number}")
}

fn name(number: u32) -> String {
    let (beginning, end) = words(number);
    let rests = [
        "INDUSTRIES",
        "LIMITED",
        "CORP",
        "SERVICES",
        "HOLDINGS",
        "EXPORTS",
        "MILLS",
        "LABS",
    ];
    let rest = rests
        .iter()
        .cycle()
        .nth(usize::try_from(number % 8).unwrap());
    format!("{beginning} {end} {} {number}", rest.unwrap())
}

fn words(number: u32) -> (&'static str, &'static str) {
    let pick = |words: &[&'static str], at: u32| {
        let places = words.iter().cycle();
        places
            .copied()
            .nth(usize::try_from(at % 97).unwrap())
            .unwrap()
    };
    (pick(&BEGINNINGS, number), pick(&ENDS, number / 16))
}
