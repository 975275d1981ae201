//! The recorded answers about prices of options, at the minute of the recording.

use super::asked::{Fields, Refused};
use super::case::{Step, steps};
use super::{Place, Told, assert_documented, shown, words};
use chrono::Duration;
use openalgo::core::analytics::Explained;
use openalgo::core::market::InstrumentKey;
use openalgo::core::rule::strike::StrikeOffset;
use openalgo::core::value::{Percent, Price};
use openalgo::engine::market::OptionChoice;
use openalgo::engine::service::{
    ChainQuery, ChainSide, GreeksError, GreeksQuery, OptionGreeks, PriceSays,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Whether an endpoint tells of prices of options.
pub(super) fn is_of(endpoint: &str) -> bool {
    matches!(
        endpoint,
        "optionsymbol" | "optionchain" | "optiongreeks" | "multioptiongreeks" | "syntheticfuture"
    )
}

#[tokio::test]
async fn prices_of_options_say_what_was_recorded() {
    let place = Place::open().await;
    // The recording came to them seventy-five seconds after its beginning.
    place.world.clock.advance(Duration::seconds(75));
    let (mut same, mut form, mut other) = (0, 0, BTreeMap::new());
    let cases = steps().into_iter().filter_map(|step| match step {
        Step::Case(case) if is_of(&case.endpoint) => Some(case),
        _ => None,
    });
    for case in cases {
        let body = case.body(&place.answers).unwrap();
        let told = match place.told(&case, Fields(&body)).await {
            Err(Refused::Form) => {
                let (_, answer) = case.answer.as_ref().unwrap();
                let message = answer["message"].as_str();
                let is_form = message.is_some_and(|it| it.starts_with("Validation "));
                assert!(is_form, "{} was answered with {answer}", case.name);
                form += 1;
                continue;
            }
            Err(Refused::Words(message) | Refused::NoOrder(message)) => {
                json!({"status": "error", "message": message})
            }
            Ok(told) => told,
        };
        let differences = case.differences(&told);
        if differences.is_empty() {
            same += 1;
        } else {
            other.insert(case.name, differences);
        }
    }
    assert_documented(&other, is_of);
    assert_eq!((same, form), (43, 15));
    place.app.close().await;
}

fn decimals(number: f64, places: u32) -> Value {
    let scale = 10_f64.powi(places.try_into().unwrap());
    ((number * scale).round_ties_even() / scale).into()
}

impl Fields<'_> {
    fn rate(self) -> Result<Percent, Refused> {
        let rate = &self.0["interest_rate"];
        if rate.is_null() {
            return Ok(Percent::ZERO);
        }
        rate.to_string().parse().map_err(|_no_rate| Refused::Form)
    }

    fn greeks(self) -> Result<GreeksQuery, Refused> {
        let ends_at = self.0["expiry_time"].as_str().map(str::parse);
        let rate = self.rate()?;
        let option = self.instrument()?;
        if rate < Percent::ZERO || !option.exchange.is_derivative() {
            return Err(Refused::Form);
        }
        let (symbol, exchange) = (&self.0["underlying_symbol"], &self.0["underlying_exchange"]);
        let underlying = symbol
            .as_str()
            .zip(exchange.as_str())
            .map(|(symbol, exchange)| {
                InstrumentKey::new(exchange.parse().unwrap(), symbol.parse().unwrap())
            });
        Ok(GreeksQuery {
            rate,
            forward: self.price("forward_price")?,
            underlying,
            ends_at: ends_at.transpose().map_err(|_no_time| Refused::Form)?,
            ..GreeksQuery::of(option)
        })
    }
}

