//! The paper exchange and the ledger that makes its decisions durable.

use super::StoreError;
use crate::id::{BrokerOrderId, TriggerId};
use crate::market::{Instrument, InstrumentKey, Timestamp, TradingDay};
use crate::order::{Order, OrderIntent, Product};
use crate::paper::{
    Amendment, DailyPnl, GttOrders, JobPrices, LedgerEntry, Movement, PaperAccountKey, PaperDay,
    PaperJob, PaperOpening, PaperRefusal, PaperStanding, PaperState, PaperTerms, Reservation,
    Ticket, Watch,
};
use crate::rule::charges::{ChargeProfile, ChargesOf};
use async_trait::async_trait;
use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Opens accounts of the paper exchange.
pub trait PaperExchange: fmt::Debug + Send + Sync {
    /// The machine of one account, started from what is known about it, on these terms.
    fn open(&self, state: PaperState, terms: Arc<PaperTerms>) -> Box<dyn PaperAccount>;

    /// What trades cost at a broker besides their price, where the exchange knows that.
    fn charges(&self, of: ChargesOf) -> Option<Arc<ChargeProfile>>;
}

/// One account of the paper exchange: a pure machine without clock, network or database.
///
/// Each method decides, changes the account in memory and returns what must be committed. The
/// caller commits entries in the order in which it got them; when a commit fails it throws the
/// machine away and opens a new one from the ledger.
pub trait PaperAccount: fmt::Debug + Send + Sync {
    /// Begins a session, if it is a new one: today's figures start from zero. Comes before
    /// anything else in a session.
    fn begin_day(&mut self, day: TradingDay, at: Timestamp) -> Option<LedgerEntry>;

    /// The first thing that is due by `until` and changes something. With none, the account has
    /// done by itself all that is due by then.
    fn next_job(&mut self, until: Timestamp) -> Option<PaperJob>;

    /// The first job that is due by `until`, is done at prices, and may change something once
    /// resting orders have met the prices before it.
    fn next_stop(&self, until: Timestamp) -> Option<PaperJob>;

    /// The instruments of which a job needs a price, as the account stands now.
    fn wanted(&self, job: PaperJob) -> BTreeSet<InstrumentKey>;

    /// Does what [`next_job`](Self::next_job) told, or, where prices are missing, a part of it, which may be
    /// nothing. That it is done is committed with what it does, so that it is done once; as long
    /// as it is not, `next_job` tells it again. Its session has begun.
    ///
    /// What has no price waits for one until something else is due, or the date is over. Then the
    /// job counts as done, and a later one ends what is left; the last one of the date does so at
    /// the last price that the account has seen.
    fn do_job(
        &mut self,
        job: PaperJob,
        prices: &JobPrices,
    ) -> Result<Option<LedgerEntry>, PaperRefusal>;

    /// When the account was started anew last.
    fn last_reset(&self) -> Option<Timestamp>;

    /// Goes on under other terms. Another capital replaces the one of the account: what is free
    /// changes by the difference, and may be less than nothing until positions are closed.
    fn set_terms(
        &mut self,
        terms: &Arc<PaperTerms>,
        at: Timestamp,
    ) -> Result<Option<LedgerEntry>, PaperRefusal>;

    /// Starts the account anew with its capital: resting orders are cancelled, positions and
    /// holdings are gone, and nothing is realised. Orders and trades stay on record.
    fn reset(&mut self, at: Timestamp) -> Result<LedgerEntry, PaperRefusal>;

    /// Takes an order, or refuses it without a trace.
    ///
    /// An order that the exchange would have rejected after taking it gives an entry in which
    /// it is stored as rejected. One that comes of an order that waited for a price takes what was
    /// reserved for that.
    fn place(
        &mut self,
        intent: OrderIntent,
        ticket: Ticket<'_>,
        reserved_for: Option<&TriggerId>,
    ) -> Result<LedgerEntry, PaperRefusal>;

    /// Cancels a resting order and releases what it reserved.
    fn cancel(&mut self, order: &BrokerOrderId, at: Timestamp)
    -> Result<LedgerEntry, PaperRefusal>;

    /// Gives a resting order another quantity or price. Its price type stays. What it reserves
    /// changes with it; an order whose new price is met already is filled.
    fn modify(
        &mut self,
        order: &BrokerOrderId,
        amendment: Amendment<'_>,
    ) -> Result<LedgerEntry, PaperRefusal>;

    /// Reserves what an order that waits for a price may need, instead of what was reserved for it
    /// before, or refuses it without a trace; `None` when nothing changes.
    fn reserve(
        &mut self,
        orders: &GttOrders,
        instrument: &Instrument,
    ) -> Result<Option<LedgerEntry>, PaperRefusal>;

    /// Gives back what is reserved for an order that waits for a price; `None` when nothing is.
    fn release(
        &mut self,
        gtt: &TriggerId,
        at: Timestamp,
    ) -> Result<Option<LedgerEntry>, PaperRefusal>;

    /// What is reserved for orders that wait for a price.
    fn reservations(&self) -> Vec<Reservation>;

    /// Looks at the resting orders of an instrument in the light of a price; `None` when nothing
    /// changes.
    fn on_quote(&mut self, ticket: Ticket<'_>) -> Option<LedgerEntry>;

    /// What is held of an instrument under a product, and the orders that may change it.
    fn standing(&self, instrument: &InstrumentKey, product: Product) -> PaperStanding;

    /// What the session has come to so far.
    fn day(&self) -> PaperDay;

    /// The orders that rest, those that arrived first first.
    fn resting(&self) -> Vec<BrokerOrderId>;

    /// What the resting orders wait for.
    fn watches(&self) -> Vec<Watch>;

    /// Notes that prices up to `at` were looked through for what `watched` waits for, and that
    /// there were none of those.
    ///
    /// Concerns all orders that wait for some of these prices and for no others, from when on
    /// they were looked through or later.
    fn seen_until(&mut self, watched: &[Watch], at: Timestamp);
}

/// The future of a commit: the orders of the entry as they are stored, once they are durable.
pub type CommitReceipt =
    Pin<Box<dyn Future<Output = Result<Vec<Order>, StoreError>> + Send + 'static>>;

/// Makes the decisions of the paper exchange durable.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait PaperLedger: fmt::Debug + Send + Sync {
    /// What is known about an account, after every entry that was taken before. An account without
    /// an entry is opened, anew if need be, so that a capital chosen since counts. Its user must
    /// exist.
    async fn load(
        &self,
        key: &PaperAccountKey,
        opening: &PaperOpening,
    ) -> Result<PaperState, StoreError>;

    /// Queues an entry to be committed whole or not at all.
    ///
    /// Entries are committed in the order of the calls. Waits only for room in the queue; the
    /// receipt resolves when the entry is on disk, and need not be waited for.
    ///
    /// An entry that does not follow the last committed one is refused with
    /// [`StoreError::OutOfOrder`]; one for an account that was never loaded, with a part that
    /// cannot be kept, or with a part of another account, leaves nothing behind.
    async fn commit(&self, entry: LedgerEntry) -> Result<CommitReceipt, StoreError>;

    /// What moved in or out of the positions of an account besides trades, the newest first.
    async fn movements(
        &self,
        key: &PaperAccountKey,
        limit: u32,
    ) -> Result<Vec<Movement>, StoreError>;

    /// What the days of an account came to, the newest first.
    async fn daily(&self, key: &PaperAccountKey, limit: u32) -> Result<Vec<DailyPnl>, StoreError>;
}
