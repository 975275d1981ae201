//! `openalgo order`.

mod close;
mod gtt;
mod legs;
mod modify;
mod options;
mod outcome;
mod place;
mod settle;
mod smart;

pub(crate) use outcome::{failure, worst};

use crate::error::CliError;
use crate::session::Session;
use crate::show::{Output, clock_time, fields, is_own, order_json, orders_table, own_id};
use openalgo::core::order::{Order, OrderStatus};
use openalgo::engine::service::OrderService;
use outcome::outcome;
use place::{PlaceArgs, make_id};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt::Display;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo order place --symbol RELIANCE --exchange NSE --action BUY \\
      --quantity 10 --product MIS
  openalgo order place --symbol INFY --exchange NSE --action SELL \\
      --quantity 5 --product MIS --price-type LIMIT --price 1520.50 \\
      --client-order-id morning-1
  openalgo order list
  openalgo order show 26112537800000
  openalgo order status 26112537800000
  openalgo order settle local:0190… --is 26112537800000
  openalgo order modify 26112537800000 --price 1525
  openalgo order cancel 26112537800000
  openalgo order cancel-all
  openalgo order smart --symbol INFY --exchange NSE --action BUY \\
      --quantity 5 --position 10
  openalgo order split --symbol INFY --exchange NSE --action BUY \\
      --quantity 500 --size 100
  openalgo order basket --leg 'BUY 5 NSE:INFY MIS' \\
      --leg 'SELL 5 NSE:TCS MIS LIMIT 3600'
  openalgo order options --underlying NIFTY --type CE --action SELL \\
      --quantity 65 --offset OTM2 --product NRML
  openalgo order options-multi --underlying NIFTY --expiry 01DEC26 \\
      --leg 'SELL 65 ATM CE' --leg 'SELL 65 ATM PE'
  openalgo order close --symbol INFY --exchange NSE
  openalgo order close --all
  openalgo order gtt place --symbol INFY --exchange NSE --action SELL \\
      --quantity 5 --below 1400";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Place an order
    #[command(after_help = EXAMPLES)]
    Place(Box<PlaceArgs>),
    /// List orders, the newest first
    #[command(after_help = EXAMPLES)]
    List {
        /// Show at most so many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Show one order
    #[command(after_help = EXAMPLES)]
    Show {
        /// Its id
        order_id: String,
    },
    /// Show where an order stands by now: resting orders meet the prices that were since, and a
    /// broker's order book is read
    #[command(after_help = EXAMPLES)]
    Status {
        /// Its id
        order_id: String,
    },
    /// Say what became of an order whose answer was lost, when the order book does not tell
    #[command(after_help = EXAMPLES)]
    Settle(settle::SettleArgs),
    /// Place the order that leads to a net position, if one is needed
    #[command(after_help = EXAMPLES)]
    Smart(Box<smart::SmartArgs>),
    /// Place several orders at once: those that buy first, then those that sell. Each is checked
    /// when its turn comes, and none keeps the others from theirs
    #[command(after_help = EXAMPLES)]
    Basket(legs::BasketArgs),
    /// Place one large order as several smaller ones
    #[command(after_help = EXAMPLES)]
    Split(Box<legs::SplitArgs>),
    /// Place an order for an option that is meant by its distance from the money
    #[command(after_help = EXAMPLES)]
    Options(Box<options::OptionsArgs>),
    /// Place several such orders at once: those that buy first, then those that sell
    #[command(after_help = EXAMPLES)]
    OptionsMulti(Box<options::OptionsMultiArgs>),
    /// Change the quantity or the price of an order that is not finished
    #[command(after_help = EXAMPLES)]
    Modify(modify::ModifyArgs),
    /// Close a position, or all of them, at the market; resting orders that would take it across
    /// zero later are cancelled first
    #[command(after_help = EXAMPLES)]
    Close(close::CloseArgs),
    /// Cancel an order that is not finished
    #[command(after_help = EXAMPLES)]
    Cancel {
        /// Its id
        order_id: String,
    },
    /// Orders that wait for a price: place, modify, cancel, list
    #[command(subcommand)]
    Gtt(gtt::Command),
    /// Cancel every order that is not finished, those that wait for a trigger too. GTTs go on
    /// waiting for their price: `order gtt cancel` withdraws one
    #[command(after_help = EXAMPLES)]
    CancelAll,
}

