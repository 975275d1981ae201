//! `openalgo order basket` and `openalgo order split`.

use super::{PlaceArgs, failure, make_id, worst};
use crate::error::{CliError, Exit};
use crate::session::Session;
use crate::show::{Entry, Output, Sheet, order_json};
use crate::words::{LegWords, counted, upper};
use openalgo::core::account::SettingKey;
use openalgo::core::id::{ClientOrderId, UserId};
use openalgo::core::market::{Exchange, InstrumentKey, Symbol};
use openalgo::core::order::{NewOrder, OrderKind, OrderSource, PriceType, Product, Side};
use openalgo::core::value::{Price, Quantity};
use openalgo::engine::service::{
    Leg, OptionsOrder, OptionsPlaced, PlaceOrderError, Placed, SplitSize,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::str::FromStr;

#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct BasketArgs {
    /// One order: 'ACTION QUANTITY EXCHANGE:SYMBOL [PRODUCT] [PRICE_TYPE PRICE...]', such as
    /// 'BUY 10 NSE:INFY MIS LIMIT 1500'. SL takes its price and then its trigger
    #[arg(long = "leg", required = true)]
    legs: Vec<LegText>,
    /// Name of the strategy that asks
    #[arg(long)]
    strategy: Option<String>,
    /// Your own id of the basket: the same basket with the same id again is placed only once
    #[arg(long)]
    pub(super) client_order_id: Option<ClientOrderId>,
}

#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct SplitArgs {
    #[command(flatten)]
    pub(super) order: PlaceArgs,
    /// Units of each part
    /// [default: what the exchange takes in one order]
    #[arg(long, allow_hyphen_values = true)]
    size: Option<Quantity>,
}

/// An order in one text.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct LegText {
    side: Side,
    quantity: Quantity,
    instrument: InstrumentKey,
    product: Option<Product>,
    kind: OrderKind,
}

impl FromStr for LegText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = LegWords::new(text);
        let (side, quantity) = words.side_and_quantity()?;
        let name = words.next("EXCHANGE:SYMBOL")?;
        let (exchange, symbol) = name
            .split_once(':')
            .ok_or_else(|| format!("'{name}' is not of the form EXCHANGE:SYMBOL"))?;
        let exchange = upper::<Exchange>(exchange).map_err(|error| error.to_string())?;
        let symbol = upper::<Symbol>(symbol).map_err(|error| error.to_string())?;
        let product = words.take(|word| upper::<Product>(word).ok());
        Ok(Self {
            side,
            quantity,
            instrument: InstrumentKey::new(exchange, symbol),
            product,
            kind: kind(&words.rest())?,
        })
    }
}

/// A price type and its prices.
pub(super) fn kind(words: &[&str]) -> Result<OrderKind, String> {
    let Some((word, prices)) = words.split_first() else {
        return Ok(OrderKind::Market);
    };
    let price_type = upper::<PriceType>(word).map_err(|error| error.to_string())?;
    let prices: Result<Vec<Price>, _> = prices.iter().map(|price| price.parse()).collect();
    let prices = prices.map_err(|error: openalgo::core::value::ValueError| error.to_string())?;
    let (price, trigger) = match (price_type, prices.as_slice()) {
        (PriceType::Market, []) => (None, None),
        (PriceType::Limit, [price]) => (Some(*price), None),
        (PriceType::StopMarket, [trigger]) => (None, Some(*trigger)),
        (PriceType::StopLimit, [price, trigger]) => (Some(*price), Some(*trigger)),
        (PriceType::Market, _) => return Err("MARKET takes no price".into()),
        (PriceType::Limit, _) => return Err("LIMIT takes one price".into()),
        (PriceType::StopMarket, _) => return Err("SL-M takes one trigger price".into()),
        (PriceType::StopLimit, _) => return Err("SL takes a price and a trigger price".into()),
    };
    OrderKind::from_parts(price_type, price, trigger).map_err(|error| error.to_string())
}

