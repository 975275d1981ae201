//! `openalgo logs`.

use crate::error::CliError;
use crate::session::Session;
use crate::show::{Entry, Output, Sheet, full_time};
use openalgo::core::monitor::OrderLog;
use openalgo::core::port::OrderLogQuery;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo logs
  openalgo logs --limit 200 --failed
  openalgo logs --json

What asked for a change of orders and what was answered, kept for 30 days.
With --json each entry has the request and the answer whole. What became of an
order is told by `openalgo order show`.";

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// So many at most, the newest
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Only what was not carried out, or not all of it
    #[arg(long)]
    failed: bool,
}

/// An entry as it is shown.
struct Line<'a> {
    log: &'a OrderLog,
    request: Value,
    response: Value,
}

pub(crate) async fn run(session: &Session<'_>, args: Args) -> Result<Output, CliError> {
    let user = session.user().await?;
    let query = OrderLogQuery {
        user: Some(user.id),
        failed: args.failed,
        limit: args.limit,
    };
    let logs = session.app()?.logs().list(&query).await?;
    let lines: Vec<Line<'_>> = logs.iter().map(Line::of).collect();
    let mut sheet = Sheet::fitting(
        &session.style,
        &["Time", "Request", "From", "~Answer", "#Took"],
    )
    .spare(&["From"]);
    for line in &lines {
        sheet.row(line.cells());
    }
    let data: Vec<Value> = lines.iter().map(Line::to_json).collect();
    Ok(Output::new(
        json!(data),
        sheet.or(if args.failed {
            "Nothing failed."
        } else {
            "Nothing was asked for yet."
        }),
    ))
}

impl<'a> Line<'a> {
    fn of(log: &'a OrderLog) -> Self {
        let read = |text: &Option<String>| match text {
            // What is no JSON is shown as it is.
            Some(text) => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            None => Value::Null,
        };
        Self {
            request: read(&log.entry.request),
            response: read(&log.entry.response),
            log,
        }
    }

    /// The answer in a few words.
    fn answer(&self) -> String {
        let text = |place| self.response.pointer(place).and_then(Value::as_str);
        let (message, order) = (text("/error/message"), text("/data/order_id"));
        match (message, order) {
            (Some(message), _) => message.to_owned(),
            (None, Some(order)) => format!("order {order}"),
            (None, None) => "done".to_owned(),
        }
    }

    fn cells(&self) -> [Entry; 5] {
        let entry = &self.log.entry;
        let took = entry.latency.map(|it| format!("{} ms", it.as_millis()));
        [
            full_time(self.log.created_at),
            entry.endpoint.clone(),
            entry.method.clone(),
            self.answer(),
            took.unwrap_or_default(),
        ]
        .map(Entry::new)
    }

    fn to_json(&self) -> Value {
        let entry = &self.log.entry;
        json!({
            "at": self.log.created_at.to_string(),
            "endpoint": entry.endpoint,
            "method": entry.method,
            "request": self.request,
            "response": self.response,
            "status_code": entry.status_code,
            "latency_ms": entry.latency.map(|it| it.as_millis()),
            "ip_address": entry.ip_address,
            "user_agent": entry.user_agent,
        })
    }
}
