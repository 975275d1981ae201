//! Recorded requests as the services take them.

use openalgo::core::id::TriggerId;
use openalgo::core::market::{InstrumentKey, OptionRight};
use openalgo::core::order::{
    GttLeg, GttLegs, GttProduct, NewGtt, NewOrder, OrderKind, OrderSource, PriceType, Product,
    Side, TriggerSide,
};
use openalgo::core::rule::modification::Modification;
use openalgo::core::value::{NetQuantity, Price, Quantity};
use serde_json::Value;
use std::str::FromStr;

/// Why a request does not get as far as the services.
#[derive(Debug)]
pub(super) enum Refused {
    /// Its form is wrong, which whoever reads requests says, in words of its own.
    Form,
    /// In words of the rules.
    Words(String),
    /// The same, before anything is known of an order.
    NoOrder(String),
}

type Asked<T> = Result<T, Refused>;

/// The fields of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a Value);

impl<'a> Fields<'a> {
    /// Refuses a request that has another field than these.
    pub(super) fn only(self, known: &[&str]) -> Asked<Self> {
        let fields = self.0.as_object().ok_or(Refused::Form)?;
        let all_known = fields.keys().all(|key| known.contains(&key.as_str()));
        all_known.then_some(self).ok_or(Refused::Form)
    }

