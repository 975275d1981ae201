//! `openalgo status`.

use crate::error::CliError;
use crate::session::Session;
use crate::show::{Output, fields};
use openalgo::core::account::SettingKey;
use serde_json::{Map, Value, json};

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(session: &Session) -> Result<Output, CliError> {
    let app = &session.app;
    let summary = app.summary().await?;
    let user = session.user().await?;
    let analyzer = app.settings().get(SettingKey::Analyzer).await?.value == "true";
    let source = app.settings().get(SettingKey::PriceSource).await?.value;
    let rows: Map<String, Value> = summary
        .tables
        .iter()
        .map(|table| (table.table.to_owned(), table.rows.into()))
        .collect();
    let data = json!({
        "version": VERSION,
        "data_dir": app.folder().root(),
        "database": app.folder().database(),
        "database_bytes": summary.database_bytes,
        "schema_version": summary.schema_version(),
        "key_source": app.key_source(),
        "user": user.username,
        "analyzer": analyzer,
        "price_source": source,
        "rows": rows,
    });
    let mode = if analyzer {
        "analyze (every order goes to the paper broker)"
    } else {
        "live"
    };
    let count = |table| summary.rows(table).unwrap_or_default();
    let size = summary.database_bytes.div_ceil(1_024);
    let text = fields(&[
        ("OpenAlgo", VERSION.to_owned()),
        ("Data folder", app.folder().root().display().to_string()),
        ("Database", format!("main.db, {size} KiB, encrypted")),
        (
            "Schema",
            summary.schema_version().unwrap_or("none").to_owned(),
        ),
        ("Key", app.key_source().to_owned()),
        ("User", user.username.to_string()),
        ("Mode", mode.to_owned()),
        ("Prices", source),
        ("Users", count("users").to_string()),
        (
            "Orders",
            format!("{} ({} trades)", count("orders"), count("trades")),
        ),
    ]);
    Ok(Output::new(data, text))
}
