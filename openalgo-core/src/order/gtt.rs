//! Orders that wait for a price for days: good till triggered.

use super::{Product, Side, TradingMode};
use crate::id::{BrokerName, GttId, OrderId, TriggerId, UserId};
use crate::market::{InstrumentKey, Timestamp};
use crate::value::{Money, Price, Quantity};
use crate::wire::wire_enum;
use thiserror::Error;

wire_enum! {
    /// How many prices are waited for.
    pub enum GttType as "trigger type" {
        /// One.
        Single = "SINGLE",
        /// Two, of which the first that is met cancels the other.
        Oco = "OCO",
    }
}

wire_enum! {
    /// Where the whole stands.
    pub enum GttStatus as "GTT status" {
        /// It waits.
        Active = "active",
        /// A leg was met and its order placed.
        Triggered = "triggered",
        /// Somebody withdrew it.
        Cancelled = "cancelled",
        /// No leg was met in time.
        Expired = "expired",
        /// Its order could not be placed.
        Rejected = "rejected",
    }
}

wire_enum! {
    /// Who watches the price.
    pub enum GttKeeper as "GTT keeper" {
        /// The broker, even while this program is off.
        Broker = "broker",
        /// This program, while it runs.
        Local = "local",
    }
}

wire_enum! {
    /// From which side the price must come to the trigger, whichever way the order goes.
    pub enum TriggerSide as "side of a trigger" {
        /// The price falls to it: a stop-loss of what is held.
        Below = "below",
        /// The price rises to it: a target of what is held.
        Above = "above",
    }
}

wire_enum! {
    /// The stored status of a leg.
    pub enum LegStatus as "GTT leg status" {
        /// It waits.
        Pending = "pending",
        /// Its order is being placed.
        Triggering = "triggering",
        /// Its order was placed.
        Triggered = "triggered",
        /// It waits no more.
        Cancelled = "cancelled",
    }
}

wire_enum! {
    /// The products that can wait for days; an intraday position cannot.
    pub enum GttProduct as "GTT product" {
        /// Delivery of shares.
        Cnc = "CNC",
        /// Derivatives carried overnight.
        Nrml = "NRML",
    }
}

impl TryFrom<Product> for GttProduct {
    type Error = GttError;

    fn try_from(product: Product) -> Result<Self, GttError> {
        match product {
            Product::Cnc => Ok(Self::Cnc),
            Product::Nrml => Ok(Self::Nrml),
            Product::Mis => Err(GttError::Intraday),
        }
    }
}

impl From<GttProduct> for Product {
    fn from(product: GttProduct) -> Self {
        match product {
            GttProduct::Cnc => Self::Cnc,
            GttProduct::Nrml => Self::Nrml,
        }
    }
}

/// Where a leg stands, with what belongs to it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegState {
    /// It waits.
    Pending {
        /// How often its order was tried and could not be placed.
        attempts: u32,
    },
    /// Its order is being placed.
    Triggering {
        /// How often that was tried before.
        attempts: u32,
        /// Since when.
        since: Timestamp,
    },
    /// Its order was placed.
    Triggered {
        /// The order; `None` when the broker placed one that is not known here.
        order: Option<OrderId>,
    },
    /// It waits no more.
    Cancelled,
}

impl LegState {
    /// The word for this state.
    pub fn status(self) -> LegStatus {
        match self {
            Self::Pending { .. } => LegStatus::Pending,
            Self::Triggering { .. } => LegStatus::Triggering,
            Self::Triggered { .. } => LegStatus::Triggered,
            Self::Cancelled => LegStatus::Cancelled,
        }
    }

    /// How often its order was tried and could not be placed.
    pub fn attempts(self) -> u32 {
        match self {
            Self::Pending { attempts } | Self::Triggering { attempts, .. } => attempts,
            Self::Triggered { .. } | Self::Cancelled => 0,
        }
    }
}

/// One price that is waited for, and what is then placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GttLeg {
    /// From which side the price must come.
    pub side: TriggerSide,
    /// The price.
    pub trigger: Price,
    /// Limit of the order that is placed; `None` places it at the market.
    pub limit: Option<Price>,
    /// Where it stands.
    pub state: LegState,
}

impl GttLeg {
    /// A leg that waits.
    pub fn new(side: TriggerSide, trigger: Price, limit: Option<Price>) -> Self {
        Self {
            side,
            trigger,
            limit,
            state: LegState::Pending { attempts: 0 },
        }
    }
}

/// The one leg of a SINGLE, or the two of an OCO, the lower first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GttLegs(Vec<GttLeg>);

