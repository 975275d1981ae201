//! An account of the paper exchange, driven by a test as the engine drives it.

use super::samples::{money, option, order, price, share, terms};
use chrono::Duration;
use openalgo_brokers::paper::{BROKER_NAME, PaperBroker};
use openalgo_core::id::{BrokerOrderId, UserId};
use openalgo_core::market::{
    Instrument, InstrumentKey, Quote, SessionBoundary, Timestamp, TradingDay,
};
use openalgo_core::order::{
    Execution, NewOrder, OrderIntent, OrderKind, OrderState, Product, Side, TradingMode,
};
use openalgo_core::paper::{
    Amendment, DailyPnl, JobPrice, JobPrices, LedgerEntry, Movement, OrderChange, PaperAccountKey,
    PaperJob, PaperRefusal, PaperState, PaperTerms, Ticket, WorkingOrder,
};
use openalgo_core::port::{Clock, IdSource, PaperAccount, PaperExchange};
use openalgo_core::portfolio::{Funds, Position};
use openalgo_core::testing::{CountingIds, FakeClock};
use openalgo_core::value::{Money, Price, Quantity};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const CAPITAL: &str = "1000000";

/// A market of one share and one option, an account, and the clock that they share.
pub(super) struct World {
    pub(super) account: Box<dyn PaperAccount>,
    pub(super) ids: CountingIds,
    pub(super) clock: FakeClock,
    /// What a ledger would hold after the entries so far.
    pub(super) ledger: PaperState,
    pub(super) trades: Vec<Execution>,
    pub(super) movements: Vec<Movement>,
    pub(super) days: Vec<DailyPnl>,
    /// What was realised before each reset.
    pub(super) before_resets: Money,
    /// What the account did by itself.
    pub(super) done: Vec<PaperJob>,
    pub(super) terms: Arc<PaperTerms>,
    pub(super) ltp: BTreeMap<InstrumentKey, Price>,
}

impl World {
    pub(super) fn new() -> Self {
        let clock = FakeClock::at("2026-11-25T10:30:00+05:30");
        let key = PaperAccountKey {
            user: UserId::new(1),
            broker: BROKER_NAME.parse().unwrap(),
        };
        let ledger = PaperState {
            key,
            version: 0,
            trading_day: SessionBoundary::default().day_of(clock.now()),
            jobs_until: clock.now(),
            last_order_number: 0,
            funds: Funds::opening(money(CAPITAL)),
            positions: Vec::new(),
            holdings: Vec::new(),
            orders: Vec::new(),
            reservations: Vec::new(),
        };
        let account = PaperBroker.open(ledger.clone(), terms());
        let (ids, trades, movements) = (CountingIds::default(), Vec::new(), Vec::new());
        Self {
            account,
            ids,
            clock,
            ledger,
            trades,
            movements,
            days: Vec::new(),
            before_resets: Money::ZERO,
            done: Vec::new(),
            terms: terms(),
            ltp: BTreeMap::new(),
        }
    }

    pub(super) fn quote(&self, instrument: &Instrument, ltp: Price) -> Quote {
        let step = |ticks| instrument.tick.steps_from(ltp, ticks).ok();
        Quote {
            instrument: instrument.key.clone(),
            ltp,
            open: ltp,
            high: ltp,
            low: ltp,
            prev_close: ltp,
            volume: 0,
            bid: step(-1),
            ask: step(1),
            bid_quantity: Quantity::ONE,
            ask_quantity: Quantity::ONE,
            oi: None,
            timestamp: self.clock.now(),
        }
    }

    pub(super) fn intent(&self, order: NewOrder) -> OrderIntent {
        let at = self.clock.now();
        OrderIntent {
            id: self.ids.make_intent_id().unwrap(),
            user: self.ledger.key.user,
            broker: self.ledger.key.broker.clone(),
            mode: TradingMode::Paper,
            token: None,
            request: None,
            ltp: None,
            trading_day: SessionBoundary::default().day_of(at),
            order,
            at,
        }
    }

    /// Places an order at a price and keeps what the ledger would keep.
    pub(super) fn place(
        &mut self,
        instrument: &Instrument,
        order: NewOrder,
        ltp: &str,
    ) -> Result<LedgerEntry, PaperRefusal> {
        let (quote, intent) = self.asked(instrument, order, ltp);
        let ticket = Ticket {
            instrument,
            quote: Some(&quote),
        };
        let entry = self.account.place(intent, ticket, None)?;
        self.keep(&entry);
        Ok(entry)
    }

