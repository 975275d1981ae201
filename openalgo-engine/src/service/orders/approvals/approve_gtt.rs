//! Letting orders go that then wait for a price.

use super::came_of::trigger_id;
use super::{ApprovalService, ApproveError, Approved, CameOf};
use crate::service::PlaceGttError;
use crate::service::orders::place::Way;
use openalgo_core::monitor::Author;
use openalgo_core::order::NewGtt;
use openalgo_core::strategy::{Decision, PendingGtt, PendingOrder};

impl ApprovalService {
    /// Lets one go that then waits for its price. Whatever refuses it now leaves it waiting for a
    /// person; its trigger id is known before the decision is, so it is kept once at most.
    pub(super) async fn let_gtt_go(
        &self,
        way: &Way,
        (pending, gtt): (PendingOrder, PendingGtt),
        by: Author,
    ) -> Result<Approved, ApproveError> {
        let id = trigger_id(&pending, &gtt)?;
        let asked = gtt.join(&pending.asked.order);
        let asked = asked
            .map_err(|error| ApproveError::RefusedGtt(PlaceGttError::Refused(error.into())))?;
        let asked = NewGtt {
            trigger_id: Some(id),
            ..asked
        };
        let examined = self
            .gtts
            .examine(way.user, way.route.clone(), asked.clone());
        examined.await.map_err(ApproveError::RefusedGtt)?;
        let pending = self.record(pending, (Decision::Approve, by)).await?;
        let placed = self.gtts.place_on(way.user, way.route.clone(), asked);
        match placed.await {
            Ok(placed) => Ok(Approved {
                pending,
                came_of: CameOf::Gtt(Box::new(placed.gtt)),
                replayed: placed.replayed,
            }),
            // The task may have taken it before it ended.
            Err(PlaceGttError::Stopped) => Err(ApproveError::Stopped),
            Err(why) => Err(ApproveError::GttNotPlaced {
                id: pending.id,
                why,
            }),
        }
    }
}
