//! `openalgo settings`.

use crate::error::CliError;
use crate::session::Session;
use crate::show::{Output, Sheet};
use comfy_table::Cell;
use openalgo::core::account::{Setting, SettingKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo settings list
  openalgo settings get default_product
  openalgo settings set default_exchange BSE";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// List all settings
    #[command(after_help = EXAMPLES)]
    List,
    /// Show one setting
    #[command(after_help = EXAMPLES)]
    Get {
        /// Its name
        key: SettingKey,
    },
    /// Change a setting
    #[command(after_help = EXAMPLES)]
    Set {
        /// Its name
        key: SettingKey,
        /// Its new value
        value: String,
    },
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    let settings = session.app()?.settings();
    match command {
        Command::List => {
            let settings = settings.list().await?;
            let mut sheet = Sheet::fitting(&session.style, &["Setting", "Value", "~What it does"]);
            for setting in &settings {
                let description = setting.description.as_deref().unwrap_or_default();
                sheet.row([
                    Cell::new(setting.key),
                    Cell::new(&setting.value),
                    Cell::new(description),
                ]);
            }
            let data: Vec<Value> = settings.iter().map(setting_json).collect();
            Ok(Output::new(json!(data), sheet.or("No settings.")))
        }
        Command::Get { key } => {
            let setting = settings.get(key).await?;
            let output = Output::new(setting_json(&setting), setting.value.clone());
            Ok(elsewhere(output, session, &setting))
        }
        Command::Set { key, value } => {
            let setting = settings.set(key, &value).await?;
            let text = format!("{} is now {}.", setting.key, setting.value);
            Ok(Output::new(setting_json(&setting), text))
        }
    }
}

/// Says of the price source that it is another one while the data folder is open.
fn elsewhere(output: Output, session: &Session<'_>, setting: &Setting) -> Output {
    let used = session.app().map(|app| app.world().price_source());
    match used {
        Ok(used) if setting.key == SettingKey::PriceSource && setting.value != used => output
            .warning(format!(
                "prices are {used} for as long as --market-data says so"
            )),
        _ => output,
    }
}

fn setting_json(setting: &Setting) -> Value {
    json!({
        "key": setting.key,
        "value": setting.value,
        "description": setting.description,
    })
}
