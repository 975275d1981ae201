//! `openalgo order options` and `openalgo order options-multi`.

use super::legs::{kind, outcomes_of};
use super::place::{make_id, missing, refuse_unused};
use crate::command::option::named::{Of, day};
use crate::error::CliError;
use crate::session::Session;
use crate::show::Output;
use crate::words::{LegWords, upper};
use chrono::NaiveDate;
use openalgo::core::account::SettingKey;
use openalgo::core::id::{ClientOrderId, UserId};
use openalgo::core::market::{OptionRight, Symbol};
use openalgo::core::order::{OrderKind, OrderSource, PriceType, Product, Side};
use openalgo::core::rule::strike::StrikeOffset;
use openalgo::core::value::{Price, Quantity};
use openalgo::engine::market::OptionChoice;
use openalgo::engine::service::{OptionLeg, OptionsOrder};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct OptionsArgs {
    #[command(flatten)]
    request: RequestArgs,
    /// How far from the money: ATM, ITM1 to ITM50, OTM1 to OTM50
    #[arg(long, default_value = "ATM", value_parser = offset)]
    offset: String,
    /// CE for a call, PE for a put
    #[arg(long = "type", value_name = "CE|PE", value_parser = upper::<OptionRight>)]
    right: OptionRight,
    /// BUY or SELL
    #[arg(long, value_parser = upper::<Side>)]
    action: Side,
    /// How many units (not lots)
    #[arg(long, allow_hyphen_values = true)]
    quantity: Quantity,
    /// MIS for intraday, NRML to carry it over [default: the setting default_product, MIS for CNC]
    #[arg(long, value_parser = upper::<Product>)]
    product: Option<Product>,
    /// MARKET, LIMIT, SL (stop with a limit) or SL-M (stop at the market)
    #[arg(long, default_value = "MARKET", value_parser = upper::<PriceType>)]
    price_type: PriceType,
    /// Limit of a LIMIT or SL order
    #[arg(long, allow_hyphen_values = true)]
    price: Option<Price>,
    /// Trigger of an SL or SL-M order
    #[arg(long, allow_hyphen_values = true)]
    trigger_price: Option<Price>,
    /// Place it in parts of so many units
    #[arg(long, allow_hyphen_values = true)]
    split: Option<Quantity>,
}

#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct OptionsMultiArgs {
    #[command(flatten)]
    request: RequestArgs,
    /// One leg: 'ACTION QUANTITY OFFSET CE|PE [EXPIRY] [PRODUCT] [PRICE_TYPE PRICE...]', such as
    /// 'SELL 75 OTM2 CE 29DEC26 NRML LIMIT 120'
    #[arg(long = "leg", required = true, value_name = "LEG")]
    legs: Vec<LegText>,
}

/// What all legs have in common.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
struct RequestArgs {
    /// What the options are on, such as NIFTY
    #[arg(long, value_parser = upper::<Symbol>)]
    underlying: Symbol,
    #[command(flatten)]
    of: Of,
    /// Name of the strategy that asks
    #[arg(long)]
    strategy: Option<String>,
    /// Your own id of the request: the same one with the same id again is placed only once, and is
    /// about the same options, whatever is at the money by then. Name --expiry with it: the next
    /// expiry is another one tomorrow
    #[arg(long)]
    client_order_id: Option<ClientOrderId>,
}

/// A leg in one text.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct LegText {
    side: Side,
    quantity: Quantity,
    offset: String,
    right: OptionRight,
    expiry: Option<NaiveDate>,
    product: Option<Product>,
    kind: OrderKind,
}

/// An offset as it is written; commands travel as texts.
fn offset(text: &str) -> Result<String, String> {
    let offset = text.parse::<StrikeOffset>();
    offset
        .map(|offset| offset.to_string())
        .map_err(|error| error.to_string())
}

impl FromStr for LegText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = LegWords::new(text);
        let (side, quantity) = words.side_and_quantity()?;
        let offset = offset(words.next("offset")?)?;
        let right = upper::<OptionRight>(words.next("CE or PE")?);
        let right = right.map_err(|error| error.to_string())?;
        let expiry = words.take(|word| day(word).ok());
        let product = words.take(|word| upper::<Product>(word).ok());
        Ok(Self {
            side,
            quantity,
            offset,
            right,
            expiry,
            product,
            kind: kind(&words.rest())?,
        })
    }
}

