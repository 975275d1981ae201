//! Tables at a terminal of eighty columns.

use crate::home::{Home, finish};

/// As long as symbols of options are.
const LONG: usize = 23;

fn narrow(home: &Home, line: &str) -> String {
    let mut command = home.own();
    command.env("COLUMNS", "80").args(line.split_whitespace());
    let run = finish(command, "");
    assert_eq!(run.code, 0, "{line}: {}", run.stderr);
    run.stdout
}

/// The option that is bought, with its lot.
fn option(home: &Home) -> (String, i64) {
    let found = home.json("symbols search BANKNIFTY CE --exchange NFO");
    let found = found.data();
    let mut options = found.as_array().unwrap().iter();
    let symbol = |it: &serde_json::Value| it["symbol"].as_str().unwrap().to_owned();
    let long = options.find(|it| symbol(it).len() >= LONG).unwrap();
    (symbol(long), long["lot_size"].as_i64().unwrap())
}

/// What a trader acts by is shown however long the symbol is, and no line is longer than the
/// terminal.
#[test]
fn what_matters_is_shown_in_eighty_columns() {
    let home = Home::with_data();
    let (symbol, lot) = option(&home);
    let order = format!("--symbol {symbol} --exchange NFO --quantity {lot}");
    for line in [
        format!("order place {order} --action BUY --product NRML"),
        format!(
            "order place {order} --action SELL --product NRML --price-type SL --price 1 \
             --trigger-price 1.5"
        ),
        format!(
            "order gtt place {order} --action SELL --below 1.5 --below-limit 1.25 --above 98000.25"
        ),
    ] {
        narrow(&home, &line);
    }
    let tables: [(&str, &[&str]); 6] = [
        (
            "order list",
            &["Order", "Side", "Filled", "Price", "Average", "Status"],
        ),
        ("order gtt list", &["GTT", "Side", "Qty", "Waits for"]),
        ("trades", &["Side", "Qty", "Price"]),
        ("positions", &["Product", "Net qty", "Average", "P&L"]),
        ("order close --all", &["Qty", "Order", "Outcome"]),
        ("paper movements", &["When", "What", "Units", "₹"]),
    ];
    let buy = format!("order place {order} --action BUY --product NRML");
    narrow(&home, &buy);
    for (line, columns) in tables {
        if line == "paper movements" {
            // A reset takes something away.
            narrow(&home, &buy);
            narrow(&home, "paper reset --yes");
        }
        let shown = narrow(&home, line);
        let header = shown.lines().next().unwrap();
        for column in columns {
            assert!(header.contains(column), "{line}: {column}\n{shown}");
        }
        let widest = shown.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(80), "{line}:\n{shown}");
    }
}
