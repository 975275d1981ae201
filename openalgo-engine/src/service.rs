//! The use cases: what a frontend can ask for.

mod brokers;
mod gtts;
mod history;
mod latency;
mod logins;
mod logs;
mod options;
mod orders;
mod paper;
mod portfolio;
mod risk;
mod second_factor;
mod settings;
mod users;

pub use brokers::{BrokerService, ChooseBrokerError, ConnectBrokerError};
pub use gtts::{ChangeGttError, GttService, PlaceGttError, PlacedGtt};
pub use history::{
    CandleKeeper, CandlesKept, History, HistoryError, HistoryRequest, HistoryService,
};
pub use latency::LatencyService;
pub use logins::{LoggedIn, LoginError, LoginRequest, LoginService, SessionError};
pub use logs::LogService;
pub use options::{
    ChainError, ChainQuery, ChainRow, ChainSide, GreeksError, GreeksQuery, LegQuery, LegSet,
    LegSetError, LegView, OptionChain, OptionGreeks, OptionService, PriceSays, SyntheticFuture,
};
pub(crate) use orders::Intake;
pub use orders::{
    ApprovalError, ApprovalService, ApproveError, Approved, Approving, CameOf, KeyedError,
    KeyedLeg, KeyedOrderService, PendingView, PersonsChoice, Queued, Requested, SemiAutoRefusal,
    Stage,
};
pub use orders::{
    BasketError, CancelOrderError, Cancelling, ChangeKind, ClosePositionError, Closing, ExitOrigin,
    Leg, ModifyOrderError, NotOpenError, OptionLeg, OptionLegError, OptionLegPlaced, OptionsOrder,
    OptionsOrderError, OptionsPlaced, OrderService, PlaceOrderError, Placed, SmartOrder,
    SmartOrderError, SmartOutcome, SplitOrderError, SplitSize,
};
pub(crate) use paper::PaperFunds;
pub use paper::{PaperAccountError, PaperHeld, PaperService};
pub use portfolio::{AccountFunds, FundsView, PortfolioError, PortfolioService};
pub use risk::{RiskError, RiskService, RiskToday};
pub use second_factor::{Enrolment, SecondFactorError, SecondFactorService};
pub use settings::{ChangeSettingError, SettingService};
pub use users::{UserError, UserService};
