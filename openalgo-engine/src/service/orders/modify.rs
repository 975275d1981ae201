//! Modifying an order.

use super::place::PRICE_OF_EXIT;
use super::{ModifyOrderError, OrderService};
use crate::account::{AccountError, JudgedBy, ModifyRequest};
use crate::guards::Stake;
use crate::laps::Laps;
use crate::limits::LimitError;
use crate::market::LookupError;
use openalgo_core::id::UserId;
use openalgo_core::monitor::Operation;
use openalgo_core::order::{NewOrder, Order, OrderIntent, TradingMode};
use openalgo_core::rule::modification::{Modification, modified, only_reduces};
use openalgo_core::rule::order_check::check_order;
use openalgo_core::value::Price;

impl OrderService {
    /// Gives an order that is not over another quantity or price, by the id that people know it
    /// by; it goes the way that the order went. Returns the order with its new terms.
    ///
    /// A modification that changes nothing is not sent. When the broker's answer is lost, its
    /// order book tells whether the order has its new terms; nothing is sent again.
    ///
    /// While trading is halted, and past a limit, an order that only makes a position smaller may
    /// have any terms with which it still does, and any other may become smaller.
    pub async fn modify(
        &self,
        user: UserId,
        id: &str,
        change: Modification,
    ) -> Result<Order, ModifyOrderError> {
        let laps = Laps::start();
        let not_found = || ModifyOrderError::NotFound(id.to_owned());
        let known = self.find(user, id).await?.ok_or_else(not_found)?;
        let broker = known.intent.broker;
        let account = self.intake.accounts.account(user, &broker)?;
        self.catch_up(&account, &broker).await?;
        let order = self.find(user, id).await?.ok_or_else(not_found)?;
        if order.status().is_final() {
            return Err(ModifyOrderError::Final(order.status()));
        }
        let Some(broker_order_id) = order.state.broker_order_id().cloned() else {
            return Err(ModifyOrderError::Unconfirmed(order.public_id()));
        };
        if order.change.is_some() {
            return Err(AccountError::ChangeUnderWay.into());
        }
        let asked = modified(&order, change)?;
        if asked == order.intent.order {
            return Ok(order);
        }
        let instrument = self.market.instrument(&asked.instrument).await?;
        check_order(&asked, &instrument)?;
        let quote = match self.quote_within(PRICE_OF_EXIT, &asked.instrument).await {
            Ok(quote) => Some(quote),
            // The broker decides; what limits of risk need to know they say.
            Err(LookupError::Market(_)) if order.intent.mode == TradingMode::Live => None,
            Err(error) => return Err(error.into()),
        };
        let last = quote.as_ref().map(|quote| quote.ltp);
        let judged_by = self.stake_of_change(&order, (&asked, last)).await?;
        let request = ModifyRequest {
            order,
            broker_order_id,
            asked,
            judged_by,
            instrument,
            quote,
            at: self.ports.clock.now(),
            laps: laps.clone(),
        };
        let order = account.modify(request).await?;
        self.measured(Operation::Modify, &order, &laps);
        Ok(order)
    }

    /// What new terms are judged by. Nothing keeps from an order those with which it still only
    /// makes a position smaller; limits say nothing to those that put no more at stake.
    async fn stake_of_change(
        &self,
        order: &Order,
        (asked, last): (&NewOrder, Option<Price>),
    ) -> Result<JudgedBy, ModifyOrderError> {
        if only_reduces(&order.intent.order, asked) {
            return Ok(JudgedBy::Nothing);
        }
        match self.judge(order, (asked, last)).await {
            Err(AccountError::Limit(_) | AccountError::Halted(_))
                if self.still_reduces(order, asked).await =>
            {
                Ok(JudgedBy::Nothing)
            }
            judged => Ok(judged?),
        }
    }

    /// What new terms are judged by, if they are let in by it now.
    async fn judge(
        &self,
        order: &Order,
        (asked, last): (&NewOrder, Option<Price>),
    ) -> Result<JudgedBy, AccountError> {
        let guards = &self.intake.guards;
        let today = self.settings.day_of(self.ports.clock.now());
        let changed = OrderIntent {
            order: asked.clone(),
            // It counts today what it risks, whenever it was placed.
            trading_day: today.map_err(LimitError::from)?,
            ..order.intent.clone()
        };
        let worth = |intent| Stake::of(intent, last).worth;
        let is_worth_more = match (worth(&order.intent), worth(&changed)) {
            (Some(Ok(before)), Some(Ok(after))) => after > before,
            (None | Some(Err(_)), _) | (_, None | Some(Err(_))) => true,
        };
        if !is_worth_more && asked.quantity <= order.intent.order.quantity {
            guards.switches.pass(order.intent.user).await?;
            return Ok(JudgedBy::Switch);
        }
        let stake = self.stake(&changed, (last, false)).await?;
        guards.admit_change(&changed, &stake)?;
        Ok(JudgedBy::Limits(stake))
    }

    /// Whether an order with new terms surely only makes a position smaller.
    async fn still_reduces(&self, order: &Order, asked: &NewOrder) -> bool {
        let standings = &self.intake.standings;
        let standing = match standings.read(&order.intent.position()).await {
            Ok(standing) => standing,
            Err(error) => {
                tracing::warn!(%error, "whether a modified order reduces a position is not known");
                return false;
            }
        };
        let others = standing
            .pending(asked.side)
            .and_then(|all| all.minus(order.pending_quantity()));
        let left = asked.quantity.minus(order.executed().quantity);
        let taken = others.and_then(|others| others.plus(left?));
        let held = standing.held.size();
        standing.exit_side() == Some(asked.side) && taken.is_ok_and(|taken| taken <= held)
    }
}
