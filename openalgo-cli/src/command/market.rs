//! `openalgo market`.

mod import;

use crate::error::{CliError, Exit};
use crate::request::Style;
use crate::session::Session;
use crate::show::{Entry, Output, Sheet, clock_time};
use chrono::{Datelike, NaiveDate};
use openalgo::core::market::{Exchange, ExchangeHours, SpecialDay, Timestamp, TradingCalendar};
use openalgo::{CalendarError, HoursRule, OpenAlgo, World};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo market status
  openalgo market holidays --year 2026
  openalgo market timings --date 2026-11-08
  openalgo market import calendar holidays-2027.csv
  openalgo market import freeze qtyfreeze.csv";

/// The exchanges whose hours are told, in the order that clients know.
const EXCHANGES: [Exchange; 10] = [
    Exchange::Nse,
    Exchange::Bse,
    Exchange::Nfo,
    Exchange::Bfo,
    Exchange::Mcx,
    Exchange::Bcd,
    Exchange::Cds,
    Exchange::Nco,
    Exchange::Ncdex,
    Exchange::Crypto,
];

/// The hours of exchanges are those of the real ones. The simulated exchange never closes.
#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Show which exchanges trade right now
    #[command(after_help = EXAMPLES)]
    Status,
    /// List holidays and special sessions of a year
    #[command(after_help = EXAMPLES)]
    Holidays {
        /// Which year [default: this one]
        #[arg(long, value_parser = clap::value_parser!(i32).range(2020..=2050))]
        year: Option<i32>,
    },
    /// Show when exchanges open and close on a date
    #[command(after_help = EXAMPLES)]
    Timings {
        /// Which date, such as 2026-11-25 [default: today]
        #[arg(long)]
        date: Option<NaiveDate>,
    },
    /// Take holidays and hours, or freeze quantities, from a file
    #[command(subcommand)]
    Import(import::Command),
}

impl Command {
    /// A file is where the caller stands.
    pub(crate) fn resolve(&mut self) -> Result<(), CliError> {
        match self {
            Self::Import(command) => command.resolve(),
            Self::Status | Self::Holidays { .. } | Self::Timings { .. } => Ok(()),
        }
    }
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    let now = session.files.now();
    let today = now.to_ist().date_naive();
    let style = &session.style;
    Ok(match command {
        Command::Status => {
            let world = session.app().ok().map(OpenAlgo::world);
            status((style, world), &calendar(session).await?, now)
        }
        Command::Holidays { year } => {
            let year = year.unwrap_or(today.year());
            holidays(style, &calendar(session).await?, year)
        }
        Command::Timings { date } => {
            timings(style, &calendar(session).await?, date.unwrap_or(today))
        }
        Command::Import(command) => import::run(session, command).await?,
    })
}

async fn calendar(session: &Session<'_>) -> Result<TradingCalendar, CliError> {
    let folder = session.files.folder().clone();
    let read = tokio::task::spawn_blocking(move || folder.read_calendar()).await;
    read.map_err(|error| CliError::internal("the calendar was not read", &error))?
        .map_err(|error| unusable(&error))
}

fn unusable(error: &CalendarError) -> CliError {
    CliError::new(Exit::Unavailable, "calendar", error)
        .hint("mend the file, or remove it: then what comes with the program holds")
}

fn status(
    (style, world): (&Style, Option<&World>),
    calendar: &TradingCalendar,
    now: Timestamp,
) -> Output {
    let mut sheet = Sheet::fitting(style, &["Exch", "~Status"]);
    let mut data = Vec::new();
    for exchange in EXCHANGES {
        let open = calendar.open_session(exchange, now);
        let next = calendar.next_session(exchange, now);
        let text = match (open, next) {
            (Some(session), _) => format!("open until {}", clock_time(session.until)),
            (None, Some(next)) => format!("closed until {}", clock_time(next.from)),
            (None, None) => "closed".to_owned(),
        };
        sheet.row([Entry::new(exchange), Entry::new(text)]);
        data.push(json!({
            "exchange": exchange,
            "open": open.is_some(),
            "closes": open.map(|session| millis(session.until)),
            "opens": next.map(|session| millis(session.from)),
        }));
    }
    let mut text = sheet.or("No exchanges.");
    if let Some(world) = world {
        let hours = match world.hours_rule() {
            HoursRule::Always => "and keep no hours",
            HoursRule::Bind => "and keep these hours",
        };
        text = format!("{text}Orders on paper trade at prices that are {world}, {hours}.\n");
    }
    let output = Output::new(Value::Array(data), text);
    warned(output, calendar, now.to_ist().year())
}

fn holidays(style: &Style, calendar: &TradingCalendar, year: i32) -> Output {
    let mut sheet = Sheet::fitting(style, &["Date", "~Day", "~Closed", "~Open"]);
    let mut data = Vec::new();
    for day in calendar.days_of(year) {
        let closed: Vec<_> = day.closed.iter().map(ToString::to_string).collect();
        let open: Vec<_> = day.open.iter().map(hours_text).collect();
        sheet.row([
            Entry::new(day.date.format("%a %d %b")),
            Entry::new(&day.description),
            Entry::new(closed.join(" ")),
            Entry::new(open.join(", ")),
        ]);
        data.push(day_json(day));
    }
    let data = json!({ "year": year, "timezone": "Asia/Kolkata", "data": data });
    warned(
        Output::new(data, sheet.or("No days are known of this year.")),
        calendar,
        year,
    )
}

fn timings(style: &Style, calendar: &TradingCalendar, on: NaiveDate) -> Output {
    let mut sheet = Sheet::fitting(style, &["Exch", "Opens", "Closes"]);
    let mut data = Vec::new();
    for exchange in EXCHANGES {
        let Some((opens, closes)) = calendar.hours(exchange, on) else {
            continue;
        };
        sheet.row([Entry::new(exchange), Entry::new(opens), Entry::new(closes)]);
        data.push(hours_json(
            on,
            &ExchangeHours {
                exchange,
                opens,
                closes,
            },
        ));
    }
    let text = sheet.or("No exchange trades on this date.");
    warned(Output::new(Value::Array(data), text), calendar, on.year())
}

/// Says where the list of holidays ends: beyond it, a holiday looks like any day.
fn warned(output: Output, calendar: &TradingCalendar, year: i32) -> Output {
    if calendar.years().contains(&year) {
        return output;
    }
    output.warning(format!(
        "no holidays of {year} are known, only weekends: take a list with `openalgo market import \
         calendar FILE`"
    ))
}

fn day_json(day: &SpecialDay) -> Value {
    let open = day.open.iter().map(|hours| hours_json(day.date, hours));
    json!({
        "date": day.date.to_string(),
        "description": day.description,
        "holiday_type": day.kind,
        "closed_exchanges": day.closed,
        "open_exchanges": open.collect::<Vec<_>>(),
    })
}

fn hours_json(date: NaiveDate, hours: &ExchangeHours) -> Value {
    let session = hours.on(date);
    // Clients know the end of a whole day as its last second.
    let is_whole_day = hours.opens == hours.closes;
    let end = millis(session.until) - if is_whole_day { 1_000 } else { 0 };
    json!({
        "exchange": hours.exchange,
        "start_time": millis(session.from),
        "end_time": end,
    })
}

fn hours_text(hours: &ExchangeHours) -> String {
    format!("{} {}-{}", hours.exchange, hours.opens, hours.closes)
}

fn millis(at: Timestamp) -> i64 {
    at.to_micros() / 1_000
}
