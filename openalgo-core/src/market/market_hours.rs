//! Whether the hours of exchanges bind.

use super::{Exchange, Span, Timestamp, TradingCalendar};
use chrono::{Duration, NaiveDate};
use std::sync::Arc;

/// Which hours a source of prices, and those who trade on it, keep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum MarketHours {
    /// None: it never closes, as the simulated exchange.
    #[default]
    Always,
    /// Those of the exchanges.
    Bind(Arc<TradingCalendar>),
}

impl MarketHours {
    /// The calendar that binds, if one does.
    pub fn calendar(&self) -> Option<&TradingCalendar> {
        match self {
            Self::Always => None,
            Self::Bind(calendar) => Some(calendar),
        }
    }

    /// Whether an exchange trades at an instant.
    pub fn is_open(&self, exchange: Exchange, at: Timestamp) -> bool {
        self.calendar()
            .is_none_or(|calendar| calendar.is_open(exchange, at))
    }

    /// Whether an exchange trades on a date, if only for an hour.
    pub fn is_trading_day(&self, exchange: Exchange, date: NaiveDate) -> bool {
        self.calendar()
            .is_none_or(|calendar| calendar.is_trading_day(exchange, date))
    }

    /// The parts of a span in which an exchange trades, the earliest first. As of the span itself,
    /// the beginning of a part does not belong to it, and its end does.
    pub fn open_within(&self, exchange: Exchange, span: Span) -> Vec<Span> {
        let Some(calendar) = self.calendar() else {
            return vec![span];
        };
        let first = span.from.to_ist().date_naive();
        let last = span.until.to_ist().date_naive();
        // The session of the evening before may not be over.
        let first = first.pred_opt().unwrap_or(first);
        let dates = std::iter::successors(Some(first), NaiveDate::succ_opt);
        let just_before = Duration::microseconds(-1);
        dates
            .take_while(|date| *date <= last)
            .filter_map(|date| calendar.session(exchange, date))
            // An exchange trades when it opens, and no more when it closes.
            .map(|session| Span {
                from: span.from.max(session.from.plus(just_before)),
                until: span.until.min(session.until.plus(just_before)),
            })
            .filter(|part| part.from < part.until)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{ExchangeHours, UsualHours};

    fn at(text: &str) -> Timestamp {
        Timestamp::new(chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc())
    }

    fn hours() -> MarketHours {
        let usual = UsualHours {
            since: NaiveDate::MIN,
            hours: vec![ExchangeHours {
                exchange: Exchange::Nse,
                opens: "09:15".parse().unwrap(),
                closes: "15:30".parse().unwrap(),
            }],
        };
        MarketHours::Bind(Arc::new(TradingCalendar::new([usual], [])))
    }

    #[test]
    fn a_span_is_cut_to_the_hours_of_the_exchange() {
        // A Friday noon to the Monday after.
        let span = Span {
            from: at("2026-11-27T12:00:00+05:30"),
            until: at("2026-11-30T09:20:00+05:30"),
        };
        let parts = hours().open_within(Exchange::Nse, span);
        let ends: Vec<_> = parts.iter().map(|part| (part.from, part.until)).collect();
        assert_eq!(
            ends,
            [
                (span.from, at("2026-11-27T15:29:59.999999+05:30")),
                (at("2026-11-30T09:14:59.999999+05:30"), span.until),
            ]
        );
        assert_eq!(MarketHours::Always.open_within(Exchange::Nse, span), [span]);
    }

    #[test]
    fn where_hours_do_not_bind_everything_is_open() {
        let sunday = at("2026-11-29T12:00:00+05:30");
        assert!(MarketHours::Always.is_open(Exchange::Nse, sunday));
        assert!(!hours().is_open(Exchange::Nse, sunday));
        assert!(!hours().is_trading_day(Exchange::Nse, sunday.to_ist().date_naive()));
    }
}
