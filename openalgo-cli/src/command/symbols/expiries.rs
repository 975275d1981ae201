//! `openalgo symbols expiries`.

use super::ListName;
use crate::error::CliError;
use crate::session::Session;
use crate::show::{Entry, Output, Sheet};
use crate::words::upper;
use chrono::NaiveDate;
use openalgo::core::market::{Chain, ContractClass, Exchange, Symbol};
use openalgo::engine::market::InstrumentIndex;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct Expiries {
    /// The underlying, such as NIFTY
    #[arg(value_parser = upper::<Symbol>)]
    underlying: Symbol,
    /// Only those of futures
    #[arg(long, conflicts_with = "options")]
    futures: bool,
    /// Only those of options
    #[arg(long)]
    options: bool,
    /// Where the contracts trade [default: the exchange that has the most of them]
    #[arg(long, value_parser = upper::<Exchange>)]
    exchange: Option<Exchange>,
    #[command(flatten)]
    list: ListName,
}

/// Which contracts expire on a day.
#[derive(Default)]
struct Expiring {
    futures: bool,
    options: bool,
}

pub(super) async fn run(session: &Session<'_>, args: Expiries) -> Result<Output, CliError> {
    let listed = args.list.open(session).await?;
    let index = listed.index();
    let chain = find(index, &args)?;
    let days = days(&chain, &args, index.date());
    let columns = ["~Expiry", "#Days", "Futures", "Options"];
    let mut sheet = Sheet::fitting(&session.style, &columns);
    let mut data = Vec::new();
    for (expiry, on) in &days {
        let left = expiry.signed_duration_since(index.date()).num_days();
        let said = |has: bool| if has { "yes" } else { "-" };
        sheet.row([
            Entry::new(expiry.format("%a %d %b %Y")),
            Entry::new(left),
            Entry::new(said(on.futures)),
            Entry::new(said(on.options)),
        ]);
        data.push(json!({
            "expiry": expiry.to_string(),
            "days": left,
            "futures": on.futures,
            "options": on.options,
        }));
    }
    let data = json!({
        "underlying": chain.base(),
        "exchange": chain.exchange(),
        "expiries": data,
    });
    let (base, exchange) = (chain.base(), chain.exchange());
    let text = sheet.or("No such contracts are listed.");
    let output = Output::new(
        data,
        format!("Contracts on {base} at {exchange}:\n\n{text}"),
    );
    Ok(listed.warned(output))
}

fn days(chain: &Chain<'_>, args: &Expiries, today: NaiveDate) -> BTreeMap<NaiveDate, Expiring> {
    let mut days: BTreeMap<NaiveDate, Expiring> = BTreeMap::new();
    if !args.options {
        for expiry in chain.expiries(ContractClass::Futures, today) {
            days.entry(expiry).or_default().futures = true;
        }
    }
    if !args.futures {
        for expiry in chain.expiries(ContractClass::Options, today) {
            days.entry(expiry).or_default().options = true;
        }
    }
    days
}

fn find<'i>(index: &'i InstrumentIndex, args: &Expiries) -> Result<Chain<'i>, CliError> {
    let base = args.underlying.as_str();
    let list = index.list();
    // An index or a share is named by where it is quoted as well as by where its contracts trade.
    let exchange = args.exchange.map(|it| it.option_exchange().unwrap_or(it));
    let chain = match exchange {
        Some(exchange) => list.chain(exchange, base),
        None => list
            .chains()
            .filter(|chain| chain.base() == base)
            .max_by_key(Chain::len),
    };
    chain.ok_or_else(|| {
        let at = exchange.map(|exchange| format!(" on {exchange}"));
        let message = format!(
            "no contracts on {base} are listed{}",
            at.unwrap_or_default()
        );
        CliError::refused("unknown_symbol", &message)
            .hint("`openalgo symbols search WORDS` finds underlyings")
    })
}