impl Place {
    pub(super) async fn option_symbol(&self, fields: Fields<'_>) -> Told {
        let offset: StrikeOffset = fields
            .text("offset")?
            .parse()
            .map_err(|_no_offset| Refused::Form)?;
        let step = &fields.0["strike_int"];
        let strike_step = step.as_u64().map(u32::try_from).transpose().unwrap();
        let strike_step = strike_step.map(|step| step.try_into().map_err(|_zero| Refused::Form));
        let choice = OptionChoice {
            expiry: fields.expiry()?,
            offset,
            right: fields.right()?,
            strike_step: strike_step.transpose()?,
        };
        let options = self.app.options();
        let option = options.resolve(&fields.underlying()?, &choice).await;
        let option = option.map_err(words)?;
        let instrument = &option.instrument;
        Ok(json!({
            "status": "success",
            "symbol": instrument.key.symbol,
            "exchange": instrument.key.exchange,
            "lotsize": instrument.lot_size,
            "tick_size": shown::number(instrument.tick.step()),
            "freeze_qty": instrument.freeze_quantity,
            "underlying_ltp": shown::number(option.underlying.ltp),
        }))
    }

    pub(super) async fn synthetic_future(&self, fields: Fields<'_>) -> Told {
        let expiry = fields.expiry()?.ok_or(Refused::Form)?;
        let underlying = fields.underlying()?;
        let future = self
            .app
            .options()
            .synthetic_future(&underlying, expiry)
            .await;
        let future = future.map_err(words)?;
        Ok(json!({
            "status": "success",
            "underlying": fields.text("underlying")?,
            "underlying_ltp": shown::number(future.underlying.ltp),
            "expiry": fields.text("expiry_date")?,
            "atm_strike": shown::number(future.strike),
            "synthetic_future_price": shown::number(future.price),
        }))
    }

    pub(super) async fn option_chain(&self, fields: Fields<'_>) -> Told {
        let around = &fields.0["strike_count"];
        let strikes = around.as_u64().map(|count| usize::try_from(count).unwrap());
        if strikes == Some(0) {
            return Err(Refused::Form);
        }
        let with_greeks = fields.0["with_greeks"] == true;
        let query = ChainQuery {
            underlying: fields.underlying()?,
            expiry: fields.expiry()?.ok_or(Refused::Form)?,
            strikes,
            greeks_at: with_greeks.then(|| fields.rate()).transpose()?,
        };
        let chain = self.app.options().chain(&query).await;
        let chain = chain.map_err(words)?;
        let quote = &chain.underlying.quote;
        let rows = chain.rows.iter().map(|row| {
            let [call, put] = [&row.call, &row.put].map(|side| side.as_ref().map(side_of));
            json!({"strike": shown::number(row.strike), "ce": call, "pe": put})
        });
        Ok(json!({
            "status": "success",
            "underlying": chain.underlying.base,
            "underlying_symbol": quote.instrument.symbol,
            "underlying_exchange": quote.instrument.exchange,
            "underlying_ltp": shown::number(quote.ltp),
            "underlying_prev_close": shown::number(quote.prev_close),
            "expiry_date": fields.text("expiry_date")?,
            "expiry_ts": chain.life.ends().to_seconds(),
            "server_ts": chain.at.to_seconds(),
            "atm_strike": shown::number(chain.at_the_money),
            "quotes_included": true,
            "greeks_included": with_greeks,
            "forward_price": with_greeks.then(|| shown::number(chain.forward)),
            "chain": rows.collect::<Vec<_>>(),
        }))
    }

    pub(super) async fn option_greeks(&self, fields: Fields<'_>) -> Told {
        let query = fields.greeks()?;
        let greeks = self.app.options().greeks(&query).await;
        Ok(greeks_of(&greeks.map_err(words)?))
    }