impl BasketArgs {
    pub(super) fn resolve(&mut self) -> Result<(), CliError> {
        if self.client_order_id.is_none() {
            self.client_order_id = Some(make_id()?);
        }
        Ok(())
    }
}

pub(super) async fn basket(
    session: &Session<'_>,
    user: UserId,
    args: BasketArgs,
) -> Result<Output, CliError> {
    let default = session.setting(SettingKey::DefaultProduct).await?;
    let orders = args.legs.into_iter().map(|leg| NewOrder {
        product: leg.product.unwrap_or(default),
        kind: leg.kind,
        strategy: args.strategy.clone(),
        source: OrderSource::Manual,
        ..NewOrder::market(leg.instrument, leg.side, leg.quantity)
    });
    let service = session.app()?.orders();
    let legs = service.basket(user, orders.collect(), args.client_order_id);
    Ok(outcomes(session, legs.await?))
}

pub(super) async fn split(
    session: &Session<'_>,
    user: UserId,
    args: SplitArgs,
) -> Result<Output, CliError> {
    let size = args.size.map_or(SplitSize::Freeze, SplitSize::Units);
    let order = args.order.into_order(session).await?;
    let mut legs = session.app()?.orders().split(user, order, size).await?;
    // What is wrong with the order itself is said once, and not of each part.
    let is_refused = |leg: &Leg| matches!(leg.outcome, Err(PlaceOrderError::Refused(_)));
    if legs.iter().all(is_refused)
        && let Some(Err(refusal)) = legs.pop().map(|leg| leg.outcome)
    {
        return Err(refusal.into());
    }
    Ok(outcomes(session, legs))
}

/// A leg, with the order that it has become if there is one, and what is wrong if something is.
struct Outcome {
    number: usize,
    side: Side,
    quantity: Quantity,
    /// None where an option was meant by its distance from the money that does not exist.
    instrument: Option<InstrumentKey>,
    placed: Option<Placed>,
    failure: Option<CliError>,
}

impl From<Leg> for Outcome {
    fn from(leg: Leg) -> Self {
        let (placed, failure) = match leg.outcome {
            Ok(placed) => {
                let failure = failure(&placed.order);
                (Some(placed), failure)
            }
            Err(error) => (None, Some(CliError::from(error))),
        };
        Self {
            number: leg.number,
            side: leg.order.side,
            quantity: leg.order.quantity,
            instrument: Some(leg.order.instrument),
            placed,
            failure,
        }
    }
}

impl Outcome {
    fn cells(&self) -> [Entry; 7] {
        let why = self.failure.as_ref().map_or("", |it| &it.message);
        let (id, status) = match &self.placed {
            Some(placed) => (
                Entry::new(placed.order.public_id()),
                Entry::status(placed.order.status()),
            ),
            None => (Entry::new("-"), Entry::new(why)),
        };
        let name = |part: fn(&InstrumentKey) -> String| {
            let part = self.instrument.as_ref().map(part);
            Entry::new(part.unwrap_or_else(|| "-".to_owned()))
        };
        [
            Entry::new(self.number),
            Entry::side(self.side),
            Entry::new(self.quantity),
            name(|key| key.symbol.to_string()),
            name(|key| key.exchange.to_string()),
            id,
            status,
        ]
    }

    fn to_json(&self) -> Value {
        let (placed, error) = (self.placed.as_ref(), self.failure.as_ref());
        json!({
            "number": self.number,
            "action": self.side,
            "symbol": self.instrument.as_ref().map(|key| &key.symbol),
            "exchange": self.instrument.as_ref().map(|key| key.exchange),
            "quantity": self.quantity,
            "order": placed.map(|placed| order_json(&placed.order)),
            "idempotent_replay": placed.is_some_and(|placed| placed.replayed),
            "code": error.map(|error| &error.code),
            "message": error.map(|error| &error.message),
            "hint": error.and_then(|error| error.hint.as_ref()),
        })
    }
}

