//! `openalgo order gtt`.

use crate::error::CliError;
use crate::session::Session;
use crate::show::{Output, full_time, gtt_details, gtt_json, gtts_table};
use crate::words::upper;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use openalgo::core::id::{TriggerId, UserId};
use openalgo::core::market::{Exchange, IST, InstrumentKey, Symbol, Timestamp};
use openalgo::core::order::{
    Gtt, GttLeg, GttLegs, GttProduct, GttStatus, LegState, NewGtt, Order, Product, Side,
    TriggerSide,
};
use openalgo::core::port::RandomSource;
use openalgo::core::rule::gtt::GttRefusal;
use openalgo::core::value::{Price, Quantity};
use openalgo::crypto::SystemRandom;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is said where nobody watches.
const UNWATCHED: &str = "nobody watches prices now: a GTT is triggered only while a process keeps \
                         the data folder open, such as `openalgo unlock`";

/// The examples of this command.
const EXAMPLES: &str = "\
A GTT (good till triggered) waits until the last price has fallen to --below
or risen to --above, and then places its order: at the market, or with the
limit of that side. With both sides, the one that is met first cancels the
other (OCO).

This program watches the price itself, on paper and for live orders, and only
while a process keeps the data folder open (`openalgo unlock`). A price that
was met while none did counts if it is still there when one does.

Examples:
  openalgo order gtt place --symbol INFY --exchange NSE --action SELL \\
      --quantity 5 --below 1400
  openalgo order gtt place --symbol INFY --exchange NSE --action BUY \\
      --quantity 5 --above 1600 --above-limit 1602 --expires 2026-12-31
  openalgo order gtt place --symbol INFY --exchange NSE --action SELL \\
      --quantity 5 --below 1400 --below-limit 1395 --above 1600 \\
      --above-limit 1600
  openalgo order gtt list
  openalgo order gtt list --all
  openalgo order gtt show GTT-4f1c09d2a7b3
  openalgo order gtt modify GTT-4f1c09d2a7b3 --below 1410 --below-limit 1405
  openalgo order gtt cancel GTT-4f1c09d2a7b3";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Place an order that waits for a price
    #[command(after_help = EXAMPLES)]
    Place(Box<PlaceArgs>),
    /// Change quantity, prices or end of one that waits
    #[command(after_help = EXAMPLES)]
    Modify(Box<ModifyArgs>),
    /// Withdraw one that waits
    #[command(after_help = EXAMPLES)]
    Cancel {
        /// Its id
        trigger_id: TriggerId,
    },
    /// List those that wait, the newest first
    #[command(after_help = EXAMPLES)]
    List {
        /// Those that are over, too
        #[arg(long)]
        all: bool,
    },
    /// Show one, with the order that it has placed
    #[command(after_help = EXAMPLES)]
    Show {
        /// Its id
        trigger_id: TriggerId,
    },
}

#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct PlaceArgs {
    /// What to trade
    #[arg(long, value_parser = upper::<Symbol>)]
    symbol: Symbol,
    /// Where it trades
    #[arg(long, value_parser = upper::<Exchange>)]
    exchange: Exchange,
    /// BUY or SELL
    #[arg(long, value_parser = upper::<Side>)]
    action: Side,
    /// How many units (not lots)
    #[arg(long, allow_hyphen_values = true)]
    quantity: Quantity,
    /// CNC for delivery, NRML for derivatives kept overnight [default: what the exchange needs]
    #[arg(long, value_parser = carried)]
    product: Option<GttProduct>,
    #[command(flatten)]
    prices: Prices,
    /// Name of the strategy that asks
    #[arg(long)]
    strategy: Option<String>,
    /// Your own id of it: the same words with the same id again are the same GTT
    #[arg(long)]
    trigger_id: Option<TriggerId>,
    #[arg(skip)]
    id_is_ours: bool,
}

#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct Prices {
    /// Trigger when the price has fallen to this
    #[arg(long, allow_hyphen_values = true)]
    below: Option<Price>,
    /// Limit of the order that is placed then; without one it goes at the market
    #[arg(long, allow_hyphen_values = true)]
    below_limit: Option<Price>,
    /// Trigger when the price has risen to this
    #[arg(long, allow_hyphen_values = true)]
    above: Option<Price>,
    /// Limit of the order that is placed then; without one it goes at the market
    #[arg(long, allow_hyphen_values = true)]
    above_limit: Option<Price>,
    /// When it lapses, in India: a date, or a date and time such as '2026-12-31 15:00'
    /// [default: a year from now]
    #[arg(long, value_parser = end)]
    expires: Option<Timestamp>,
}

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(group(clap::ArgGroup::new("change").required(true).multiple(true).args([
    "quantity",
    "below",
    "below_limit",
    "above",
    "above_limit",
    "expires",
    "market",
])))]
pub(crate) struct ModifyArgs {
    /// Its id
    trigger_id: TriggerId,
    /// How many units (not lots)
    #[arg(long, allow_hyphen_values = true)]
    quantity: Option<Quantity>,
    #[command(flatten)]
    prices: Prices,
    /// Take the limits away: the order goes at the market
    #[arg(long, conflicts_with_all = ["below_limit", "above_limit"])]
    market: bool,
}

