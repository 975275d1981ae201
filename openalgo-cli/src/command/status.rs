//! `openalgo status`.

use crate::error::CliError;
use crate::session::{Origin, Session};
use crate::show::{Output, clock_time, exact_time, fields, full_path, full_time};
use crate::words::counted;
use chrono::TimeDelta;
use openalgo::World;
use openalgo::core::account::{SettingKey, User};
use openalgo::core::market::Timestamp;
use openalgo::store::Summary;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo status
  openalgo status --json";

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// What there is to say, before it is put into words.
struct Status {
    summary: Summary,
    unresolved: usize,
    user: User,
    analyzer: bool,
    world: World,
    now: Timestamp,
    uptime: TimeDelta,
}

pub(crate) async fn run(session: &Session<'_>) -> Result<Output, CliError> {
    let app = session.app()?;
    let settings = app.settings();
    let status = Status {
        summary: app.files().summary().await?,
        unresolved: app.unresolved().await?.len(),
        user: session.user().await?,
        analyzer: settings.get(SettingKey::Analyzer).await?.value == "true",
        world: app.world().clone(),
        now: app.now(),
        uptime: session.files.now().to_utc() - session.files.owner().since.to_utc(),
    };
    Ok(Output::new(data(session, &status), text(session, &status)))
}

fn data(session: &Session<'_>, status: &Status) -> Value {
    let (files, owner) = (session.files, session.files.owner());
    let summary = &status.summary;
    let rows: Map<String, Value> = summary
        .tables
        .iter()
        .map(|table| (table.table.to_owned(), table.rows.into()))
        .collect();
    json!({
        "version": VERSION,
        "owner": {
            "pid": owner.pid,
            "address": owner.address,
            "version": owner.version,
            "since": exact_time(owner.since),
            "uptime_seconds": status.uptime.num_seconds(),
            "unlocked": session.release.is_some(),
        },
        "data_dir": full_path(files.folder().root()),
        "database": full_path(&files.folder().database()),
        "database_bytes": summary.database_bytes,
        "schema_version": summary.schema_version(),
        "key_source": files.key_source(),
        "user": status.user.username,
        "analyzer": status.analyzer,
        "price_source": status.world.price_source(),
        "market_data": status.world.market_data.as_deref().map(full_path),
        "clock_speed": status.world.speed,
        "now": exact_time(status.now),
        "rows": rows,
        "unresolved_orders": status.unresolved,
    })
}

fn text(session: &Session<'_>, status: &Status) -> String {
    let files = session.files;
    let analyze = "analyze (every order goes to the paper broker)";
    let live = format!(
        "orders go to what `{} broker list` shows",
        session.style.program
    );
    let mode = if status.analyzer { analyze } else { &live };
    let summary = &status.summary;
    let count = |table| summary.rows(table).unwrap_or_default();
    let size = summary.database_bytes.div_ceil(1_024);
    let trades = counted(count("trades"), "trade");
    let unknown = match status.unresolved {
        0 => String::new(),
        number => format!(", {number} whose outcome is unknown"),
    };
    fields(&[
        ("OpenAlgo", VERSION.to_owned()),
        ("Data folder", files.folder().root().display().to_string()),
        ("Owner", owner(session, status.uptime)),
        ("Database", format!("main.db, {size} KiB, encrypted")),
        (
            "Schema",
            summary.schema_version().unwrap_or("none").to_owned(),
        ),
        ("Key", files.key_source().to_owned()),
        ("User", status.user.username.to_string()),
        ("Mode", mode.to_owned()),
        ("Prices", status.world.to_string()),
        ("Time", full_time(status.now)),
        ("Users", count("users").to_string()),
        ("Orders", format!("{}, {trades}{unknown}", count("orders"))),
    ])
}

/// Who has the folder open, and since when.
fn owner(session: &Session<'_>, uptime: TimeDelta) -> String {
    let owner = session.files.owner();
    if session.origin == Origin::Here {
        return format!("this process ({})", owner.pid);
    }
    let (hours, minutes) = (uptime.num_hours(), uptime.num_minutes() % 60);
    let held = session.release.map_or("", |_release| ", unlocked");
    let since = clock_time(owner.since);
    format!("{owner} since {since}, {hours} h {minutes} min{held}")
}
