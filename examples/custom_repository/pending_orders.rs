//! Orders that wait for approval.

use super::{Memory, Tables, not_found};
use async_trait::async_trait;
use openalgo::core::id::{ClientOrderId, PendingOrderId, UserId};
use openalgo::core::market::Timestamp;
use openalgo::core::monitor::AuditEntry;
use openalgo::core::order::RequestKey;
use openalgo::core::port::{PendingOrderRepository, PendingOrdersRead, StoreError};
use openalgo::core::strategy::{Approval, ApprovalStatus, Decision, NewPendingOrder, PendingOrder};

impl Tables {
    fn queue(
        &mut self,
        asked: &NewPendingOrder,
        now: Timestamp,
    ) -> Result<PendingOrder, StoreError> {
        self.require_user(asked.user)?;
        let order = PendingOrder {
            id: PendingOrderId::new(self.next_number("pending_orders")),
            asked: asked.clone(),
            approval: Approval::Pending,
            created_at: now,
        };
        self.pending_orders.push(order.clone());
        Ok(order)
    }

    fn pending_order(&mut self, id: PendingOrderId) -> Result<&mut PendingOrder, StoreError> {
        let found = self.pending_orders.iter_mut().find(|it| it.id == id);
        found.ok_or_else(|| not_found("pending order", &id))
    }
}

fn is_due(order: &PendingOrder, now: Timestamp) -> bool {
    order.asked.expires_at.is_some_and(|at| at <= now)
}

#[async_trait]
impl PendingOrderRepository for Memory {
    async fn insert(&self, orders: &[NewPendingOrder]) -> Result<Vec<PendingOrder>, StoreError> {
        self.write(|tables, now| {
            orders
                .iter()
                .map(|asked| tables.queue(asked, now))
                .collect()
        })
    }

    async fn get(&self, id: PendingOrderId) -> Result<PendingOrder, StoreError> {
        self.write(|tables, _| tables.pending_order(id).cloned())
    }

    async fn list(&self, user: UserId, status: Option<ApprovalStatus>) -> PendingOrdersRead {
        let is_asked = |order: &&PendingOrder| {
            order.asked.user == user && status.is_none_or(|it| order.approval.status() == it)
        };
        Ok(self.read(|tables| {
            let newest_first = tables.pending_orders.iter().rev();
            newest_first.filter(is_asked).cloned().map(Ok).collect()
        }))
    }

    async fn count(&self, user: UserId, status: ApprovalStatus) -> Result<u64, StoreError> {
        let is_counted =
            |order: &&PendingOrder| order.asked.user == user && order.approval.status() == status;
        Ok(self.read(|tables| {
            let orders = tables.pending_orders.iter();
            orders.filter(is_counted).fold(0, |count, _| count + 1)
        }))
    }

    async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<PendingOrder>, StoreError> {
        let is_it = |order: &&PendingOrder| {
            order.asked.user == user
                && order.asked.order.client_order_id.as_ref() == Some(id)
                && order.asked.request.is_none()
                && order.created_at >= since
        };
        Ok(self.read(|tables| tables.pending_orders.iter().rev().find(is_it).cloned()))
    }

    async fn find_by_request(
        &self,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Vec<PendingOrder>, StoreError> {
        let is_it = |order: &&PendingOrder| {
            let request = order.asked.request.as_ref();
            order.asked.user == key.user
                && request.is_some_and(|request| request.came_as(key))
                && order.created_at >= since
        };
        Ok(self.read(|tables| {
            tables
                .pending_orders
                .iter()
                .filter(is_it)
                .cloned()
                .collect()
        }))
    }

    async fn decide(
        &self,
        id: PendingOrderId,
        decision: &Decision,
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        self.write(|tables, _| {
            let at = entry.at;
            let order = tables.pending_order(id)?;
            if order.approval != Approval::Pending || is_due(order, at) {
                return Ok(false);
            }
            order.approval = decision.clone().made_at(at);
            tables.put_on_record(entry)?;
            Ok(true)
        })
    }

    async fn next_expiry(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.read(|tables| {
            let orders = tables.pending_orders.iter();
            let waiting = orders.filter(|it| it.approval == Approval::Pending);
            waiting.filter_map(|it| it.asked.expires_at).min()
        }))
    }

    async fn expire(&self, now: Timestamp) -> PendingOrdersRead {
        self.write(|tables, _| {
            let orders = tables.pending_orders.iter_mut();
            let waiting = orders.filter(|it| it.approval == Approval::Pending);
            let due = waiting.filter(|it| is_due(it, now));
            let marked = due.map(|it| {
                it.approval = Approval::Expired;
                Ok(it.clone())
            });
            Ok(marked.collect())
        })
    }

    async fn delete(&self, id: PendingOrderId, entry: &AuditEntry) -> Result<bool, StoreError> {
        self.write(|tables, _| {
            if tables.pending_order(id)?.approval == Approval::Pending {
                return Ok(false);
            }
            tables.pending_orders.retain(|it| it.id != id);
            tables.put_on_record(entry)?;
            Ok(true)
        })
    }
}
