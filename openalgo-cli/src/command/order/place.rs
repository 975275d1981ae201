//! `openalgo order place`, and what every order that is placed needs.

use crate::error::{CliError, Exit};
use crate::session::Session;
use crate::show::OUR_PREFIX;
use crate::words::upper;
use openalgo::core::account::SettingKey;
use openalgo::core::id::ClientOrderId;
use openalgo::core::market::{Exchange, InstrumentKey, Symbol};
use openalgo::core::order::{
    KindError, NewOrder, OrderKind, OrderSource, PriceType, Product, Side,
};
use openalgo::core::port::RandomSource;
use openalgo::core::value::{Price, Quantity};
use openalgo::crypto::SystemRandom;
use serde::{Deserialize, Serialize};
use uuid::Builder;

#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct PlaceArgs {
    /// What to trade
    #[arg(long, value_parser = upper::<Symbol>)]
    pub(super) symbol: Symbol,
    /// Where it trades
    #[arg(long, value_parser = upper::<Exchange>)]
    pub(super) exchange: Exchange,
    /// BUY or SELL
    #[arg(long, value_parser = upper::<Side>)]
    pub(super) action: Side,
    /// How many units (not lots)
    #[arg(long, allow_hyphen_values = true)]
    pub(super) quantity: Quantity,
    /// CNC for delivery, MIS for intraday, NRML for derivatives kept overnight
    /// [default: the setting default_product]
    #[arg(long, value_parser = upper::<Product>)]
    pub(super) product: Option<Product>,
    /// MARKET, LIMIT, SL (stop with a limit) or SL-M (stop at the market)
    #[arg(long, default_value = "MARKET", value_parser = upper::<PriceType>)]
    pub(super) price_type: PriceType,
    /// Limit of a LIMIT or SL order
    #[arg(long, allow_hyphen_values = true)]
    pub(super) price: Option<Price>,
    /// Trigger of an SL or SL-M order
    #[arg(long, allow_hyphen_values = true)]
    pub(super) trigger_price: Option<Price>,
    /// Name of the strategy that asks
    #[arg(long)]
    pub(super) strategy: Option<String>,
    /// Your own id of the order: the same order with the same id again is placed only once
    #[arg(long)]
    pub(super) client_order_id: Option<ClientOrderId>,
    #[arg(skip)]
    pub(super) id_is_ours: bool,
}

impl PlaceArgs {
    pub(super) fn resolve(&mut self) -> Result<(), CliError> {
        refuse_unused(self.price_type, (self.price, self.trigger_price))?;
        if self.client_order_id.is_none() {
            self.client_order_id = Some(make_id()?);
            self.id_is_ours = true;
        }
        Ok(())
    }

    pub(super) async fn into_order(self, session: &Session<'_>) -> Result<NewOrder, CliError> {
        let kind = OrderKind::from_parts(self.price_type, self.price, self.trigger_price);
        let kind = kind.map_err(missing)?;
        let product = match self.product {
            Some(product) => product,
            None => session.setting(SettingKey::DefaultProduct).await?,
        };
        Ok(NewOrder {
            instrument: InstrumentKey::new(self.exchange, self.symbol),
            side: self.action,
            quantity: self.quantity,
            product,
            kind,
            strategy: self.strategy,
            source: OrderSource::Manual,
            client_order_id: self.client_order_id,
        })
    }
}

/// A price that the price type has no use for was meant for another one.
pub(super) fn refuse_unused(
    price_type: PriceType,
    (price, trigger): (Option<Price>, Option<Price>),
) -> Result<(), CliError> {
    let (has_limit, has_trigger) = match price_type {
        PriceType::Market => (false, false),
        PriceType::Limit => (true, false),
        PriceType::StopLimit => (true, true),
        PriceType::StopMarket => (false, true),
    };
    let unused = match (price, trigger) {
        (Some(_), _) if !has_limit => "--price",
        (_, Some(_)) if !has_trigger => "--trigger-price",
        _ => return Ok(()),
    };
    let message = format!("a {price_type} order takes no {unused}");
    Err(CliError::new(Exit::Usage, "price", &message).hint(format!(
        "leave {unused} out, or give the --price-type that it is for, such as LIMIT or SL"
    )))
}

/// What is said of a price that is not there.
pub(super) fn missing(error: KindError) -> CliError {
    let (message, hint) = match error {
        KindError::PriceMissing(price_type) => (
            format!("a {price_type} order needs --price above zero"),
            "give --price, the limit of the order",
        ),
        KindError::TriggerMissing(price_type) => (
            format!("a {price_type} order needs --trigger-price above zero"),
            "give --trigger-price, the price that the order waits for",
        ),
    };
    CliError::refused("price", &message).hint(hint)
}

pub(super) fn make_id() -> Result<ClientOrderId, CliError> {
    let mut random = [0; 16];
    let id = SystemRandom
        .fill(&mut random)
        .map(|()| Builder::from_random_bytes(random));
    let id = id.map_err(|error| CliError::internal("the order got no id", &error))?;
    let id = format!("{OUR_PREFIX}{}", id.into_uuid());
    ClientOrderId::try_new(&id).map_err(CliError::from)
}
