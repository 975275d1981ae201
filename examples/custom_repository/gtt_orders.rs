//! Orders that wait for a price.

use super::{Memory, Tables, duplicate, not_found};
use async_trait::async_trait;
use openalgo::core::id::{GttId, TriggerId, UserId};
use openalgo::core::market::Timestamp;
use openalgo::core::order::{Gtt, GttLeg, GttStatus, LegState, TriggerSide};
use openalgo::core::port::{GttQuery, GttRepository, StoreError};

impl Tables {
    fn keep_gtt(&mut self, gtt: &Gtt) -> Result<GttId, StoreError> {
        self.require_user(gtt.user)?;
        let is_same = |it: &Gtt| {
            (it.user, &it.broker, &it.trigger_id) == (gtt.user, &gtt.broker, &gtt.trigger_id)
        };
        if self.gtt_orders.iter().any(is_same) {
            return Err(duplicate("trigger id", &gtt.trigger_id));
        }
        let id = GttId::new(self.gtt_orders.last().map_or(1, |last| last.id.get() + 1));
        self.gtt_orders.push(Gtt { id, ..gtt.clone() });
        Ok(id)
    }

    fn gtt(&mut self, id: GttId) -> Result<&mut Gtt, StoreError> {
        let gtt = self.gtt_orders.iter_mut().find(|gtt| gtt.id == id);
        gtt.ok_or_else(|| not_found("GTT", &id))
    }

    fn change_gtt(&mut self, gtt: &Gtt) -> Result<(), StoreError> {
        let present = self.gtt(gtt.id)?;
        present.quantity = gtt.quantity;
        present.product = gtt.product;
        present.legs = gtt.legs.clone();
        present.status = gtt.status;
        present.message.clone_from(&gtt.message);
        present.margin = gtt.margin;
        present.expires_at = gtt.expires_at;
        present.updated_at = gtt.updated_at;
        Ok(())
    }

    fn claim_leg(
        &mut self,
        id: GttId,
        side: TriggerSide,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let gtt = self.gtt(id)?;
        let legs = gtt.legs.as_slice();
        let is_pending = |leg: &GttLeg| matches!(leg.state, LegState::Pending { .. });
        let is_untouched = gtt.status == GttStatus::Active && legs.iter().all(is_pending);
        let leg = legs.iter().find(|leg| leg.side == side);
        let Some(LegState::Pending { attempts }) =
            leg.filter(|_| is_untouched).map(|leg| leg.state)
        else {
            return Ok(false);
        };
        let since = at;
        gtt.legs.set(side, LegState::Triggering { attempts, since });
        gtt.updated_at = at;
        Ok(true)
    }
}

#[async_trait]
impl GttRepository for Memory {
    async fn insert(&self, gtt: &Gtt) -> Result<GttId, StoreError> {
        self.write(|tables, _| tables.keep_gtt(gtt))
    }

    async fn find(&self, user: UserId, id: &TriggerId) -> Result<Option<Gtt>, StoreError> {
        let is_it = |gtt: &&Gtt| gtt.user == user && gtt.trigger_id == *id;
        Ok(self.read(|tables| tables.gtt_orders.iter().rev().find(is_it).cloned()))
    }

    async fn list(&self, query: GttQuery) -> Result<Vec<Gtt>, StoreError> {
        let is_asked_for = |gtt: &&Gtt| {
            query.user.is_none_or(|user| gtt.user == user)
                && query.status.is_none_or(|status| gtt.status == status)
        };
        Ok(self.read(|tables| {
            let newest_first = tables.gtt_orders.iter().rev();
            newest_first.filter(is_asked_for).cloned().collect()
        }))
    }

    async fn active(&self) -> Result<Vec<Result<Gtt, StoreError>>, StoreError> {
        let active = GttQuery {
            user: None,
            status: Some(GttStatus::Active),
        };
        Ok(self.list(active).await?.into_iter().map(Ok).collect())
    }

    async fn update(&self, gtt: &Gtt) -> Result<(), StoreError> {
        self.write(|tables, _| tables.change_gtt(gtt))
    }

    async fn claim(&self, id: GttId, side: TriggerSide, at: Timestamp) -> Result<bool, StoreError> {
        self.write(|tables, _| tables.claim_leg(id, side, at))
    }
}
