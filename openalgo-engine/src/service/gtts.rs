//! Orders that wait for a price: place, modify, cancel, list.
//!
//! This program watches the price while it runs, on paper and at every broker. What is met while
//! it is off is met by the price that there is when it comes back.

mod error;

pub use error::{ChangeGttError, PlaceGttError};

use super::SettingService;
use crate::gtt::{Change, GttTask, GttWatch, GttWatchError, Terms, Tools, placed_before};
use crate::kill_switch::KillSwitches;
use crate::market::Market;
use crate::ports::Ports;
use crate::route::{Route, Router};
use openalgo_core::account::SettingKey;
use openalgo_core::id::{GttId, PendingOrderId, TextError, TriggerId, UserId};
use openalgo_core::market::{Instrument, SessionBoundary, Timestamp, TradingDay};
use openalgo_core::order::{Gtt, GttKeeper, GttStatus, NewGtt, TradingMode};
use openalgo_core::port::{GttQuery, StoreError};
use openalgo_core::rule::gtt::{GttRefusal, LIFE, check_change, check_gtt};
use openalgo_core::rule::order_check::check_freeze;
use openalgo_core::value::{Money, Price};
use std::sync::Arc;
use std::time::Duration;

/// An order that waits for a price, or one that had been placed before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedGtt {
    /// It, as it stands.
    pub gtt: Gtt,
    /// Whether this is the answer to an earlier request with the same trigger id.
    pub replayed: bool,
}

/// How the trigger id begins of one that came without one and was let go by a person.
const KEPT: &str = "GTT-pending-";

/// The trigger id of one that a person lets go, made of the number under which it waited: no other
/// ever has it, so nothing that is let go twice is kept twice.
pub(super) fn kept_id(id: PendingOrderId) -> Result<TriggerId, TextError> {
    TriggerId::try_new(&format!("{KEPT}{id}"))
}

/// Refuses an id that no sender may give.
pub(super) fn check_id(asked: &NewGtt) -> Result<(), PlaceGttError> {
    match &asked.trigger_id {
        Some(id) if id.as_str().starts_with(KEPT) => Err(PlaceGttError::KeptId(id.clone())),
        _ => Ok(()),
    }
}

/// Places, modifies, cancels and lists orders that wait for a price.
///
/// The order that a met price places goes the way of every other, with the rules, limits and
/// funds of that moment; it goes to the broker, and in the mode, that were chosen when this was
/// placed. What refuses it for a while (trading is halted, nobody is logged in at the broker, the
/// disk is full) leaves it waiting. What refuses the order itself is tried three times in all.
#[derive(Debug, Clone)]
pub struct GttService {
    ports: Arc<Ports>,
    settings: SettingService,
    market: Arc<Market>,
    router: Router,
    switches: KillSwitches,
    watch: GttWatch,
}

impl GttService {
    /// Starts the task that watches, which looks at prices so often by itself, if at all.
    pub(crate) fn start(
        tools: Tools,
        (settings, switches): (SettingService, KillSwitches),
        every: Option<Duration>,
    ) -> (Arc<Self>, GttTask) {
        let (ports, market) = (Arc::clone(&tools.ports), Arc::clone(&tools.market));
        let (watch, task) = GttWatch::start(tools, every);
        let service = Self {
            router: Router::new(settings.clone(), ports.paper.clone()),
            ports,
            settings,
            market,
            switches,
            watch,
        };
        (Arc::new(service), task)
    }

    /// Places one: check, route, keep. It is watched when this returns.
    ///
    /// With a trigger id, the same once more gives the first one back, whatever would stop a new
    /// one by now.
    pub async fn place(&self, user: UserId, asked: NewGtt) -> Result<PlacedGtt, PlaceGttError> {
        check_id(&asked)?;
        let owner = self.ports.users.get(user).await?;
        let route = self.router.route(&owner)?;
        self.place_on(user, route, asked).await
    }

    /// Places one that goes a way that is decided.
    pub(super) async fn place_on(
        &self,
        user: UserId,
        route: Route,
        mut asked: NewGtt,
    ) -> Result<PlacedGtt, PlaceGttError> {
        if let Some(gtt) = self.before(user, &route, &mut asked).await? {
            let replayed = true;
            return Ok(PlacedGtt { gtt, replayed });
        }
        let gtt = self.decided((user, route), &mut asked).await?;
        let (gtt, replayed) = self.watch.keep(gtt, asked).await?;
        Ok(PlacedGtt { gtt, replayed })
    }

    /// Whether one would be kept now; gives the last price, unless it is kept already.
    pub(super) async fn examine(
        &self,
        user: UserId,
        route: Route,
        mut asked: NewGtt,
    ) -> Result<Option<Price>, PlaceGttError> {
        if self.before(user, &route, &mut asked).await?.is_some() {
            return Ok(None);
        }
        let gtt = self.decided((user, route), &mut asked).await?;
        Ok(gtt.last_price)
    }

    /// The one that was placed before with the id that is asked for.
    async fn before(
        &self,
        user: UserId,
        route: &Route,
        asked: &mut NewGtt,
    ) -> Result<Option<Gtt>, PlaceGttError> {
        let Some(id) = &asked.trigger_id else {
            return Ok(None);
        };
        let Some(known) = self.find(user, id).await? else {
            return Ok(None);
        };
        if asked.expires_at.is_some() {
            let (key, at) = (&asked.instrument, known.created_at);
            let instrument = self.market.instrument_at(key, at).await?;
            self.cut(asked, &instrument)?;
        }
        placed_before(known, (route.mode, &route.broker), asked).map(Some)
    }

