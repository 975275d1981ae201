//! `openalgo chain`.

use super::named::{Of, day_words};
use super::{decimals, explained_json, percent, real};
use crate::error::CliError;
use crate::request::Style;
use crate::session::Session;
use crate::show::{Entry, Output, Plot, Sheet, clock_time, exact_time, number};
use crate::words::upper;
use openalgo::core::analytics::Explained;
use openalgo::core::market::Symbol;
use openalgo::core::value::{Percent, Price};
use openalgo::engine::service::{ChainQuery, ChainRow, ChainSide, OptionChain};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt::Write;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo chain NIFTY
  openalgo chain BANKNIFTY --expiry 29DEC26 --strikes 5
  openalgo chain NIFTY --smile
  openalgo chain RELIANCE --all --json

Calls are on the left, puts on the right; the strike nearest to the price of the
underlying is marked. Volatility and delta come from the last price by Black-76
on the forward price that the options at the money say; a dash stands for what
cannot be computed.";

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What the options are on, such as NIFTY
    #[arg(value_parser = upper::<Symbol>)]
    underlying: Symbol,
    #[command(flatten)]
    of: Of,
    /// So many strikes on either side of the money
    #[arg(long, default_value_t = 10)]
    strikes: usize,
    /// All strikes
    #[arg(long, conflicts_with = "strikes")]
    all: bool,
    /// Draw the volatilities by strike
    #[arg(long)]
    smile: bool,
    /// Yearly interest rate in per cent
    #[arg(long, default_value = "0")]
    rate: Percent,
}

pub(crate) async fn run(session: &Session<'_>, args: Args) -> Result<Output, CliError> {
    let (underlying, expiry) = args.of.find(session, &args.underlying).await?;
    let query = ChainQuery {
        underlying,
        expiry,
        strikes: (!args.all).then_some(args.strikes),
        greeks_at: Some(args.rate),
    };
    let chain = session.app()?.options().chain(&query).await?;
    let style = &session.style;
    let mut text = heading(&chain);
    text.push('\n');
    text.push_str(&if args.smile {
        smile(style, &chain)
    } else {
        table(style, &chain)
    });
    text.push('\n');
    text.push_str(&summary(&chain)?);
    Ok(Output::new(chain_json(&chain)?, text))
}

fn heading(chain: &OptionChain) -> String {
    let (name, quote) = (&chain.underlying.base, &chain.underlying.quote);
    let (ltp, days) = (quote.ltp, decimals(chain.life.days(), 1));
    let at = clock_time(chain.at);
    let (expiry, forward) = (day_words(chain.expiry), chain.forward);
    format!("{name} {ltp} at {at} IST; options of {expiry}, {days} days left, forward {forward}\n")
}

fn table(style: &Style, chain: &OptionChain) -> String {
    let columns = [
        "#OI", "#Delta", "#IV %", "#Call", "#Strike", "#Put", "#IV % ", "#Delta ", "#OI ",
    ];
    let spare = &["IV %", "IV % ", "Delta", "Delta ", "OI", "OI "];
    let mut sheet = Sheet::fitting(style, &columns).spare(spare);
    for row in &chain.rows {
        let [oi, delta, volatility, call] = cells(row.call.as_ref());
        let [put_oi, put_delta, put_volatility, put] = cells(row.put.as_ref());
        let mark = if row.strike == chain.at_the_money {
            "▸ "
        } else {
            ""
        };
        let strike = Entry::new(format!("{mark}{}", row.strike));
        sheet.row([
            oi,
            delta,
            volatility,
            call,
            strike,
            put,
            put_volatility,
            put_delta,
            put_oi,
        ]);
    }
    sheet.or("No strikes.")
}

fn cells(side: Option<&ChainSide>) -> [Entry; 4] {
    let dash = || "-".to_owned();
    let oi = side.and_then(|side| side.quote.as_ref()?.oi);
    let says = side.and_then(|side| side.says);
    let ltp = side.and_then(ChainSide::ltp);
    [
        oi.map_or_else(dash, |oi| oi.to_string()),
        says.map_or_else(dash, |says| decimals(says.greeks.delta, 2)),
        says.map_or_else(dash, |says| decimals(percent(says.volatility), 2)),
        ltp.map_or_else(dash, |ltp| ltp.to_string()),
    ]
    .map(Entry::new)
}

