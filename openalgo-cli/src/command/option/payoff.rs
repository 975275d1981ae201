//! `openalgo payoff`.

use super::named::{Of, day_words};
use super::{decimals, greeks_json, percent, real};
use crate::error::CliError;
use crate::request::Style;
use crate::session::Session;
use crate::show::{Entry, Output, Plot, Sheet, number, rupees, rupees_signed};
use crate::words::{InstrumentName, LegWords, upper};
use openalgo::core::analytics::{Extreme, Payoff};
use openalgo::core::market::{Exchange, InstrumentKey, OptionRight, Symbol};
use openalgo::core::order::Side;
use openalgo::core::rule::strike::StrikeOffset;
use openalgo::core::value::{Money, Percent, Price, Quantity};
use openalgo::engine::market::OptionChoice;
use openalgo::engine::service::{LegQuery, LegSet, LegView, PriceSays};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::str::FromStr;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo payoff --leg 'SELL 75 NIFTY01DEC2626100CE' \\
      --leg 'SELL 75 NIFTY01DEC2626100PE 144.90'
  openalgo payoff --underlying NIFTY --leg 'SELL 75 OTM2 CE' \\
      --leg 'BUY 75 OTM4 CE' --leg 'SELL 75 OTM2 PE' --leg 'BUY 75 OTM4 PE'

Nothing is placed; `openalgo order options-multi` places legs that are named by
their distance from the money. The margin follows the ranges that NSE Clearing
publishes; it is an estimate, and your broker's figure may differ.";

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// One leg: 'ACTION QUANTITY [EXCHANGE:]SYMBOL [PRICE]', or with --underlying 'ACTION QUANTITY
    /// OFFSET CE|PE [PRICE]'. Without a price, the last one counts
    #[arg(long = "leg", required = true, value_name = "LEG")]
    legs: Vec<LegText>,
    /// What legs are on that are named by their distance from the money
    #[arg(long, value_parser = upper::<Symbol>)]
    underlying: Option<Symbol>,
    #[command(flatten)]
    of: Of,
    /// Yearly interest rate in per cent
    #[arg(long, default_value = "0")]
    rate: Percent,
}

/// A leg in one text.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct LegText {
    side: Side,
    quantity: Quantity,
    what: What,
    price: Option<Price>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum What {
    Named(InstrumentName),
    Offset(String, OptionRight),
}

impl FromStr for LegText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = LegWords::new(text);
        let (side, quantity) = words.side_and_quantity()?;
        if quantity.is_zero() {
            return Err(format!(
                "'{text}' is a leg of nothing: its quantity must be at least 1"
            ));
        }
        let name = words.next("symbol or offset")?;
        let what = if name.parse::<StrikeOffset>().is_ok() {
            let right = upper::<OptionRight>(words.next("CE or PE")?);
            let right = right.map_err(|error| error.to_string())?;
            What::Offset(name.to_owned(), right)
        } else {
            What::Named(name.parse()?)
        };
        let price = match words.rest().as_slice() {
            [] => None,
            [price] => Some(price.parse::<Price>().map_err(|error| error.to_string())?),
            [_price, more, ..] => {
                return Err(format!("'{text}' goes on with '{more}' after its price"));
            }
        };
        Ok(Self {
            side,
            quantity,
            what,
            price,
        })
    }
}

pub(crate) async fn run(session: &Session<'_>, args: Args) -> Result<Output, CliError> {
    let instruments = instruments(session, &args).await?;
    let legs = args.legs.iter().zip(instruments);
    let queries: Vec<_> = legs
        .map(|(leg, instrument)| LegQuery {
            instrument,
            side: leg.side,
            quantity: leg.quantity,
            price: leg.price,
        })
        .collect();
    let set = session.app()?.options().legs(&queries, args.rate).await?;
    let style = &session.style;
    let mut text = table(style, &set);
    text.push('\n');
    match &set.payoff {
        Some(payoff) => text.push_str(&picture(style, &set, payoff)?),
        None => text.push_str(
            "The legs expire on different days: what they earn together on one is not drawn.\n",
        ),
    }
    text.push_str(&sums(&set));
    Ok(Output::new(to_json(&set)?, text))
}

