//! What went wrong, how to mend it, and the exit code: the one place where errors become these.

mod backup;
mod data_import;
mod files;
mod gtt;
mod history;
mod instruments;
mod journal;
mod key_source;
mod login;
mod open;
mod options;
mod orders;
mod recording;
mod risk;
mod rotate;
mod settings;
mod stored;

use openalgo::core::id::TextError;
use openalgo::core::paper::PaperRefusal;
use openalgo::core::port::{CancelError, ModifyError};
use openalgo::core::rule::order_check::OrderRefusal;
use openalgo::engine::market::LookupError;
use openalgo::engine::route::RouteError;
use openalgo::engine::service::{
    CancelOrderError, PaperAccountError, PlaceOrderError, PortfolioError, UserError,
};
use openalgo::engine::{AccountError, CatchUpError, GovernorError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt::Display;
use std::process::ExitCode;

/// The exit codes, as the help documents them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Exit {
    Unexpected,
    Usage,
    Locked,
    Refused,
    Rejected,
    OutcomeUnknown,
    Unavailable,
}

impl Exit {
    /// The number that the process ends with.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::Locked => 3,
            Self::Refused => 4,
            Self::Rejected => 5,
            Self::OutcomeUnknown => 6,
            Self::Unavailable => 7,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// The code of a refusal for want of a broker.
pub(crate) const NO_ORDER_BROKER: &str = "no_order_broker";

/// What to do when something in the database makes no sense.
const CHECK: &str = "run `openalgo db check`, which names what is damaged and what to do";

/// What to do when the database as a whole makes no sense.
const DAMAGED: &str = "stop trading with this folder and keep a copy of it; then put the right \
                       main.db back, or restore the newest backup into a new folder: `openalgo \
                       backup restore FILE --data-dir NEW_FOLDER`";

/// What to do when the database is not where it was.
const LOST: &str = "put the newest main.db back, with its main.db-wal if that is left; or restore \
                    the newest backup into a new folder: `openalgo backup restore FILE --data-dir \
                    NEW_FOLDER`";

/// A sentence that says what, one that says how to mend it, and a word for programs.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CliError {
    pub(crate) exit: Exit,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// Whether a recovery key is another way out, for a folder that has one.
    #[serde(default)]
    or_recovery: bool,
    /// What else a program may want to know.
    details: Value,
}

