//! When a contract ends, and is settled.

use super::{ExpiryTiming, PaperTerms};
use crate::market::{Contract, Exchange, InstrumentKey, Timestamp};
use chrono::{NaiveDate, NaiveTime};

/// The exchanges whose contracts expire.
pub(super) const EXCHANGES: [Exchange; 8] = [
    Exchange::Nfo,
    Exchange::Bfo,
    Exchange::Cds,
    Exchange::Bcd,
    Exchange::Mcx,
    Exchange::Nco,
    Exchange::Ncdex,
    Exchange::Crypto,
];

/// The last day of a contract, as its symbol says; `None` for what does not expire.
pub fn expiry_of(instrument: &InstrumentKey) -> Option<NaiveDate> {
    match Contract::parse(instrument.exchange, &instrument.symbol) {
        Ok(Contract::Future { expiry, .. } | Contract::Option { expiry, .. }) => Some(expiry),
        Ok(Contract::Cash { .. } | Contract::Index { .. } | Contract::Perpetual { .. })
        | Err(_) => None,
    }
}

impl PaperTerms {
    /// When contracts of an exchange that expire on a date are settled: when it closes, or when
    /// the next day begins.
    pub fn settles_at(&self, exchange: Exchange, expiry: NaiveDate) -> Timestamp {
        match self.expiry.timing {
            ExpiryTiming::ExpiryDayClose => self.close_on(exchange, expiry),
            ExpiryTiming::NextDay => {
                let next = expiry.succ_opt().unwrap_or(expiry);
                Timestamp::of_ist(next.and_time(NaiveTime::MIN))
            }
        }
    }

    /// Whether a contract has been settled by an instant; never of what does not expire.
    pub fn has_settled(&self, instrument: &InstrumentKey, at: Timestamp) -> bool {
        let expiry = expiry_of(instrument);
        expiry.is_some_and(|expiry| self.settles_at(instrument.exchange, expiry) <= at)
    }

    /// When an exchange closes on a date: as the calendar says where hours bind, and else, or when
    /// that is after midnight, as is usual.
    fn close_on(&self, exchange: Exchange, date: NaiveDate) -> Timestamp {
        let calendar = self.hours.calendar();
        let close = calendar.and_then(|calendar| calendar.session(exchange, date));
        let close = close.map(|session| session.until);
        close
            .filter(|close| close.to_ist().date_naive() == date)
            .unwrap_or_else(|| Timestamp::of_ist(date.and_time(usual_close(exchange))))
    }
}

/// When an exchange usually closes (`docs/paper-exchange.md`).
fn usual_close(exchange: Exchange) -> NaiveTime {
    let (hour, minute) = match exchange {
        Exchange::Nfo | Exchange::Bfo => (15, 40),
        Exchange::Cds | Exchange::Bcd | Exchange::Ncdex => (17, 0),
        Exchange::Mcx | Exchange::Nco | Exchange::McxIndex => (23, 30),
        Exchange::Nse
        | Exchange::Bse
        | Exchange::NseIndex
        | Exchange::BseIndex
        | Exchange::GlobalIndex
        | Exchange::Crypto => (15, 30),
    };
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sample::money;

    fn key(exchange: Exchange, symbol: &str) -> InstrumentKey {
        InstrumentKey::new(exchange, symbol.parse().unwrap())
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::of_ist(text.parse().unwrap())
    }

    #[test]
    fn a_contract_settles_when_its_exchange_closes_on_its_last_day() {
        let terms = PaperTerms::with_capital(money("100000"));
        let has_settled =
            |exchange, symbol, now| terms.has_settled(&key(exchange, symbol), at(now));
        let option = "NIFTY24NOV2626000CE";
        assert!(!has_settled(Exchange::Nfo, option, "2026-11-24T15:39:59"));
        assert!(has_settled(Exchange::Nfo, option, "2026-11-24T15:40:00"));
        let gold = "GOLD04DEC26FUT";
        assert!(!has_settled(Exchange::Mcx, gold, "2026-12-04T23:29:59"));
        assert!(has_settled(Exchange::Mcx, gold, "2026-12-04T23:30:00"));
        assert!(!has_settled(Exchange::Nse, "INFY", "2030-01-01T00:00:00"));
    }

    #[test]
    fn it_may_settle_when_the_next_day_begins() {
        let mut terms = PaperTerms::with_capital(money("100000"));
        terms.expiry.timing = ExpiryTiming::NextDay;
        let option = key(Exchange::Nfo, "NIFTY24NOV2626000CE");
        assert!(!terms.has_settled(&option, at("2026-11-24T23:59:59")));
        assert!(terms.has_settled(&option, at("2026-11-25T00:00:00")));
    }
}
