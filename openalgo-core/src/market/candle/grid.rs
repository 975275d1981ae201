//! Which intervals there are, by the hours of the exchanges.

use super::Candle;
use crate::market::{
    Exchange, IST, Interval, MarketHours, SessionBoundary, Span, Timestamp, TradingDay,
};
use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime};

/// The session of a date; one that never closes has days of [`SessionBoundary`].
fn session_on(hours: &MarketHours, exchange: Exchange, date: NaiveDate) -> Option<Span> {
    if let Some(calendar) = hours.calendar() {
        return calendar.session(exchange, date);
    }
    let boundary = SessionBoundary::default();
    let from = boundary.start_of(TradingDay::new(date));
    let until = boundary.next_after(from);
    Some(Span { from, until })
}

/// The session of an instant, and its date.
fn session_at(hours: &MarketHours, exchange: Exchange, at: Timestamp) -> Option<(NaiveDate, Span)> {
    if let Some(calendar) = hours.calendar() {
        let session = calendar.open_session(exchange, at)?;
        return Some((session.from.to_ist().date_naive(), session));
    }
    let date = at.session_date();
    Some((date, session_on(hours, exchange, date)?))
}

/// The first session that begins at an instant or later.
fn session_from(hours: &MarketHours, exchange: Exchange, at: Timestamp) -> Option<Span> {
    if let Some(calendar) = hours.calendar() {
        let before = at.plus(chrono::Duration::microseconds(-1));
        return calendar.next_session(exchange, before);
    }
    let date = at.session_date();
    let dates = [Some(date), date.succ_opt()].into_iter().flatten();
    let mut sessions = dates.filter_map(|date| session_on(hours, exchange, date));
    sessions.find(|session| session.from >= at)
}

/// The first trading day at a date or later.
fn day_from(hours: &MarketHours, exchange: Exchange, date: NaiveDate) -> Option<NaiveDate> {
    match hours.calendar() {
        Some(calendar) if !calendar.is_trading_day(exchange, date) => {
            calendar.next_trading_day(exchange, date)
        }
        _ => Some(date),
    }
}

/// One interval of a [`CandleGrid`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Where it begins, which is the time of its candle.
    pub starts: Timestamp,
    /// Where it ends; this instant belongs to it no more, except where a session goes on after
    /// midnight: see [`CandleGrid::closing`].
    pub ends: Timestamp,
}

/// The intervals of one length in which an exchange trades.
///
/// Those within a day are counted from the opening of each session, and the last one ends with the
/// session: of hours, NSE has 09:15, 10:15 … 15:15, and the last lasts a quarter of an hour. Weeks
/// begin on Mondays; months, quarters and years on their first days, whether traded on or not.
#[derive(Debug, Clone)]
pub struct CandleGrid {
    hours: MarketHours,
    exchange: Exchange,
    interval: Interval,
}

impl CandleGrid {
    /// The intervals of an exchange.
    pub fn new(hours: MarketHours, exchange: Exchange, interval: Interval) -> Self {
        Self {
            hours,
            exchange,
            interval,
        }
    }

    /// Their length.
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// The interval of an instant; `None` when the exchange does not trade then.
    pub fn slot_at(&self, at: Timestamp) -> Option<Slot> {
        let (date, session) = session_at(&self.hours, self.exchange, at)?;
        match self.interval.seconds() {
            None => Some(self.slot_of_date(date)),
            Some(length) => {
                let passed = at.since(session.from).num_seconds();
                let begun = passed.saturating_sub(passed.checked_rem(length)?);
                Some(slot_after(session, begun, length))
            }
        }
    }

    /// When the session began to which an instant belongs.
    pub(super) fn session_start(&self, at: Timestamp) -> Option<Timestamp> {
        let session = session_at(&self.hours, self.exchange, at);
        session.map(|(_, session)| session.from)
    }

    /// When trading begins in an interval.
    pub fn opening(&self, slot: Slot) -> Timestamp {
        if !self.interval.is_by_date() {
            return slot.starts;
        }
        let date = slot.starts.to_ist().date_naive();
        let first = day_from(&self.hours, self.exchange, date);
        let session = first.and_then(|date| session_on(&self.hours, self.exchange, date));
        session.map_or(slot.starts, |session| session.from)
    }

