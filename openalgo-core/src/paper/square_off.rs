//! When intraday positions end, and when orders for them are taken.

use super::job::day_ends_on;
use super::{PaperRefusal, PaperTerms};
use crate::market::{Exchange, InstrumentKey, Span, TimeOfDay, Timestamp};
use chrono::{Duration, NaiveDate};

/// From when on intraday orders are taken on a trading day, whatever the exchange.
const FIRST_ORDERS: TimeOfDay = time(9, 0);

/// How long before the end of a session of other hours intraday positions end, when their usual
/// time lies outside it.
const BEFORE_CLOSE: Duration = Duration::minutes(-15);

const fn time(hour: u32, minute: u32) -> TimeOfDay {
    match TimeOfDay::of(hour, minute) {
        Some(time) => time,
        None => TimeOfDay::MIDNIGHT,
    }
}

/// When intraday positions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SquareOffTimes {
    /// NSE, BSE, NFO and BFO.
    pub equity: TimeOfDay,
    /// CDS and BCD.
    pub currency: TimeOfDay,
    /// MCX, and NSE commodities.
    pub mcx: TimeOfDay,
    /// NCDEX.
    pub ncdex: TimeOfDay,
}

impl Default for SquareOffTimes {
    /// The sandbox's defaults (`docs/paper-exchange.md`).
    fn default() -> Self {
        Self {
            equity: time(15, 15),
            currency: time(16, 45),
            mcx: time(23, 30),
            ncdex: time(17, 0),
        }
    }
}

impl SquareOffTimes {
    /// The exchanges whose intraday positions end by the clock.
    pub const EXCHANGES: [Exchange; 9] = [
        Exchange::Nse,
        Exchange::Bse,
        Exchange::Nfo,
        Exchange::Bfo,
        Exchange::Cds,
        Exchange::Bcd,
        Exchange::Mcx,
        Exchange::Nco,
        Exchange::Ncdex,
    ];

    /// The time of an exchange; `None` where positions may stay.
    pub fn of(&self, exchange: Exchange) -> Option<TimeOfDay> {
        match exchange {
            Exchange::Nse | Exchange::Bse | Exchange::Nfo | Exchange::Bfo => Some(self.equity),
            Exchange::Cds | Exchange::Bcd => Some(self.currency),
            Exchange::Mcx | Exchange::Nco => Some(self.mcx),
            Exchange::Ncdex => Some(self.ncdex),
            Exchange::NseIndex
            | Exchange::BseIndex
            | Exchange::McxIndex
            | Exchange::GlobalIndex
            | Exchange::Crypto => None,
        }
    }
}

impl PaperTerms {
    /// When intraday positions on an exchange end on a date; `None` where they may stay, and on
    /// days on which it does not trade.
    ///
    /// A session that the usual time lies outside of, such as an evening one, has its own: some
    /// minutes before its end, and before its date ends.
    pub fn square_off_on(&self, exchange: Exchange, date: NaiveDate) -> Option<Timestamp> {
        let session = self.hours.calendar()?.session(exchange, date)?;
        let usual = self.square_off.of(exchange)?.to_naive();
        let usual = Timestamp::of_ist(date.and_time(usual));
        if session.from < usual && usual <= session.until {
            return Some(usual);
        }
        let before_close = session.until.plus(BEFORE_CLOSE).max(session.from);
        Some(before_close.min(day_ends_on(date)))
    }

    /// Whether intraday positions on an exchange that were there before an instant have ended by
    /// then.
    pub fn is_squared_off(&self, exchange: Exchange, at: Timestamp) -> bool {
        let end = self.square_off_on(exchange, at.to_ist().date_naive());
        end.is_some_and(|end| end <= at)
    }