    pub(super) async fn many_greeks(&self, fields: Fields<'_>) -> Told {
        let rows = fields.0["symbols"].as_array().ok_or(Refused::Form)?;
        if !(1..=50).contains(&rows.len()) {
            return Err(Refused::Form);
        }
        let (mut data, mut failures) = (Vec::new(), Vec::new());
        for row in rows {
            let mut asked = row.clone();
            for key in ["interest_rate", "expiry_time"] {
                asked[key] = fields.0[key].clone();
            }
            let greeks = self.app.options().greeks(&Fields(&asked).greeks()?).await;
            data.push(match greeks {
                Ok(greeks) => greeks_of(&greeks),
                Err(error) => {
                    let message = shortly(error);
                    failures.push(message.clone());
                    json!({
                        "status": "error",
                        "symbol": row["symbol"],
                        "exchange": row["exchange"],
                        "message": message,
                    })
                }
            });
        }
        let (total, failed) = (rows.len(), failures.len());
        let status = match failed {
            0 => "success",
            some if some < total => "partial",
            _ => "error",
        };
        let mut told = json!({
            "status": status,
            "data": data,
            "summary": {"total": total, "success": total - failed, "failed": failed},
        });
        if let Some(first) = failures.first() {
            let message = match status {
                "error" => format!("All option Greeks calculations failed: {first}"),
                _ => format!("{failed} option Greeks calculation(s) failed: {first}"),
            };
            told["message"] = message.into();
        }
        Ok(told)
    }
}

/// A failure in the words of an answer about many.
fn shortly(error: GreeksError) -> String {
    match error {
        GreeksError::NoOptionPrice(_) => "Option LTP not available".to_owned(),
        GreeksError::NotAnOption(_) => {
            error
                .to_string()
                .replacen("get option Greeks", "parse option symbol", 1)
        }
        other => other.to_string(),
    }
}

fn side_of(side: &ChainSide) -> Value {
    let instrument = &side.instrument;
    let mut told = json!({
        "symbol": instrument.key.symbol,
        "label": side.label,
        "lotsize": instrument.lot_size,
        "tick_size": shown::number(instrument.tick.step()),
    });
    let quote = side.quote.as_ref().unwrap();
    let price = |price: Option<Price>| shown::number(price.unwrap_or_default());
    for (key, value) in [
        ("ltp", shown::number(quote.ltp)),
        ("bid", price(quote.bid)),
        ("ask", price(quote.ask)),
        // The server that was recorded leaves them out.
        ("bid_qty", 0.into()),
        ("ask_qty", 0.into()),
        ("open", shown::number(quote.open)),
        ("high", shown::number(quote.high)),
        ("low", shown::number(quote.low)),
        ("prev_close", shown::number(quote.prev_close)),
        ("volume", quote.volume.into()),
        ("oi", quote.oi.into()),
    ] {
        told[key] = value;
    }
    if let Some(Explained { volatility, greeks }) = side.says {
        told["implied_volatility"] = decimals(volatility * 100.0, 2);
        told["delta"] = decimals(greeks.delta, 4);
        told["gamma"] = decimals(greeks.gamma, 6);
        told["theta"] = decimals(greeks.theta, 4);
        told["vega"] = decimals(greeks.vega, 4);
    }
    told
}

fn greeks_of(option: &OptionGreeks) -> Value {
    let PriceSays::Volatility(Explained { volatility, greeks }) = option.says else {
        panic!("{option:?}");
    };
    json!({
        "status": "success",
        "symbol": option.option.symbol,
        "exchange": option.option.exchange,
        "underlying": option.base,
        "strike": shown::number(option.strike),
        "option_type": option.right,
        "expiry_date": option.expiry.format("%d-%b-%Y").to_string(),
        "days_to_expiry": decimals(option.life.days(), 4),
        "spot_price": shown::number(option.forward),
        "option_price": shown::number(option.price),
        "interest_rate": shown::number(option.rate),
        "implied_volatility": decimals(volatility * 100.0, 2),
        "greeks": {
            "delta": decimals(greeks.delta, 4),
            "gamma": decimals(greeks.gamma, 6),
            "theta": decimals(greeks.theta, 4),
            "vega": decimals(greeks.vega, 4),
            "rho": decimals(greeks.rho, 6),
        },
    })
}
