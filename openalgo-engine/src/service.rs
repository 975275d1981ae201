//! The use cases: what a frontend can ask for.

mod orders;
mod portfolio;
mod settings;
mod users;

pub use orders::{CancelOrderError, OrderService, PlaceOrderError, Placed};
pub use portfolio::{FundsView, PortfolioError, PortfolioService};
pub use settings::{ChangeSettingError, SettingService};
pub use users::{UserError, UserService};