    /// Refuses an intraday order at an instant at which none may open a position.
    pub fn check_intraday(
        &self,
        instrument: &InstrumentKey,
        at: Timestamp,
    ) -> Result<(), PaperRefusal> {
        let exchange = instrument.exchange;
        let (Some(calendar), Some(_)) = (self.hours.calendar(), self.square_off.of(exchange))
        else {
            return Ok(());
        };
        let date = at.to_ist().date_naive();
        let Some(square_off) = self.square_off_on(exchange, date) else {
            let resumes = calendar.next_trading_day(exchange, date);
            return Err(PaperRefusal::NoTradingDay {
                exchange,
                date,
                resumes,
            });
        };
        let opens = Timestamp::of_ist(date.and_time(FIRST_ORDERS.to_naive()));
        let session = calendar.session(exchange, date);
        let opens = session.map_or(opens, |session: Span| session.from.min(opens));
        if opens <= at && at < square_off {
            return Ok(());
        }
        Err(PaperRefusal::PastSquareOff {
            square_off: TimeOfDay::at(square_off),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{
        DayKind, ExchangeHours, MarketHours, SpecialDay, TradingCalendar, UsualHours,
    };
    use crate::testing::sample::money;
    use std::sync::Arc;

    fn hours(exchange: Exchange, opens: &str, closes: &str) -> ExchangeHours {
        ExchangeHours {
            exchange,
            opens: opens.parse().unwrap(),
            closes: closes.parse().unwrap(),
        }
    }

    /// A week with an evening session on its Saturday, and a holiday on its Tuesday.
    fn terms() -> PaperTerms {
        let usual = UsualHours {
            since: NaiveDate::MIN,
            hours: vec![
                hours(Exchange::Nse, "09:15", "15:30"),
                hours(Exchange::Mcx, "09:00", "23:55"),
            ],
        };
        let day = |date: &str, kind, open| SpecialDay {
            date: date.parse().unwrap(),
            kind,
            description: "a special day".into(),
            closed: vec![Exchange::Nse],
            open,
        };
        let evening = hours(Exchange::Nse, "18:00", "19:15");
        let night = hours(Exchange::Mcx, "23:45", "00:15");
        let days = [
            day("2026-11-24", DayKind::TradingHoliday, Vec::new()),
            day("2026-11-28", DayKind::SpecialSession, vec![evening]),
            day("2026-11-29", DayKind::SpecialSession, vec![night]),
        ];
        PaperTerms {
            hours: MarketHours::Bind(Arc::new(TradingCalendar::new([usual], days))),
            ..PaperTerms::with_capital(money("100000"))
        }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::of_ist(text.parse().unwrap())
    }

    fn refusal(symbol: &str, exchange: Exchange, now: &str) -> String {
        let key = InstrumentKey::new(exchange, symbol.parse().unwrap());
        let checked = terms().check_intraday(&key, at(now));
        checked.map_or_else(|refusal| refusal.to_string(), |()| "taken".into())
    }

    #[test]
    fn intraday_orders_are_taken_from_nine_until_positions_end() {
        let nse = |now| refusal("INFY", Exchange::Nse, now);
        let closed = "MIS orders cannot be placed after square-off time (15:15 IST). Trading \
                      resumes at 09:00 AM IST.";
        assert_eq!(nse("2026-11-25T08:59:59.999999"), closed);
        assert_eq!(nse("2026-11-25T09:00:00"), "taken");
        assert_eq!(nse("2026-11-25T15:14:59.999999"), "taken");
        assert_eq!(nse("2026-11-25T15:15:00"), closed);
        let mcx = |now| refusal("GOLD04DEC26FUT", Exchange::Mcx, now);
        assert_eq!(mcx("2026-11-25T20:00:00"), "taken");
        assert!(mcx("2026-11-25T23:30:00").contains("(23:30 IST)"));
        let crypto = |now| refusal("BTCUSDFUT", Exchange::Crypto, now);
        assert_eq!(
            crypto("2026-11-29T03:00:00"),
            "taken",
            "it has no such time"
        );
    }

    #[test]
    fn days_without_trading_take_none_and_special_sessions_do() {
        let nse = |now| refusal("INFY", Exchange::Nse, now);
        assert_eq!(
            nse("2026-11-24T11:00:00"),
            "MIS orders cannot be placed on 2026-11-24, as NSE does not trade then. Trading \
             resumes at 09:00 AM IST on 2026-11-25."
        );
        assert!(
            nse("2026-11-29T11:00:00").contains("on 2026-11-30"),
            "a Sunday"
        );
        assert_eq!(nse("2026-11-28T18:30:00"), "taken", "an evening session");
        assert!(nse("2026-11-28T19:00:00").contains("(19:00 IST)"));
    }

    #[test]
    fn positions_end_on_trading_days_only_and_before_an_evening_session_does() {
        let terms = terms();
        let end = |date: &str| terms.square_off_on(Exchange::Nse, date.parse().unwrap());
        assert_eq!(end("2026-11-24"), None);
        assert_eq!(end("2026-11-25"), Some(at("2026-11-25T15:15:00")));
        assert_eq!(end("2026-11-28"), Some(at("2026-11-28T19:00:00")));
        let night = terms.square_off_on(Exchange::Mcx, "2026-11-29".parse().unwrap());
        assert_eq!(
            night,
            Some(at("2026-11-29T23:59:00")),
            "a session until a quarter past twelve"
        );
        assert!(terms.is_squared_off(Exchange::Mcx, at("2026-11-29T23:59:00")));
        let always = PaperTerms::with_capital(money("100000"));
        let date = "2026-11-25".parse().unwrap();
        assert_eq!(always.square_off_on(Exchange::Nse, date), None);
    }
}
