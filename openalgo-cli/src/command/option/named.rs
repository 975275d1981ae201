//! Underlyings and expiries as people name them.

use crate::error::CliError;
use crate::session::Session;
use crate::words::upper;
use chrono::{Datelike, NaiveDate};
use openalgo::core::analytics::OptionLife;
use openalgo::core::market::{Chain, ContractClass, Exchange, Symbol};
use openalgo::engine::market::UnderlyingQuery;
use serde::{Deserialize, Serialize};

/// Which options: of what, and of which day.
#[derive(Debug, Clone, clap::Args, Serialize, Deserialize)]
pub(crate) struct Of {
    /// Where the underlying or its options trade, such as NSE_INDEX, NFO or MCX
    /// [default: the exchange that has the most options on it]
    #[arg(long, value_parser = upper::<Exchange>)]
    pub(crate) exchange: Option<Exchange>,
    /// Their last day, such as 01DEC26 or 2026-12-01 [default: the next one]
    #[arg(long, value_parser = day, value_name = "DAY")]
    pub(crate) expiry: Option<NaiveDate>,
}

/// A day as symbols tell it, or as calendars do.
pub(crate) fn day(text: &str) -> Result<NaiveDate, String> {
    let by_symbol = NaiveDate::parse_from_str(text, "%d%b%y");
    let day = by_symbol.ok().or_else(|| text.parse().ok());
    // chrono takes years of two digits for those of the first century.
    let day = day.filter(|day: &NaiveDate| day.year() >= 2000);
    day.ok_or_else(|| format!("'{text}' is no day such as 01DEC26 or 2026-12-01"))
}

/// A day as symbols tell it.
pub(crate) fn day_words(day: NaiveDate) -> String {
    day.format("%d%b%y").to_string().to_ascii_uppercase()
}

impl Of {
    /// What the options are on, and their last day.
    pub(crate) async fn find(
        &self,
        session: &Session<'_>,
        underlying: &Symbol,
    ) -> Result<(UnderlyingQuery, NaiveDate), CliError> {
        let app = session.app()?;
        let now = app.now();
        let today = now.session_date();
        let index = app.market().instruments().await;
        let list = index.list();
        let mut query = UnderlyingQuery {
            name: underlying.to_string(),
            exchange: self.exchange.unwrap_or(Exchange::Nfo),
        };
        let (base, own) = query.root();
        let next = |chain: &Chain<'_>| {
            let expiries = chain.expiries(ContractClass::Options, today).into_iter();
            // On its last day, what has ended is not the next one any more.
            let is_over = |day| OptionLife::at(now, (chain.exchange(), day), None).is_over();
            expiries.filter(|day| !is_over(*day)).min()
        };
        let chain = match (self.exchange, query.exchange.option_exchange()) {
            (Some(_), None) => None,
            (Some(_), Some(exchange)) => list.chain(exchange, &base),
            (None, _) => {
                let named = list.chains().filter(|chain| chain.base() == base);
                named
                    .filter(|chain| next(chain).is_some())
                    .max_by_key(Chain::len)
            }
        };
        let chain = chain.ok_or_else(|| no_options(&base, self.exchange))?;
        let expiry = self.expiry.or(own).or_else(|| next(&chain));
        let expiry = expiry.ok_or_else(|| no_options(&base, self.exchange))?;
        query.exchange = self.exchange.unwrap_or(chain.exchange());
        Ok((query, expiry))
    }
}

fn no_options(base: &str, exchange: Option<Exchange>) -> CliError {
    let at = exchange.map(|exchange| format!(" at {exchange}"));
    let message = format!("no options on {base} are listed{}", at.unwrap_or_default());
    CliError::refused("no_options", &message).hint(
        "`openalgo symbols search WORDS` finds underlyings, without --exchange at any exchange",
    )
}

#[cfg(test)]
mod tests {
    use super::{day, day_words};

    #[test]
    fn days_are_read_both_ways() {
        for text in ["01DEC26", "01dec26", "2026-12-01"] {
            assert_eq!(day_words(day(text).unwrap()), "01DEC26");
        }
        for text in ["", "1-12-26", "32DEC26", "DEC26"] {
            assert!(day(text).unwrap_err().contains("such as 01DEC26"), "{text}");
        }
    }
}
