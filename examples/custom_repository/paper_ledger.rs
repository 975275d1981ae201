//! The ledger of the paper exchange: an entry is committed whole or not at all.

use super::{Memory, Tables, not_found};
use async_trait::async_trait;
use openalgo::core::id::{BrokerName, UserId};
use openalgo::core::market::{Timestamp, TradingDay};
use openalgo::core::order::{NewTrade, Order, OrderEvent, OrderIntent};
use openalgo::core::paper::{
    DailyPnl, LedgerEntry, Movement, OrderChange, PaperAccountKey, PaperOpening, PaperState,
    Reservation, WorkingOrder,
};
use openalgo::core::port::{CommitReceipt, PaperLedger, StoreError};
use openalgo::core::portfolio::Funds;
use std::future;

/// What is kept of an account besides its orders, positions and holdings.
#[derive(Debug, Clone)]
pub(super) struct PaperAccount {
    version: u64,
    trading_day: TradingDay,
    jobs_until: Timestamp,
    last_order_number: u64,
    funds: Funds,
}

impl Tables {
    fn load_account(
        &mut self,
        key: &PaperAccountKey,
        opening: &PaperOpening,
    ) -> Result<PaperState, StoreError> {
        self.require_user(key.user)?;
        let fresh = PaperAccount {
            version: 0,
            trading_day: opening.day,
            jobs_until: opening.at,
            last_order_number: 0,
            funds: Funds::opening(opening.capital),
        };
        let known = self.paper_accounts.get(key);
        let account = known.filter(|it| it.version > 0).cloned().unwrap_or(fresh);
        self.paper_accounts.insert(key.clone(), account.clone());
        let is_mine = |user, broker: &BrokerName| (user, broker) == (key.user, &key.broker);
        let positions = self.positions.iter();
        let positions = positions.filter(|it| is_mine(it.key.user, &it.key.broker));
        Ok(PaperState {
            key: key.clone(),
            version: account.version,
            trading_day: account.trading_day,
            jobs_until: account.jobs_until,
            last_order_number: account.last_order_number,
            funds: account.funds,
            positions: positions.cloned().collect(),
            holdings: self.holdings_of(key.user, Some(&key.broker)),
            orders: self.working_orders(key),
            reservations: self.reservations_of(key),
        })
    }

    fn reservations_of(&self, key: &PaperAccountKey) -> Vec<Reservation> {
        let reserved = self.reservations.get(key).into_iter().flatten();
        reserved
            .map(|(_, reservation)| reservation.clone())
            .collect()
    }

    fn reserve(&mut self, entry: &LedgerEntry) {
        let reserved = self.reservations.entry(entry.key.clone()).or_default();
        if entry.starts_anew {
            reserved.clear();
        }
        for reservation in &entry.reservations {
            reserved.insert(reservation.gtt.clone(), reservation.clone());
        }
        reserved.retain(|_, reservation| !reservation.margin.is_zero());
    }

    fn working_orders(&self, key: &PaperAccountKey) -> Vec<WorkingOrder> {
        let working = self.orders.iter().filter(|stored| {
            let intent = &stored.order.intent;
            let account = (intent.user, &intent.broker);
            account == (key.user, &key.broker) && !stored.order.status().is_final()
        });
        let working = working.map(|stored| WorkingOrder {
            intent: stored.order.intent.clone(),
            state: stored.order.state.clone(),
            updated_at: stored.order.updated_at,
            margin: stored.margin,
        });
        working.collect()
    }

