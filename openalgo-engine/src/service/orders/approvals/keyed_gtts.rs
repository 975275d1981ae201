//! Orders that wait for a price, as an API key asks for them.
//!
//! The order of one goes out when its price is met, which may be at night, and nobody is asked then.
//! So with a semi-automatic key a person is asked before it waits for its price.

use super::keyed::{KeyedOrderService, Queued, Requested, asked, no_row};
use super::queue::Wish;
use super::{KeyedError, PersonsChoice, SemiAutoRefusal};
use crate::claims::{OrderClaim, OrderName};
use crate::service::gtts::check_id;
use crate::service::orders::place::Way;
use crate::service::{ChangeGttError, PlaceGttError, PlacedGtt};
use openalgo_core::id::{ClientOrderId, TriggerId, UserId};
use openalgo_core::order::{Gtt, NewGtt, OrderRequest, RequestKind, TradingMode};
use openalgo_core::strategy::{NewPendingOrder, PendingGtt};

impl KeyedOrderService {
    /// Places an order that waits for a price as
    /// [`GttService::place`](crate::service::GttService::place), or puts it before a person: live or
    /// on paper, since nobody is asked when its price comes.
    ///
    /// With a trigger id, the same once more is told what became of the first, whether it was placed
    /// or waits for a person.
    pub async fn place_gtt(
        &self,
        user: UserId,
        mut gtt: NewGtt,
    ) -> Result<Requested<PlacedGtt>, KeyedError<PlaceGttError>> {
        check_id(&gtt).map_err(asked)?;
        // None and an empty one are kept alike.
        gtt.strategy = gtt.strategy.filter(|name| !name.is_empty());
        let way = self.way(user).await?;
        let waits = self.is_semi_auto(user).await.map_err(KeyedError::Store)?;
        let (request, claim) = self.claimed(&way, &gtt).await.map_err(asked)?;
        let before = match &gtt.trigger_id {
            Some(id) => self.gtts.find(user, id).await.map_err(KeyedError::Store)?,
            None => None,
        };
        if before.is_none() {
            let queued = self.gtt_queued(&way, request.as_ref()).await;
            if let Some(queued) = queued.map_err(asked)? {
                return Ok(queued.into());
            }
        }
        if before.is_some() || !waits {
            let placed = self.gtts.place_on(user, way.route, gtt).await;
            return placed.map(Requested::Done).map_err(asked);
        }
        let last = self.gtts.examine(user, way.route.clone(), gtt.clone());
        let last = last.await.map_err(asked)?;
        let (order, gtt) = PendingGtt::split(gtt);
        let wish = Wish {
            request,
            ..Wish::plain(&order)
        };
        let row = NewPendingOrder {
            gtt: Some(gtt),
            ..wish.row(&way, None, last)
        };
        let queued = self.room.queue(vec![row], claim.into_iter().collect());
        let queued = queued.await.map_err(|error| asked(error.into()))?;
        let queued = queued.into_iter().next();
        let queued = queued.ok_or_else(|| KeyedError::Store(no_row()))?;
        Ok(queued.into())
    }

    /// Keeps everybody else from the sender's trigger id, and gives what the request is known by.
    async fn claimed(
        &self,
        way: &Way,
        gtt: &NewGtt,
    ) -> Result<(Option<OrderRequest>, Option<OrderClaim>), PlaceGttError> {
        let Some(id) = &gtt.trigger_id else {
            return Ok((None, None));
        };
        let id = ClientOrderId::try_new(id.as_str())?;
        let body = PendingGtt::split(gtt.clone());
        let body = way.body(&body)?;
        let kind = RequestKind::Gtt;
        let key = OrderName::Id(way.user, Some(kind), id.clone());
        let claim = self.orders.claims.claim(key).await;
        Ok((Some(OrderRequest { kind, id, body }), claim))
    }

    /// What waits under the trigger id of a request, or did. Other words under it are a conflict.
    async fn gtt_queued(
        &self,
        way: &Way,
        request: Option<&OrderRequest>,
    ) -> Result<Option<Queued>, PlaceGttError> {
        let Some(request) = request else {
            return Ok(None);
        };
        let known = self.room.find_request(&way.key(request)).await?.pop();
        match known {
            Some(pending) if pending.asked.request.as_ref() == Some(request) => Ok(Some(Queued {
                pending,
                replayed: true,
            })),
            Some(_) => Err(PlaceGttError::Conflict(TriggerId::try_new(
                request.id.as_str(),
            )?)),
            None => Ok(None),
        }
    }

    /// Modifies one that waits as
    /// [`GttService::modify`](crate::service::GttService::modify), unless that is a person's business.
    pub async fn modify_gtt(
        &self,
        user: UserId,
        id: &TriggerId,
        gtt: NewGtt,
    ) -> Result<Gtt, KeyedError<ChangeGttError>> {
        self.let_change_gtt(user, id, PersonsChoice::ModifyGtt)
            .await?;
        self.gtts.modify(user, id, gtt).await.map_err(asked)
    }

    /// Withdraws one that waits as
    /// [`GttService::cancel`](crate::service::GttService::cancel), unless that is a person's business.
    pub async fn cancel_gtt(
        &self,
        user: UserId,
        id: &TriggerId,
    ) -> Result<Gtt, KeyedError<ChangeGttError>> {
        self.let_change_gtt(user, id, PersonsChoice::CancelGtt)
            .await?;
        self.gtts.cancel(user, id).await.map_err(asked)
    }

    /// Refuses to let a key change one that waits, if that is a live one, or orders are live now.
    async fn let_change_gtt(
        &self,
        user: UserId,
        id: &TriggerId,
        operation: PersonsChoice,
    ) -> Result<(), KeyedError<ChangeGttError>> {
        if !self.is_semi_auto(user).await.map_err(KeyedError::Store)? {
            return Ok(());
        }
        let gtt = self.gtts.find(user, id).await.map_err(KeyedError::Store)?;
        let is_live = |mode: TradingMode| mode == TradingMode::Live;
        if gtt.is_some_and(|gtt| is_live(gtt.mode)) || is_live(self.way(user).await?.route.mode) {
            return Err(SemiAutoRefusal(operation).into());
        }
        Ok(())
    }
}
