//! Orders that wait for a price, with faults.

use super::{Sabotage, WorldStore};
use async_trait::async_trait;
use openalgo::core::id::{GttId, TriggerId, UserId};
use openalgo::core::market::Timestamp;
use openalgo::core::order::{Gtt, TriggerSide};
use openalgo::core::port::{GttQuery, GttRepository, StoreError};

#[async_trait]
impl GttRepository for WorldStore {
    async fn insert(&self, gtt: &Gtt) -> Result<GttId, StoreError> {
        self.before_a_change().await?;
        let id = GttRepository::insert(&*self.memory, gtt).await?;
        self.tools.steps.pass().await;
        Ok(id)
    }

    async fn find(&self, user: UserId, id: &TriggerId) -> Result<Option<Gtt>, StoreError> {
        self.linger().await;
        GttRepository::find(&*self.memory, user, id).await
    }

    async fn list(&self, query: GttQuery) -> Result<Vec<Gtt>, StoreError> {
        self.linger().await;
        GttRepository::list(&*self.memory, query).await
    }

    async fn active(&self) -> Result<Vec<Result<Gtt, StoreError>>, StoreError> {
        self.linger().await;
        self.memory.active().await
    }

    async fn update(&self, gtt: &Gtt) -> Result<(), StoreError> {
        self.before_a_change().await?;
        GttRepository::update(&*self.memory, gtt).await?;
        self.tools.steps.pass().await;
        Ok(())
    }

    async fn claim(&self, id: GttId, side: TriggerSide, at: Timestamp) -> Result<bool, StoreError> {
        self.before_a_change().await?;
        if self.sabotage == Some(Sabotage::GttClaim) {
            return Ok(true);
        }
        let claimed = self.memory.claim(id, side, at).await?;
        self.tools.steps.pass().await;
        Ok(claimed)
    }
}