    /// Places an intraday order for shares, which is taken.
    pub(super) fn shares(
        &mut self,
        (side, quantity): (Side, i64),
        kind: OrderKind,
        ltp: &str,
    ) -> LedgerEntry {
        let share = share();
        let placed = self.place(&share, order(&share, side, quantity, kind), ltp);
        placed.unwrap()
    }

    /// An order that is asked for, and its market.
    pub(super) fn asked(
        &mut self,
        instrument: &Instrument,
        order: NewOrder,
        ltp: &str,
    ) -> (Quote, OrderIntent) {
        self.ltp.insert(instrument.key.clone(), price(ltp));
        (self.quote(instrument, price(ltp)), self.intent(order))
    }

    /// Places an order while the last price lies outside its own day's range.
    pub(super) fn place_unpriced(
        &mut self,
        instrument: &Instrument,
        order: NewOrder,
    ) -> Result<LedgerEntry, PaperRefusal> {
        self.ltp.insert(instrument.key.clone(), price("1480"));
        let quote = self.incoherent_quote(instrument);
        let intent = self.intent(order);
        let ticket = Ticket {
            instrument,
            quote: Some(&quote),
        };
        let entry = self.account.place(intent, ticket, None)?;
        self.keep(&entry);
        Ok(entry)
    }

    pub(super) fn incoherent_quote(&self, instrument: &Instrument) -> Quote {
        Quote {
            low: price("1495"),
            high: price("1505"),
            ..self.quote(instrument, price("1480"))
        }
    }

    pub(super) fn next_day(&mut self) -> LedgerEntry {
        self.clock.advance(Duration::days(1));
        let begun = self.go_on();
        let (at, day) = (self.clock.now(), self.session());
        assert!(
            self.account.begin_day(day, at).is_none(),
            "a session begins once"
        );
        begun.unwrap()
    }

    /// The session of now.
    pub(super) fn session(&self) -> TradingDay {
        SessionBoundary::default().day_of(self.clock.now())
    }

    /// Moves the clock, and does what is due until then.
    pub(super) fn go_on_to(&mut self, local: &str) {
        let at = Timestamp::of_ist(local.parse().unwrap());
        self.clock.advance(at.since(self.clock.now()));
        self.go_on();
    }

    /// Does what is due by now at the last prices; gives the entry that began the session.
    fn go_on(&mut self) -> Option<LedgerEntry> {
        let (at, mut begun) = (self.clock.now(), None);
        while let Some(job) = self.account.next_job(at) {
            let session = SessionBoundary::default().day_of(job.at);
            begun = self.begin(session, job.at).or(begun);
            let prices = self.prices(job, session);
            self.done.push(job);
            let entry = self.account.do_job(job, &prices).unwrap().unwrap();
            assert_eq!(
                entry.jobs_until,
                job.done(),
                "that it is done is part of it"
            );
            self.keep(&entry);
        }
        self.begin(self.session(), at).or(begun)
    }

    fn begin(&mut self, session: TradingDay, at: Timestamp) -> Option<LedgerEntry> {
        let entry = self.account.begin_day(session, at)?;
        self.keep(&entry);
        Some(entry)
    }

    /// Prices of what a job needs, as they were last.
    pub(super) fn prices(&self, job: PaperJob, day: TradingDay) -> JobPrices {
        let wanted = self.account.wanted(job).into_iter();
        let prices = wanted.map(|key| {
            let instrument = [share(), option()].into_iter().find(|it| it.key == key);
            let instrument = instrument.unwrap();
            let quote = Quote {
                timestamp: job.at,
                ..self.quote(&instrument, self.ltp[&key])
            };
            JobPrice {
                instrument: Arc::new(instrument),
                quote,
                order: Some(self.ids.make_intent_id().unwrap()),
            }
        });
        JobPrices {
            prices: prices.collect(),
            ..JobPrices::none(day, job.at)
        }
    }

    pub(super) fn tick(&mut self, instrument: &Instrument, ltp: &str) -> Option<LedgerEntry> {
        self.clock.advance(Duration::seconds(1));
        self.ltp.insert(instrument.key.clone(), price(ltp));
        let quote = self.quote(instrument, price(ltp));
        let entry = self.account.on_quote(Ticket {
            instrument,
            quote: Some(&quote),
        });
        if let Some(entry) = &entry {
            self.keep(entry);
        }
        entry
    }

