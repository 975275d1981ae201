//! `openalgo quickstart` and `openalgo init`.

use crate::error::CliError;
use crate::session::Session;
use crate::show::{
    Output, fields, full_path, funds_json, funds_table, order_json, orders_table, position_json,
    positions_table, trade_json, trades_table,
};
use openalgo::core::account::User;
use openalgo::core::market::{Exchange, InstrumentKey, Symbol};
use openalgo::core::order::{NewOrder, Order, OrderKind, OrderSource, OrderStatus, Side};
use openalgo::core::value::{Price, Quantity, ValueError};
use openalgo::{OpenAlgo, OwnerSetup};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const SYMBOL: &str = "RELIANCE";
/// The limit order is placed this many ticks below the market, where it rests for a while.
const TICKS_BELOW: i64 = -200;

/// The examples of these commands.
const EXAMPLES: &str = "\
Examples:
  openalgo quickstart
  openalgo init --data-dir DIR --key-source file:PATH";

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// Makes the folder, the owner and the API key, and says where they are.
pub(crate) async fn init(session: &Session<'_>) -> Result<Output, CliError> {
    let app = session.app()?;
    let setup = app.set_up_owner().await?;
    let (data, mut text) = welcome(app, &setup);
    text.push_str(&next_steps(&session.style.program, None));
    Ok(Output::new(data, text))
}

/// Does what `init` does; in a folder without orders it places two, and shows what there is.
pub(crate) async fn run(session: &Session<'_>) -> Result<Output, CliError> {
    let app = session.app()?;
    let setup = app.set_up_owner().await?;
    let user = &setup.user;
    let (mut data, mut text) = welcome(app, &setup);
    if app.orders().list(user.id, 1).await?.is_empty() {
        place_examples(session, user).await?;
        text.push_str("\nTwo paper orders were placed:\n");
    } else {
        text.push_str("\nThis is what there is; no orders were placed this time:\n");
    }
    let (shown, tables) = portfolio(session, user).await?;
    text.push_str(&tables);
    if let (Some(fields), Value::Object(shown)) = (data.as_object_mut(), shown) {
        fields.extend(shown);
    }
    Ok(Output::new(data, text))
}

/// Commands to go on with, under the name that this program was started by.
fn next_steps(program: &str, resting: Option<&Order>) -> String {
    let mut steps = vec![
        "quote RELIANCE".to_owned(),
        "order place --symbol INFY --exchange NSE --action BUY --quantity 5 --product MIS"
            .to_owned(),
        "symbols search NIFTY 26000 CE".to_owned(),
        "--help".to_owned(),
    ];
    if let Some(order) = resting {
        steps.insert(2, format!("order cancel {}", order.public_id()));
    }
    let lines: Vec<_> = steps
        .iter()
        .map(|step| format!("  {program} {step}\n"))
        .collect();
    format!("\nWhat to try next:\n{}", lines.concat())
}

fn welcome(app: &OpenAlgo, setup: &OwnerSetup) -> (Value, String) {
    let files = app.files();
    // The folder was made for whoever finds its owner new, too.
    let is_new = files.is_new() && setup.password.is_some();
    let password = setup.password.as_ref().map(ExposeSecret::expose_secret);
    let data = json!({
        "created": is_new,
        "data_dir": full_path(files.folder().root()),
        "database": full_path(&files.folder().database()),
        "key_source": files.key_source(),
        "username": setup.user.username,
        "password": password,
    });
    let mut rows = vec![
        ("Data folder", files.folder().root().display().to_string()),
        (
            "Database",
            "main.db, encrypted with SQLCipher (AES-256)".to_owned(),
        ),
        ("Key", files.key_source().to_owned()),
        ("User", setup.user.username.to_string()),
    ];
    if let Some(password) = password {
        rows.push((
            "Password",
            format!("{password}   (shown once: write it down)"),
        ));
    }
    rows.push(("API key", "`openalgo apikey show` prints it".to_owned()));
    rows.push((
        "Broker",
        format!("paper, at {} prices", app.world().price_source()),
    ));
    let opening = if is_new {
        "A new data folder was made."
    } else {
        "Your data folder:"
    };
    (data, format!("{opening}\n{}", fields(&rows)))
}

/// A market order, which fills at once, and a limit order below the market, which rests.
async fn place_examples(session: &Session<'_>, user: &User) -> Result<(), CliError> {
    let symbol = Symbol::try_new(SYMBOL).map_err(|error| CliError::internal("symbol", &error))?;
    let key = InstrumentKey::new(Exchange::Nse, symbol);
    let market = session.app()?.market();
    let tick = market.instrument(&key).await?.tick;
    let ltp = market.quote(&key).await?.ltp;
    let example = || -> Result<(Quantity, Price), ValueError> {
        Ok((Quantity::try_new(10)?, tick.steps_from(ltp, TICKS_BELOW)?))
    };
    let (quantity, price) =
        example().map_err(|error| CliError::internal("the example orders", &error))?;
    let at_market = NewOrder {
        source: OrderSource::Manual,
        strategy: Some("quickstart".to_owned()),
        ..NewOrder::market(key, Side::Buy, quantity)
    };
    let resting = NewOrder {
        kind: OrderKind::Limit { price },
        ..at_market.clone()
    };
    session.app()?.orders().place(user.id, at_market).await?;
    session.app()?.orders().place(user.id, resting).await?;
    Ok(())
}

/// Orders, trades, positions and funds, for programs and for people.
async fn portfolio(session: &Session<'_>, user: &User) -> Result<(Value, String), CliError> {
    let (app, style) = (session.app()?, &session.style);
    let orders = app.orders().list(user.id, 10).await?;
    let trades = app.orders().trades(user.id, 10).await?;
    let positions = app.portfolio().positions(user.id).await?;
    let funds = app.paper().funds(user.id).await?;
    let data = json!({
        "orders": orders.iter().map(order_json).collect::<Vec<_>>(),
        "trades": trades.iter().map(trade_json).collect::<Vec<_>>(),
        "positions": positions.iter().map(position_json).collect::<Vec<_>>(),
        "funds": funds_json(&funds),
    });
    let text = format!(
        "\nOrders\n{}\nTrades\n{}\nPositions\n{}\nFunds\n{}",
        orders_table(style, &orders),
        trades_table(style, &trades),
        positions_table(style, &positions),
        funds_table(style, &funds),
    );
    let resting = orders
        .iter()
        .find(|order| order.status() == OrderStatus::Open);
    Ok((data, text + &next_steps(&session.style.program, resting)))
}