    /// What is asked for, checked, and cut to the end of what it trades.
    async fn decided(
        &self,
        (user, Route { mode, broker }): (UserId, Route),
        asked: &mut NewGtt,
    ) -> Result<Gtt, PlaceGttError> {
        if mode == TradingMode::Live && self.market.is_staged() {
            return Err(PlaceGttError::NoRealPrices);
        }
        self.switches.pass(user).await?;
        let now = self.ports.clock.now();
        let instrument = self.market.instrument(&asked.instrument).await?;
        check_gtt(asked, &instrument, now)?;
        check_freeze((asked.quantity, mode), &instrument).map_err(GttRefusal::from)?;
        let end = self.cut(asked, &instrument)?;
        let quote = self.market.quote(&asked.instrument).await?;
        let trigger_id = match &asked.trigger_id {
            Some(id) => id.clone(),
            None => self.make_id(now)?,
        };
        let life = now.plus(LIFE);
        let life = end.map_or(life, |end| end.min(life));
        Ok(Gtt {
            id: GttId::new(0),
            user,
            broker,
            trigger_id,
            mode,
            keeper: GttKeeper::Local,
            instrument: asked.instrument.clone(),
            side: asked.side,
            quantity: asked.quantity,
            product: asked.product,
            legs: asked.legs.clone(),
            status: GttStatus::Active,
            message: None,
            strategy: asked.strategy.clone(),
            last_price: Some(quote.ltp),
            margin: Money::ZERO,
            expires_at: asked.expires_at.unwrap_or(life),
            created_at: now,
            updated_at: now,
        })
    }

    /// An id as clients know them: the date in India, and eight digits that differ.
    fn make_id(&self, now: Timestamp) -> Result<TriggerId, PlaceGttError> {
        let unique = self.ports.ids.make_intent_id()?.to_string();
        let digits = unique.get(unique.len().saturating_sub(8)..);
        let date = now.to_ist().format("%y%m%d");
        let id = format!("GTT-{date}-{}", digits.unwrap_or(&unique));
        Ok(TriggerId::try_new(&id)?)
    }

    /// Lets what is asked for lapse no later than what it trades ends; tells when that is.
    fn cut(
        &self,
        asked: &mut NewGtt,
        instrument: &Instrument,
    ) -> Result<Option<Timestamp>, StoreError> {
        let end = self.end_of(instrument)?;
        let cut = |asked: Timestamp| end.map_or(asked, |end| end.min(asked));
        asked.expires_at = asked.expires_at.map(cut);
        Ok(end)
    }

    /// When there is nothing to wait for any more: a contract ends with the session of its last
    /// day.
    fn end_of(&self, instrument: &Instrument) -> Result<Option<Timestamp>, StoreError> {
        let Some(after) = instrument.expiry.and_then(|expiry| expiry.succ_opt()) else {
            return Ok(None);
        };
        let boundary: SessionBoundary = self.settings.parsed(SettingKey::SessionExpiryTime)?;
        Ok(Some(boundary.start_of(TradingDay::new(after))))
    }

    /// Gives one that waits other terms: all of `asked`, of which instrument, side and number of
    /// legs must be those that it has. What it was placed with stays where `asked` names no end.
    ///
    /// While trading is halted, only terms that surely take risk away are taken.
    pub async fn modify(
        &self,
        user: UserId,
        id: &TriggerId,
        asked: NewGtt,
    ) -> Result<Gtt, ChangeGttError> {
        let known = self.find(user, id).await?;
        let is_active = |gtt: &Gtt| gtt.status == GttStatus::Active;
        let known = known.filter(is_active);
        let known = known.ok_or_else(|| ChangeGttError::NotFound(id.clone()))?;
        check_change(&known, &asked)?;
        let halt = self.switches.pass(user).await.err();
        let now = self.ports.clock.now();
        let instrument = self.market.instrument(&asked.instrument).await?;
        check_gtt(&asked, &instrument, now)?;
        check_freeze((asked.quantity, known.mode), &instrument).map_err(GttRefusal::from)?;
        let end = self.end_of(&instrument)?;
        let change = Change::Modify(Box::new(Terms { asked, end, halt }));
        self.watch.change((user, id.clone()), change).await
    }

    /// Withdraws one that waits. One whose order is being placed is refused: only that order can
    /// be cancelled.
    pub async fn cancel(&self, user: UserId, id: &TriggerId) -> Result<Gtt, ChangeGttError> {
        let which = (user, id.clone());
        self.watch.change(which, Change::Cancel).await
    }

    /// The one that a user knows by this id, whether it waits or is over.
    pub async fn find(&self, user: UserId, id: &TriggerId) -> Result<Option<Gtt>, StoreError> {
        self.ports.gtt_orders.find(user, id).await
    }

    /// Those of a user, the newest first: all, or those that stand so.
    pub async fn list(
        &self,
        user: UserId,
        status: Option<GttStatus>,
    ) -> Result<Vec<Gtt>, StoreError> {
        let user = Some(user);
        self.ports.gtt_orders.list(GttQuery { user, status }).await
    }

    pub(crate) async fn watch(&self) -> Result<(), GttWatchError> {
        self.watch.pass().await
    }
}
