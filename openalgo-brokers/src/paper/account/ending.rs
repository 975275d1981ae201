//! How positions end by themselves, and what a day comes to.

use super::Account;
use super::jobs::{Done, Unpriced};
use crate::paper::decision::Decision;
use crate::paper::draft::{AfterImages, Counts, Draft};
use crate::paper::number;
use openalgo_core::id::IntentId;
use openalgo_core::market::Timestamp;
use openalgo_core::order::{NewOrder, OrderEventKind, OrderIntent, OrderSource, Side, TradingMode};
use openalgo_core::paper::{DailyPnl, JobPrice, JobPrices, PaperJob, PaperJobKind, PaperRefusal};
use openalgo_core::portfolio::{Holding, Position};
use openalgo_core::value::{Money, Price, ValueError};

/// The strategy of orders that end intraday positions, as clients know it.
const SQUARE_OFF: &str = "AUTO_SQUARE_OFF";

/// Why intraday orders end.
const DAY_IS_OVER: &str = "intraday orders end at square-off";

/// Why orders for a contract end.
const EXPIRED: &str = "the contract has expired";

impl Account {
    /// Cancels the orders and closes the positions that a job ends.
    pub(super) fn ended(&self, job: PaperJob, prices: &JobPrices) -> Result<Done, PaperRefusal> {
        let mut draft = self.draft();
        let reason = if job.kind == PaperJobKind::SquareOff {
            DAY_IS_OVER
        } else {
            EXPIRED
        };
        for (id, resting) in self.orders.iter() {
            if self.ends_order(job, &resting.working.intent.order) {
                draft.cancel((id, &resting.working), (job.at, Some(reason)))?;
            }
        }
        let unpriced = self.unpriced(job, prices.now);
        let (mut is_whole, mut last_order_number) = (true, self.last_order_number);
        let counts = if prices.day == self.trading_day {
            Counts::Today
        } else {
            Counts::Overall
        };
        for position in self.positions.values().filter(|it| self.ends(job, it)) {
            let price = prices.of(&position.key.instrument);
            let by_order = price.and_then(|price| Some((price, price.order?)));
            match (
                job.kind,
                by_order,
                self.last_price(position, price, unpriced)?,
            ) {
                (PaperJobKind::SquareOff, Some((price, intent)), _) => {
                    let at = job.at.max(price.quote.timestamp);
                    last_order_number = number::next_order_number(last_order_number, at)?;
                    let closing = self.closing(position, (price, intent), (prices, at));
                    let decision = Decision::new(number::order_id(last_order_number)?, closing);
                    close(&mut draft, decision, price)?;
                }
                (_, _, Some(last)) => draft.settle_position(position, (last, job.at), counts)?,
                (_, _, None) => is_whole = unpriced != Unpriced::Waits,
            }
        }
        Ok(Done {
            images: draft.finish(),
            is_whole,
            last_order_number,
        })
    }

    /// The price at which a position ends; `None` where it does not end yet.
    fn last_price(
        &self,
        position: &Position,
        price: Option<&JobPrice>,
        unpriced: Unpriced,
    ) -> Result<Option<Price>, ValueError> {
        if self.ends_worthless(position) {
            return Ok(Some(Price::ZERO));
        }
        match (price, unpriced) {
            (Some(price), _) => Ok(Some(price.quote.ltp)),
            (None, Unpriced::Waits | Unpriced::IsLeft) => Ok(None),
            (None, Unpriced::LastSeen) if position.ltp.is_zero() => {
                position.average_price().map(Some)
            }
            (None, Unpriced::LastSeen) => Ok(Some(position.ltp)),
        }
    }

