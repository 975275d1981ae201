//! `openalgo latency`.

use crate::error::CliError;
use crate::session::Session;
use crate::show::{Entry, Output, Sheet};
use openalgo::core::id::{BrokerName, UserId};
use openalgo::core::monitor::{LatencyMetric, Operation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo latency
  openalgo latency --broker zerodha --limit 10000 --json

Queue is the time in line for the account and for a turn at the broker, own is
what this program takes to look the price up, to decide and to write it down,
broker is the time until the broker has answered. Each is measured by itself.
p95 means that 95 of 100 orders took no longer.";

/// How wide the longest bar is.
const BAR: u32 = 20;

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only orders at this broker
    #[arg(long, value_name = "NAME")]
    broker: Option<BrokerName>,
    /// Look at so many at most, the newest
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

pub(crate) async fn run(session: &Session<'_>, args: Args) -> Result<Output, CliError> {
    let user = session.user().await?.id;
    let latency = session.app()?.latency();
    let none = match &args.broker {
        Some(broker) => format!("No order at {broker} was measured yet."),
        None => "No order was measured yet.".to_owned(),
    };
    let metrics = latency.list(user, args.broker.clone(), args.limit).await?;
    if let Some(broker) = args.broker.filter(|_broker| metrics.is_empty()) {
        refuse_unknown(session, user, &broker)?;
    }
    let groups = groups(&metrics);
    let data = json!({
        "groups": groups.iter().map(Group::to_json).collect::<Vec<_>>(),
        "lost": latency.lost(),
    });
    let columns = [
        "Broker",
        "Order",
        "#Count",
        "Time",
        "#p50",
        "#p95",
        "#p99",
        "#Longest",
        "p95 as a bar",
    ];
    let mut sheet = Sheet::fitting(&session.style, &columns).spare(&["p95 as a bar", "Longest"]);
    for group in &groups {
        let longest = group.parts.iter().map(|part| part.figures.p95).max();
        for part in &group.parts {
            sheet.row(group.cells(part, longest.unwrap_or_default()));
        }
    }
    let output = Output::new(data, sheet.or(&none));
    match latency.lost() {
        0 => Ok(output),
        lost => Ok(output.warning(format!(
            "{lost} measurements were lost since the start, as they came too fast"
        ))),
    }
}

/// A name that was mistyped is no broker without orders.
fn refuse_unknown(
    session: &Session<'_>,
    user: UserId,
    broker: &BrokerName,
) -> Result<(), CliError> {
    if session.app()?.brokers().known(user).contains(broker) {
        return Ok(());
    }
    let message =
        format!("no order at '{broker}' was measured, and no broker of that name is known");
    Err(CliError::refused("not_found", &message)
        .hint("`openalgo broker list` shows the brokers, `openalgo latency` all that was measured"))
}

/// Orders of one kind at one broker.
struct Group {
    broker: BrokerName,
    operation: Operation,
    count: usize,
    parts: Vec<Part>,
}

/// A part of the time of many orders.
struct Part {
    name: &'static str,
    figures: Figures,
}

#[derive(Debug, PartialEq, Eq)]
struct Figures {
    p50: Duration,
    p95: Duration,
    p99: Duration,
    longest: Duration,
}

impl Figures {
    fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        Some(Self {
            p50: percentile(&times, 50)?,
            p95: percentile(&times, 95)?,
            p99: percentile(&times, 99)?,
            longest: *times.last()?,
        })
    }
}

/// The shortest time that so many of a hundred did not exceed (nearest rank).
fn percentile(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let rank = sorted.len().saturating_mul(percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

fn groups(metrics: &[LatencyMetric]) -> Vec<Group> {
    let mut by_kind = BTreeMap::<_, Vec<&LatencyMetric>>::new();
    for metric in metrics {
        let kind = (metric.broker.clone(), metric.operation.to_string());
        by_kind.entry(kind).or_default().push(metric);
    }
    let groups = by_kind.into_values().filter_map(|metrics| {
        let first = metrics.first()?;
        Some(Group {
            broker: first.broker.clone(),
            operation: first.operation,
            count: metrics.len(),
            parts: parts(&metrics),
        })
    });
    groups.collect()
}

fn parts(metrics: &[&LatencyMetric]) -> Vec<Part> {
    let splits: Vec<_> = metrics.iter().filter_map(|metric| metric.split).collect();
    let whole = |metric: &&LatencyMetric| metric.split.map_or(metric.latency, |it| it.total());
    let times = [
        ("all", metrics.iter().map(whole).collect()),
        ("queue", splits.iter().map(|split| split.queue).collect()),
        ("own", splits.iter().map(|split| split.own).collect()),
        ("broker", splits.iter().map(|split| split.broker).collect()),
    ];
    let parts = times.into_iter().filter_map(|(name, times)| {
        let figures = Figures::of(times)?;
        Some(Part { name, figures })
    });
    parts.collect()
}

impl Group {
    fn cells(&self, part: &Part, longest: Duration) -> [Entry; 9] {
        let figures = &part.figures;
        [
            Entry::new(&self.broker),
            Entry::new(self.operation),
            Entry::new(self.count),
            Entry::new(part.name),
            Entry::new(millis(figures.p50)),
            Entry::new(millis(figures.p95)),
            Entry::new(millis(figures.p99)),
            Entry::new(millis(figures.longest)),
            Entry::new(bar(figures.p95, longest)),
        ]
    }

    fn to_json(&self) -> Value {
        let part = |part: &Part| {
            let figures = &part.figures;
            let times = json!({
                "p50_us": micros(figures.p50),
                "p95_us": micros(figures.p95),
                "p99_us": micros(figures.p99),
                "max_us": micros(figures.longest),
            });
            (part.name.to_owned(), times)
        };
        json!({
            "broker": self.broker,
            "operation": self.operation,
            "count": self.count,
            "times": self.parts.iter().map(part).collect::<serde_json::Map<_, _>>(),
        })
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// A time in milliseconds, to the microsecond.
fn millis(time: Duration) -> String {
    let micros = time.as_micros();
    format!("{}.{:03} ms", micros / 1_000, micros % 1_000)
}

/// A time beside the longest one.
fn bar(time: Duration, longest: Duration) -> String {
    let parts = time.as_nanos().saturating_mul(BAR.into());
    let parts = parts.checked_div(longest.as_nanos()).unwrap_or_default();
    "█".repeat(usize::try_from(parts).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times = |numbers: &[u64]| numbers.iter().copied().map(Duration::from_micros).collect();
        let hundred: Vec<u64> = (1..=100).rev().collect();
        let figures = Figures::of(times(&hundred)).unwrap();
        let [p50, p95, p99, longest] = [50, 95, 99, 100].map(Duration::from_micros);
        let expected = Figures {
            p50,
            p95,
            p99,
            longest,
        };
        assert_eq!(figures, expected);
        let one = Figures::of(times(&[7])).unwrap();
        assert_eq!((one.p50, one.p99), (one.longest, one.longest));
        assert_eq!(Figures::of(Vec::new()), None);
    }

    #[test]
    fn times_are_read_in_milliseconds_and_seen_as_bars() {
        assert_eq!(millis(Duration::from_micros(12_034)), "12.034 ms");
        assert_eq!(millis(Duration::from_nanos(999)), "0.000 ms");
        let [half, whole] = [5, 10].map(Duration::from_millis);
        assert_eq!(bar(half, whole).chars().count(), 10);
        assert_eq!(bar(whole, whole).chars().count(), 20);
        assert_eq!(bar(Duration::ZERO, Duration::ZERO), "");
    }
}
