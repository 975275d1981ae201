//! Orders that wait for a price, as an API key asks for them.
//!
//! The order of one goes out when its price is met, which may be at night, and nobody is asked then.
//! So a semi-automatic key keeps none: what it asks for must not reach a broker by itself.

use super::keyed::{KeyedOrderService, asked};
use super::{KeyedError, PersonsChoice, SemiAutoRefusal};
use crate::service::{ChangeGttError, PlaceGttError, PlacedGtt};
use openalgo_core::id::{TriggerId, UserId};
use openalgo_core::order::{Gtt, NewGtt, TradingMode};

impl KeyedOrderService {
    /// Places an order that waits for a price as
    /// [`GttService::place`](crate::service::GttService::place), unless that is a person's business.
    /// One that was placed before with the same trigger id is told all the same.
    pub async fn place_gtt(
        &self,
        user: UserId,
        gtt: NewGtt,
    ) -> Result<PlacedGtt, KeyedError<PlaceGttError>> {
        if self.is_semi_auto(user).await.map_err(KeyedError::Store)? {
            let known = match &gtt.trigger_id {
                Some(id) => self.gtts.find(user, id).await.map_err(KeyedError::Store)?,
                None => None,
            };
            if known.is_none() {
                return Err(SemiAutoRefusal(PersonsChoice::PlaceGtt).into());
            }
        }
        self.gtts.place(user, gtt).await.map_err(asked)
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