    /// The order that closes a position at square-off.
    fn closing(
        &self,
        position: &Position,
        (price, id): (&JobPrice, IntentId),
        (prices, at): (&JobPrices, Timestamp),
    ) -> OrderIntent {
        let side = if position.quantity.is_short() {
            Side::Buy
        } else {
            Side::Sell
        };
        let key = &position.key;
        let order = NewOrder {
            product: key.product,
            strategy: Some(SQUARE_OFF.to_owned()),
            source: OrderSource::Strategy,
            ..NewOrder::market(key.instrument.clone(), side, position.quantity.size())
        };
        OrderIntent {
            id,
            user: self.key.user,
            broker: self.key.broker.clone(),
            mode: TradingMode::Paper,
            trading_day: prices.day,
            order,
            token: price.instrument.token.clone(),
            request: None,
            ltp: Some(price.quote.ltp).filter(|ltp| !ltp.is_zero()),
            at,
        }
    }

    /// Writes down what the day came to, everything that is held valued at its last price.
    pub(super) fn summed_up(
        &self,
        job: PaperJob,
        prices: &JobPrices,
    ) -> Result<Done, PaperRefusal> {
        let mut images = AfterImages::of(&self.funds);
        let wanted = self.needs_prices_of(job);
        let waits = self.unpriced(job, prices.now) == Unpriced::Waits;
        let is_whole = !(waits && wanted.iter().any(|key| prices.of(key).is_none()));
        if is_whole {
            let positions_unrealized = self.mark_positions(&mut images, prices)?;
            let holdings_unrealized = self.mark_holdings(&mut images, prices)?;
            let realized = self.funds.unsummed_pnl()?;
            images.funds.summed_pnl = self.funds.realized_pnl;
            let unrealized = positions_unrealized.plus(holdings_unrealized)?;
            let (available, used_margin) = (self.funds.available, self.funds.used_margin);
            images.daily = Some(DailyPnl {
                date: job.at.to_ist().date_naive(),
                realized,
                positions_unrealized,
                holdings_unrealized,
                total: realized.plus(unrealized)?,
                available,
                used_margin,
                portfolio_value: available.plus(used_margin)?,
            });
        }
        Ok(Done {
            images,
            is_whole,
            last_order_number: self.last_order_number,
        })
    }

    /// The profit of open positions, which keep the price that it was taken at.
    fn mark_positions(
        &self,
        images: &mut AfterImages,
        prices: &JobPrices,
    ) -> Result<Money, ValueError> {
        let mut profit = Money::ZERO;
        let open = self
            .positions
            .iter()
            .filter(|(_, it)| !it.quantity.is_flat());
        for (slot, position) in open {
            let price = prices.of(&position.key.instrument);
            let ltp = price.map_or(position.ltp, |price| price.quote.ltp);
            let marked = position.clone().marked_at(ltp)?;
            profit = profit.plus(marked.unrealized_pnl)?;
            if ltp != position.ltp {
                images.positions.insert(slot.clone(), marked.position);
            }
        }
        Ok(profit)
    }

    /// The same of holdings.
    fn mark_holdings(
        &self,
        images: &mut AfterImages,
        prices: &JobPrices,
    ) -> Result<Money, ValueError> {
        let mut profit = Money::ZERO;
        for (symbol, holding) in &self.holdings {
            let price = prices.of(&holding.key.instrument);
            let ltp = price.map_or(holding.ltp, |price| price.quote.ltp);
            let marked = Holding {
                ltp,
                ..holding.clone()
            };
            profit = profit.plus(marked.pnl()?)?;
            if ltp != holding.ltp {
                images.holdings.insert(symbol.clone(), marked);
            }
        }
        Ok(profit)
    }
}

/// Fills an order that closes a position.
fn close(
    draft: &mut Draft<'_>,
    mut decision: Decision,
    price: &JobPrice,
) -> Result<(), PaperRefusal> {
    let intent = &decision.working.intent;
    let (side, at) = (intent.order.side, intent.at);
    let accepted = OrderEventKind::Accepted {
        broker_order_id: decision.id.clone(),
        awaits_trigger: false,
    };
    decision.record(at, accepted)?;
    let traded_at = price.quote.market_price(side);
    draft.fill(&mut decision, &price.instrument, (traded_at, at))?;
    draft.settle(decision);
    Ok(())
}
