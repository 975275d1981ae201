//! Decides orders on the paper exchange.
//!
//! The machine decides on its own memory and runs ahead of the disk. When a commit fails, all
//! that was decided after it fails too, because the ledger takes entries in order only. The desk
//! then forgets the machine and starts a new one from what is really stored.

mod begun;

use super::AccountError;
use super::actor::{Waiting, Work};
use super::handle::{Command, Kept, ModifyRequest, Outlook, PlaceRequest, PricedJob, Reply};
use super::paper_terms::TermsReader;
use crate::service::SettingService;
pub(super) use begun::refuse;
use begun::{Begun, told_after};
use openalgo_core::market::{MarketHours, Timestamp, TradingDay};
use openalgo_core::order::Order;
use openalgo_core::paper::{
    Amendment, JobPrice, JobPrices, LedgerEntry, PaperAccountKey, PaperJobKind, PaperOpening,
    PaperRefusal, PaperTerms, Ticket,
};
use openalgo_core::port::{Clock, IdSource, PaperAccount, PaperExchange, PaperLedger, StoreError};
use std::sync::Arc;

/// What a paper account is decided with.
#[derive(Debug, Clone)]
pub(super) struct PaperTools {
    pub(super) exchange: Arc<dyn PaperExchange>,
    pub(super) ledger: Arc<dyn PaperLedger>,
    pub(super) settings: SettingService,
    pub(super) hours: MarketHours,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
}

pub(super) struct PaperDesk {
    key: PaperAccountKey,
    tools: PaperTools,
    terms: TermsReader,
    machine: Option<Box<dyn PaperAccount>>,
}

type Machine = Box<dyn PaperAccount>;

/// What an account did to get to an instant.
#[derive(Default)]
struct GoneOn {
    entries: Vec<LedgerEntry>,
    /// Whether it did something by itself, so that it may not hold any more what it held.
    by_itself: bool,
}

