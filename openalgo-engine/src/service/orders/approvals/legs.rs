//! Several orders in one request with an API key.

use super::keyed::{KeyedLeg, KeyedOrderService, Queued, Requested};
use super::queue::Wish;
use crate::claims::{OrderClaim, OrderName};
use crate::service::orders::legs::Numbered;
use crate::service::orders::place::Way;
use crate::service::orders::request::Asked;
use crate::service::orders::twins::Twins;
use crate::service::{Leg, PlaceOrderError, Placed};
use crate::waiting::EnterError;
use openalgo_core::id::{BasketId, ClientOrderId};
use openalgo_core::order::{NewOrder, OrderRequest};
use openalgo_core::port::StoreError;
use openalgo_core::strategy::{BasketPlace, NewPendingOrder};
use std::collections::BTreeSet;

/// A request that nobody else works on, and what came of it before.
pub(super) struct Earlier {
    /// What was placed.
    pub(super) asked: Asked,
    /// What was put before a person.
    pub(super) waiting: Vec<Queued>,
}

impl Earlier {
    /// Whether nothing came of the request before.
    pub(super) fn is_new(&self) -> bool {
        self.asked.first().is_none() && self.waiting.is_empty()
    }

    /// What came of a part of the request.
    fn part(&self, order: &NewOrder) -> Option<Requested<Placed>> {
        let id = order.client_order_id.as_ref();
        if let Some(placed) = self.asked.part(id) {
            return Some(Requested::Done(placed));
        }
        self.waiting_part(id?).cloned().map(Requested::from)
    }

    /// What waits as a part of the request.
    pub(super) fn waiting_part(&self, id: &ClientOrderId) -> Option<&Queued> {
        let is_it =
            |queued: &&Queued| queued.pending.asked.order.client_order_id.as_ref() == Some(id);
        let newest_first = self.waiting.iter().rev();
        newest_first.into_iter().find(is_it)
    }
}

/// In which order several orders go out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Together {
    BuysFirst,
    InOrder,
}

impl KeyedOrderService {
    /// Several orders: those that waited before are answered with that, the others are placed or
    /// put before a person.
    pub(super) async fn legs(
        &self,
        way: &Way,
        legs: Numbered,
        (known, together): (Earlier, Together),
    ) -> Result<Vec<KeyedLeg>, StoreError> {
        let waits = self.is_semi_auto(way.user).await?;
        // Whoever waits for more than one id takes them in the same order as everybody else.
        let ids: BTreeSet<_> = legs
            .iter()
            .filter_map(|(_, order)| order.client_order_id.clone())
            .collect();
        let held = known.asked.held.clone();
        let mut claims = held.claims;
        if waits && claims.is_empty() {
            for id in ids {
                let name = OrderName::Id(way.user, None, id);
                claims.extend(self.orders.claims.claim(name).await);
            }
        }
        let (mut told, mut fresh) = (Vec::new(), Vec::new());
        for (number, order) in legs {
            let earlier = match &held.request {
                Some(_) => way.check_id_of(&order).map(|()| known.part(&order)),
                None => self.earlier(way, &order).await,
            };
            match earlier.transpose() {
                Some(outcome) => told.push(KeyedLeg {
                    number,
                    order,
                    outcome,
                }),
                None => fresh.push((number, order)),
            }
        }
        let rest = if waits {
            self.queue_legs(way, (fresh, held.request), (&told, claims))
                .await?
        } else {
            self.place_fresh(way, fresh, (known.asked, together))
                .await?
        };
        told.extend(rest);
        told.sort_by_key(|leg| leg.number);
        Ok(told)
    }

    async fn place_fresh(
        &self,
        way: &Way,
        legs: Numbered,
        (mut asked, together): (Asked, Together),
    ) -> Result<Vec<KeyedLeg>, StoreError> {
        let (mut told, mut fresh) = (Vec::new(), legs);
        // What has an id is known by that.
        if asked.held.request.is_none() {
            let orders = fresh.iter().map(|(_, order)| order);
            let twins = self.orders.twins(way, orders).await?;
            (told, fresh) = apart(fresh, &twins);
            asked.held.claims.extend(twins.claims);
        }
        let placed = match together {
            Together::BuysFirst => self.orders.basket_on(way, fresh, &asked).await,
            Together::InOrder => self.orders.place_legs(way, fresh, &asked).await,
        };
        told.extend(placed.into_iter().map(|leg: Leg| KeyedLeg {
            number: leg.number,
            order: leg.order,
            outcome: leg.outcome.map(Requested::Done),
        }));
        Ok(told)
    }

