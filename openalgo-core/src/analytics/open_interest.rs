//! What the open interest of a chain says.

use crate::value::{Price, ValueError};
use rust_decimal::Decimal;

const TOO_MUCH: ValueError = ValueError::TooLarge {
    kind: "open interest",
};

/// The contracts that are open at one strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StrikeInterest {
    /// The strike.
    pub strike: Price,
    /// Open calls, in units.
    pub calls: i64,
    /// Open puts, in units.
    pub puts: i64,
}

/// The open interest of one expiry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpenInterest {
    strikes: Vec<StrikeInterest>,
}

impl OpenInterest {
    /// Takes the strikes in any order.
    pub fn new(strikes: Vec<StrikeInterest>) -> Self {
        Self { strikes }
    }

    /// Open puts for each open call, to four decimals; `None` where no call is open.
    pub fn put_call_ratio(&self) -> Result<Option<Decimal>, ValueError> {
        let calls: Decimal = self.strikes.iter().map(|it| Decimal::from(it.calls)).sum();
        let puts: Decimal = self.strikes.iter().map(|it| Decimal::from(it.puts)).sum();
        if calls.is_zero() {
            return Ok(None);
        }
        let ratio = puts.checked_div(calls).ok_or(TOO_MUCH)?;
        Ok(Some(ratio.round_dp(4)))
    }

    /// The strike at which whoever sold the options would pay the least if the underlying expired
    /// there; the lowest of several, and `None` where nothing is open.
    pub fn max_pain(&self) -> Result<Option<Price>, ValueError> {
        let is_open = |it: &StrikeInterest| it.calls > 0 || it.puts > 0;
        if !self.strikes.iter().any(is_open) {
            return Ok(None);
        }
        let mut least: Option<(Decimal, Price)> = None;
        for at in self.strikes.iter().map(|it| it.strike) {
            let paid = (self.paid_at(at)?, at);
            if least.is_none_or(|least| paid < least) {
                least = Some(paid);
            }
        }
        Ok(least.map(|(_, strike)| strike))
    }

    /// What is paid for all options together if the underlying expires at a price.
    fn paid_at(&self, price: Price) -> Result<Decimal, ValueError> {
        let mut paid = Decimal::ZERO;
        for it in &self.strikes {
            let above = price.to_decimal().saturating_sub(it.strike.to_decimal());
            let open = if above.is_sign_positive() {
                it.calls
            } else {
                it.puts
            };
            let more = above.abs().checked_mul(Decimal::from(open));
            paid = more
                .and_then(|more| paid.checked_add(more))
                .ok_or(TOO_MUCH)?;
        }
        Ok(paid)
    }
}
