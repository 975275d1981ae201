//! Orders that wait for a person in semi-automatic mode.

use crate::id::{BasketId, BrokerName, PendingOrderId, TriggerId, UserId};
use crate::market::{SessionBoundary, Timestamp};
use crate::monitor::Reason;
use crate::order::{
    GttError, GttLeg, GttLegs, GttProduct, NewGtt, NewOrder, OrderKind, OrderRequest, OrderSource,
    TradingMode, TriggerSide,
};
use crate::value::{NetQuantity, Price};
use crate::wire::wire_enum;
use chrono::Duration;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use thiserror::Error;

wire_enum! {
    /// Where an order that needs approval stands.
    pub enum ApprovalStatus as "approval status" {
        /// Nobody has decided yet.
        Pending = "PENDING",
        /// A person let it go.
        Approved = "APPROVED",
        /// A person refused it.
        Rejected = "REJECTED",
        /// Nobody decided in time.
        Expired = "EXPIRED",
    }
}

/// What became of an order that needs approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// Nobody has decided yet.
    Pending,
    /// A person let it go.
    Approved {
        /// When.
        at: Timestamp,
    },
    /// A person let it go, and there was nothing to do for it: it is over.
    NothingToDo {
        /// When.
        at: Timestamp,
        /// Why there was nothing to do.
        why: Reason,
    },
    /// A person refused it.
    Rejected {
        /// When.
        at: Timestamp,
        /// Why, as that person said.
        reason: Option<Reason>,
    },
    /// Nobody decided in time.
    Expired,
}

impl Approval {
    /// The word for it.
    pub fn status(&self) -> ApprovalStatus {
        match self {
            Self::Pending => ApprovalStatus::Pending,
            Self::Approved { .. } | Self::NothingToDo { .. } => ApprovalStatus::Approved,
            Self::Rejected { .. } => ApprovalStatus::Rejected,
            Self::Expired => ApprovalStatus::Expired,
        }
    }
}

/// What a person says to an order that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may go.
    Approve,
    /// It might have gone, and there is nothing to do for it.
    NothingToDo {
        /// Why not.
        why: Reason,
    },
    /// It must not.
    Reject {
        /// Why.
        reason: Option<Reason>,
    },
}

impl Decision {
    /// What becomes of an order on which it is made.
    pub fn made_at(self, at: Timestamp) -> Approval {
        match self {
            Self::Approve => Approval::Approved { at },
            Self::NothingToDo { why } => Approval::NothingToDo { at, why },
            Self::Reject { reason } => Approval::Rejected { at, reason },
        }
    }
}

/// The place of an order among those that were asked for at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasketPlace {
    /// Which orders.
    pub basket: BasketId,
    /// The place among them, from zero.
    pub row: u32,
}

/// What an order that waits for a price has besides what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenGtt", into = "WrittenGtt")]
pub struct PendingGtt {
    /// What is waited for, and the limits of its orders.
    pub legs: GttLegs,
    /// The sender's own id of it.
    pub trigger_id: Option<TriggerId>,
    /// Until when it would wait for its price, if its sender says so.
    pub expires_at: Option<Timestamp>,
}

/// How it is written down: its legs wait, so where they stand is not.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenGtt {
    legs: Vec<WrittenLeg>,
    trigger_id: Option<TriggerId>,
    expires_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLeg {
    fires: TriggerSide,
    trigger: Price,
    limit: Option<Price>,
}

impl From<PendingGtt> for WrittenGtt {
    fn from(gtt: PendingGtt) -> Self {
        let legs = gtt.legs.as_slice().iter().map(|leg| WrittenLeg {
            fires: leg.side,
            trigger: leg.trigger,
            limit: leg.limit,
        });
        Self {
            legs: legs.collect(),
            trigger_id: gtt.trigger_id,
            expires_at: gtt.expires_at,
        }
    }
}

impl TryFrom<WrittenGtt> for PendingGtt {
    type Error = GttError;

    fn try_from(written: WrittenGtt) -> Result<Self, GttError> {
        let legs = written.legs.into_iter();
        let legs = legs.map(|leg| GttLeg::new(leg.fires, leg.trigger, leg.limit));
        Ok(Self {
            legs: GttLegs::try_new(legs.collect())?,
            trigger_id: written.trigger_id,
            expires_at: written.expires_at,
        })
    }
}