/// What each leg is. Those that are named by their distance from the money are chosen at one price,
/// as orders for them are.
async fn instruments(session: &Session<'_>, args: &Args) -> Result<Vec<InstrumentKey>, CliError> {
    let mut choices = Vec::new();
    for leg in &args.legs {
        if let What::Offset(offset, right) = &leg.what {
            choices.push((offset.parse()?, *right));
        }
    }
    let mut chosen = chosen(session, args, &choices).await?.into_iter();
    let keys = args.legs.iter().filter_map(|leg| match &leg.what {
        What::Named(name) => {
            let exchange = name.exchange.or(args.of.exchange).unwrap_or(Exchange::Nfo);
            Some(InstrumentKey::new(exchange, name.symbol.clone()))
        }
        What::Offset(..) => chosen.next(),
    });
    Ok(keys.collect())
}

async fn chosen(
    session: &Session<'_>,
    args: &Args,
    choices: &[(StrikeOffset, OptionRight)],
) -> Result<Vec<InstrumentKey>, CliError> {
    let Some((offset, right)) = choices.first() else {
        return Ok(Vec::new());
    };
    let Some(underlying) = &args.underlying else {
        let message = format!("the leg {offset} {right} names no underlying");
        return Err(CliError::refused("underlying", &message)
            .hint("give --underlying, such as --underlying NIFTY"));
    };
    let (query, expiry) = args.of.find(session, underlying).await?;
    let choices: Vec<_> = choices
        .iter()
        .map(|(offset, right)| OptionChoice {
            expiry: Some(expiry),
            offset: *offset,
            right: *right,
            strike_step: None,
        })
        .collect();
    let options = session
        .app()?
        .options()
        .resolve_all(&query, &choices)
        .await?;
    let keys = options.iter().map(|option| option.instrument.key.clone());
    Ok(keys.collect())
}

fn volatility(view: &LegView) -> Option<f64> {
    match view.says? {
        PriceSays::Volatility(explained) => Some(percent(explained.volatility)),
        PriceSays::NoTimeValue { .. } => None,
    }
}

fn table(style: &Style, set: &LegSet) -> String {
    let columns = [
        "Side", "#Qty", "Symbol", "Expiry", "#Price", "#LTP", "#IV %",
    ];
    let mut sheet = Sheet::fitting(style, &columns).spare(&["IV %", "Expiry"]);
    for view in &set.legs {
        let volatility = volatility(view).map_or("-".to_owned(), |it| decimals(it, 2));
        sheet.row([
            Entry::side(view.leg.side),
            Entry::new(view.leg.quantity),
            Entry::new(&view.instrument.key.symbol),
            Entry::new(day_words(view.expiry)),
            Entry::new(view.leg.price),
            Entry::new(view.ltp),
            Entry::new(volatility),
        ]);
    }
    sheet.or("No legs.")
}

/// The prices that are drawn: the strikes and the present one, with room at both sides.
fn range(set: &LegSet, payoff: &Payoff) -> (f64, f64) {
    let real = |price: Price| price.to_string().parse::<f64>().unwrap_or_default();
    let forward = set.legs.first().map_or(0.0, |view| real(view.forward));
    let (low, high) = payoff.strikes().map_or((forward, forward), |(low, high)| {
        (real(low).min(forward), real(high).max(forward))
    });
    let room = ((high - low) / 2.0).max(forward * 0.03);
    ((low - room).max(0.0), high + room)
}

fn picture(style: &Style, set: &LegSet, payoff: &Payoff) -> Result<String, CliError> {
    let (low, high) = range(set, payoff);
    let columns = Plot::columns(style);
    let step = (high - low) / f64::from(u32::try_from(columns).unwrap_or(u32::MAX) - 1);
    let mut figures = Vec::new();
    let mut at = low;
    for _column in 0..columns {
        let price: Price = decimals(at, 2).parse()?;
        let profit = payoff.at(price)?;
        figures.push(profit.to_string().parse().unwrap_or_default());
        at += step;
    }
    let label = |height: f64| {
        let amount = decimals(height, 0).parse::<Money>();
        amount.map_or_else(
            |_too_large| decimals(height, 0),
            |amount| rupees_signed(amount).trim_end_matches(".00").to_owned(),
        )
    };
    let names = [low, f64::midpoint(low, high), high].map(|price| decimals(price, 0));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let drawn = Plot::of_profits(style, figures).draw(label, &names);
    let evens = payoff.break_evens()?;
    let evens: Vec<_> = evens.iter().map(ToString::to_string).collect();
    let evens = if evens.is_empty() {
        "none".to_owned()
    } else {
        evens.join(" and ")
    };
    Ok(format!(
        "Profit by the price of {} at expiry:\n\n{drawn}\nBreaks even at {evens}. Most that is earned: \
         {}; most that is lost: {}.\n",
        set.base,
        extreme(payoff.best()?),
        extreme(payoff.worst()?),
    ))
}