/// Legs that make no sense together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GttError {
    /// Neither one leg nor one on each side.
    #[error("a SINGLE GTT has one leg, an OCO one below and one above the price")]
    Shape,
    /// A trigger of zero would be met at once, or never.
    #[error("the trigger of a GTT must be above zero")]
    Trigger,
    /// A limit of zero is never accepted.
    #[error("the limit of a GTT must be above zero")]
    Limit,
    /// Both legs would be met at once.
    #[error("Stoploss trigger must be less than target trigger (triggerprice_tg).")]
    Crossed,
    /// A product that does not last until the price comes.
    #[error("GTT supports only CNC (delivery) or NRML (overnight F&O); MIS is intraday-only.")]
    Intraday,
}

impl GttLegs {
    /// Takes one leg, or two that do not cross.
    pub fn try_new(mut legs: Vec<GttLeg>) -> Result<Self, GttError> {
        legs.sort_by_key(|leg| leg.side);
        match legs.as_slice() {
            [_] => {}
            [below, above] if below.side != above.side => {
                if below.trigger >= above.trigger {
                    return Err(GttError::Crossed);
                }
            }
            _ => return Err(GttError::Shape),
        }
        if legs.iter().any(|leg| leg.trigger.is_zero()) {
            return Err(GttError::Trigger);
        }
        if legs.iter().any(|leg| leg.limit.is_some_and(Price::is_zero)) {
            return Err(GttError::Limit);
        }
        Ok(Self(legs))
    }

    /// The legs, the lower first.
    pub fn as_slice(&self) -> &[GttLeg] {
        &self.0
    }

    /// Lets a leg stand otherwise; a side that no leg is on changes nothing.
    pub fn set(&mut self, side: TriggerSide, state: LegState) {
        for leg in self.0.iter_mut().filter(|leg| leg.side == side) {
            leg.state = state;
        }
    }

    /// How often the order of a leg was tried and could not be placed.
    pub fn attempts_of(&self, side: TriggerSide) -> u32 {
        let leg = self.0.iter().find(|leg| leg.side == side);
        leg.map_or(0, |leg| leg.state.attempts())
    }

    /// Lets every leg wait no more.
    pub fn cancel(&mut self) {
        for leg in &mut self.0 {
            leg.state = LegState::Cancelled;
        }
    }

    /// Whether the order of a leg is being placed.
    pub fn is_triggering(&self) -> bool {
        let legs = self.0.iter();
        legs.map(|leg| leg.state.status())
            .any(|it| it == LegStatus::Triggering)
    }

    /// The word for so many legs.
    pub fn trigger_type(&self) -> GttType {
        if self.0.len() == 1 {
            GttType::Single
        } else {
            GttType::Oco
        }
    }
}

/// An order that is to wait for a price. Nothing in it has been checked against an instrument yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGtt {
    /// What to trade.
    pub instrument: InstrumentKey,
    /// Which way.
    pub side: Side,
    /// How many units, whichever leg is met.
    pub quantity: Quantity,
    /// How long the position is meant to be kept.
    pub product: GttProduct,
    /// What to wait for.
    pub legs: GttLegs,
    /// Name of the strategy that asks, if any.
    pub strategy: Option<String>,
    /// When it lapses; a year from now where nothing is said.
    pub expires_at: Option<Timestamp>,
    /// The sender's own id: the same id and words again are the same one. One is made where none
    /// is given.
    pub trigger_id: Option<TriggerId>,
}

/// An order that waits for a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gtt {
    /// Row number.
    pub id: GttId,
    /// Whose order.
    pub user: UserId,
    /// At which broker.
    pub broker: BrokerName,
    /// The id by which clients know it, unique for user and broker.
    pub trigger_id: TriggerId,
    /// Real money or paper; its order keeps it.
    pub mode: TradingMode,
    /// Who watches the price.
    pub keeper: GttKeeper,
    /// What to trade.
    pub instrument: InstrumentKey,
    /// Which way.
    pub side: Side,
    /// How many units, whichever leg is met.
    pub quantity: Quantity,
    /// How long the position is meant to be kept.
    pub product: GttProduct,
    /// What it waits for.
    pub legs: GttLegs,
    /// Where it stands.
    pub status: GttStatus,
    /// Why, where there is something to say.
    pub message: Option<String>,
    /// Name of the strategy that asked, if any.
    pub strategy: Option<String>,
    /// The price when it was placed.
    pub last_price: Option<Price>,
    /// What it reserves at the paper exchange.
    pub margin: Money,
    /// When it lapses.
    pub expires_at: Timestamp,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