    pub(super) fn text(self, key: &str) -> Asked<&'a str> {
        self.0[key].as_str().ok_or(Refused::Form)
    }

    /// A number, given as one or as its text.
    fn number(self, key: &str) -> Asked<Option<String>> {
        match &self.0[key] {
            Value::Null => Ok(None),
            Value::Number(number) => Ok(Some(number.to_string())),
            Value::String(text) => Ok(Some(text.clone())),
            _ => Err(Refused::Form),
        }
    }

    pub(super) fn whole<T: FromStr>(self, key: &str) -> Asked<T> {
        let text = self.number(key)?.ok_or(Refused::Form)?;
        let text = text.strip_suffix(".0").unwrap_or(&text);
        text.parse().map_err(|_no_number| Refused::Form)
    }

    pub(super) fn price(self, key: &str) -> Asked<Option<Price>> {
        let number = self.number(key)?;
        let read = |text: String| text.parse().map_err(|_no_price| Refused::Form);
        number.map(read).transpose()
    }

    fn word<T: FromStr>(self, key: &str, default: Option<&str>) -> Asked<T> {
        let word = match &self.0[key] {
            Value::Null => default.ok_or(Refused::Form)?,
            word => word.as_str().ok_or(Refused::Form)?,
        };
        word.parse().map_err(|_unknown| Refused::Form)
    }

    pub(super) fn side(self) -> Asked<Side> {
        match self.text("action")? {
            "BUY" | "buy" => Ok(Side::Buy),
            "SELL" | "sell" => Ok(Side::Sell),
            _ => Err(Refused::Form),
        }
    }

    pub(super) fn quantity(self, key: &str) -> Asked<Quantity> {
        let quantity: Quantity = self.whole(key)?;
        if quantity.is_zero() {
            return Err(Refused::Form);
        }
        Ok(quantity)
    }

    pub(super) fn instrument(self) -> Asked<InstrumentKey> {
        let exchange = self.word("exchange", None)?;
        let symbol = self.text("symbol")?;
        let unknown = || Refused::Words(format!("Symbol {symbol} not found on {exchange}"));
        // In lower case it is no symbol.
        Ok(InstrumentKey::new(
            exchange,
            symbol.parse().map_err(|_no_symbol| unknown())?,
        ))
    }

    pub(super) fn product(self) -> Asked<Product> {
        self.word("product", Some("MIS"))
    }

    /// An order of an instrument.
    pub(super) fn order_of(self, instrument: InstrumentKey, quantity: Quantity) -> Asked<NewOrder> {
        let kind = self.kind()?;
        let disclosed = self.number("disclosed_quantity")?;
        if disclosed.is_some_and(|units| units.parse::<Quantity>().is_err()) {
            return Err(Refused::Form);
        }
        Ok(NewOrder {
            instrument,
            side: self.side()?,
            quantity,
            product: self.product()?,
            kind,
            strategy: Some(self.text("strategy")?.to_owned()).filter(|name| !name.is_empty()),
            source: OrderSource::Api,
            client_order_id: None,
        })
    }

    pub(super) fn order(self) -> Asked<NewOrder> {
        let quantity = self.quantity("quantity")?;
        self.order_of(self.instrument()?, quantity)
    }

    /// What a smart order leads to: the order, which may be of nothing, and the position.
    pub(super) fn smart(self) -> Asked<(NewOrder, NetQuantity)> {
        let order = self.order_of(self.instrument()?, self.whole("quantity")?)?;
        let position = NetQuantity::try_new(self.whole("position_size")?);
        Ok((order, position.map_err(|_too_large| Refused::Form)?))
    }

    pub(super) fn kind(self) -> Asked<OrderKind> {
        let price_type: PriceType = self.word("pricetype", Some("MARKET"))?;
        let (price, trigger) = (self.price("price")?, self.price("trigger_price")?);
        OrderKind::from_parts(price_type, price, trigger)
            .map_err(|error| Refused::Words(error.to_string()))
    }

    pub(super) fn modification(self) -> Asked<Modification> {
        self.side()?;
        self.product()?;
        self.instrument()?;
        let some = |price: Option<Price>| price.filter(|price| !price.is_zero());
        let (Some(price), Some(trigger)) = (self.price("price")?, self.price("trigger_price")?)
        else {
            return Err(Refused::Form);
        };
        Ok(Modification {
            quantity: Some(self.quantity("quantity")?),
            price_type: Some(self.word("pricetype", None)?),
            price: some(Some(price)),
            trigger: some(Some(trigger)),
        })
    }

    pub(super) fn position(self) -> Asked<(InstrumentKey, Product)> {
        let product = self.word("product", None)?;
        Ok((self.instrument()?, product))
    }

    pub(super) fn gtt(self) -> Asked<NewGtt> {
        let product = self.product()?;
        let product = GttProduct::try_from(product).map_err(|_intraday| Refused::Form)?;
        let word = self.text("trigger_type")?.to_ascii_uppercase();
        let is_market = match self.text("pricetype")? {
            "LIMIT" => false,
            "MARKET" => true,
            _ => return Err(Refused::Form),
        };
        let some =
            |key| -> Asked<Option<Price>> { Ok(self.blank(key)?.filter(|price| !price.is_zero())) };
        let (below, above) = (some("triggerprice_sl")?, some("triggerprice_tg")?);
        let leg = |side, trigger, limit: Option<Price>| {
            GttLeg::new(side, trigger, limit.filter(|_limit| !is_market))
        };
        let legs = match (word.as_str(), below, above) {
            ("SINGLE", Some(trigger), None) => {
                vec![leg(TriggerSide::Below, trigger, some("price")?)]
            }
            ("SINGLE", None, Some(trigger)) => {
                vec![leg(TriggerSide::Above, trigger, some("price")?)]
            }
            ("OCO", Some(below), Some(above)) => {
                let (Some(stop), Some(target)) = (some("stoploss")?, some("target")?) else {
                    return Err(Refused::Form);
                };
                vec![
                    leg(TriggerSide::Below, below, Some(stop)),
                    leg(TriggerSide::Above, above, Some(target)),
                ]
            }
            _ => return Err(Refused::Form),
        };
        let legs = GttLegs::try_new(legs).map_err(|_crossed| Refused::Form)?;
        Ok(NewGtt {
            instrument: self.instrument()?,
            side: self.side()?,
            quantity: self.quantity("quantity")?,
            product,
            legs,
            strategy: Some(self.text("strategy")?.to_owned()),
            expires_at: None,
            trigger_id: None,
        })
    }

    /// A price, which an empty text leaves out.
    fn blank(self, key: &str) -> Asked<Option<Price>> {
        if self.0[key] == "" {
            return Ok(None);
        }
        self.price(key)
    }

    pub(super) fn trigger_id(self) -> Asked<TriggerId> {
        self.text("trigger_id")?
            .parse()
            .map_err(|_no_id| Refused::Form)
    }

    pub(super) fn right(self) -> Asked<OptionRight> {
        match self.text("option_type")? {
            "CE" | "ce" => Ok(OptionRight::Call),
            "PE" | "pe" => Ok(OptionRight::Put),
            _ => Err(Refused::Form),
        }
    }
}
