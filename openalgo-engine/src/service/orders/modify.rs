//! Modifying an order.

use super::computed::TRIES;
use super::place::PRICE_OF_EXIT;
use super::{ChangeKind, ModifyOrderError, NotOpenError, OrderService};
use crate::account::{AccountError, JudgedBy, ModifyRequest};
use crate::guards::Stake;
use crate::laps::Laps;
use crate::limits::LimitError;
use crate::market::LookupError;
use crate::standing::StandingError;
use openalgo_core::id::UserId;
use openalgo_core::market::Quote;
use openalgo_core::monitor::Operation;
use openalgo_core::order::{NewOrder, Order, OrderIntent};
use openalgo_core::rule::modification::{Modification, modified, only_reduces};
use openalgo_core::rule::order_check::{check_freeze, check_order};
use openalgo_core::value::Price;
use std::sync::Arc;

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
        let not_found = || NotOpenError::NotFound(id.to_owned());
        let known = self.find(user, id).await?.ok_or_else(not_found)?;
        let broker = known.intent.broker;
        let account = self.intake.accounts.account(user, &broker)?;
        self.catch_up(&account, &broker).await?;
        let order = self.find(user, id).await?.ok_or_else(not_found)?;
        let broker_order_id = NotOpenError::check(&order, ChangeKind::Modify)?;
        if order.change.is_some() {
            return Err(AccountError::ChangeUnderWay.into());
        }
        let asked = modified(&order, change)?;
        if asked == order.intent.order {
            return Ok(order);
        }
        let instrument = self.market.instrument(&asked.instrument).await?;
        check_order(&asked, &instrument)?;
        check_freeze((asked.quantity, order.intent.mode), &instrument)?;
        let quote = self.quote_of_change(&asked).await?;
        let last = quote.as_ref().map(|quote| quote.ltp);
        for _ in 0..TRIES {
            let request = ModifyRequest {
                judged_by: self.judged_by(&order, (&asked, last)).await?,
                order: order.clone(),
                broker_order_id: broker_order_id.clone(),
                asked: asked.clone(),
                instrument: Arc::clone(&instrument),
                quote: quote.clone(),
                at: self.ports.clock.now(),
                laps: laps.clone(),
            };
            match account.modify(request).await {
                Err(AccountError::Overtaken) => {}
                modified => {
                    let order = modified?;
                    self.measured(Operation::Modify, &order, &laps);
                    return Ok(order);
                }
            }
        }
        Err(AccountError::Overtaken.into())
    }

    /// The market in which an order gets new terms. Without a price the broker decides; what limits
    /// of risk need to know they say.
    async fn quote_of_change(&self, asked: &NewOrder) -> Result<Option<Quote>, LookupError> {
        let key = &asked.instrument;
        match self.market.quote_within(PRICE_OF_EXIT, key).await {
            Ok(quote) => Ok(Some(quote)),
            Err(LookupError::Market(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What new terms are judged by. Nothing keeps from an order those with which it still only
    /// makes a position smaller; limits say nothing to those that put no more at stake.
    async fn judged_by(
        &self,
        order: &Order,
        (asked, last): (&NewOrder, Option<Price>),
    ) -> Result<JudgedBy, ModifyOrderError> {
        if only_reduces(&order.intent.order, asked) {
            return Ok(JudgedBy::Nothing);
        }
        match self.judge(order, (asked, last)).await {
            Err(refusal @ (AccountError::Limit(_) | AccountError::Halted(_))) => {
                match self.still_reduces(order, asked).await {
                    Ok(Some(judged_by)) => Ok(judged_by),
                    Ok(None) => Err(refusal.into()),
                    Err(error) => {
                        tracing::warn!(
                            %error,
                            "whether a modified order reduces a position is not known"
                        );
                        Err(refusal.into())
                    }
                }
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
        let own = |order: &NewOrder| order.kind.price().max(order.kind.trigger());
        let is_dearer = own(asked) > own(&order.intent.order);
        if !is_worth_more && !is_dearer && asked.quantity <= order.intent.order.quantity {
            guards.switches.pass(order.intent.user).await?;
            return Ok(JudgedBy::Switch);
        }
        let stake = self.stake(&changed, (last, false)).await?;
        guards.admit_change(&changed, &stake)?;
        Ok(JudgedBy::Limits(stake))
    }

    /// That an order with new terms surely only makes a position smaller, as long as the account
    /// takes no other order for it meanwhile.
    async fn still_reduces(
        &self,
        order: &Order,
        asked: &NewOrder,
    ) -> Result<Option<JudgedBy>, StandingError> {
        let standings = &self.intake.standings;
        let key = order.intent.position();
        let claim = standings.claim(&key).await?;
        let standing = standings.read(&key).await?;
        let others = standing
            .pending(asked.side)?
            .minus(order.pending_quantity())?;
        let left = asked.quantity.minus(order.executed().quantity)?;
        let taken = others.plus(left)?;
        let reduces = standing.exit_side() == Some(asked.side) && taken <= standing.held.size();
        Ok(reduces.then_some(JudgedBy::Standing {
            turn: standing.turn,
            _claim: claim,
        }))
    }
}