    /// When trading has ended in an interval. A session that goes on after midnight belongs to the
    /// day on which it began.
    pub fn closing(&self, slot: Slot) -> Timestamp {
        if !self.interval.is_by_date() {
            return slot.ends;
        }
        let last = slot.ends.to_ist().date_naive().pred_opt();
        let session = last.and_then(|date| session_on(&self.hours, self.exchange, date));
        session.map_or(slot.ends, |session| session.until.max(slot.ends))
    }

    /// The span of the candles of some dates, the last one included. Of weeks and longer, the one
    /// in which the first date lies belongs to it.
    pub fn of_dates(&self, first: NaiveDate, last: NaiveDate) -> Span {
        let until = midnight(last.succ_opt().unwrap_or(last));
        if self.interval.is_by_date() {
            let from = midnight(first_of_period(self.interval, first));
            return Span { from, until };
        }
        let opening = session_on(&self.hours, self.exchange, first);
        let closing = session_on(&self.hours, self.exchange, last);
        Span {
            from: opening.map_or_else(|| midnight(first), |session| session.from),
            until: closing.map_or(until, |session| session.until.max(until)),
        }
    }

    /// The interval of one of its candles; `None` for one at a time without trading.
    pub fn slot_of(&self, candle: &Candle) -> Option<Slot> {
        if self.interval.is_by_date() {
            Some(self.slot_of_date(candle.timestamp.to_ist().date_naive()))
        } else {
            self.slot_at(candle.timestamp)
        }
    }

    /// Whether there are more than so many intervals in a span.
    pub fn has_more_than(&self, most: usize, span: Span) -> bool {
        let sessions =
            std::iter::successors(self.first_from(span.from), |slot| self.session_after(*slot));
        let mut count = 0_usize;
        for first in sessions.take_while(|slot| slot.starts < span.until) {
            let of_session = match self.interval.seconds() {
                None => 1,
                Some(length) => {
                    let end = self.session_end(first).min(span.until);
                    let seconds = end.since(first.starts).num_seconds();
                    let whole = seconds.saturating_add(length).saturating_sub(1);
                    usize::try_from(whole.checked_div(length).unwrap_or(0)).unwrap_or(0)
                }
            };
            count = count.saturating_add(of_session);
            if count > most {
                return true;
            }
        }
        false
    }

    /// The interval to which a candle of a shorter interval belongs.
    pub(super) fn slot_of_candle(&self, of: Interval, candle: &Candle) -> Option<Slot> {
        let date = candle.timestamp.to_ist().date_naive();
        if of.is_by_date() {
            return Some(self.slot_of_date(date));
        }
        let slot = self.slot_at(candle.timestamp);
        // A session that no calendar knows still has its date.
        slot.or_else(|| self.interval.is_by_date().then(|| self.slot_of_date(date)))
    }

    /// The interval after another one in which the exchange trades.
    pub fn following(&self, slot: Slot) -> Option<Slot> {
        if self.interval.is_by_date() {
            let next = slot.ends.to_ist().date_naive();
            let day = day_from(&self.hours, self.exchange, next)?;
            return Some(self.slot_of_date(day));
        }
        let same_session = self.slot_at(slot.ends);
        same_session
            .filter(|next| next.starts == slot.ends)
            .or_else(|| self.first_of_session(slot.ends))
    }

    /// The first interval that begins at an instant or later.
    pub fn first_from(&self, at: Timestamp) -> Option<Slot> {
        if self.interval.is_by_date() {
            let day = day_from(&self.hours, self.exchange, at.to_ist().date_naive())?;
            let slot = self.slot_of_date(day);
            return if slot.starts >= at {
                Some(slot)
            } else {
                self.following(slot)
            };
        }
        match self.slot_at(at) {
            Some(slot) if slot.starts == at => Some(slot),
            Some(slot) => self.following(slot),
            None => self.first_of_session(at),
        }
    }

    fn first_of_session(&self, at: Timestamp) -> Option<Slot> {
        let session = session_from(&self.hours, self.exchange, at)?;
        Some(slot_after(session, 0, self.interval.seconds()?))
    }