    /// What became of an order that came before with the same client order id.
    async fn earlier(
        &self,
        way: &Way,
        order: &NewOrder,
    ) -> Result<Option<Requested<Placed>>, PlaceOrderError> {
        let Some(id) = &order.client_order_id else {
            return Ok(None);
        };
        way.check_id(id)?;
        if let Some(known) = self.orders.placed_with(way.user, id).await? {
            let is_it = |asked: &NewOrder| asked == order;
            let placed = self.orders.before(way, known, is_it).await?;
            return Ok(Some(Requested::Done(placed)));
        }
        let queued = self.queued_before(way, &Wish::plain(order)).await?;
        Ok(queued.map(Requested::from))
    }

    /// Puts each of several orders before a person that would be placed: all of these or none.
    async fn queue_legs(
        &self,
        way: &Way,
        (legs, request): (Numbered, Option<OrderRequest>),
        (told, claims): (&[KeyedLeg], Vec<OrderClaim>),
    ) -> Result<Vec<KeyedLeg>, StoreError> {
        let basket = match told.iter().find_map(basket_of) {
            Some(basket) => basket,
            None => self.new_basket()?,
        };
        let mut seen = BTreeSet::new();
        let (mut outcomes, mut rows, mut queued) = (Vec::new(), Vec::new(), Vec::new());
        for (number, order) in legs {
            let examined = match order.client_order_id.clone() {
                Some(id) if request.is_none() && !seen.insert(id.clone()) => {
                    Err(PlaceOrderError::Conflict {
                        id,
                        order: "another one of this request".into(),
                    })
                }
                _ => self.orders.examine_new(way, &order).await,
            };
            match examined {
                Ok(last) => {
                    let place = BasketPlace {
                        basket: basket.clone(),
                        row: u32::try_from(number.saturating_sub(1)).unwrap_or(u32::MAX),
                    };
                    let wish = Wish {
                        request: request.clone(),
                        ..Wish::plain(&order)
                    };
                    rows.push(wish.row(way, Some(place), last));
                    queued.push((number, order));
                }
                Err(refusal) => outcomes.push(KeyedLeg {
                    number,
                    order,
                    outcome: Err(refusal),
                }),
            }
        }
        let queued = self.enter(rows, (queued, claims)).await?;
        outcomes.extend(queued);
        Ok(outcomes)
    }

    /// Lets orders in that are to wait for a person, all of them or none, and tells what became of
    /// each.
    async fn enter(
        &self,
        rows: Vec<NewPendingOrder>,
        (legs, claims): (Numbered, Vec<OrderClaim>),
    ) -> Result<Vec<KeyedLeg>, StoreError> {
        let mut rows = match self.room.queue(rows, claims).await {
            Ok(rows) => rows.into_iter(),
            Err(EnterError::Store(error)) => return Err(error),
            Err(EnterError::Full) => Vec::new().into_iter(),
        };
        let told = legs.into_iter().map(|(number, order)| KeyedLeg {
            number,
            order,
            outcome: rows
                .next()
                .map(Requested::from)
                .ok_or(EnterError::Full.into()),
        });
        Ok(told.collect())
    }

    fn new_basket(&self) -> Result<BasketId, StoreError> {
        let id = self.orders.ports.ids.make_intent_id();
        Ok(id.map_err(StoreError::from)?.into())
    }
}

/// Tells those apart that are the same as an order whose outcome nobody knows.
fn apart(legs: Numbered, twins: &Twins) -> (Vec<KeyedLeg>, Numbered) {
    let (mut refused, mut fresh) = (Vec::new(), Vec::new());
    for (number, order) in legs {
        match twins.check(&order) {
            Ok(()) => fresh.push((number, order)),
            Err(refusal) => refused.push(KeyedLeg {
                number,
                order,
                outcome: Err(refusal),
            }),
        }
    }
    (refused, fresh)
}

/// The basket that a leg waits in.
fn basket_of(leg: &KeyedLeg) -> Option<BasketId> {
    match &leg.outcome {
        Ok(Requested::Waits(queued)) => {
            let place = queued.pending.asked.basket.as_ref();
            place.map(|place| place.basket.clone())
        }
        Ok(Requested::Done(_)) | Err(_) => None,
    }
}