impl Command {
    /// Every order has an id, so that sending it again cannot place it twice.
    pub(crate) fn resolve(&mut self) -> Result<(), CliError> {
        match self {
            Self::Place(args) => args.resolve(),
            Self::Smart(args) => args.order.resolve(),
            Self::Split(args) => args.order.resolve(),
            Self::Basket(args) => args.resolve(),
            Self::Options(args) => args.resolve(),
            Self::OptionsMulti(args) => args.resolve(),
            Self::Close(args) => args.resolve(),
            Self::Gtt(command) => command.resolve(),
            Self::List { .. }
            | Self::Show { .. }
            | Self::Status { .. }
            | Self::Settle(_)
            | Self::Modify(_)
            | Self::Cancel { .. }
            | Self::CancelAll => Ok(()),
        }
    }

    pub(crate) fn endpoint(&self) -> Option<&'static str> {
        match self {
            Self::Place(_) => Some("placeorder"),
            Self::Smart(_) => Some("placesmartorder"),
            Self::Basket(_) => Some("basketorder"),
            Self::Split(_) => Some("splitorder"),
            Self::Options(_) => Some("optionsorder"),
            Self::OptionsMulti(_) => Some("optionsmultiorder"),
            Self::Modify(_) => Some("modifyorder"),
            Self::Close(_) => Some("closeposition"),
            Self::Cancel { .. } => Some("cancelorder"),
            Self::CancelAll => Some("cancelallorder"),
            Self::Gtt(command) => command.endpoint(),
            Self::List { .. } | Self::Show { .. } | Self::Status { .. } | Self::Settle(_) => None,
        }
    }

    /// What to do when it was stopped.
    pub(crate) fn when_stopped(&self) -> Option<String> {
        let own = match self {
            Self::Gtt(command) => return command.when_stopped(),
            Self::Modify(args) => return Some(args.when_stopped()),
            Self::Place(args) => args.client_order_id.as_ref(),
            Self::Smart(args) => args.order.client_order_id.as_ref(),
            Self::Split(args) => args.order.client_order_id.as_ref(),
            Self::Basket(args) => args.client_order_id.as_ref(),
            Self::Options(args) => args.client_order_id(),
            Self::OptionsMulti(args) => args.client_order_id(),
            Self::Close(args) => args.client_order_id.as_ref(),
            Self::Cancel { .. } | Self::CancelAll | Self::Settle(_) => None,
            Self::List { .. } | Self::Show { .. } | Self::Status { .. } => return None,
        };
        Some(match own.filter(|id| is_own(id)) {
            Some(id) => format!(
                "repeat it with the same --client-order-id {id}: what was placed is not placed \
                 again; or see `openalgo order list`"
            ),
            None => "see `openalgo order list` before you repeat it".to_owned(),
        })
    }

    pub(crate) fn may_be_repeated(&self) -> bool {
        match self {
            Self::Place(_)
            | Self::Smart(_)
            | Self::Split(_)
            | Self::Basket(_)
            | Self::Options(_)
            | Self::OptionsMulti(_)
            | Self::Close(_)
            | Self::Modify(_)
            | Self::List { .. }
            | Self::Show { .. }
            | Self::Status { .. } => true,
            Self::Gtt(command) => command.may_be_repeated(),
            // The second time would say that there is nothing to cancel, or to settle.
            Self::Cancel { .. } | Self::CancelAll | Self::Settle(_) => false,
        }
    }
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    let user = session.user().await?;
    let orders = session.app()?.orders();
    match command {
        Command::Place(args) => {
            let id_is_ours = args.id_is_ours;
            let order = args.into_order(session).await?;
            let placed = orders.place(user.id, order).await?;
            // Whoever gave no id has asked for it once, however often it was sent.
            outcome(session, &placed.order, placed.replayed && !id_is_ours)
        }
        Command::List { limit } => {
            let orders = orders.list(user.id, limit).await?;
            let data: Vec<Value> = orders.iter().map(order_json).collect();
            Ok(Output::new(
                json!(data),
                orders_table(&session.style, &orders),
            ))
        }
        Command::Show { order_id } => {
            let order = orders.find(user.id, &order_id).await?;
            shown(orders, order, &order_id)
        }
        Command::Status { order_id } => {
            let order = orders.status(user.id, &order_id).await?;
            shown(orders, order, &order_id)
        }
        Command::Settle(args) => settle::run(session, user.id, args).await,
        Command::Smart(args) => smart::run(session, user.id, *args).await,
        Command::Basket(args) => legs::basket(session, user.id, args).await,
        Command::Split(args) => legs::split(session, user.id, *args).await,
        Command::Options(args) => options::one(session, user.id, *args).await,
        Command::OptionsMulti(args) => options::several(session, user.id, *args).await,
        Command::Modify(args) => modify::run(session, user.id, args).await,
        Command::Close(args) => close::run(session, user.id, args).await,
        Command::Gtt(command) => gtt::run(session, user.id, command).await,
        Command::CancelAll => modify::cancel_all(session, user.id).await,
        Command::Cancel { order_id } => {
            if order_id.trim().is_empty() {
                return Err(CliError::refused("order_id", &"Order ID is missing")
                    .hint("`openalgo order list` shows the ids"));
            }
            let order = orders.cancel(user.id, &order_id).await?;
            let text = orders_table(&session.style, std::slice::from_ref(&order));
            Ok(Output::new(order_json(&order), text))
        }
    }
}