/// The volatility of a strike: that of the option out of the money, whose price holds no exercise.
fn volatility(chain: &OptionChain, row: &ChainRow) -> Option<f64> {
    let says = |side: &Option<ChainSide>| side.as_ref().and_then(|side| side.says);
    let (out, other) = if row.strike < chain.forward {
        (says(&row.put), says(&row.call))
    } else {
        (says(&row.call), says(&row.put))
    };
    let volatility = |says: Explained| percent(says.volatility);
    out.or(other).map(volatility)
}

fn smile(style: &Style, chain: &OptionChain) -> String {
    let points: Vec<_> = chain
        .rows
        .iter()
        .filter_map(|row| Some((row.strike, volatility(chain, row)?)))
        .collect();
    let strike = |point: Option<&(Price, f64)>| point.map(|(strike, _)| strike.to_string());
    let (Some(first), Some(last)) = (strike(points.first()), strike(points.last())) else {
        return "No volatility can be computed.\n".to_owned();
    };
    let figures: Vec<f64> = points.iter().map(|(_, volatility)| *volatility).collect();
    let plot = Plot::of_line(style, &figures);
    let label = |volatility: f64| format!("{} %", decimals(volatility, 1));
    format!(
        "Volatility by strike:\n\n{}",
        plot.draw(label, &[&first, &last])
    )
}

fn summary(chain: &OptionChain) -> Result<String, CliError> {
    let open = chain.open_interest();
    let dash = || "-".to_owned();
    let ratio = open
        .put_call_ratio()?
        .map_or_else(dash, |ratio| ratio.to_string());
    let pain = open.max_pain()?.map_or_else(dash, |pain| pain.to_string());
    let straddle = chain
        .straddle()
        .map_or_else(dash, |price| price.to_string());
    let money = chain.money().and_then(|row| volatility(chain, row));
    let money = money.map_or_else(dash, |volatility| format!("{} %", decimals(volatility, 2)));
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _always = writeln!(
        text,
        "Straddle {straddle}, volatility at the money {money}, put-call ratio {ratio}, max pain {pain}"
    );
    if chain.rows.len() < chain.listed {
        let _always = writeln!(
            text,
            "Ratio and max pain are of the {} strikes shown, of {}; --all shows all.",
            chain.rows.len(),
            chain.listed
        );
    }
    Ok(text)
}

fn chain_json(chain: &OptionChain) -> Result<Value, CliError> {
    let open = chain.open_interest();
    let rows = chain.rows.iter().map(|row| {
        let [call, put] = [&row.call, &row.put].map(|side| side.as_ref().map(side_json));
        json!({"strike": number(row.strike), "call": call, "put": put})
    });
    let quote = &chain.underlying.quote;
    Ok(json!({
        "underlying": chain.underlying.base,
        "quoted_as": quote.instrument.to_string(),
        "ltp": number(quote.ltp),
        "exchange": chain.underlying.options_on,
        "expiry": chain.expiry.to_string(),
        "days_left": real(chain.life.days(), 4),
        "at": exact_time(chain.at),
        "forward": number(chain.forward),
        "at_the_money": number(chain.at_the_money),
        "straddle": chain.straddle().map(number),
        "put_call_ratio": open.put_call_ratio()?.map(number),
        "max_pain": open.max_pain()?.map(number),
        "strikes_listed": chain.listed,
        "rows": rows.collect::<Vec<_>>(),
    }))
}

fn side_json(side: &ChainSide) -> Value {
    let mut fields = explained_json(side.says);
    let quote = side.quote.as_ref();
    for (name, value) in [
        ("symbol", json!(side.instrument.key.symbol)),
        ("label", json!(side.label)),
        ("ltp", json!(side.ltp().map(number))),
        ("bid", json!(quote.and_then(|quote| quote.bid).map(number))),
        ("ask", json!(quote.and_then(|quote| quote.ask).map(number))),
        ("volume", json!(quote.map(|quote| quote.volume))),
        ("oi", json!(quote.and_then(|quote| quote.oi))),
        ("lot_size", json!(side.instrument.lot_size)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    Value::Object(fields)
}