    pub(super) fn cancel(&mut self, id: &BrokerOrderId) -> Result<LedgerEntry, PaperRefusal> {
        let entry = self.account.cancel(id, self.clock.now())?;
        self.keep(&entry);
        Ok(entry)
    }

    pub(super) fn modify(
        &mut self,
        instrument: &Instrument,
        id: &BrokerOrderId,
        (quantity, kind): (i64, OrderKind),
    ) -> Result<LedgerEntry, PaperRefusal> {
        self.clock.advance(Duration::seconds(1));
        let quote = self.quote(instrument, self.ltp[&instrument.key]);
        let amendment = Amendment {
            quantity: Quantity::try_new(quantity).unwrap(),
            kind,
            ticket: Ticket {
                instrument,
                quote: Some(&quote),
            },
            at: self.clock.now(),
        };
        let entry = self.account.modify(id, amendment)?;
        self.keep(&entry);
        Ok(entry)
    }

    /// What a ledger does with an entry.
    pub(super) fn keep(&mut self, entry: &LedgerEntry) {
        assert_eq!(
            entry.version,
            self.ledger.version + 1,
            "entries are numbered without a gap"
        );
        self.ledger.version = entry.version;
        if entry.starts_anew {
            let earned = self.ledger.funds.realized_pnl;
            self.before_resets = self.before_resets.plus(earned).unwrap();
        }
        self.ledger.funds = entry.funds.clone();
        self.ledger.last_order_number = entry.last_order_number;
        self.ledger.trading_day = entry.trading_day;
        self.ledger.jobs_until = entry.jobs_until;
        self.days.extend(entry.daily.clone());
        self.movements.extend(entry.movements.iter().cloned());
        if entry.starts_anew {
            self.ledger.positions.clear();
            self.ledger.holdings.clear();
            self.ledger.reservations.clear();
        }
        for reservation in &entry.reservations {
            let known = &mut self.ledger.reservations;
            known.retain(|it| it.gtt != reservation.gtt);
            if !reservation.margin.is_zero() {
                known.push(reservation.clone());
            }
        }
        for position in &entry.positions {
            self.ledger
                .positions
                .retain(|known| known.key != position.key);
            self.ledger.positions.push(position.clone());
        }
        for holding in &entry.holdings {
            let holdings = &mut self.ledger.holdings;
            holdings.retain(|known| known.key != holding.key);
            if !holding.quantity.is_zero() {
                holdings.push(holding.clone());
            }
        }
        for change in &entry.orders {
            self.keep_order(change);
        }
    }

    pub(super) fn keep_order(&mut self, change: &OrderChange) {
        let known = self
            .ledger
            .orders
            .iter()
            .position(|o| o.intent.id == change.intent);
        let mut working = match (known, &change.placed) {
            (Some(at), None) => self.ledger.orders.remove(at),
            (None, Some(intent)) => WorkingOrder {
                intent: intent.clone(),
                state: OrderState::Planned,
                updated_at: intent.at,
                margin: Money::ZERO,
            },
            other => panic!("an order is placed once and known afterwards: {other:?}"),
        };
        for event in &change.events {
            working.intent.amend(&event.kind);
            let ordered = working.intent.order.quantity;
            working.state = working.state.clone().after(event, ordered).unwrap();
            working.updated_at = event.at;
        }
        working.margin = change.margin;
        if working.state.status().is_final() {
            assert!(
                working.margin.is_zero(),
                "an order that is over reserves nothing"
            );
        } else {
            self.ledger.orders.push(working);
        }
        self.trades.extend(change.trades.iter().cloned());
    }

    pub(super) fn position(&self, instrument: &Instrument, product: Product) -> &Position {
        let held = self.ledger.positions.iter();
        held.into_iter()
            .find(|p| p.key.instrument == instrument.key && p.key.product == product)
            .unwrap()
    }

    pub(super) fn reset(&mut self) -> LedgerEntry {
        let entry = self.account.reset(self.clock.now()).unwrap();
        self.keep(&entry);
        entry
    }

    pub(super) fn change_terms(&mut self, terms: PaperTerms) -> Option<LedgerEntry> {
        self.terms = Arc::new(terms);
        let changed = self.account.set_terms(&self.terms, self.clock.now());
        let entry = changed.unwrap();
        if let Some(entry) = &entry {
            self.keep(entry);
        }
        entry
    }
}