fn shown(orders: &OrderService, order: Option<Order>, id: &str) -> Result<Output, CliError> {
    match order {
        Some(order) => {
            let candidates = orders.candidates(order.id);
            let mut data = order_json(&order);
            if let (OrderStatus::Pending, Some(fields)) = (order.status(), data.as_object_mut()) {
                fields.insert("candidates".to_owned(), json!(candidates));
            }
            let mut text = details(&order);
            text.push_str(&settle::advice(&order, &candidates));
            Ok(Output::new(data, text))
        }
        None => Err(
            CliError::refused("not_found", &format!("Order {id} not found"))
                .hint("`openalgo order list` shows your orders"),
        ),
    }
}

fn details(order: &Order) -> String {
    let (intent, asked) = (&order.intent, &order.intent.order);
    let average = order.average_price().ok().filter(|price| !price.is_zero());
    fields(&[
        ("Order", order.public_id()),
        ("Status", order.status().to_string()),
        ("Message", or_dash(order.state.message())),
        ("Instrument", asked.instrument.to_string()),
        ("Side", asked.side.to_string()),
        (
            "Quantity",
            format!("{} ({} filled)", asked.quantity, order.executed().quantity),
        ),
        ("Product", asked.product.to_string()),
        ("Type", asked.kind.price_type().to_string()),
        ("Price", or_dash(asked.kind.price())),
        ("Trigger", or_dash(asked.kind.trigger())),
        ("Average", or_dash(average)),
        (
            "Broker",
            format!("{} ({} mode)", intent.broker, intent.mode),
        ),
        ("Your id", or_dash(own_id(asked))),
        ("Strategy", or_dash(asked.strategy.as_ref())),
        ("Placed", clock_time(intent.at)),
        ("Updated", clock_time(order.updated_at)),
    ])
}

fn or_dash(value: Option<impl Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}
