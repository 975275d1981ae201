//! What happens to an account by itself, and when.

use super::{PaperTerms, ResetDay, SquareOffTimes, expiry};
use crate::id::IntentId;
use crate::market::{Instrument, InstrumentKey, Quote, TimeOfDay, Timestamp, TradingDay};
use chrono::{Datelike, Duration, NaiveDate, NaiveTime};
use std::sync::Arc;

/// When a day is summed up, a minute before the next one begins; what of it has not ended before,
/// for want of a price, ends then.
const DAY_ENDS: TimeOfDay = match TimeOfDay::of(23, 59) {
    Some(time) => time,
    None => TimeOfDay::MIDNIGHT,
};

/// What happens to an account by itself; of what is due at the same time, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaperJobKind {
    /// Shares bought for delivery become holdings, when the next day begins in India.
    Deliver,
    /// Intraday orders and positions end.
    SquareOff,
    /// Contracts that have expired are settled.
    Settle,
    /// What the day came to is written down.
    SumUp,
    /// The account starts anew.
    Reset,
}

impl PaperJobKind {
    /// Whether it is done at prices.
    pub fn needs_prices(self) -> bool {
        match self {
            Self::SquareOff | Self::Settle | Self::SumUp => true,
            Self::Deliver | Self::Reset => false,
        }
    }

    /// Its place among those that are due at the same time.
    fn place(self) -> Duration {
        Duration::microseconds(match self {
            Self::Deliver => 0,
            Self::SquareOff => 1,
            Self::Settle => 2,
            Self::SumUp => 3,
            Self::Reset => 4,
        })
    }
}

/// Something that is due at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaperJob {
    /// When it is due.
    pub at: Timestamp,
    /// What it is.
    pub kind: PaperJobKind,
}

impl PaperJob {
    /// Up to when everything is done once this is: its time, and within that its place, so that
    /// one job at a time is no reason to leave out the next of the same time.
    pub fn done(self) -> Timestamp {
        self.at.plus(self.kind.place())
    }

    /// Whether it is one with which its date ends: nothing that it leaves finds a price of its day.
    pub fn ends_its_date(self) -> bool {
        TimeOfDay::at(self.at) == DAY_ENDS
    }

    /// Whether its date is over at an instant.
    pub fn is_of_an_earlier_date(self, now: Timestamp) -> bool {
        date_of(self.at) < date_of(now)
    }
}

/// A price at which a job is done.
#[derive(Debug, Clone)]
pub struct JobPrice {
    /// The trading rules of what it is the price of.
    pub instrument: Arc<Instrument>,
    /// Its market.
    pub quote: Quote,
    /// The intent under which an order closes what is held, in the session of the job; `None`
    /// where that is over, and it is settled without one.
    pub order: Option<IntentId>,
}

/// What a job is done with.
#[derive(Debug, Clone)]
pub struct JobPrices {
    /// The session of the job.
    pub day: TradingDay,
    /// Prices of what the account asked for.
    pub prices: Vec<JobPrice>,
    /// The instant of now: what has no price waits for one only as long as it keeps nothing else
    /// that is due by then from being done.
    pub now: Timestamp,
}

impl JobPrices {
    /// No prices at all.
    pub fn none(day: TradingDay, now: Timestamp) -> Self {
        let prices = Vec::new();
        Self { day, prices, now }
    }

    /// The price of an instrument; one that mixes two days is none.
    pub fn of(&self, instrument: &InstrumentKey) -> Option<&JobPrice> {
        let mut prices = self.prices.iter();
        prices.find(|price| price.quote.instrument == *instrument && price.quote.is_coherent())
    }
}

/// When accounts start anew by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeeklyReset {
    /// On which day.
    pub day: ResetDay,
    /// At which time in India.
    pub time: TimeOfDay,
}

impl PaperTerms {
    /// The first thing that is due by `until`, when everything is done up to and including
    /// `after`, as [`PaperJob::done`] tells it.
    pub fn next_job(&self, after: Timestamp, until: Timestamp) -> Option<PaperJob> {
        let (first, last) = (date_of(after), date_of(until));
        let dates = std::iter::successors(Some(first), NaiveDate::succ_opt);
        let dates = dates.take_while(|date| *date <= last);
        dates
            .flat_map(|date| self.jobs_on(date))
            .find(|job| after < job.done() && job.at <= until)
    }

    /// What is due on a date, in the order in which it is.
    fn jobs_on(&self, date: NaiveDate) -> Vec<PaperJob> {
        let mut jobs = vec![PaperJob {
            at: Timestamp::of_ist(date.and_time(NaiveTime::MIN)),
            kind: PaperJobKind::Deliver,
        }];
        let at = day_ends_on(date);
        let mut ends = |kind, times: Vec<Timestamp>| {
            let last = (!times.is_empty()).then_some(at);
            let times = times.into_iter().chain(last);
            jobs.extend(times.map(|at| PaperJob { at, kind }));
        };
        let exchanges = SquareOffTimes::EXCHANGES.into_iter();
        let square_offs = exchanges.filter_map(|exchange| self.square_off_on(exchange, date));
        ends(PaperJobKind::SquareOff, square_offs.collect());
        ends(PaperJobKind::Settle, self.settlements_on(date).collect());
        if self.is_trading_day(date) {
            let kind = PaperJobKind::SumUp;
            jobs.push(PaperJob { at, kind });
        }
        let weekly = self.weekly_reset;
        if weekly.day.weekday() == Some(date.weekday()) {
            jobs.push(PaperJob {
                at: Timestamp::of_ist(date.and_time(weekly.time.to_naive())),
                kind: PaperJobKind::Reset,
            });
        }
        jobs.sort_by_key(|job| job.done());
        jobs.dedup();
        jobs
    }

    /// When contracts are settled on a date.
    fn settlements_on(&self, date: NaiveDate) -> impl Iterator<Item = Timestamp> {
        // Those that are settled when the next day begins expired on the day before.
        let expiries = [date.pred_opt(), Some(date)].into_iter().flatten();
        let settlements = expiries.flat_map(move |expiry| {
            let exchanges = expiry::EXCHANGES.into_iter();
            exchanges.map(move |exchange| self.settles_at(exchange, expiry))
        });
        settlements.filter(move |at| date_of(*at) == date)
    }

    fn is_trading_day(&self, date: NaiveDate) -> bool {
        let mut exchanges = SquareOffTimes::EXCHANGES.into_iter();
        exchanges.any(|exchange| self.hours.is_trading_day(exchange, date))
    }
}

/// When a date ends, as far as what happens by itself goes.
pub(super) fn day_ends_on(date: NaiveDate) -> Timestamp {
    Timestamp::of_ist(date.and_time(DAY_ENDS.to_naive()))
}

fn date_of(at: Timestamp) -> NaiveDate {
    at.to_ist().date_naive()
}

#[cfg(test)]
mod tests;
