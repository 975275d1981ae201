//! `openalgo greeks`.

use super::{decimals, explained_json, percent, real};
use crate::error::CliError;
use crate::session::Session;
use crate::show::{Output, fields, number};
use crate::words::{InstrumentName, upper};
use openalgo::core::analytics::Explained;
use openalgo::core::market::{Exchange, InstrumentKey, TimeOfDay};
use openalgo::core::value::{Percent, Price};
use openalgo::engine::service::{GreeksQuery, OptionGreeks, PriceSays};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo greeks NIFTY01DEC2626100CE
  openalgo greeks NIFTY01DEC2626100CE --rate 6.5
  openalgo greeks BFO:SENSEX03DEC2685200PE --json

By Black-76, on the forward price that call and put at the money say, or on
--forward. Theta is per calendar day, vega and rho per percentage point.";

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Symbol of the option, or EXCHANGE:SYMBOL
    symbol: InstrumentName,
    /// Its exchange [default: NFO]
    #[arg(long, value_parser = upper::<Exchange>)]
    exchange: Option<Exchange>,
    /// Yearly interest rate in per cent
    #[arg(long, default_value = "0")]
    rate: Percent,
    /// What the underlying costs on the last day
    #[arg(long)]
    forward: Option<Price>,
    /// When the option ends on its last day, such as 15:30 [default: that of its exchange]
    #[arg(long, value_name = "HH:MM")]
    ends_at: Option<TimeOfDay>,
}

pub(crate) async fn run(session: &Session<'_>, args: Args) -> Result<Output, CliError> {
    let InstrumentName { exchange, symbol } = args.symbol;
    let exchange = args.exchange.or(exchange).unwrap_or(Exchange::Nfo);
    let query = GreeksQuery {
        rate: args.rate,
        forward: args.forward,
        ends_at: args.ends_at,
        ..GreeksQuery::of(InstrumentKey::new(exchange, symbol))
    };
    let option = session.app()?.options().greeks(&query).await?;
    Ok(Output::new(to_json(&option), text(&option)))
}

fn text(option: &OptionGreeks) -> String {
    let days = decimals(option.life.days(), 2);
    let mut rows = vec![
        ("Option", option.option.to_string()),
        ("Price", option.price.to_string()),
        ("Strike", option.strike.to_string()),
        ("Forward", option.forward.to_string()),
        (
            "Expiry",
            format!("{} ({days} days left)", option.expiry.format("%d %b %Y")),
        ),
    ];
    match option.says {
        PriceSays::Volatility(Explained { volatility, greeks }) => rows.extend([
            (
                "Volatility",
                format!("{} %", decimals(percent(volatility), 2)),
            ),
            ("Delta", decimals(greeks.delta, 4)),
            ("Gamma", decimals(greeks.gamma, 6)),
            ("Theta", format!("{} a day", decimals(greeks.theta, 4))),
            (
                "Vega",
                format!("{} a point of volatility", decimals(greeks.vega, 4)),
            ),
            (
                "Rho",
                format!("{} a point of interest", decimals(greeks.rho, 4)),
            ),
        ]),
        PriceSays::NoTimeValue {
            intrinsic,
            time_value,
        } => rows.extend([
            ("Intrinsic", intrinsic.to_string()),
            ("Time value", time_value.to_string()),
            (
                "Volatility",
                "not computable: the price holds no time value".to_owned(),
            ),
        ]),
    }
    fields(&rows)
}

fn to_json(option: &OptionGreeks) -> Value {
    let (says, no_time_value) = match option.says {
        PriceSays::Volatility(explained) => (Some(explained), None),
        PriceSays::NoTimeValue {
            intrinsic,
            time_value,
        } => (None, Some((intrinsic, time_value))),
    };
    let mut data = json!({
        "symbol": option.option.symbol,
        "exchange": option.option.exchange,
        "underlying": option.base,
        "strike": number(option.strike),
        "option_type": option.right,
        "expiry": option.expiry.to_string(),
        "days_left": real(option.life.days(), 4),
        "forward": number(option.forward),
        "price": number(option.price),
        "interest_rate": number(option.rate),
        "intrinsic_value": no_time_value.map(|(intrinsic, _)| number(intrinsic)),
        "time_value": no_time_value.map(|(_, time_value)| number(time_value)),
    });
    if let Some(fields) = data.as_object_mut() {
        fields.extend(explained_json(says));
    }
    data
}