    /// The stretches of a span for which candles are missing, though the exchange traded: nobody
    /// dealt then, or nobody listened. An interval that the span does not hold whole is none of
    /// them. The candles are in the order of time.
    pub fn gaps(&self, candles: &[Candle], span: Span) -> Vec<Span> {
        let mut gaps = Vec::new();
        let mut next = self.first_from(span.from);
        let inside = |candle: &&Candle| (span.from..span.until).contains(&candle.timestamp);
        for candle in candles.iter().filter(inside) {
            let at = candle.timestamp;
            if let Some(expected) = next.filter(|expected| expected.starts < at) {
                gaps.push(Span {
                    from: expected.starts,
                    until: at,
                });
            }
            // A candle outside all known hours says nothing about those that are known.
            if let Some(slot) = self.slot_of(candle) {
                next = self.following(slot);
            }
        }
        if let Some(from) = next.filter(|slot| self.closing(*slot) <= span.until) {
            gaps.push(Span {
                from: from.starts,
                until: self.last_end(from, span.until),
            });
        }
        gaps
    }

    /// The end of the last interval that has ended by `until`, of those from `slot` on.
    fn last_end(&self, slot: Slot, until: Timestamp) -> Timestamp {
        match self.slot_at(until) {
            Some(open) if open.starts > slot.starts && !self.interval.is_by_date() => open.starts,
            _ => {
                let later = std::iter::successors(Some(slot), |slot| self.session_after(*slot));
                let ended = later.take_while(|slot| self.closing(*slot) <= until);
                ended
                    .last()
                    .map_or(slot.ends, |slot| self.session_end(slot).min(until))
            }
        }
    }

    /// The first interval of the session after that of another one.
    fn session_after(&self, slot: Slot) -> Option<Slot> {
        if self.interval.is_by_date() {
            return self.following(slot);
        }
        self.first_of_session(self.session_end(slot))
    }

    fn session_end(&self, slot: Slot) -> Timestamp {
        if self.interval.is_by_date() {
            return slot.ends;
        }
        let session = session_at(&self.hours, self.exchange, slot.starts);
        session.map_or(slot.ends, |(_, session)| session.until)
    }

    fn slot_of_date(&self, date: NaiveDate) -> Slot {
        let first = first_of_period(self.interval, date);
        Slot {
            starts: midnight(first),
            ends: midnight(first_of_next_period(self.interval, first)),
        }
    }
}

/// The interval so many seconds after the opening of a session.
fn slot_after(session: Span, begun: i64, length: i64) -> Slot {
    let starts = session.from.plus(chrono::Duration::seconds(begun));
    let ends = starts.plus(chrono::Duration::seconds(length));
    Slot {
        starts,
        ends: ends.min(session.until),
    }
}

fn midnight(date: NaiveDate) -> Timestamp {
    let local = date.and_time(NaiveTime::MIN);
    let instant = local.and_local_timezone(IST).single().map(|at| at.to_utc());
    Timestamp::new(instant.unwrap_or_else(|| local.and_utc()))
}

/// How many months an interval lasts; `None` for one that does not last whole ones.
fn months(interval: Interval) -> Option<u32> {
    let lengths = [
        (Interval::Month, 1),
        (Interval::Quarter, 3),
        (Interval::Year, 12),
    ];
    let mut lengths = lengths.into_iter();
    lengths.find_map(|(of, months)| (of == interval).then_some(months))
}

/// The first date of the day, week, month, quarter or year of a date.
fn first_of_period(interval: Interval, date: NaiveDate) -> NaiveDate {
    let first = if interval == Interval::Week {
        let passed = date.weekday().num_days_from_monday();
        date.checked_sub_days(Days::new(passed.into()))
    } else if let Some(months) = months(interval) {
        let passed = date.month0().checked_rem(months).unwrap_or_default();
        let month = date.month().saturating_sub(passed);
        NaiveDate::from_ymd_opt(date.year(), month, 1)
    } else {
        Some(date)
    };
    first.unwrap_or(date)
}

fn first_of_next_period(interval: Interval, first: NaiveDate) -> NaiveDate {
    let next = if interval == Interval::Week {
        first.checked_add_days(Days::new(7))
    } else if let Some(months) = months(interval) {
        first.checked_add_months(Months::new(months))
    } else {
        first.succ_opt()
    };
    next.unwrap_or(first)
}
