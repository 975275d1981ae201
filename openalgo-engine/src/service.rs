//! The use cases: what a frontend can ask for.

mod orders;
mod portfolio;
mod risk;
mod settings;
mod users;

pub(crate) use orders::Intake;
pub use orders::{CancelOrderError, OrderService, PlaceOrderError, Placed};
pub use portfolio::{FundsView, PortfolioError, PortfolioService};
pub use risk::{RiskError, RiskService};
pub use settings::{ChangeSettingError, SettingService};
pub use users::{UserError, UserService};