impl Command {
    pub(super) fn resolve(&mut self) -> Result<(), CliError> {
        match self {
            Self::Place(args) if args.trigger_id.is_none() => {
                args.trigger_id = Some(make_id()?);
                args.id_is_ours = true;
                Ok(())
            }
            Self::Place(_)
            | Self::Modify(_)
            | Self::Cancel { .. }
            | Self::List { .. }
            | Self::Show { .. } => Ok(()),
        }
    }

    pub(super) fn endpoint(&self) -> Option<&'static str> {
        match self {
            Self::Place(_) => Some("placegttorder"),
            Self::Modify(_) => Some("modifygttorder"),
            Self::Cancel { .. } => Some("cancelgttorder"),
            Self::List { .. } | Self::Show { .. } => None,
        }
    }

    /// What to do when it was stopped.
    pub(super) fn when_stopped(&self) -> Option<String> {
        match self {
            Self::Place(args) if args.id_is_ours => {
                Some("see `openalgo order gtt list` before you repeat it".to_owned())
            }
            Self::Place(args) => args.trigger_id.as_ref().map(|id| {
                format!("repeat it with the same --trigger-id {id}: it is not placed again then")
            }),
            Self::Modify(args) => Some(shows(&args.trigger_id)),
            Self::Cancel { trigger_id } => Some(shows(trigger_id)),
            Self::List { .. } | Self::Show { .. } => None,
        }
    }

    pub(super) fn may_be_repeated(&self) -> bool {
        match self {
            Self::Place(_) | Self::Modify(_) | Self::List { .. } | Self::Show { .. } => true,
            // The second time would say that there is nothing to cancel.
            Self::Cancel { .. } => false,
        }
    }
}

fn shows(id: &TriggerId) -> String {
    format!("`openalgo order gtt show {id}` shows how it stands by now")
}

pub(super) async fn run(
    session: &Session<'_>,
    user: UserId,
    command: Command,
) -> Result<Output, CliError> {
    let gtts = session.app()?.gtts();
    match command {
        Command::Place(args) => place(session, user, *args).await,
        Command::Modify(args) => {
            let known = found(session, user, &args.trigger_id).await?;
            let asked = args.applied_to(&known)?;
            let gtt = gtts.modify(user, &known.trigger_id, asked).await?;
            let output = shown(session, &gtt, &[]);
            Ok(ends_early(output, args.prices.expires, &gtt))
        }
        Command::Cancel { trigger_id } => {
            let gtt = gtts.cancel(user, &trigger_id).await?;
            let text = gtts_table(&session.style, std::slice::from_ref(&gtt));
            Ok(Output::new(gtt_json(&gtt, &[]), text))
        }
        Command::List { all } => {
            let status = (!all).then_some(GttStatus::Active);
            let listed = gtts.list(user, status).await?;
            let mut data = Vec::new();
            for gtt in &listed {
                data.push(gtt_json(gtt, &placed_by(session, gtt).await?));
            }
            let text = gtts_table(&session.style, &listed);
            let waits = listed.iter().any(|gtt| gtt.status == GttStatus::Active);
            Ok(watched(session, Output::new(json!(data), text), waits))
        }
        Command::Show { trigger_id } => {
            let gtt = found(session, user, &trigger_id).await?;
            let orders = placed_by(session, &gtt).await?;
            Ok(shown(session, &gtt, &orders))
        }
    }
}

async fn place(session: &Session<'_>, user: UserId, args: PlaceArgs) -> Result<Output, CliError> {
    let id_is_ours = args.id_is_ours;
    let asked_end = args.prices.expires;
    let placed = session.app()?.gtts().place(user, args.asked()?).await?;
    let orders = placed_by(session, &placed.gtt).await?;
    let mut data = gtt_json(&placed.gtt, &orders);
    // Whoever gave no id has asked for it once, however often it was sent.
    let replayed = placed.replayed && !id_is_ours;
    if let Some(fields) = data.as_object_mut() {
        fields.insert("idempotent_replay".to_owned(), json!(replayed));
        fields.insert("watched".to_owned(), Value::Bool(is_watched(session)));
    }
    let mut text = gtts_table(&session.style, std::slice::from_ref(&placed.gtt));
    if replayed {
        text.push_str("This GTT was placed before; nothing was placed again.\n");
    }
    let waits = placed.gtt.status == GttStatus::Active;
    let output = watched(session, Output::new(data, text), waits);
    Ok(ends_early(output, asked_end, &placed.gtt))
}

/// Says so where one lapses before it was asked to.
fn ends_early(output: Output, asked: Option<Timestamp>, gtt: &Gtt) -> Output {
    if asked.is_none_or(|asked| asked <= gtt.expires_at) {
        return output;
    }
    output.warning(format!(
        "it lapses at {}, when what it trades ends",
        full_time(gtt.expires_at)
    ))
}

