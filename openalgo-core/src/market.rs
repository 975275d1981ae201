//! What is traded and at what price: exchanges, symbols, instruments, quotes and the calendar.

mod calendar;
mod candle;
mod change;
mod depth;
mod exchange;
mod freeze;
mod instrument;
mod instrument_list;
mod interval;
mod list_size;
mod market_hours;
mod master_contract;
mod quote;
mod symbol;
mod tick;
mod trading_calendar;

pub use calendar::{
    IST, IstTime, SessionBoundary, Span, TimeOfDay, Timestamp, TimestampError, TradingDay,
};
pub use candle::{
    Candle, CandleBuilder, CandleGrid, CandleRefusal, CandleSeries, MadeCandle, ResampleError,
    Resampled, Slot, StoredSeries, client_seconds, resample,
};
pub use change::Change;
pub use depth::{Depth, DepthLevel};
pub use exchange::Exchange;
pub use freeze::FreezeQuantities;
pub use instrument::{Instrument, InstrumentKey, InstrumentKind, LotError};
pub use instrument_list::{
    BrokerWords, Chain, ContractClass, InstrumentEntry, InstrumentList, InstrumentListBuilder,
    InstrumentListError, PackedStrike,
};
pub use interval::Interval;
pub use list_size::{ListSize, SizeRule};
pub use market_hours::MarketHours;
pub use master_contract::{FileMark, MasterContract};
pub use quote::Quote;
pub use symbol::{Contract, OptionRight, Symbol, SymbolError};
pub use tick::{FeedMode, Tick, TickQuote, TickSource};
pub use trading_calendar::{DayKind, ExchangeHours, SpecialDay, TradingCalendar, UsualHours};