impl PendingGtt {
    /// What is asked for as an order, with the limit of its first leg, and what makes it wait for a
    /// price.
    pub fn split(asked: NewGtt) -> (NewOrder, Self) {
        let limit = asked.legs.as_slice().first().and_then(|leg| leg.limit);
        let order = NewOrder {
            instrument: asked.instrument,
            side: asked.side,
            quantity: asked.quantity,
            product: asked.product.into(),
            kind: limit.map_or(OrderKind::Market, |price| OrderKind::Limit { price }),
            strategy: asked.strategy,
            source: OrderSource::Api,
            client_order_id: None,
        };
        let gtt = Self {
            legs: asked.legs,
            trigger_id: asked.trigger_id,
            expires_at: asked.expires_at,
        };
        (order, gtt)
    }

    /// Puts together again what was split.
    pub fn join(self, order: &NewOrder) -> Result<NewGtt, GttError> {
        Ok(NewGtt {
            instrument: order.instrument.clone(),
            side: order.side,
            quantity: order.quantity,
            product: GttProduct::try_from(order.product)?,
            legs: self.legs,
            strategy: order.strategy.clone(),
            expires_at: self.expires_at,
            trigger_id: self.trigger_id,
        })
    }
}

/// An order to be put before a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPendingOrder {
    /// Whose order.
    pub user: UserId,
    /// The broker it would go to.
    pub broker: BrokerName,
    /// Real money or paper, as it was when the order was asked for.
    pub mode: TradingMode,
    /// What would be placed.
    pub order: NewOrder,
    /// Target position of a smart order.
    pub position_size: Option<NetQuantity>,
    /// What it would wait for once it is let go, if that is a price.
    pub gtt: Option<PendingGtt>,
    /// Its place, if it was asked for together with others.
    pub basket: Option<BasketPlace>,
    /// The request that it came from, where that says more than the order.
    pub request: Option<OrderRequest>,
    /// The last price when it was asked for: whoever decides later sees how far it has moved.
    pub last_price: Option<Price>,
    /// When it lapses.
    pub expires_at: Option<Timestamp>,
}

/// An order that waits for a person, or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingOrder {
    /// Row number.
    pub id: PendingOrderId,
    /// What was put before a person.
    pub asked: NewPendingOrder,
    /// What became of it.
    pub approval: Approval,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// The longest that an order may wait, in minutes: a day.
const LONGEST: u16 = 1_440;

/// For how long an order waits for a person before it lapses. None outlives the session in which
/// it was asked for, since its prices are of that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalExpiry {
    /// Until the session ends.
    Session,
    /// For so many minutes.
    Minutes(u16),
}

/// A text that says no such time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("it must be session, or minutes from 1 to {LONGEST}")]
pub struct ApprovalExpiryError;

impl FromStr for ApprovalExpiry {
    type Err = ApprovalExpiryError;

    fn from_str(text: &str) -> Result<Self, ApprovalExpiryError> {
        if text == "session" {
            return Ok(Self::Session);
        }
        let minutes = text.parse().ok();
        let minutes = minutes.filter(|minutes| (1..=LONGEST).contains(minutes));
        minutes.map(Self::Minutes).ok_or(ApprovalExpiryError)
    }
}

impl ApprovalExpiry {
    /// When an order lapses that was asked for at `asked`.
    pub fn lapses_at(self, asked: Timestamp, boundary: SessionBoundary) -> Timestamp {
        let end = boundary.next_after(asked);
        match self {
            Self::Session => end,
            Self::Minutes(minutes) => asked.plus(Duration::minutes(minutes.into())).min(end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_wait_is_a_session_or_minutes() {
        assert_eq!("session".parse(), Ok(ApprovalExpiry::Session));
        assert_eq!("15".parse(), Ok(ApprovalExpiry::Minutes(15)));
        assert_eq!("1440".parse(), Ok(ApprovalExpiry::Minutes(1_440)));
        for wrong in ["0", "1441", "-5", "", "Session", "1.5"] {
            assert_eq!(wrong.parse::<ApprovalExpiry>(), Err(ApprovalExpiryError));
        }
    }

    #[test]
    fn no_order_waits_beyond_its_session() {
        let at = |text| Timestamp::parse_stored(text).unwrap();
        let lapses =
            |expiry: ApprovalExpiry, asked| expiry.lapses_at(at(asked), SessionBoundary::default());
        // 03:00 in India.
        let end = at("2026-11-25 21:30:00");
        assert_eq!(lapses(ApprovalExpiry::Session, "2026-11-25 05:00:00"), end);
        assert_eq!(
            lapses(ApprovalExpiry::Minutes(15), "2026-11-25 05:00:00"),
            at("2026-11-25 05:15:00")
        );
        assert_eq!(
            lapses(ApprovalExpiry::Minutes(15), "2026-11-25 21:20:00"),
            end
        );
    }
}
