//! What orders come to that are more than one, or computed.

use super::{CliError, Exit};
use openalgo::core::rule::modification::ModificationRefusal;
use openalgo::core::rule::split::SplitRefusal;
use openalgo::engine::service::{
    ApprovalError, ApproveError, BasketError, ChangeKind, ClosePositionError, ModifyOrderError,
    NotOpenError, SmartOrderError, SplitOrderError,
};
use openalgo::engine::standing::StandingError;

const TRY_AGAIN: &str = "nothing was placed; try again";

impl From<StandingError> for CliError {
    fn from(error: StandingError) -> Self {
        match error {
            StandingError::Account(error) => error.into(),
            other => Self::new(Exit::Unavailable, "unavailable", &other).hint(TRY_AGAIN),
        }
    }
}

impl From<SmartOrderError> for CliError {
    fn from(error: SmartOrderError) -> Self {
        match error {
            SmartOrderError::Standing(error) => error.into(),
            SmartOrderError::Route(error) => error.into(),
            SmartOrderError::Place(error) => error.into(),
            SmartOrderError::Unsettled(_) => Self::refused("unsettled", &error)
                .hint("`openalgo order status` shows what is known of it by now"),
            SmartOrderError::InTheWay(_) => {
                Self::refused("under_way", &error).hint("`openalgo order list` shows them")
            }
            other => Self::internal("the order was not placed", &other),
        }
    }
}

impl From<ClosePositionError> for CliError {
    fn from(error: ClosePositionError) -> Self {
        match error {
            ClosePositionError::Standing(error) => error.into(),
            ClosePositionError::Route(error) => error.into(),
            ClosePositionError::Place(error) => error.into(),
            ClosePositionError::Id(error) => error.into(),
            ClosePositionError::NothingHeld(_) => Self::refused("not_held", &error)
                .hint("`openalgo positions` shows what is held, and under which product"),
            ClosePositionError::InTheWay(_) => {
                Self::refused("under_way", &error).hint("`openalgo order list` shows them")
            }
            other => Self::internal("the position was not closed", &other),
        }
    }
}

impl From<ModifyOrderError> for CliError {
    fn from(error: ModifyOrderError) -> Self {
        match error {
            ModifyOrderError::Account(error) => error.into(),
            ModifyOrderError::CatchUp(error) => error.into(),
            ModifyOrderError::Store(error) => error.into(),
            ModifyOrderError::Halted(error) => error.into(),
            ModifyOrderError::Refused(error) => error.into(),
            ModifyOrderError::Lookup(error) => error.into(),
            ModifyOrderError::NotOpen(error) => error.into(),
            ModifyOrderError::Change(ModificationRefusal::Filled { .. }) => {
                Self::refused("quantity", &error)
                    .hint("give more than what is filled, or cancel the rest")
            }
            ModifyOrderError::Change(_) => Self::refused("price", &error)
                .hint("`openalgo order show` shows the price type and the prices it has"),
            other => Self::internal("the order was not modified", &other),
        }
    }
}

impl From<NotOpenError> for CliError {
    fn from(error: NotOpenError) -> Self {
        let code = match &error {
            NotOpenError::NotFound(_) => {
                return Self::refused("not_found", &error)
                    .hint("`openalgo order list` shows your orders");
            }
            NotOpenError::Final { change, .. } | NotOpenError::Unconfirmed { change, .. }
                if *change == ChangeKind::Modify =>
            {
                "not_modifiable"
            }
            _ => "not_cancellable",
        };
        Self::refused(code, &error).hint("`openalgo order show` shows where the order stands")
    }
}

impl From<BasketError> for CliError {
    fn from(error: BasketError) -> Self {
        match error {
            BasketError::Route(error) => error.into(),
            BasketError::Id(error) => error.into(),
            BasketError::Place(error) => error.into(),
            other => Self::internal("nothing was placed", &other),
        }
    }
}

impl From<SplitOrderError> for CliError {
    fn from(error: SplitOrderError) -> Self {
        match error {
            SplitOrderError::Route(error) => error.into(),
            SplitOrderError::Id(error) => error.into(),
            SplitOrderError::Place(error) => error.into(),
            SplitOrderError::Lookup(error) => error.into(),
            SplitOrderError::Split(SplitRefusal::TooMany) => {
                Self::refused("split", &error).hint("give a larger --size")
            }
            SplitOrderError::Split(_) => {
                Self::refused("split", &error).hint("give a --quantity and a --size above zero")
            }
            other => Self::internal("nothing was placed", &other),
        }
    }
}

/// What to do with an order that goes on waiting.
const STILL_WAITS: &str = "it goes on waiting; approve it again later, or reject it";

impl From<ApprovalError> for CliError {
    fn from(error: ApprovalError) -> Self {
        match error {
            ApprovalError::Store(error) => error.into(),
            ApprovalError::NotFound(_) => Self::refused("not_found", &error)
                .hint("`openalgo pending list` shows what waits, and what was decided"),
            ApprovalError::StillWaits(_) => {
                Self::refused("still_waits", &error).hint("`openalgo pending reject ID` refuses it")
            }
            other => Self::refused("decided", &other)
                .hint("`openalgo pending list --status all` shows what became of it"),
        }
    }
}

impl From<ApproveError> for CliError {
    fn from(error: ApproveError) -> Self {
        match error {
            ApproveError::Approval(error) => error.into(),
            ApproveError::Store(error) => error.into(),
            ApproveError::Route(error) => error.into(),
            ApproveError::Refused(error) => Self::from(error).hint(STILL_WAITS),
            ApproveError::RefusedGtt(error) => Self::from(error).hint(STILL_WAITS),
            ApproveError::GttNotPlaced { .. } => Self::refused("not_placed", &error)
                .hint("look at `openalgo order gtt list`; then approve it again, or delete it"),
            ApproveError::Lapsed { .. } => {
                Self::refused("lapsed", &error).hint("remove it with `openalgo pending delete ID`")
            }
            ApproveError::Rerouted { .. } => Self::refused("rerouted", &error).hint(
                "let orders go there again (`openalgo analyzer`, `openalgo broker use NAME`), or \
                 reject it",
            ),
            ApproveError::OutcomeUnknown { .. } | ApproveError::Stopped => {
                Self::outcome_unknown(&error)
                    .hint("look at `openalgo order list` before you do anything about it")
            }
            ApproveError::NotPlaced { .. } => Self::refused("not_placed", &error)
                .hint("look at `openalgo order list`; then approve it again, or delete it"),
            other => Self::refused("not_approved", &other).hint(STILL_WAITS),
        }
    }
}
