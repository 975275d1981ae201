//! Orders that wait for a price.

use super::{CliError, Exit};
use openalgo::core::rule::gtt::GttRefusal;
use openalgo::engine::service::{ChangeGttError, PlaceGttError};

impl From<GttRefusal> for CliError {
    fn from(refusal: GttRefusal) -> Self {
        let (code, hint) = match &refusal {
            GttRefusal::Order(refusal) => return refusal.clone().into(),
            GttRefusal::Id(_) => ("trigger_id", "give a shorter --trigger-id"),
            GttRefusal::Lapsed => ("expires_at", "give --expires a later time"),
            GttRefusal::Fixed { .. } | GttRefusal::Shape(_) => {
                ("fixed", "cancel it, and place another one")
            }
            _ => ("trigger", "see `openalgo order gtt --help` for the prices"),
        };
        Self::refused(code, &refusal).hint(hint)
    }
}

impl From<PlaceGttError> for CliError {
    fn from(error: PlaceGttError) -> Self {
        match error {
            PlaceGttError::Refused(refusal) => refusal.into(),
            PlaceGttError::Lookup(error) => error.into(),
            PlaceGttError::Halted(error) => error.into(),
            PlaceGttError::Route(error) => error.into(),
            PlaceGttError::Store(error) => error.into(),
            PlaceGttError::Conflict(_) => Self::refused("conflict", &error)
                .hint("give each GTT an id of its own; the same id means the same GTT"),
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
            ChangeGttError::Store(error) => error.into(),
            ChangeGttError::NotFound(_) => Self::refused("not_found", &error)
                .hint("`openalgo order gtt list` shows those that wait"),
            ChangeGttError::Triggering(_) => Self::refused("triggering", &error)
                .hint("`openalgo order gtt show` shows its order; that can be cancelled"),
            other => Self::new(Exit::Unavailable, "unavailable", &other),
        }
    }
}
