//! Recorded orders for options that are meant by their distance from the money.

use super::asked::{Fields, Refused};
use super::{Place, Told, parts, shown, words};
use chrono::NaiveDate;
use openalgo::core::order::{OrderSource, OrderStatus, Product};
use openalgo::core::rule::strike::StrikeOffset;
use openalgo::engine::market::{OptionChoice, OptionError, UnderlyingQuery};
use openalgo::engine::service::{
    Leg, OptionLeg, OptionLegError, OptionLegPlaced, OptionsOrder, OptionsPlaced,
};
use serde_json::json;

impl Fields<'_> {
    pub(super) fn underlying(self) -> Result<UnderlyingQuery, Refused> {
        let exchange = self.text("exchange")?.parse();
        Ok(UnderlyingQuery {
            name: self.text("underlying")?.to_owned(),
            exchange: exchange.map_err(|_unknown| Refused::Form)?,
        })
    }

    /// The expiry, if one is given; words that are no day name none that is listed.
    pub(super) fn expiry(self) -> Result<Option<NaiveDate>, Refused> {
        let Some(text) = self.0["expiry_date"].as_str() else {
            return Ok(None);
        };
        let base = self.0["underlying"].as_str().unwrap_or_default().to_owned();
        let no_strikes = |_no_day| {
            let expiry = text.to_owned();
            Refused::NoOrder(OptionError::NoStrikes { base, expiry }.to_string())
        };
        let expiry = NaiveDate::parse_from_str(text, "%d%b%y").map_err(no_strikes)?;
        Ok(Some(expiry))
    }

    /// Where an order is for one, words that are no offset are beyond all strikes.
    fn offset(self) -> Result<StrikeOffset, Refused> {
        let text = self.text("offset")?;
        text.parse().map_err(|_no_offset| {
            Refused::NoOrder(format!(
                "Offset {text} is out of range for available strikes. Please use a smaller offset."
            ))
        })
    }

    fn option_leg(self) -> Result<OptionLeg, Refused> {
        if self.product()? == Product::Cnc {
            return Err(Refused::Form);
        }
        Ok(OptionLeg {
            option: OptionChoice {
                expiry: self.expiry()?,
                offset: self.offset()?,
                right: self.right()?,
                strike_step: self.whole("strike_int").ok(),
            },
            side: self.side()?,
            quantity: self.quantity("quantity")?,
            product: self.product()?,
            kind: self.kind()?,
            split: self.quantity("splitsize").ok(),
        })
    }

    fn options_order(self, legs: Vec<OptionLeg>) -> Result<OptionsOrder, Refused> {
        Ok(OptionsOrder {
            underlying: self.underlying()?,
            expiry: self.expiry()?,
            legs,
            strategy: Some(self.text("strategy")?.to_owned()),
            source: OrderSource::Api,
            client_order_id: None,
        })
    }
}

impl Place {
    async fn place_options(
        &self,
        fields: Fields<'_>,
        legs: Vec<OptionLeg>,
    ) -> Result<OptionsPlaced<Leg>, Refused> {
        let order = fields.options_order(legs)?;
        let placed = self.app.orders().options(self.owner.id, order).await;
        placed.map_err(words)
    }

    pub(super) async fn option(&self, fields: Fields<'_>) -> Told {
        let leg = fields.option_leg()?;
        let (total, split) = (leg.quantity, leg.split);
        let mut placed = self.place_options(fields, vec![leg]).await?;
        let leg = placed.legs.pop().unwrap();
        let ltp = placed.underlying.map(|it| shown::number(it.quote.ltp));
        let no_order = |error: OptionLegError| Refused::NoOrder(error.to_string());
        let orders = leg.outcome.map_err(no_order)?;
        let mut told = json!({
            "exchange": "NFO",
            "offset": fields.text("offset")?,
            "option_type": fields.text("option_type")?.to_ascii_uppercase(),
            "symbol": leg.option.map(|option| option.symbol),
            "underlying": fields.text("underlying")?,
            "underlying_ltp": ltp,
        });
        if let Some(size) = split {
            told["results"] = parts(&orders).into();
            told["split_size"] = size.get().into();
            told["total_quantity"] = total.get().into();
        } else {
            told["orderid"] = only(orders)?;
        }
        Ok(told)
    }

    /// Several options: those that are bought first.
    pub(super) async fn options(&self, fields: Fields<'_>) -> Told {
        let rows = fields.0["legs"].as_array().ok_or(Refused::Form)?;
        if rows.is_empty() {
            return Err(Refused::Form);
        }
        let legs = rows.iter().map(|row| Fields(row).option_leg());
        let legs = legs.collect::<Result<Vec<_>, _>>()?;
        let placed = self.place_options(fields, legs).await?;
        let told = rows.iter().zip(placed.legs);
        let told = told.map(|(row, leg)| leg_row(Fields(row), leg));
        Ok(json!({
            "results": told.collect::<Result<Vec<_>, _>>()?,
            "underlying": fields.text("underlying")?,
            "underlying_ltp": placed.underlying.map(|it| shown::number(it.quote.ltp)),
        }))
    }
}

/// The id of the only order of a leg.
fn only(orders: Vec<Leg>) -> Told {
    let placed = orders.into_iter().next().unwrap().outcome.map_err(words)?;
    match placed.order.state.message() {
        Some(reason) if placed.order.status() == OrderStatus::Rejected => {
            Err(Refused::Words(reason.to_owned()))
        }
        _ => Ok(placed.order.public_id().into()),
    }
}

fn leg_row(fields: Fields<'_>, leg: OptionLegPlaced<Leg>) -> Told {
    let mut row = json!({
        "leg": leg.number,
        "action": fields.side()?,
        "offset": fields.text("offset")?,
        "option_type": fields.text("option_type")?.to_ascii_uppercase(),
    });
    let id = leg
        .outcome
        .map_err(|error: OptionLegError| words(error))
        .and_then(only);
    match (id, leg.option) {
        (Ok(id), Some(option)) => {
            row["orderid"] = id;
            row["exchange"] = json!(option.exchange);
            row["symbol"] = json!(option.symbol);
            row["mode"] = "analyze".into();
            row["product"] = json!(fields.product()?);
            row["status"] = "success".into();
        }
        (Err(Refused::Words(message) | Refused::NoOrder(message)), _) => {
            row["message"] = message.into();
            row["status"] = "error".into();
        }
        (Ok(_) | Err(Refused::Form), _) => return Err(Refused::Form),
    }
    Ok(row)
}