impl RequestArgs {
    fn resolve(&mut self) -> Result<(), CliError> {
        if self.client_order_id.is_none() {
            self.client_order_id = Some(make_id()?);
        }
        Ok(())
    }

    async fn place(
        self,
        session: &Session<'_>,
        user: UserId,
        legs: Vec<OptionLeg>,
    ) -> Result<Output, CliError> {
        let (underlying, expiry) = self.of.find(session, &self.underlying).await?;
        let order = OptionsOrder {
            underlying,
            expiry: Some(expiry),
            legs,
            strategy: self.strategy,
            source: OrderSource::Manual,
            client_order_id: self.client_order_id,
        };
        let placed = session.app()?.orders().options(user, order.clone()).await?;
        Ok(outcomes_of(session, &order, placed))
    }
}

impl OptionsArgs {
    pub(super) fn resolve(&mut self) -> Result<(), CliError> {
        refuse_unused(self.price_type, (self.price, self.trigger_price))?;
        self.request.resolve()
    }

    pub(super) fn client_order_id(&self) -> Option<&ClientOrderId> {
        self.request.client_order_id.as_ref()
    }
}

impl OptionsMultiArgs {
    pub(super) fn resolve(&mut self) -> Result<(), CliError> {
        self.request.resolve()
    }

    pub(super) fn client_order_id(&self) -> Option<&ClientOrderId> {
        self.request.client_order_id.as_ref()
    }
}

/// The product that is meant where none is named: options are not delivered.
async fn product(session: &Session<'_>) -> Result<Product, CliError> {
    let default: Product = session.setting(SettingKey::DefaultProduct).await?;
    Ok(if default == Product::Cnc {
        Product::Mis
    } else {
        default
    })
}

pub(super) async fn one(
    session: &Session<'_>,
    user: UserId,
    args: OptionsArgs,
) -> Result<Output, CliError> {
    let kind = OrderKind::from_parts(args.price_type, args.price, args.trigger_price);
    let product = match args.product {
        Some(product) => product,
        None => product(session).await?,
    };
    let leg = OptionLeg {
        option: OptionChoice {
            expiry: None,
            offset: args.offset.parse()?,
            right: args.right,
            strike_step: None,
        },
        side: args.action,
        quantity: args.quantity,
        product,
        kind: kind.map_err(missing)?,
        split: args.split,
    };
    args.request.place(session, user, vec![leg]).await
}

pub(super) async fn several(
    session: &Session<'_>,
    user: UserId,
    args: OptionsMultiArgs,
) -> Result<Output, CliError> {
    let default = product(session).await?;
    let mut legs = Vec::new();
    for leg in args.legs {
        legs.push(OptionLeg {
            option: OptionChoice {
                expiry: leg.expiry,
                offset: leg.offset.parse()?,
                right: leg.right,
                strike_step: None,
            },
            side: leg.side,
            quantity: leg.quantity,
            product: leg.product.unwrap_or(default),
            kind: leg.kind,
            split: None,
        });
    }
    args.request.place(session, user, legs).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leg_is_read_from_one_text() {
        let leg: LegText = "sell 75 otm2 ce 29dec26 nrml limit 120".parse().unwrap();
        assert_eq!((leg.side, leg.right), (Side::Sell, OptionRight::Call));
        assert_eq!(leg.offset, "OTM2");
        assert_eq!(leg.expiry.unwrap().to_string(), "2026-12-29");
        assert_eq!(leg.product, Some(Product::Nrml));
        assert!(matches!(leg.kind, OrderKind::Limit { .. }));
        let short: LegText = "BUY 75 ATM PE".parse().unwrap();
        assert_eq!((short.expiry, short.product), (None, None));
    }

    #[test]
    fn what_a_leg_misses_is_named() {
        for (text, part) in [
            ("", "has no action"),
            ("SELL 75", "has no offset"),
            (
                "SELL 75 NIFTY",
                "Offset must be ATM, ITM1-ITM50, or OTM1-OTM50",
            ),
            ("SELL 75 ATM", "has no CE or PE"),
            ("SELL 75 ATM CE LIMIT", "LIMIT takes one price"),
        ] {
            let error = text.parse::<LegText>().unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
