//! Which option an offset from the money means, so that recorded option orders can be placed.

use super::asked::{Fields, Refused};
use chrono::NaiveDate;
use openalgo::OpenAlgo;
use openalgo::core::market::{Contract, Exchange, InstrumentKey, OptionRight};
use openalgo::core::value::Price;
use std::str::FromStr;

/// The option that a request means by offset and type.
pub(super) async fn resolve(
    app: &OpenAlgo,
    (underlying, exchange): (&str, &str),
    (expiry, leg): (Option<NaiveDate>, Fields<'_>),
) -> Result<InstrumentKey, Refused> {
    let exchange = Exchange::from_str(exchange).map_err(|_unknown| Refused::Form)?;
    let symbol = underlying.parse().map_err(|_no_symbol| Refused::Form)?;
    let (base, embedded) = match Contract::parse(exchange, &symbol) {
        Ok(Contract::Future { base, expiry }) => (base, Some(expiry)),
        _ => (underlying.into(), None),
    };
    let spot = match exchange {
        _ if embedded.is_some() => InstrumentKey::new(Exchange::NseIndex, base.parse().unwrap()),
        _ => InstrumentKey::new(exchange, base.parse().map_err(|_no| Refused::Form)?),
    };
    let quote = app
        .market()
        .quote(&spot)
        .await
        .map_err(|_unknown| Refused::Form)?;
    let expiry = expiry.or(embedded).ok_or(Refused::Form)?;
    let right = leg.right()?;
    let index = app.market().instruments().await;
    let chain = index
        .list()
        .chain(Exchange::Nfo, &base)
        .ok_or(Refused::Form)?;
    let strikes = chain.strikes(expiry, right);
    let strike = at(&strikes, quote.ltp, (leg.text("offset")?, right)).ok_or(Refused::Form)?;
    let contract = Contract::Option {
        base,
        expiry,
        strike,
        right,
    };
    Ok(InstrumentKey::new(
        Exchange::Nfo,
        contract.to_symbol().unwrap(),
    ))
}

fn at(strikes: &[Price], ltp: Price, (offset, right): (&str, OptionRight)) -> Option<Price> {
    let away = |strike: &Price| (strike.to_decimal() - ltp.to_decimal()).abs();
    let nearest = strikes.iter().map(away).min();
    let money = strikes
        .iter()
        .position(|strike| Some(away(strike)) == nearest)?;
    let steps = |text: &str| text.parse::<usize>().ok();
    let up = match (offset, right) {
        ("ATM", _) => return strikes.get(money).copied(),
        (offset, OptionRight::Call) => offset.starts_with("OTM"),
        (offset, OptionRight::Put) => offset.starts_with("ITM"),
    };
    let number = steps(
        offset
            .strip_prefix("OTM")
            .or_else(|| offset.strip_prefix("ITM"))?,
    )?;
    let index = if up {
        money.checked_add(number)?
    } else {
        money.checked_sub(number)?
    };
    strikes.get(index).copied()
}