fn extreme(extreme: Extreme) -> String {
    match extreme {
        Extreme::Bounded(amount) => rupees_signed(amount),
        Extreme::Unbounded => "without bound".to_owned(),
    }
}

fn sums(set: &LegSet) -> String {
    let premium = set.payoff.as_ref().and_then(|payoff| payoff.premium().ok());
    let premium = premium.map(|premium| {
        let way = if premium.is_negative() {
            "paid"
        } else {
            "received"
        };
        format!("Premium {way}: {}.\n", rupees(premium.abs()))
    });
    let together = set.greeks.as_ref().map(|greeks| {
        let delta = decimals(greeks.delta, 1);
        let gamma = decimals(greeks.gamma, 3);
        let [theta, vega] = [greeks.theta, greeks.vega].map(|it| decimals(it, 0));
        format!(
            "Together: delta {delta}, gamma {gamma}, theta {theta} a day, vega {vega} a point.\n"
        )
    });
    let margin = &set.margin;
    let [total, span, exposure, less] = [
        margin.total(),
        margin.span,
        margin.exposure,
        set.hedge_benefit(),
    ]
    .map(whole);
    let margin = format!(
        "Margin, estimated: {total} ({span} by price range, {exposure} exposure), {less} less than leg \
         by leg.\n"
    );
    [premium, together, Some(margin)]
        .into_iter()
        .flatten()
        .collect()
}

/// An estimate in whole rupees.
fn whole(amount: f64) -> String {
    let text = decimals(amount, 0);
    let rounded = text.parse::<Money>().map(rupees);
    rounded.map_or(text, |text| text.trim_end_matches(".00").to_owned())
}

fn to_json(set: &LegSet) -> Result<Value, CliError> {
    let legs = set.legs.iter().map(|view| {
        json!({
            "action": view.leg.side,
            "quantity": view.leg.quantity,
            "symbol": view.instrument.key.symbol,
            "exchange": view.instrument.key.exchange,
            "expiry": view.expiry.to_string(),
            "price": number(view.leg.price),
            "ltp": number(view.ltp),
            "forward": number(view.forward),
            "implied_volatility": volatility(view).map(|it| real(it, 2)),
            "margin_alone_estimate": real(view.margin.total(), 2),
        })
    });
    let payoff = set.payoff.as_ref().map(payoff_json).transpose()?;
    Ok(json!({
        "underlying": set.base,
        "legs": legs.collect::<Vec<_>>(),
        "payoff": payoff,
        "greeks": set.greeks.as_ref().map(greeks_json),
        "margin_estimate": {
            "span": real(set.margin.span, 2),
            "exposure": real(set.margin.exposure, 2),
            "total": real(set.margin.total(), 2),
            "hedge_benefit": real(set.hedge_benefit(), 2),
        },
    }))
}

fn payoff_json(payoff: &Payoff) -> Result<Value, CliError> {
    let amount = |extreme: Extreme| match extreme {
        Extreme::Bounded(amount) => number(amount),
        Extreme::Unbounded => Value::Null,
    };
    let evens = payoff.break_evens()?;
    Ok(json!({
        "break_evens": evens.into_iter().map(number).collect::<Vec<_>>(),
        "max_profit": amount(payoff.best()?),
        "max_loss": amount(payoff.worst()?),
        "premium": number(payoff.premium()?),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legs_are_named_by_symbol_or_by_offset() {
        let leg: LegText = "sell 75 nifty01dec2626100ce 184.05".parse().unwrap();
        assert!(matches!(leg.what, What::Named(_)));
        assert_eq!(leg.price.unwrap().to_string(), "184.05");
        let leg: LegText = "BUY 75 otm4 pe".parse().unwrap();
        assert!(matches!(leg.what, What::Offset(offset, OptionRight::Put) if offset == "otm4"));
    }

    #[test]
    fn what_a_leg_misses_is_named() {
        for (text, part) in [
            ("", "has no action"),
            ("SELL", "has no quantity"),
            ("SELL 75", "has no symbol or offset"),
            ("SELL 0 ATM CE", "must be at least 1"),
            ("SELL 75 ATM", "has no CE or PE"),
            ("SELL 75 ATM CE x", "is not a decimal number"),
            ("SELL 75 ATM CE 5 6", "goes on with '6'"),
        ] {
            let error = text.parse::<LegText>().unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
