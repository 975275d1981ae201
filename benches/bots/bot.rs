//! What the year goes through.

use openalgo::core::market::{Candle, CandleSeries};
use openalgo::core::value::NetQuantity;
use openalgo::prelude::*;
use std::collections::VecDeque;

/// A bot that is told each candle and does nothing.
pub(super) struct Idle;

#[async_trait]
impl Bot for Idle {}

const FAST: usize = 60;
const SLOW: usize = 375;

/// A bot that leads to another position whenever an average of an hour crosses that of a day.
#[derive(Default)]
pub(super) struct Crossover {
    closes: VecDeque<i128>,
    is_above: Option<bool>,
}

#[async_trait]
impl Bot for Crossover {
    async fn candle(
        &mut self,
        context: &mut BotContext,
        series: &CandleSeries,
        candle: &Candle,
    ) -> BotResult {
        let close = candle.close.to_decimal();
        let to_whole = 10_i128.pow(4_u32.saturating_sub(close.scale()));
        self.closes.push_front(close.mantissa() * to_whole);
        self.closes.truncate(SLOW);
        if self.closes.len() < SLOW {
            return Ok(());
        }
        let sum = |count: usize| self.closes.iter().take(count).sum::<i128>();
        let is_above = sum(FAST) * i128::try_from(SLOW)? > sum(SLOW) * i128::try_from(FAST)?;
        // Shortly before the square-off nothing is begun.
        let time = context.now().to_ist().format("%R").to_string();
        if self.is_above == Some(is_above) || *time >= *"15:10" {
            return Ok(());
        }
        self.is_above = Some(is_above);
        let position = NetQuantity::try_new(if is_above { 10 } else { 0 })?;
        let order = NewOrder::market(series.instrument.clone(), Side::Sell, Quantity::ZERO);
        context.smart(order, position).await?;
        Ok(())
    }
}
