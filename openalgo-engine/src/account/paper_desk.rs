//! Decides orders on the paper exchange.
//!
//! The machine decides on its own memory and runs ahead of the disk. When a commit fails, all
//! that was decided after it fails too, because the ledger takes entries in order only. The desk
//! then forgets the machine and starts a new one from what is really stored.

use super::AccountError;
use super::actor::{Waiting, Work};
use super::handle::{Command, PlaceRequest, Reply};
use crate::service::SettingService;
use openalgo_core::account::SettingKey;
use openalgo_core::market::{Timestamp, TradingDay};
use openalgo_core::order::Order;
use openalgo_core::paper::{LedgerEntry, PaperAccountKey, PaperOpening, PaperRefusal, Ticket};
use openalgo_core::port::{Clock, PaperAccount, PaperExchange, PaperLedger, StoreError};
use openalgo_core::value::Money;
use std::sync::Arc;

/// What a paper account is decided with.
#[derive(Debug, Clone)]
pub(super) struct PaperTools {
    pub(super) exchange: Arc<dyn PaperExchange>,
    pub(super) ledger: Arc<dyn PaperLedger>,
    pub(super) settings: SettingService,
    pub(super) clock: Arc<dyn Clock>,
}

pub(super) struct PaperDesk {
    key: PaperAccountKey,
    tools: PaperTools,
    machine: Option<Box<dyn PaperAccount>>,
}

type Started = Option<(Waiting, Work)>;

impl PaperDesk {
    pub(super) fn new(key: PaperAccountKey, tools: PaperTools) -> Self {
        Self {
            key,
            tools,
            machine: None,
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.machine.is_none()
    }

    pub(super) fn close(&mut self) {
        self.machine = None;
    }

    pub(super) async fn handle(&mut self, command: Command) -> Started {
        if let Err(error) = self.open().await {
            refuse(command, &error);
            return None;
        }
        match command {
            Command::Place(request, reply) => self.place(*request, reply).await,
            Command::Cancel(request, reply) => {
                let (order, at) = (&request.broker_order_id, request.at);
                let decided = self
                    .machine
                    .as_mut()
                    .map(|machine| machine.cancel(order, at));
                self.commit(decided, Waiting::Cancelled(reply)).await
            }
            Command::Price(instrument, quote, reply) => {
                self.begin_day(self.day_of(quote.timestamp), quote.timestamp)
                    .await;
                let ticket = Ticket {
                    instrument: &instrument,
                    quote: &quote,
                };
                match self
                    .machine
                    .as_mut()
                    .and_then(|machine| machine.on_quote(ticket))
                {
                    Some(entry) => self.commit(Some(Ok(entry)), Waiting::Done(reply)).await,
                    None => nothing_changed(reply),
                }
            }
            Command::Watches(reply) => {
                let watches = self.machine.as_ref().map(|machine| machine.watches());
                drop(reply.send(Ok(watches.unwrap_or_default())));
                None
            }
            Command::SeenUntil(at, reply) => {
                if let Some(machine) = &mut self.machine {
                    machine.seen_until(at);
                }
                self.begin_day(self.day_of(at), at).await;
                nothing_changed(reply)
            }
        }
    }

    async fn place(&mut self, request: PlaceRequest, reply: Reply<Order>) -> Started {
        let PlaceRequest {
            intent,
            instrument,
            quote,
            claim,
        } = request;
        self.begin_day(intent.trading_day, intent.at).await;
        let ticket = Ticket {
            instrument: &instrument,
            quote: &quote,
        };
        let decided = self
            .machine
            .as_mut()
            .map(|machine| machine.place(intent, ticket));
        self.commit(decided, Waiting::Placed(reply, claim)).await
    }

    fn day_of(&self, at: Timestamp) -> TradingDay {
        self.tools.settings.session_boundary().day_of(at)
    }

    /// Starts the machine from the ledger, unless it runs.
    async fn open(&mut self) -> Result<(), AccountError> {
        if self.machine.is_some() {
            return Ok(());
        }
        let at = self.tools.clock.now();
        let stored = |error| AccountError::NotStored(Arc::new(error));
        let capital = self.capital().map_err(stored)?;
        let opening = PaperOpening {
            capital,
            day: self.day_of(at),
            at,
        };
        let state = self
            .tools
            .ledger
            .load(&self.key, &opening)
            .await
            .map_err(stored)?;
        self.machine = Some(self.tools.exchange.open(state));
        Ok(())
    }

    fn capital(&self) -> Result<Money, StoreError> {
        let value = self.tools.settings.value(SettingKey::StartingCapital)?;
        value.parse().map_err(|error| StoreError::Corrupt {
            table: "settings",
            column: "value",
            row: 0,
            reason: format!("starting_capital: {error}"),
        })
    }

    /// Begins a new session if `day` is one. Its commit comes before anything else of the day,
    /// and if it fails so does what follows it.
    async fn begin_day(&mut self, day: TradingDay, at: Timestamp) {
        let entry = self
            .machine
            .as_mut()
            .and_then(|machine| machine.begin_day(day, at));
        if let Some(entry) = entry {
            match self.tools.ledger.commit(entry).await {
                Ok(receipt) => drop(receipt),
                Err(error) => {
                    tracing::warn!(error = %error, "the new session could not be stored");
                    self.close();
                }
            }
        }
    }

    /// Hands a decision to the ledger; the commit goes on beside the next commands.
    async fn commit(
        &mut self,
        decided: Option<Result<LedgerEntry, PaperRefusal>>,
        waiting: Waiting,
    ) -> Started {
        let entry = match decided {
            Some(Ok(entry)) => entry,
            Some(Err(refusal)) => {
                waiting.tell(Err(refusal.into()));
                return None;
            }
            None => {
                waiting.tell(Err(AccountError::NotStored(Arc::new(StoreError::Closed))));
                return None;
            }
        };
        match self.tools.ledger.commit(entry).await {
            Ok(receipt) => {
                let stored = |error| AccountError::NotStored(Arc::new(error));
                Some((
                    waiting,
                    Box::pin(async move { receipt.await.map_err(stored) }),
                ))
            }
            Err(error) => {
                self.close();
                waiting.tell(Err(AccountError::NotStored(Arc::new(error))));
                None
            }
        }
    }
}

fn nothing_changed(reply: Reply<()>) -> Started {
    Waiting::Done(reply).tell(Ok(Vec::new()));
    None
}

fn refuse(command: Command, error: &AccountError) {
    match command {
        Command::Place(_, reply) | Command::Cancel(_, reply) => {
            drop(reply.send(Err(error.clone())));
        }
        Command::Price(_, _, reply) | Command::SeenUntil(_, reply) => {
            drop(reply.send(Err(error.clone())));
        }
        Command::Watches(reply) => drop(reply.send(Err(error.clone()))),
    }
}
