#![doc = include_str!("../README.md")]

mod app;
pub mod backup;
pub mod bot;
mod builder;
mod calendar;
pub mod control;
mod data_import;
mod file;
mod folder;
mod freeze;
pub mod journal;
mod key_change;
mod key_source;
mod lock;
mod master_contracts;
mod open_folder;
mod owner;
pub mod recording;
mod rotate;
mod staged_clock;
mod system;
mod vault;
mod world;

pub use app::{OpenAlgo, Opened};
pub use builder::{Builder, HoursRule, OpenAppError};
pub use calendar::CalendarError;
pub use data_import::{CalendarImported, DataImportError, FreezeImported};
pub use folder::{DataFolder, FolderError, PlaceRule, SharedPlace};
pub use freeze::FreezeError;
pub use key_change::KeyMoved;
pub use key_source::{KeySource, KeySourceName, KeySourceParseError, UnlockError};
pub use lock::{LockError, Owner, Ownership};
pub use master_contracts::{
    LocalFile, MasterContracts, OpenContract, OpenContractError, TakeContractError, TakeStep,
    Taken, UnusableContract,
};
pub use open_folder::OpenFolder;
pub use owner::{OwnerSetup, OwnerSetupError};
pub use rotate::{KeyRotated, RotateKey, RotateKeyError};
pub use staged_clock::{ClockSpeed, ClockSpeedError, StagedClock};
pub use system::{SystemClock, SystemIds};
pub use vault::{KeyReach, KeyReport};
pub use world::World;

pub use openalgo_brokers as brokers;
pub use openalgo_core as core;
pub use openalgo_crypto as crypto;
pub use openalgo_engine as engine;
pub use openalgo_store as store;

/// What most programs need.
pub mod prelude {
    pub use async_trait::async_trait;

    pub use crate::bot::{Bot, BotContext, BotResult, BotSetup};
    pub use crate::{KeySource, OpenAlgo};
    pub use openalgo_core::id::{ClientOrderId, UserId};
    pub use openalgo_core::market::{Exchange, InstrumentKey, Symbol};
    pub use openalgo_core::order::{
        NewOrder, Order, OrderKind, OrderSource, OrderStatus, PriceType, Product, Side,
    };
    pub use openalgo_core::value::{Money, Price, Quantity};
    pub use openalgo_engine::service::Placed;
}