impl CliError {
    pub(crate) fn new(exit: Exit, code: &'static str, message: &dyn Display) -> Self {
        Self {
            exit,
            code: code.into(),
            message: message.to_string(),
            hint: None,
            or_recovery: false,
            details: Value::Null,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// A failure that is nobody's mistake.
    pub(crate) fn internal(what: &str, error: &dyn std::error::Error) -> Self {
        let message = format!("{what}: {}", chain(error));
        Self::new(Exit::Unexpected, "internal", &message)
    }

    /// A command met a folder that was opened for less than it needs.
    pub(crate) fn no_engine() -> Self {
        let message = "the data folder is open without its engine";
        Self::new(Exit::Unexpected, "internal", &message)
    }

    /// Nobody knows what was done.
    pub(crate) fn outcome_unknown(message: &dyn Display) -> Self {
        Self::new(Exit::OutcomeUnknown, "outcome_unknown", message)
    }

    /// What a log keeps of it besides its code: nothing of what speaks of names, symbols and orders,
    /// as every refusal does.
    pub(crate) fn for_log(&self) -> Option<&str> {
        let is_about_data = ["no_price", "damaged_data"].contains(&&*self.code);
        match self.exit {
            Exit::Unexpected | Exit::Unavailable if !is_about_data => Some(&self.message),
            _ => None,
        }
    }

    pub(crate) fn refused(code: &'static str, message: &dyn Display) -> Self {
        Self::new(Exit::Refused, code, message)
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut error = json!({
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        });
        if let (Some(fields), Value::Object(details)) = (error.as_object_mut(), &self.details) {
            fields.extend(details.clone());
        }
        error
    }
}

/// An error and what caused it, each cause once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}

impl From<LookupError> for CliError {
    fn from(error: LookupError) -> Self {
        match &error {
            LookupError::UnknownSymbol { suggestions, .. } => {
                let near: Vec<String> = suggestions.iter().map(ToString::to_string).collect();
                let hint = if near.is_empty() {
                    "look for it with `openalgo symbols search WORDS`".to_owned()
                } else {
                    format!(
                        "did you mean {}? `openalgo symbols search WORDS` finds more",
                        near.join(", ")
                    )
                };
                Self::refused("unknown_symbol", &error)
                    .hint(hint)
                    .details(json!({ "suggestions": near }))
            }
            LookupError::Market(_) | _ => Self::new(Exit::Unavailable, "no_price", &chain(&error)),
        }
    }
}

impl From<RouteError> for CliError {
    fn from(error: RouteError) -> Self {
        match error {
            RouteError::Store(error) => error.into(),
            RouteError::NoOrderBroker => Self::refused(NO_ORDER_BROKER, &error).hint(
                "choose one with `openalgo broker use NAME`, or turn analyze mode on with \
                     `openalgo analyzer on`",
            ),
            other => Self::refused("no_route", &other)
                .hint("`openalgo settings list` shows where orders go"),
        }
    }
}

impl From<OrderRefusal> for CliError {
    fn from(refusal: OrderRefusal) -> Self {
        let (code, hint) = match &refusal {
            OrderRefusal::NoQuantity => ("quantity", "give --quantity a number above zero"),
            OrderRefusal::NrmlInCash { .. } | OrderRefusal::CncInDerivatives { .. } => {
                ("product", "choose another --product")
            }
            OrderRefusal::NotTradable { .. } => (
                "not_tradable",
                "find its contracts with `openalgo symbols search`",
            ),
            OrderRefusal::BadStrategy => ("strategy", "give --strategy a short plain name"),
            OrderRefusal::Lot(_) => ("lot_size", "give --quantity in units, not in lots"),
            OrderRefusal::Frozen { .. } => (
                "freeze_quantity",
                "`openalgo order split` places it as several orders",
            ),
            OrderRefusal::OffTick { .. } => ("tick_size", "take one of the nearest prices"),
            _ => ("refused", "change the order"),
        };
        Self::refused(code, &refusal).hint(hint)
    }
}

/// What to do when the paper exchange does not take something.
fn refused_on_paper(refusal: &PaperRefusal) -> CliError {
    let (code, hint) = match refusal {
        PaperRefusal::InsufficientFunds { .. } => (
            "insufficient_funds",
            "see `openalgo funds`; order less, or cancel what rests",
        ),
        PaperRefusal::Value(_) => ("too_large", "order less"),
        PaperRefusal::NoPrice { .. } => (
            "no_price",
            "`openalgo quote` shows whether there is a price by now",
        ),
        PaperRefusal::PastSquareOff { .. }
        | PaperRefusal::NoTradingDay { .. }
        | PaperRefusal::Closed { .. } => (
            "market_closed",
            "see `openalgo market status` for when exchanges trade",
        ),
        PaperRefusal::Expired { .. } => (
            "expired",
            "find its contracts with `openalgo symbols search`",
        ),
        _ => ("refused", "look at the order with `openalgo order list`"),
    };
    CliError::refused(code, refusal).hint(hint)
}

impl From<AccountError> for CliError {
    fn from(error: AccountError) -> Self {
        match &error {
            AccountError::Paper(refusal) => refused_on_paper(refusal),
            AccountError::Limit(limit) => limit.clone().into(),
            AccountError::Governor(GovernorError::Full { .. } | GovernorError::Late { .. }) => {
                Self::refused("too_many_orders", &error).hint("send fewer orders at once")
            }
            AccountError::NotStored(cause) => Self::not_stored(&error, cause),
            AccountError::OutcomeNotStored(_) => Self::outcome_unknown(&chain(&error))
                .hint("do not send it again before `openalgo order list` shows what became of it"),
            AccountError::AnswersNotStored { .. } => {
                Self::new(Exit::Unavailable, "not_stored", &error)
                    .hint("`openalgo doctor` shows whether the disk is full")
            }
            AccountError::NotLoaded(cause) => Self::unreadable(&error, cause),
            AccountError::ReplyLost => Self::outcome_unknown(&error)
                .hint("look at it with `openalgo order list` before sending it again"),
            AccountError::Cancel(cancel) if matches!(**cancel, CancelError::OutcomeUnknown(_)) => {
                Self::outcome_unknown(&error).hint("look at the order with `openalgo order show`")
            }
            AccountError::Modify(modify) if matches!(**modify, ModifyError::OutcomeUnknown(_)) => {
                Self::outcome_unknown(&error)
                    .hint("`openalgo order status` shows which terms the order has by now")
            }
            AccountError::Modify(_) => Self::new(Exit::Rejected, "not_modified", &chain(&error)),
            AccountError::ChangeUnderWay => Self::refused("under_way", &error)
                .hint("`openalgo order status` shows which terms the order has by now"),
            AccountError::Overtaken => {
                Self::refused("overtaken", &error).hint("nothing was placed; try again")
            }
            AccountError::Cancel(_) => Self::new(Exit::Rejected, "not_cancelled", &error),
            _ => Self::new(Exit::Unavailable, "unavailable", &error),
        }
    }
}

impl From<CatchUpError> for CliError {
    fn from(error: CatchUpError) -> Self {
        match error {
            CatchUpError::Account(error) => error.into(),
            CatchUpError::Lookup(error) => error.into(),
            other => Self::internal("resting orders were not brought up to the present", &other),
        }
    }
}

impl From<PlaceOrderError> for CliError {
    fn from(error: PlaceOrderError) -> Self {
        match error {
            PlaceOrderError::Lookup(error) => error.into(),
            PlaceOrderError::NoPrice { .. } => {
                Self::new(Exit::Unavailable, "no_price", &chain(&error))
            }
            PlaceOrderError::Halted(error) => error.into(),
            PlaceOrderError::Limit(error) => error.into(),
            PlaceOrderError::Refused(error) => error.into(),
            PlaceOrderError::Route(error) => error.into(),
            PlaceOrderError::Account(error) => error.into(),
            PlaceOrderError::CatchUp(error) => error.into(),
            PlaceOrderError::Store(error) => error.into(),
            PlaceOrderError::Conflict { .. } | PlaceOrderError::TwinUnconfirmed { .. } => {
                Self::refused("conflict", &error)
                    .hint("give each order an id of its own; the same id means the same order")
            }
            PlaceOrderError::KeptId(_) => Self::refused("kept_id", &error)
                .hint("give the order an id that begins otherwise, or none"),
            PlaceOrderError::TooManyWait { .. } => Self::refused("too_many_wait", &error)
                .hint("decide on some of them: `openalgo pending list` shows what waits"),
            other => Self::internal("the order was not placed", &other),
        }
    }
}

impl From<CancelOrderError> for CliError {
    fn from(error: CancelOrderError) -> Self {
        match error {
            CancelOrderError::Account(error) => error.into(),
            CancelOrderError::CatchUp(error) => error.into(),
            CancelOrderError::Store(error) => error.into(),
            CancelOrderError::Route(error) => error.into(),
            CancelOrderError::NotOpen(error) => error.into(),
            other => Self::internal("the order was not cancelled", &other),
        }
    }
}

impl From<PortfolioError> for CliError {
    fn from(error: PortfolioError) -> Self {
        match error {
            PortfolioError::Route(error) => error.into(),
            PortfolioError::Store(error) => error.into(),
            PortfolioError::Standing(error) => error.into(),
            PortfolioError::Account(error) => error.into(),
            PortfolioError::NotTold { .. } => Self::new(Exit::Unavailable, "broker", &error),
            PortfolioError::NotOffered { .. } => {
                Self::refused("not_offered", &error).hint("look at it in the broker's own program")
            }
            other => Self::internal("the portfolio cannot be shown", &other),
        }
    }
}

impl From<PaperAccountError> for CliError {
    fn from(error: PaperAccountError) -> Self {
        match error {
            PaperAccountError::Account(error) => error.into(),
            PaperAccountError::Gtt(error) => error.into(),
            PaperAccountError::Setting(error) => error.into(),
            PaperAccountError::Portfolio(error) => error.into(),
            PaperAccountError::Store(error) => error.into(),
            other => Self::internal("the paper account was not changed", &other),
        }
    }
}

impl From<TextError> for CliError {
    fn from(error: TextError) -> Self {
        Self::new(Exit::Usage, "usage", &error).hint("see the command with --help")
    }
}

impl From<UserError> for CliError {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Store(error) => error.into(),
            UserError::Password(_) => Self::refused("weak_password", &error).hint(
                "take at least 8 characters with an upper case letter, a lower case letter, a digit and one of !@#$%^&*",
            ),
            UserError::NotFound(_) => Self::new(Exit::Locked, "unknown_user", &error)
                .hint("`openalgo user list` shows the users"),
            UserError::NoApiKey => Self::refused("no_api_key", &error)
                .hint("make one with `openalgo apikey create`"),
            UserError::NoOwner => Self::new(Exit::Locked, "no_owner", &error)
                .hint("run `openalgo init`, which makes the owner's account"),
            other => Self::internal("the user could not be dealt with", &other),
        }
    }
}

#[cfg(test)]
mod tests;