async fn found(session: &Session<'_>, user: UserId, id: &TriggerId) -> Result<Gtt, CliError> {
    let found = session.app()?.gtts().find(user, id).await?;
    found.ok_or_else(|| {
        CliError::refused("not_found", &format!("GTT {id} not found"))
            .hint("`openalgo order gtt list --all` shows yours")
    })
}

/// The orders that its legs have placed.
async fn placed_by(session: &Session<'_>, gtt: &Gtt) -> Result<Vec<Order>, CliError> {
    let mut orders = Vec::new();
    for leg in gtt.legs.as_slice() {
        if let LegState::Triggered { order: Some(id) } = leg.state {
            orders.extend(session.app()?.orders().find_by_row(gtt.user, id).await?);
        }
    }
    Ok(orders)
}

fn shown(session: &Session<'_>, gtt: &Gtt, orders: &[Order]) -> Output {
    let output = Output::new(gtt_json(gtt, orders), gtt_details(gtt, orders));
    watched(session, output, gtt.status == GttStatus::Active)
}

/// Whether the process that runs this stays and watches prices.
fn is_watched(session: &Session<'_>) -> bool {
    session.release.is_some()
}

fn watched(session: &Session<'_>, output: Output, waits: bool) -> Output {
    if waits && !is_watched(session) {
        output.warning(UNWATCHED)
    } else {
        output
    }
}

impl PlaceArgs {
    fn asked(self) -> Result<NewGtt, CliError> {
        let product = self.product.unwrap_or(if self.exchange.is_cash() {
            GttProduct::Cnc
        } else {
            GttProduct::Nrml
        });
        Ok(NewGtt {
            instrument: InstrumentKey::new(self.exchange, self.symbol),
            side: self.action,
            quantity: self.quantity,
            product,
            legs: self.prices.legs(&[], false)?,
            strategy: self.strategy,
            expires_at: self.prices.expires,
            trigger_id: self.trigger_id,
        })
    }
}

impl ModifyArgs {
    /// What one that waits should become.
    fn applied_to(&self, gtt: &Gtt) -> Result<NewGtt, CliError> {
        Ok(NewGtt {
            quantity: self.quantity.unwrap_or(gtt.quantity),
            legs: self.prices.legs(gtt.legs.as_slice(), self.market)?,
            expires_at: self.prices.expires.or(Some(gtt.expires_at)),
            ..gtt.as_asked()
        })
    }
}

impl Prices {
    /// The legs that were there, with the prices that are given; `market` takes limits away.
    fn legs(&self, before: &[GttLeg], market: bool) -> Result<GttLegs, CliError> {
        let mut legs = Vec::new();
        for (side, trigger, limit) in [
            (TriggerSide::Below, self.below, self.below_limit),
            (TriggerSide::Above, self.above, self.above_limit),
        ] {
            let known = before.iter().find(|leg| leg.side == side);
            let trigger = trigger.or(known.map(|leg| leg.trigger));
            let old_limit = known.and_then(|leg| leg.limit).filter(|_| !market);
            match (trigger, limit) {
                (Some(trigger), limit) => {
                    legs.push(GttLeg::new(side, trigger, limit.or(old_limit)));
                }
                (None, Some(_)) => return Err(no_trigger(side)),
                (None, None) => {}
            }
        }
        if legs.is_empty() {
            let message = "a GTT needs a price to wait for";
            return Err(
                CliError::refused("trigger", &message).hint("give --below, --above or both")
            );
        }
        let legs = GttLegs::try_new(legs);
        legs.map_err(|error| GttRefusal::from(error).into())
    }
}

fn no_trigger(side: TriggerSide) -> CliError {
    let message = format!("--{side}-limit is the limit of a leg that is not there");
    CliError::refused("trigger", &message).hint(format!("give --{side}, too"))
}

/// A product that can wait for days.
fn carried(text: &str) -> Result<GttProduct, String> {
    let product = upper::<Product>(text).map_err(|error| error.to_string())?;
    GttProduct::try_from(product)
        .map_err(|_intraday| "a GTT waits for days: it is CNC or NRML, and MIS is intraday".into())
}

/// A moment in India; a date alone means its end.
fn end(text: &str) -> Result<Timestamp, String> {
    let time = |format| NaiveDateTime::parse_from_str(text, format).ok();
    let day = || {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(day.and_time(NaiveTime::from_hms_opt(23, 59, 59)?))
    };
    let local = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
    let local = local.into_iter().find_map(time).or_else(day);
    let instant = local.and_then(|local| local.and_local_timezone(IST).single());
    let instant = instant.ok_or_else(|| {
        format!("'{text}' is no date such as 2026-12-31, nor a time such as '2026-12-31 15:00'")
    })?;
    Ok(Timestamp::new(instant.to_utc()))
}

fn make_id() -> Result<TriggerId, CliError> {
    let mut random = [0; 6];
    let made = SystemRandom.fill(&mut random);
    made.map_err(|error| CliError::internal("the GTT got no id", &error))?;
    let digits: Vec<String> = random.iter().map(|byte| format!("{byte:02x}")).collect();
    TriggerId::try_new(&format!("GTT-{}", digits.concat())).map_err(CliError::from)
}
