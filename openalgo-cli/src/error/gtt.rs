//! Orders that wait for a price.

use super::{CliError, Exit};
use openalgo::core::order::GttError;
use openalgo::core::rule::gtt::GttRefusal;
use openalgo::core::rule::order_check::OrderRefusal;
use openalgo::engine::service::{ChangeGttError, PlaceGttError};

impl From<GttRefusal> for CliError {
    fn from(refusal: GttRefusal) -> Self {
        match &refusal {
            GttRefusal::Order(refusal) => order(refusal),
            GttRefusal::Legs(error) => legs(error),
            GttRefusal::Id(error) => Self::refused(
                "trigger_id",
                &format!("--trigger-id leaves no room for the ids of its orders: {error}"),
            )
            .hint("give a shorter --trigger-id"),
            GttRefusal::Lapsed => {
                Self::refused("expires_at", &"--expires names a time that is over")
                    .hint("give --expires a later time")
            }
            GttRefusal::Fixed { .. } | GttRefusal::Shape(_) => {
                Self::refused("fixed", &refusal).hint("cancel it, and place another one")
            }
            _ => Self::refused("trigger", &refusal)
                .hint("see `openalgo order gtt --help` for the prices"),
        }
    }
}

/// What is wrong with an order that it would place. Clients know its trigger by another name than
/// people who type it.
fn order(refusal: &OrderRefusal) -> CliError {
    let said = CliError::from(refusal.clone());
    let OrderRefusal::OffTick {
        which,
        price,
        tick,
        below,
        above,
    } = refusal
    else {
        return said;
    };
    let what = match *which {
        "trigger_price" => "the trigger (--below or --above)",
        _ => "the limit (--below-limit or --above-limit)",
    };
    CliError {
        message: format!(
            "{what} {price} is not a multiple of the tick size {tick}. The nearest prices are \
             {below} and {above}."
        ),
        ..said
    }
}

/// What is wrong with its prices, in the words of the flags.
fn legs(error: &GttError) -> CliError {
    let (code, message, hint) = match error {
        GttError::Crossed => (
            "trigger",
            "--below must be a lower price than --above",
            "give --below the price to fall to, and --above the price to rise to",
        ),
        GttError::Trigger => (
            "trigger",
            "--below and --above take a price above zero",
            "give a price above zero",
        ),
        GttError::Limit => (
            "trigger",
            "--below-limit and --above-limit take a price above zero",
            "give a price above zero, or leave the limit out to go at the market",
        ),
        GttError::Intraday => (
            "product",
            "a GTT waits for days, so --product is CNC or NRML: MIS is intraday only",
            "give --product CNC for delivery, or NRML for derivatives",
        ),
        _ => (
            "trigger",
            "a GTT waits for one price, or for one below and one above",
            "give --below, --above or both",
        ),
    };
    CliError::refused(code, &message).hint(hint)
}

impl From<PlaceGttError> for CliError {
    fn from(error: PlaceGttError) -> Self {
        match error {
            PlaceGttError::Refused(refusal) => refusal.into(),
            PlaceGttError::Lookup(error) => error.into(),
            PlaceGttError::Halted(error) => error.into(),
            PlaceGttError::Route(error) => error.into(),
            PlaceGttError::Account(error) => error.into(),
            PlaceGttError::Store(error) => error.into(),
            PlaceGttError::Conflict(id) => Self::refused(
                "conflict",
                &format!("--trigger-id {id} was used for another GTT"),
            )
            .hint("give each GTT an id of its own; the same id means the same GTT"),
            PlaceGttError::KeptId(_) => Self::refused("kept_id", &error)
                .hint("give a --trigger-id that begins otherwise, or none"),
            PlaceGttError::TooManyWait { .. } => Self::refused("too_many_wait", &error)
                .hint("decide on some of them: `openalgo pending list` shows what waits"),
            PlaceGttError::NoRealPrices => Self::refused("no_real_prices", &error)
                .hint("`openalgo analyzer on` switches analyze mode on"),
            PlaceGttError::Stopped => Self::new(Exit::Unavailable, "unavailable", &error),
            other => Self::internal("the GTT was not placed", &other),
        }
    }
}

impl From<ChangeGttError> for CliError {
    fn from(error: ChangeGttError) -> Self {
        match error {
            ChangeGttError::Refused(refusal) => refusal.into(),
            ChangeGttError::Lookup(error) => error.into(),
            ChangeGttError::Halted(error) => error.into(),
            ChangeGttError::Account(error) => error.into(),
            ChangeGttError::Store(error) => error.into(),
            ChangeGttError::NotFound(id) => {
                Self::refused("not_found", &format!("no GTT {id} waits"))
                    .hint("`openalgo order gtt list` shows those that wait")
            }
            ChangeGttError::Triggering(_) => Self::refused("triggering", &error)
                .hint("`openalgo order gtt show` shows its order; that can be cancelled"),
            other => Self::new(Exit::Unavailable, "unavailable", &other),
        }
    }
}
