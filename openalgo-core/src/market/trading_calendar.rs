//! On which days and at which hours exchanges trade.
//!
//! A calendar is made of data: the usual hours of each exchange, and the days that are unlike
//! others. What stands in it is decided elsewhere; this only answers.

use super::change::changes;
use super::{Change, Exchange, Span, TimeOfDay, Timestamp};
use crate::wire::wire_enum;
use chrono::{Datelike, NaiveDate, Weekday};
use std::collections::BTreeMap;

/// No run of closed days is longer.
const LONGEST_CLOSURE: usize = 31;

wire_enum! {
    /// Why a day is unlike others; the words are those that clients know.
    pub enum DayKind as "kind of day" {
        /// Exchanges are closed, except for those that open at hours of that day.
        TradingHoliday = "TRADING_HOLIDAY",
        /// Nothing is settled; trading goes on as on any day.
        SettlementHoliday = "SETTLEMENT_HOLIDAY",
        /// Only what is named trades, at hours of that day, weekend or not.
        SpecialSession = "SPECIAL_SESSION",
    }
}

/// From when until when an exchange trades. One that closes no later than it opens closes on the
/// day after: `18:00` to `00:15` ends after midnight, and `00:00` to `00:00` is the whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExchangeHours {
    /// Which exchange.
    pub exchange: Exchange,
    /// When it opens.
    pub opens: TimeOfDay,
    /// When it closes.
    pub closes: TimeOfDay,
}

impl ExchangeHours {
    /// The session of a date.
    pub fn on(&self, date: NaiveDate) -> Span {
        let end = if self.closes <= self.opens {
            date.succ_opt().unwrap_or(date)
        } else {
            date
        };
        Span {
            from: Timestamp::of_ist(date.and_time(self.opens.to_naive())),
            until: Timestamp::of_ist(end.and_time(self.closes.to_naive())),
        }
    }
}

/// The hours that exchanges keep from a date on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsualHours {
    /// The first date.
    pub since: NaiveDate,
    /// The exchanges that keep other hours from then on.
    pub hours: Vec<ExchangeHours>,
}

/// A day that is unlike others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecialDay {
    /// Which day.
    pub date: NaiveDate,
    /// Why.
    pub kind: DayKind,
    /// Its name.
    pub description: Box<str>,
    /// The exchanges of which it is said that they are closed, all day or for their usual hours.
    pub closed: Vec<Exchange>,
    /// The exchanges that trade at hours of that day.
    pub open: Vec<ExchangeHours>,
}

/// On which days and at which hours exchanges trade.
///
/// An index is quoted while what it is made of trades. Crypto venues trade every day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TradingCalendar {
    /// By exchange, the latest first.
    usual: BTreeMap<Exchange, Vec<(NaiveDate, ExchangeHours)>>,
    days: BTreeMap<NaiveDate, SpecialDay>,
}

impl TradingCalendar {
    /// A calendar of these hours and days. Of two days of one date the later one counts, and of
    /// two hours of one exchange and date, too.
    pub fn new(
        hours: impl IntoIterator<Item = UsualHours>,
        days: impl IntoIterator<Item = SpecialDay>,
    ) -> Self {
        let mut usual: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for UsualHours { since, hours } in hours {
            for hours in hours {
                let known = usual.entry(hours.exchange).or_default();
                known.retain(|(date, _)| *date != since);
                known.push((since, hours));
                known.sort_by(|(a, _), (b, _)| b.cmp(a));
            }
        }
        Self {
            usual,
            days: days.into_iter().map(|day| (day.date, day)).collect(),
        }
    }

    /// This calendar, changed by another: its hours are added, and each year that it has days of
    /// is its own, so that a day that was moved is not there twice.
    #[must_use]
    pub fn updated_by(mut self, newer: Self) -> Self {
        for year in newer.years() {
            self.days.retain(|date, _| date.year() != year);
        }
        self.days.extend(newer.days);
        for (exchange, hours) in newer.usual {
            let known = self.usual.entry(exchange).or_default();
            known.retain(|(since, _)| hours.iter().all(|(date, _)| date != since));
            known.extend(hours);
            known.sort_by(|(a, _), (b, _)| b.cmp(a));
        }
        self
    }

    /// The days that are other than in an earlier one.
    pub fn days_changed_from(&self, before: &Self) -> Vec<Change<NaiveDate, SpecialDay>> {
        changes(&before.days, &self.days)
    }

    /// The usual hours that are, by the first date of theirs and their exchange.
    pub fn hours_changed_from(
        &self,
        before: &Self,
    ) -> Vec<Change<(NaiveDate, Exchange), ExchangeHours>> {
        changes(&before.hours_by_date(), &self.hours_by_date())
    }

    fn hours_by_date(&self) -> BTreeMap<(NaiveDate, Exchange), ExchangeHours> {
        let all = self.usual.iter().flat_map(|(exchange, known)| {
            let of_exchange = known.iter();
            of_exchange.map(|(since, hours)| ((*since, *exchange), *hours))
        });
        all.collect()
    }