/// What became of orders for options; a leg that means no option has no order.
pub(super) fn outcomes_of(
    session: &Session<'_>,
    order: &OptionsOrder,
    placed: OptionsPlaced<Leg>,
) -> Output {
    let mut outcomes: Vec<Outcome> = Vec::new();
    for (leg, asked) in placed.legs.into_iter().zip(&order.legs) {
        match leg.outcome {
            Ok(parts) => outcomes.extend(parts.into_iter().map(Outcome::from)),
            Err(error) => outcomes.push(Outcome {
                number: 0,
                side: asked.side,
                quantity: asked.quantity,
                instrument: None,
                placed: None,
                failure: Some(error.into()),
            }),
        }
    }
    for (number, outcome) in (1..).zip(&mut outcomes) {
        outcome.number = number;
    }
    shown(session, &outcomes)
}

fn outcomes(session: &Session<'_>, legs: Vec<Leg>) -> Output {
    let outcomes: Vec<_> = legs.into_iter().map(Outcome::from).collect();
    shown(session, &outcomes)
}

fn shown(session: &Session<'_>, outcomes: &[Outcome]) -> Output {
    let columns = ["#No", "Side", "#Qty", "Symbol", "Exch", "Order", "~Outcome"];
    let mut sheet = Sheet::fitting(&session.style, &columns).spare(&["Exch"]);
    for outcome in outcomes {
        sheet.row(outcome.cells());
    }
    let failures = outcomes.iter().filter_map(|it| it.failure.as_ref());
    let failures: Vec<&CliError> = failures.collect();
    let is_unknown = |failure: &&&CliError| failure.exit == Exit::OutcomeUnknown;
    let unknown = failures.iter().filter(is_unknown).count();
    let is_replay = |outcome: &&Outcome| outcome.placed.as_ref().is_some_and(|it| it.replayed);
    let replayed = outcomes.iter().filter(is_replay).count();
    let all = outcomes.len();
    let told = |count: usize, what: &str| match count {
        0 => String::new(),
        count => format!("{what}: {count} of {}.\n", counted(all, "order")),
    };
    let text = format!(
        "{}{}{}{}",
        sheet.or("No orders."),
        told(replayed, "Placed before, and not again"),
        told(unknown, "Outcome unknown"),
        told(failures.len().saturating_sub(unknown), "Not placed"),
    );
    let data: Vec<Value> = outcomes.iter().map(Outcome::to_json).collect();
    let output = Output::new(json!(data), text);
    match worst(failures) {
        Some(exit) => output.failing(exit),
        None => output,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leg_is_read_from_one_text() {
        let leg: LegText = "buy 10 nse:infy mis sl 1500 1495".parse().unwrap();
        assert_eq!((leg.side, leg.quantity.get()), (Side::Buy, 10));
        assert_eq!(leg.instrument.to_string(), "NSE:INFY");
        assert_eq!(leg.product, Some(Product::Mis));
        let kind = OrderKind::StopLimit {
            price: "1500".parse().unwrap(),
            trigger: "1495".parse().unwrap(),
        };
        assert_eq!(leg.kind, kind);
        let leg: LegText = "SELL 5 NSE:TCS".parse().unwrap();
        assert_eq!((leg.product, leg.kind), (None, OrderKind::Market));
    }

    #[test]
    fn what_a_leg_misses_is_named() {
        for (text, part) in [
            ("", "has no action"),
            ("BUY", "has no quantity"),
            ("BUY 5", "has no EXCHANGE:SYMBOL"),
            ("BUY 5 INFY", "'INFY' is not of the form EXCHANGE:SYMBOL"),
            ("BUY 5 NSE:INFY MIS LIMIT", "LIMIT takes one price"),
            ("BUY 5 NSE:INFY MARKET 7", "MARKET takes no price"),
            (
                "BUY 5 NSE:INFY SL 7",
                "SL takes a price and a trigger price",
            ),
        ] {
            let error = text.parse::<LegText>().unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
