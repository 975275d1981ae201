//! Placing an order.

use super::approvals::is_kept;
use super::request::Held;
use super::{OrderService, PlaceOrderError};
use crate::account::{AccountError, AccountHandle, Computed, PlaceRequest};
use crate::claims::{OrderClaim, OrderName};
use crate::guards::Stake;
use crate::laps::Laps;
use crate::limits::LimitError;
use crate::market::LookupError;
use crate::route::{Route, RouteError};
use openalgo_core::id::{ClientOrderId, TriggerId, UserId};
use openalgo_core::market::{InstrumentKey, Quote};
use openalgo_core::monitor::{Operation, REMEMBERED};
use openalgo_core::order::{NewOrder, Order, OrderEventKind, OrderIntent, OrderKind, TradingMode};
use openalgo_core::port::StoreError;
use openalgo_core::portfolio::PositionKey;
use openalgo_core::rule::order_check::{check_freeze, check_order};
use openalgo_core::value::Price;
use std::time::Duration;

/// How long a price source may take where the order leaves without a price.
pub(super) const PRICE_OF_EXIT: Duration = Duration::from_secs(1);

/// An order that was placed, or that had been placed before.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The order as it stands.
    pub order: Order,
    /// Whether this is the answer to an earlier request with the same client order id.
    pub replayed: bool,
}

/// Whose request it is, and where its orders go: decided once, and carried to all of them.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) user: UserId,
    pub(super) route: Route,
    /// Whether a person has let its order go, which may have an id then that is kept for such.
    pub(super) is_approved: bool,
    /// What waited for a price until now, of which its order comes.
    pub(super) reserved_for: Option<TriggerId>,
}

impl Way {
    /// The position that an order of the request changes.
    pub(super) fn position(&self, order: &NewOrder) -> PositionKey {
        PositionKey {
            user: self.user,
            broker: self.route.broker.clone(),
            instrument: order.instrument.clone(),
            product: order.product,
        }
    }

    /// Refuses a client order id that is not a sender's to give.
    pub(super) fn check_id(&self, id: &ClientOrderId) -> Result<(), PlaceOrderError> {
        if is_kept(id) && !self.is_approved {
            return Err(PlaceOrderError::KeptId(id.clone()));
        }
        Ok(())
    }

    /// The same of the id that an order has, if it has one.
    pub(super) fn check_id_of(&self, order: &NewOrder) -> Result<(), PlaceOrderError> {
        let id = order.client_order_id.as_ref();
        id.map_or(Ok(()), |id| self.check_id(id))
    }
}

/// What is known of the client order id of a request.
pub(super) enum Known {
    /// An order was placed with it.
    Before(Box<Order>),
    /// None was; nobody else places one with it meanwhile.
    Never(Held),
}

impl OrderService {
    /// Places an order: check, route, then intent, submission and outcome in the account.
    ///
    /// Returns when what became of the order is durable. With a client order id, the same order
    /// again gives the first one back.
    pub async fn place(&self, user: UserId, order: NewOrder) -> Result<Placed, PlaceOrderError> {
        let way = self.way(user).await?;
        self.place_on(&way, order).await
    }

    /// Decides where the orders of a request go.
    pub(super) async fn way(&self, user: UserId) -> Result<Way, RouteError> {
        let owner = self.ports.users.get(user).await?;
        let route = self.router.route(&owner)?;
        Ok(Way {
            user,
            route,
            is_approved: false,
            reserved_for: None,
        })
    }

    /// Places an order of a request whose way is decided.
    pub(super) async fn place_on(
        &self,
        way: &Way,
        order: NewOrder,
    ) -> Result<Placed, PlaceOrderError> {
        self.place_holding(way, order, &[]).await
    }

    /// The same, with claims that are held until the order is durable.
    pub(super) async fn place_holding(
        &self,
        way: &Way,
        order: NewOrder,
        claims: &[OrderClaim],
    ) -> Result<Placed, PlaceOrderError> {
        match self.known(way, order.client_order_id.as_ref()).await? {
            Known::Before(known) => {
                let is_it = |asked: &NewOrder| *asked == order;
                self.before(way, *known, is_it).await
            }
            Known::Never(mut held) => {
                held.claims.extend_from_slice(claims);
                self.place_new(way, (order, held)).await
            }
        }
    }

    /// Places an order of which nothing is known by its client order id.
    pub(super) async fn place_new(
        &self,
        way: &Way,
        (order, held): (NewOrder, Held),
    ) -> Result<Placed, PlaceOrderError> {
        let once = (held.clone(), None);
        match self.place_once(way, order.clone(), once).await {
            Ok(placed) => Ok(placed),
            Err(refusal) => self.place_reducing(way, (order, held), refusal).await,
        }
    }

    /// Waits until nobody else works on a client order id, and looks for its order.
    pub(super) async fn known(
        &self,
        way: &Way,
        id: Option<&ClientOrderId>,
    ) -> Result<Known, PlaceOrderError> {
        let Some(id) = id else {
            return Ok(Known::Never(Held::default()));
        };
        way.check_id(id)?;
        let name = OrderName::Id(way.user, None, id.clone());
        let claim = self.claims.claim(name).await;
        Ok(match self.placed_with(way.user, id).await? {
            Some(order) => Known::Before(Box::new(order)),
            None => Known::Never(Held {
                claims: claim.into_iter().collect(),
                request: None,
            }),
        })
    }

    /// The order that was placed by itself with a client order id, as long as that is remembered.
    pub(super) async fn placed_with(
        &self,
        user: UserId,
        id: &ClientOrderId,
    ) -> Result<Option<Order>, StoreError> {
        let since = self.ports.clock.now().plus(-REMEMBERED);
        self.ports.orders.find_by_client_id(user, id, since).await
    }