    fn commit_entry(&mut self, entry: &LedgerEntry) -> Result<Vec<Order>, StoreError> {
        let key = &entry.key;
        let account = self.paper_accounts.get(key);
        let committed = account
            .ok_or_else(|| not_found("paper account of user", &key.user))?
            .version;
        if committed.checked_add(1) != Some(entry.version) {
            let given = entry.version;
            return Err(StoreError::OutOfOrder { given, committed });
        }
        let orders = entry.orders.iter();
        let changed = orders
            .map(|change| self.change_order(entry, change))
            .collect::<Result<_, _>>()?;
        if entry.starts_anew {
            let is_here = |user, broker: &BrokerName| (user, broker) == (key.user, &key.broker);
            let (positions, holdings) = (&mut self.positions, &mut self.holdings);
            positions.retain(|it| !is_here(it.key.user, &it.key.broker));
            holdings.retain(|it| !is_here(it.key.user, &it.key.broker));
        }
        for position in &entry.positions {
            require_account(entry, (position.key.user, &position.key.broker))?;
            self.keep_position(position)?;
        }
        for holding in &entry.holdings {
            require_account(entry, (holding.key.user, &holding.key.broker))?;
            self.keep_holding(holding)?;
        }
        self.reserve(entry);
        let moved = entry.movements.iter().cloned();
        self.paper_movements
            .extend(moved.map(|movement| (key.clone(), movement)));
        if let Some(day) = &entry.daily {
            let days = self.daily_pnl.entry(key.clone()).or_default();
            days.insert(day.date, day.clone());
        }
        let account = PaperAccount {
            version: entry.version,
            trading_day: entry.trading_day,
            jobs_until: entry.jobs_until,
            last_order_number: entry.last_order_number,
            funds: entry.funds.clone(),
        };
        self.paper_accounts.insert(key.clone(), account);
        Ok(changed)
    }

    fn change_order(
        &mut self,
        entry: &LedgerEntry,
        change: &OrderChange,
    ) -> Result<Order, StoreError> {
        let order = match &change.placed {
            Some(intent) => self.place_order(entry, intent, change)?,
            None => self.take_further(entry, change)?,
        };
        self.stored_order(order.id)?.margin = change.margin;
        for execution in &change.trades {
            self.add_trade(&NewTrade {
                user: entry.key.user,
                broker: entry.key.broker.clone(),
                order: Some(order.id),
                execution: execution.clone(),
            })?;
        }
        Ok(order)
    }

    fn place_order(
        &mut self,
        entry: &LedgerEntry,
        intent: &OrderIntent,
        change: &OrderChange,
    ) -> Result<Order, StoreError> {
        require_account(entry, (intent.user, &intent.broker))?;
        if intent.id != change.intent {
            return Err(refused("it places an order under another intent"));
        }
        let planned = std::iter::once(OrderEvent::planned(intent));
        let journal: Vec<_> = planned.chain(change.events.iter().cloned()).collect();
        self.add_order(&journal)
    }

    fn take_further(
        &mut self,
        entry: &LedgerEntry,
        change: &OrderChange,
    ) -> Result<Order, StoreError> {
        let mut orders = self.orders.iter().map(|stored| &stored.order);
        let order = orders.find(|order| {
            let account = (order.intent.user, &order.intent.broker);
            order.intent.id == change.intent && require_account(entry, account).is_ok()
        });
        let order = order.ok_or_else(|| not_found("order intent", &change.intent))?;
        self.advance_order(order.id, &change.events)
    }
}

/// An entry that touches somebody else's rows is a mistake in the machine.
fn require_account(
    entry: &LedgerEntry,
    (user, broker): (UserId, &BrokerName),
) -> Result<(), StoreError> {
    if (user, broker) == (entry.key.user, &entry.key.broker) {
        Ok(())
    } else {
        Err(refused("it touches another account"))
    }
}

fn refused(reason: &'static str) -> StoreError {
    StoreError::Failed {
        operation: "commit the ledger entry",
        source: reason.into(),
    }
}

#[async_trait]
impl PaperLedger for Memory {
    async fn load(
        &self,
        key: &PaperAccountKey,
        opening: &PaperOpening,
    ) -> Result<PaperState, StoreError> {
        self.write(|tables, _| tables.load_account(key, opening))
    }

    async fn commit(&self, entry: LedgerEntry) -> Result<CommitReceipt, StoreError> {
        let outcome = self.write(|tables, _| tables.commit_entry(&entry));
        Ok(Box::pin(future::ready(outcome)))
    }

    async fn movements(
        &self,
        key: &PaperAccountKey,
        limit: u32,
    ) -> Result<Vec<Movement>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(self.read(|tables| {
            let moved = tables.paper_movements.iter().rev();
            let of_account = moved.filter(|(account, _)| account == key);
            let movements = of_account.map(|(_, movement)| movement.clone());
            movements.take(limit).collect()
        }))
    }

    async fn daily(&self, key: &PaperAccountKey, limit: u32) -> Result<Vec<DailyPnl>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(self.read(|tables| {
            let days = tables.daily_pnl.get(key).into_iter().flatten().rev();
            days.take(limit).map(|(_, day)| day.clone()).collect()
        }))
    }
}