    /// When an exchange opens and closes on a date; `None` when it does not. One that closes no
    /// later than it opens closes on the day after.
    pub fn hours(&self, exchange: Exchange, date: NaiveDate) -> Option<(TimeOfDay, TimeOfDay)> {
        self.hours_of(exchange, date)
            .map(|hours| (hours.opens, hours.closes))
    }

    /// When an exchange trades on a date; `None` when it does not.
    pub fn session(&self, exchange: Exchange, date: NaiveDate) -> Option<Span> {
        self.hours_of(exchange, date).map(|hours| hours.on(date))
    }

    /// Whether an exchange trades at an instant. It does when it opens, and no more when it closes.
    pub fn is_open(&self, exchange: Exchange, at: Timestamp) -> bool {
        self.open_session(exchange, at).is_some()
    }

    /// The session in which an exchange is at an instant; the evening before may not be over.
    pub fn open_session(&self, exchange: Exchange, at: Timestamp) -> Option<Span> {
        let date = at.to_ist().date_naive();
        [Some(date), date.pred_opt()]
            .into_iter()
            .flatten()
            .filter_map(|date| self.session(exchange, date))
            .find(|session| session.from <= at && at < session.until)
    }

    /// The first session of an exchange that begins after an instant.
    pub fn next_session(&self, exchange: Exchange, at: Timestamp) -> Option<Span> {
        let today = at.to_ist().date_naive();
        std::iter::successors(Some(today), NaiveDate::succ_opt)
            .take(LONGEST_CLOSURE)
            .filter_map(|date| self.session(exchange, date))
            .find(|session| session.from > at)
    }

    /// Whether an exchange trades on a date, if only for an hour.
    pub fn is_trading_day(&self, exchange: Exchange, date: NaiveDate) -> bool {
        self.hours_of(exchange, date).is_some()
    }

    /// The first trading day after a date; `None` when the exchange trades on none that is known.
    pub fn next_trading_day(&self, exchange: Exchange, date: NaiveDate) -> Option<NaiveDate> {
        self.nearest(exchange, date, NaiveDate::succ_opt)
    }

    /// The last trading day before a date; `None` when the exchange trades on none that is known.
    pub fn previous_trading_day(&self, exchange: Exchange, date: NaiveDate) -> Option<NaiveDate> {
        self.nearest(exchange, date, NaiveDate::pred_opt)
    }

    fn nearest(
        &self,
        exchange: Exchange,
        date: NaiveDate,
        step: fn(&NaiveDate) -> Option<NaiveDate>,
    ) -> Option<NaiveDate> {
        std::iter::successors(step(&date), step)
            .take(LONGEST_CLOSURE)
            .find(|date| self.is_trading_day(exchange, *date))
    }

    /// Whether money and shares change hands on a date: not on weekends and holidays of either
    /// kind, and not in a special session of a weekend.
    pub fn is_settlement_day(&self, exchange: Exchange, date: NaiveDate) -> bool {
        let is_holiday = self
            .day(date)
            .is_some_and(|day| day.kind == DayKind::SettlementHoliday);
        !is_weekend(date) && !is_holiday && self.is_trading_day(exchange, date)
    }

    /// What is special about a date.
    pub fn day(&self, date: NaiveDate) -> Option<&SpecialDay> {
        self.days.get(&date)
    }

    /// The special days of a year, in their order.
    pub fn days_of(&self, year: i32) -> impl Iterator<Item = &SpecialDay> {
        self.days
            .values()
            .filter(move |day| day.date.year() == year)
    }

    /// The years whose special days are known, in their order. Of another year only the weekends
    /// are, so that a holiday looks like any day.
    pub fn years(&self) -> Vec<i32> {
        let mut years: Vec<_> = self.days.keys().map(Datelike::year).collect();
        years.dedup();
        years
    }

    fn hours_of(&self, exchange: Exchange, date: NaiveDate) -> Option<ExchangeHours> {
        let exchange = trades_with(exchange);
        let day = self.day(date);
        let named = || {
            let open = day?.open.iter();
            open.copied().find(|hours| hours.exchange == exchange)
        };
        match day.map(|day| day.kind) {
            Some(DayKind::TradingHoliday | DayKind::SpecialSession)
                if exchange != Exchange::Crypto =>
            {
                named()
            }
            _ if is_weekend(date) && exchange != Exchange::Crypto => named(),
            _ => named().or_else(|| self.usual_hours(exchange, date)),
        }
    }

    fn usual_hours(&self, exchange: Exchange, date: NaiveDate) -> Option<ExchangeHours> {
        let known = self.usual.get(&exchange)?;
        let current = known.iter().find(|(since, _)| *since <= date);
        current.map(|(_, hours)| *hours)
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The exchange whose hours an exchange code keeps.
fn trades_with(exchange: Exchange) -> Exchange {
    match exchange {
        Exchange::NseIndex => Exchange::Nse,
        Exchange::BseIndex => Exchange::Bse,
        Exchange::McxIndex => Exchange::Mcx,
        Exchange::Nse
        | Exchange::Nfo
        | Exchange::Cds
        | Exchange::Bse
        | Exchange::Bfo
        | Exchange::Bcd
        | Exchange::Mcx
        | Exchange::Ncdex
        | Exchange::Nco
        | Exchange::GlobalIndex
        | Exchange::Crypto => exchange,
    }
}