impl PaperDesk {
    pub(super) fn new(key: PaperAccountKey, tools: PaperTools) -> Self {
        Self {
            key,
            terms: TermsReader::new(
                tools.settings.clone(),
                tools.hours.clone(),
                Arc::clone(&tools.exchange),
            ),
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

    /// Lets the account go on to the time of a command, started from the ledger unless it runs.
    /// What that changes goes to `started`; whether it did anything by itself is told.
    pub(super) async fn prepare(
        &mut self,
        command: &Command,
        started: &mut Vec<(Waiting, Work)>,
    ) -> Result<bool, AccountError> {
        let not_loaded = |error| AccountError::NotLoaded(Arc::new(error));
        let terms = self.terms.read().map_err(not_loaded)?;
        let mut machine = match self.machine.take() {
            Some(machine) => machine,
            None => self.load(&terms).await.map_err(not_loaded)?,
        };
        let Some(at) = command.at() else {
            self.machine = Some(machine);
            return Ok(false);
        };
        let priced = if let Command::DoJob(priced, _) = command {
            Some(&**priced)
        } else {
            None
        };
        let gone = self.go_on(&mut machine, &terms, (at, priced))?;
        for entry in gone.entries {
            let stored = |error| AccountError::NotStored(Arc::new(error));
            let receipt = self.tools.ledger.commit(entry).await.map_err(stored)?;
            started.push((
                Waiting::Nobody,
                Box::pin(async move { receipt.await.map_err(stored) }),
            ));
        }
        self.machine = Some(machine);
        Ok(gone.by_itself)
    }

    /// Carries a command out in memory, once the account is prepared for it; what must become
    /// durable, such as what was `started` before, goes on beside the next ones.
    pub(super) async fn handle(
        &mut self,
        command: Command,
        mut started: Vec<(Waiting, Work)>,
    ) -> Vec<(Waiting, Work)> {
        let Some(mut machine) = self.machine.take() else {
            refuse(command, &AccountError::ReplyLost);
            return started;
        };
        let mut begun = self.carry_out(&mut machine, command).await;
        if let Some(reply) = begun.after_all.take() {
            begun.work = told_after(reply, std::mem::take(&mut started));
        }
        // A commit that could not even be queued leaves the machine ahead of the disk.
        if begun.in_step {
            self.machine = Some(machine);
        }
        started.extend(begun.work);
        started
    }

    /// Lets the account go on to an instant: what is due until then, each in its session, then the
    /// session and the terms of then. What is done at prices is left to whoever follows them, and
    /// everything that is due after it, until its date is over: then it is done without.
    fn go_on(
        &self,
        machine: &mut Machine,
        terms: &Arc<PaperTerms>,
        (at, mut given): (Timestamp, Option<&PricedJob>),
    ) -> Result<GoneOn, AccountError> {
        let mut gone = GoneOn::default();
        while let Some(job) = machine.next_job(at) {
            let prices = match given.take_if(|given| given.job == job) {
                Some(given) => self.prices_of(given)?,
                None if job.kind.needs_prices() && !job.is_of_an_earlier_date(at) => break,
                None => JobPrices::none(self.day_of(job.at)?, at),
            };
            gone.entries.extend(machine.begin_day(prices.day, job.at));
            let done = machine.do_job(job, &prices)?;
            gone.by_itself |= done.is_some();
            gone.entries.extend(done);
        }
        let session = self.day_of(at)?;
        gone.entries.extend(machine.begin_day(session, at));
        gone.entries.extend(machine.set_terms(terms, at)?);
        Ok(gone)
    }

    /// What a job is done with. At square-off, in its own session, an order closes what is held.
    fn prices_of(&self, priced: &PricedJob) -> Result<JobPrices, AccountError> {
        let PricedJob { job, prices, now } = priced;
        let day = self.day_of(job.at)?;
        let with_ids = prices.iter().map(|(instrument, quote)| {
            let is_of_day = self.day_of(job.at.max(quote.timestamp))? == day;
            let by_order = is_of_day && job.kind == PaperJobKind::SquareOff;
            let id = by_order.then(|| self.tools.ids.make_intent_id());
            let no_id = |error| AccountError::NoId(Arc::new(error));
            Ok(JobPrice {
                instrument: Arc::clone(instrument),
                quote: quote.clone(),
                order: id.transpose().map_err(no_id)?,
            })
        });
        Ok(JobPrices {
            day,
            prices: with_ids.collect::<Result<_, AccountError>>()?,
            now: *now,
        })
    }

    fn day_of(&self, at: Timestamp) -> Result<TradingDay, AccountError> {
        let day = self.tools.settings.day_of(at);
        day.map_err(|error| AccountError::NotLoaded(Arc::new(error)))
    }

    async fn load(&self, terms: &Arc<PaperTerms>) -> Result<Machine, StoreError> {
        let at = self.tools.clock.now();
        let opening = PaperOpening {
            capital: terms.capital,
            day: self.tools.settings.day_of(at)?,
            at,
        };
        let state = self.tools.ledger.load(&self.key, &opening).await?;
        let state = state.as_of(&opening);
        Ok(self.tools.exchange.open(state, Arc::clone(terms)))
    }

    async fn carry_out(&self, machine: &mut Machine, command: Command) -> Begun {
        match command {
            Command::Place(request, reply) => self.place(machine, *request, reply).await,
            Command::Modify(request, reply) => self.modify(machine, &request, reply).await,
            Command::Cancel(request, reply) => {
                let decided = machine.cancel(&request.broker_order_id, request.at);
                self.commit(decided, Waiting::Changed(reply)).await
            }
            Command::Price(instrument, quote, reply) => {
                let ticket = Ticket {
                    instrument: &instrument,
                    quote: Some(&quote),
                };
                let decided = Ok(machine.on_quote(ticket));
                self.commit_any(decided, reply).await
            }
            Command::Reserve(orders, instrument, reply) => {
                let decided = machine.reserve(&orders, &instrument);
                self.commit_any(decided, reply).await
            }
            Command::Release(gtt, at, reply) => {
                let decided = machine.release(&gtt, at);
                self.commit_any(decided, reply).await
            }
            Command::DoJob(_, reply) | Command::GoOn(_, reply) => Begun::done(reply),
            Command::Reset(at, reply) => {
                let decided = machine.reset(at);
                self.commit(decided, Waiting::Done(reply)).await
            }
            Command::Resting(reply) => Begun::told(reply, Ok(machine.resting())),
            Command::Watches(reply) => Begun::told(reply, Ok(machine.watches())),
            Command::Outlook(until, reply) => Begun::told(reply, Ok(outlook(&**machine, until))),
            Command::Wanted(job, reply) => Begun::told(reply, Ok(machine.wanted(job))),
            Command::Day(_, reply) => Begun::told(reply, Ok(Some(machine.day()))),
            Command::Standing(mut standing, reply) => {
                let (instrument, product) = &standing.slot;
                standing.paper = Some(machine.standing(instrument, *product));
                Begun::told(reply, Ok(*standing))
            }
            Command::SeenUntil(watched, at, reply) => {
                machine.seen_until(&watched, at);
                Begun::done(reply)
            }
        }
    }

    async fn place(
        &self,
        machine: &mut Machine,
        request: PlaceRequest,
        reply: Reply<Order>,
    ) -> Begun {
        let PlaceRequest {
            intent,
            instrument,
            quote,
            claims,
            computed,
            counted,
            reserved_for,
            stake: _,
            withdrawal: _,
            laps: _,
        } = request;
        let kept = Kept {
            claims,
            computed,
            counted,
        };
        let waiting = Waiting::Placed(intent.id, reply, kept);
        let ticket = Ticket {
            instrument: &instrument,
            quote: quote.as_ref(),
        };
        let decided = machine.place(intent, ticket, reserved_for.as_ref());
        self.commit(decided, waiting).await
    }

    async fn modify(
        &self,
        machine: &mut Machine,
        request: &ModifyRequest,
        reply: Reply<Order>,
    ) -> Begun {
        let amendment = Amendment {
            quantity: request.asked.quantity,
            kind: request.asked.kind,
            ticket: Ticket {
                instrument: &request.instrument,
                quote: request.quote.as_ref(),
            },
            at: request.at,
        };
        let decided = machine.modify(&request.broker_order_id, amendment);
        self.commit(decided, Waiting::Changed(reply)).await
    }

    /// Hands a decision to the ledger, if it changes anything.
    async fn commit_any(
        &self,
        decided: Result<Option<LedgerEntry>, PaperRefusal>,
        reply: Reply<()>,
    ) -> Begun {
        match decided.transpose() {
            Some(decided) => self.commit(decided, Waiting::Done(reply)).await,
            None => Begun::answered(Waiting::Done(reply), Ok(Vec::new())),
        }
    }

    /// Hands a decision to the ledger; the commit goes on beside the next commands.
    async fn commit(&self, decided: Result<LedgerEntry, PaperRefusal>, waiting: Waiting) -> Begun {
        let stored = |error| AccountError::NotStored(Arc::new(error));
        let entry = match decided {
            Ok(entry) => entry,
            Err(refusal) => return Begun::answered(waiting, Err(refusal.into())),
        };
        match self.tools.ledger.commit(entry).await {
            Ok(receipt) => {
                let work: Work = Box::pin(async move { receipt.await.map_err(stored) });
                Begun {
                    work: Some((waiting, work)),
                    after_all: None,
                    in_step: true,
                }
            }
            Err(error) => {
                waiting.tell(Err(stored(error)));
                Begun {
                    work: None,
                    after_all: None,
                    in_step: false,
                }
            }
        }
    }
}

/// What comes next in an account.
fn outlook(machine: &dyn PaperAccount, until: Timestamp) -> Outlook {
    Outlook {
        watches: machine.watches(),
        stop: machine.next_stop(until),
        last_reset: machine.last_reset(),
        reservations: machine.reservations(),
    }
}
