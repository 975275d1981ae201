//! Orders: what is asked for, what happened to it, and where it stands.

mod event;
mod gtt;
mod intent;
mod kind;
mod new;
mod record;
mod request;
mod state;
mod trade;
mod words;

pub use event::{OrderEvent, OrderEventKind};
pub use gtt::{
    Gtt, GttError, GttKeeper, GttLeg, GttLegs, GttProduct, GttStatus, GttType, LegState, LegStatus,
    NewGtt, TriggerSide,
};
pub use intent::{JournaledIntent, OrderIntent};
pub use kind::{KindError, OrderKind};
pub use new::NewOrder;
pub use record::{Change, Order};
pub use request::{OrderRequest, OrderRequestError, RequestKey, RequestKind};
pub use state::{Executed, Fill, OrderState, Outcome, TransitionError};
pub use trade::{Execution, NewTrade, Trade};
pub use words::{OrderMode, OrderSource, OrderStatus, PriceType, Product, Side, TradingMode};