    /// The answer to a request whose client order id an order has: that order, if it came from the
    /// same words. The same words in another mode are another order.
    pub(super) async fn before(
        &self,
        way: &Way,
        known: Order,
        is_it: impl Fn(&NewOrder) -> bool,
    ) -> Result<Placed, PlaceOrderError> {
        let is_same = known.intent.mode == way.route.mode
            && (is_it(&known.intent.order) || is_it(&self.original(&known).await?));
        if !is_same {
            return Err(PlaceOrderError::conflict(&known));
        }
        Ok(Placed {
            order: known,
            replayed: true,
        })
    }

    /// What an order was asked for as, before it was modified.
    async fn original(&self, order: &Order) -> Result<NewOrder, StoreError> {
        let journal = self.ports.orders.journal(order.id).await?;
        Ok(match journal.into_iter().next().map(|first| first.kind) {
            Some(OrderEventKind::Planned { intent }) => intent.order,
            // A journal begins with its plan; anything else is found by `db check`.
            Some(_) | None => order.intent.order.clone(),
        })
    }

    /// Places an order that was not placed before.
    pub(super) async fn place_once(
        &self,
        way: &Way,
        order: NewOrder,
        (held, computed): (Held, Option<Computed>),
    ) -> Result<Placed, PlaceOrderError> {
        let reduces = computed.as_ref().is_some_and(Computed::reduces);
        let (account, request) = self.prepare(way, order, reduces).await?;
        let Held {
            claims,
            request: from,
        } = held;
        let request = PlaceRequest {
            intent: OrderIntent {
                request: from,
                ..request.intent
            },
            claims,
            computed,
            ..request
        };
        let laps = request.laps.clone();
        let order = account.place(request).await?;
        self.measured(Operation::Place, &order, &laps);
        Ok(Placed {
            order,
            replayed: false,
        })
    }

    /// Checks an order and finds out what its account needs to decide on it.
    pub(super) async fn prepare(
        &self,
        way: &Way,
        order: NewOrder,
        reduces: bool,
    ) -> Result<(AccountHandle, PlaceRequest), PlaceOrderError> {
        let laps = Laps::start();
        if !reduces {
            self.intake.guards.switches.pass(way.user).await?;
        }
        let instrument = self.market.instrument(&order.instrument).await?;
        check_order(&order, &instrument)?;
        let Route { mode, broker } = way.route.clone();
        check_freeze((order.quantity, mode), &instrument)?;
        let account = self.intake.accounts.account(way.user, &broker)?;
        self.catch_up(&account, &broker).await?;
        let quote = self.quote((&order.instrument, mode), reduces).await?;
        let at = self.ports.clock.now();
        let last = quote.as_ref().map(|quote| quote.ltp);
        let intent = OrderIntent {
            id: self.ports.ids.make_intent_id()?,
            user: way.user,
            broker,
            mode,
            trading_day: self.settings.day_of(at)?,
            ltp: last.filter(|ltp| order.kind == OrderKind::Market && !ltp.is_zero()),
            order,
            token: instrument.token.clone(),
            request: None,
            at,
        };
        let stake = self.stake(&intent, (last, reduces)).await?;
        let request = PlaceRequest {
            intent,
            instrument,
            quote,
            claims: Vec::new(),
            computed: None,
            stake,
            counted: None,
            withdrawal: None,
            reserved_for: way.reserved_for.clone(),
            laps,
        };
        Ok((account, request))
    }
}

impl OrderService {
    /// The market of an instrument. An exit at a broker is not kept from leaving because no price
    /// can be had: no limit of risk judges it, and the broker decides what it is filled at. What is
    /// to be at the market goes out as that, since nothing is known that it could be protected by.
    /// The paper exchange decides itself what it takes without a price.
    pub(super) async fn quote(
        &self,
        (key, mode): (&InstrumentKey, TradingMode),
        reduces: bool,
    ) -> Result<Option<Quote>, PlaceOrderError> {
        let is_exit = reduces && mode == TradingMode::Live;
        let quote = if is_exit {
            self.market.quote_within(PRICE_OF_EXIT, key).await
        } else {
            self.market.quote(key).await
        };
        match quote {
            Ok(quote) => Ok(Some(quote)),
            Err(LookupError::Market(_)) if is_exit => {
                // Which one it is would be a symbol in the log.
                tracing::warn!("an exit leaves without a price to compare it with");
                Ok(None)
            }
            Err(LookupError::Market(_)) if mode == TradingMode::Paper => Ok(None),
            Err(LookupError::Market(source)) => {
                let key = key.clone();
                Err(PlaceOrderError::NoPrice { key, source })
            }
            Err(unknown @ LookupError::UnknownSymbol { .. }) => Err(unknown.into()),
        }
    }

    /// What limits of risk will judge an order by. Whatever it is, an exit passes.
    pub(super) async fn stake(
        &self,
        intent: &OrderIntent,
        (last, reduces): (Option<Price>, bool),
    ) -> Result<Stake, AccountError> {
        let guards = &self.intake.guards;
        let learnt = guards.learn(intent.user, intent.trading_day).await;
        let mut stake = Stake::of(intent, last);
        if reduces {
            return Ok(stake);
        }
        learnt?;
        let limits = guards.limits.known(intent.user);
        if limits.is_some_and(|limits| limits.daily_loss.is_some()) {
            let profit = self.intake.profits.of_day(intent.user, &intent.broker);
            let profit = profit.await.map_err(|source| LimitError::ProfitUnknown {
                source: Box::new(source),
                whose: guards.whose(intent.user),
            })?;
            stake.profit = Some(profit);
        }
        Ok(stake)
    }
}
