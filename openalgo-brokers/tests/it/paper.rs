//! The paper exchange: what fills, what it costs, and that nothing is ever lost or made up.

use chrono::Duration;
use openalgo_brokers::paper::{BROKER_NAME, PaperBroker};
use openalgo_core::id::{BrokerOrderId, UserId};
use openalgo_core::market::{
    Exchange, Instrument, InstrumentKey, InstrumentKind, Quote, SessionBoundary, Symbol, Timestamp,
};
use openalgo_core::order::{
    Executed, Execution, NewOrder, OrderEventKind, OrderIntent, OrderKind, OrderState, OrderStatus,
    Outcome, PriceType, Product, Side, TradingMode,
};
use openalgo_core::paper::{
    Amendment, LedgerEntry, Movement, OrderChange, PaperAccountKey, PaperRefusal, PaperState,
    PaperTerms, ResetDay, Ticket, WeeklyReset, WorkingOrder,
};
use openalgo_core::port::{Clock, IdSource, PaperAccount, PaperExchange};
use openalgo_core::portfolio::{Funds, Position};
use openalgo_core::testing::{CountingIds, FakeClock};
use openalgo_core::value::{Money, NetQuantity, Price, Quantity, Tick};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const CAPITAL: &str = "1000000";

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

/// A market of one share and one option, an account, and the clock that they share.
struct World {
    account: Box<dyn PaperAccount>,
    ids: CountingIds,
    clock: FakeClock,
    /// What a ledger would hold after the entries so far.
    ledger: PaperState,
    trades: Vec<Execution>,
    movements: Vec<Movement>,
    terms: Arc<PaperTerms>,
    ltp: BTreeMap<InstrumentKey, Price>,
}

fn share() -> Instrument {
    instrument(Exchange::Nse, "RELIANCE", InstrumentKind::Equity, 1)
}

fn option() -> Instrument {
    instrument(
        Exchange::Nfo,
        "NIFTY24NOV2626000CE",
        InstrumentKind::Call,
        65,
    )
}

fn instrument(exchange: Exchange, symbol: &str, kind: InstrumentKind, lot: i64) -> Instrument {
    Instrument {
        key: InstrumentKey::new(exchange, Symbol::try_new(symbol).unwrap()),
        name: symbol.into(),
        kind,
        expiry: None,
        strike: None,
        lot_size: Quantity::try_new(lot).unwrap(),
        tick: Tick::try_new(price("0.05")).unwrap(),
        token: None,
        freeze_quantity: None,
    }
}

fn terms() -> Arc<PaperTerms> {
    Arc::new(PaperTerms::with_capital(money(CAPITAL)))
}

impl World {
    fn new() -> Self {
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
            terms: terms(),
            ltp: BTreeMap::new(),
        }
    }

    fn quote(&self, instrument: &Instrument, ltp: Price) -> Quote {
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

    fn intent(&self, order: NewOrder) -> OrderIntent {
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
    fn place(
        &mut self,
        instrument: &Instrument,
        order: NewOrder,
        ltp: &str,
    ) -> Result<LedgerEntry, PaperRefusal> {
        self.ltp.insert(instrument.key.clone(), price(ltp));
        let quote = self.quote(instrument, price(ltp));
        let intent = self.intent(order);
        let entry = self.account.place(
            intent,
            Ticket {
                instrument,
                quote: &quote,
            },
        )?;
        self.keep(&entry);
        Ok(entry)
    }

    /// Places an order while the last price lies outside its own day's range.
    fn place_unpriced(
        &mut self,
        instrument: &Instrument,
        order: NewOrder,
    ) -> Result<LedgerEntry, PaperRefusal> {
        self.ltp.insert(instrument.key.clone(), price("1480"));
        let quote = self.incoherent_quote(instrument);
        let intent = self.intent(order);
        let ticket = Ticket {
            instrument,
            quote: &quote,
        };
        let entry = self.account.place(intent, ticket)?;
        self.keep(&entry);
        Ok(entry)
    }

    fn incoherent_quote(&self, instrument: &Instrument) -> Quote {
        Quote {
            low: price("1495"),
            high: price("1505"),
            ..self.quote(instrument, price("1480"))
        }
    }

    fn next_day(&mut self) -> LedgerEntry {
        self.clock.advance(Duration::days(1));
        let at = self.clock.now();
        let day = SessionBoundary::default().day_of(at);
        let mut begun = None;
        while let Some(job) = self.account.next_job(at) {
            let session = SessionBoundary::default().day_of(job.at);
            if let Some(entry) = self.account.begin_day(session, job.at) {
                self.keep(&entry);
                begun = Some(entry);
            }
            let entry = self.account.do_job(job).unwrap();
            assert_eq!(entry.jobs_until, job.at, "that it is done is part of it");
            self.keep(&entry);
        }
        if let Some(entry) = self.account.begin_day(day, at) {
            self.keep(&entry);
            begun = Some(entry);
        }
        assert!(
            self.account.begin_day(day, at).is_none(),
            "a session begins once"
        );
        begun.unwrap()
    }

    fn tick(&mut self, instrument: &Instrument, ltp: &str) -> Option<LedgerEntry> {
        self.clock.advance(Duration::seconds(1));
        self.ltp.insert(instrument.key.clone(), price(ltp));
        let quote = self.quote(instrument, price(ltp));
        let entry = self.account.on_quote(Ticket {
            instrument,
            quote: &quote,
        });
        if let Some(entry) = &entry {
            self.keep(entry);
        }
        entry
    }

    fn cancel(&mut self, id: &BrokerOrderId) -> Result<LedgerEntry, PaperRefusal> {
        let entry = self.account.cancel(id, self.clock.now())?;
        self.keep(&entry);
        Ok(entry)
    }

    fn modify(
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
                quote: &quote,
            },
            at: self.clock.now(),
        };
        let entry = self.account.modify(id, amendment)?;
        self.keep(&entry);
        Ok(entry)
    }

    /// What a ledger does with an entry.
    fn keep(&mut self, entry: &LedgerEntry) {
        assert_eq!(
            entry.version,
            self.ledger.version + 1,
            "entries are numbered without a gap"
        );
        self.ledger.version = entry.version;
        self.ledger.funds = entry.funds.clone();
        self.ledger.last_order_number = entry.last_order_number;
        self.ledger.trading_day = entry.trading_day;
        self.ledger.jobs_until = entry.jobs_until;
        self.movements.extend(entry.movements.iter().cloned());
        if entry.starts_anew {
            self.ledger.positions.clear();
            self.ledger.holdings.clear();
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

    fn keep_order(&mut self, change: &OrderChange) {
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

    fn position(&self, instrument: &Instrument, product: Product) -> &Position {
        let held = self.ledger.positions.iter();
        held.into_iter()
            .find(|p| p.key.instrument == instrument.key && p.key.product == product)
            .unwrap()
    }

    /// What must be true at every moment.
    fn check(&self) {
        let funds = &self.ledger.funds;
        let sum = |amounts: Vec<Money>| {
            amounts
                .into_iter()
                .fold(Money::ZERO, |sum, amount| sum.plus(amount).unwrap())
        };
        let paid = self.ledger.holdings.iter().map(|holding| holding.paid);
        let kept = funds.available.plus(funds.used_margin).unwrap();
        assert_eq!(
            kept.plus(sum(paid.collect())).unwrap(),
            funds.total_capital.plus(funds.realized_pnl).unwrap(),
            "cash, reserve and what was paid for holdings are the capital and what was earned"
        );
        let reserved = self.ledger.positions.iter().map(|position| position.margin);
        let waiting = self.ledger.orders.iter().map(|order| order.margin);
        assert_eq!(funds.used_margin, sum(reserved.chain(waiting).collect()));
        let earned = self
            .ledger
            .positions
            .iter()
            .map(|position| position.realized_pnl);
        assert_eq!(funds.realized_pnl, sum(earned.collect()));
        let today = self.ledger.positions.iter().map(|p| p.today_realized_pnl);
        assert_eq!(funds.today_realized_pnl, sum(today.collect()));
        for position in &self.ledger.positions {
            self.check_position(position);
        }
    }

    fn reset(&mut self) -> LedgerEntry {
        let entry = self.account.reset(self.clock.now()).unwrap();
        self.keep(&entry);
        entry
    }

    fn change_terms(&mut self, terms: PaperTerms) -> Option<LedgerEntry> {
        self.terms = Arc::new(terms);
        let changed = self.account.set_terms(&self.terms, self.clock.now());
        let entry = changed.unwrap();
        if let Some(entry) = &entry {
            self.keep(entry);
        }
        entry
    }

    /// A position is the sum of its fills, and its profit is what they cost and it is worth.
    fn check_position(&self, position: &Position) {
        let (mut net, mut cash) = (NetQuantity::FLAT, Money::ZERO);
        let key = &position.key;
        let fills = self.trades.iter();
        for fill in fills.filter(|f| f.instrument == key.instrument && f.product == key.product) {
            let units = NetQuantity::from(fill.quantity);
            let value = fill.value().unwrap();
            let (units, flow) = match fill.side {
                Side::Buy => (units, value.negated()),
                Side::Sell => (units.negated(), value),
            };
            net = net.plus(units).unwrap();
            cash = cash.plus(flow).unwrap();
        }
        let moved = self.movements.iter();
        for it in moved.filter(|it| it.instrument == key.instrument && it.product == key.product) {
            net = net.plus(it.units).unwrap();
            cash = cash.plus(it.cash).unwrap();
        }
        assert_eq!(position.quantity, net);
        let ltp = self.ltp[&key.instrument];
        let worth = ltp.times(net.size()).unwrap();
        let worth = if net.is_short() {
            worth.negated()
        } else {
            worth
        };
        let marked = position.clone().marked_at(ltp).unwrap();
        let profit = position.realized_pnl.plus(marked.unrealized_pnl).unwrap();
        assert_eq!(profit, cash.plus(worth).unwrap());
    }
}

fn order(instrument: &Instrument, side: Side, quantity: i64, kind: OrderKind) -> NewOrder {
    let quantity = Quantity::try_new(quantity).unwrap();
    NewOrder {
        kind,
        ..NewOrder::market(instrument.key.clone(), side, quantity)
    }
}

fn limit(text: &str) -> OrderKind {
    OrderKind::Limit { price: price(text) }
}

fn stop(trigger: &str) -> OrderKind {
    OrderKind::StopMarket {
        trigger: price(trigger),
    }
}

fn status(entry: &LedgerEntry, world: &World) -> OrderStatus {
    let id = entry.orders[0].intent;
    let working = world
        .ledger
        .orders
        .iter()
        .find(|order| order.intent.id == id);
    match (
        working,
        entry.orders[0].events.last().map(|event| &event.kind),
    ) {
        (Some(working), _) => working.state.status(),
        (None, Some(OrderEventKind::Filled { .. })) => OrderStatus::Complete,
        (None, Some(OrderEventKind::Cancelled { .. })) => OrderStatus::Cancelled,
        (None, _) => OrderStatus::Rejected,
    }
}

fn id(entry: &LedgerEntry) -> BrokerOrderId {
    entry.orders[0]
        .events
        .iter()
        .find_map(|event| match &event.kind {
            OrderEventKind::Accepted {
                broker_order_id, ..
            } => Some(broker_order_id.clone()),
            _ => None,
        })
        .unwrap()
}

#[test]
fn a_market_order_meets_the_offer_and_reserves_a_fifth_intraday() {
    let mut world = World::new();
    let share = share();
    let entry = world
        .place(
            &share,
            order(&share, Side::Buy, 10, OrderKind::Market),
            "1500",
        )
        .unwrap();
    assert_eq!(status(&entry, &world), OrderStatus::Complete);
    assert_eq!(world.trades[0].price, price("1500.05"));
    assert_eq!(
        world.trades[0].broker_trade_id.as_ref().unwrap().as_str(),
        "TRADE-20261125-103000-17bfcc8a2d40"
    );
    let held = world.position(&share, Product::Mis);
    assert_eq!(held.average_price().unwrap(), price("1500.05"));
    assert_eq!(held.margin, money("3000.1"));
    assert_eq!(world.ledger.funds.available, money("996999.9"));
    world.check();
}

#[test]
fn a_limit_order_rests_until_its_price_and_fills_at_its_limit() {
    let mut world = World::new();
    let share = share();
    let entry = world
        .place(&share, order(&share, Side::Buy, 10, limit("1490")), "1500")
        .unwrap();
    assert_eq!(status(&entry, &world), OrderStatus::Open);
    assert_eq!(world.ledger.funds.used_margin, money("2980"));
    assert!(world.tick(&share, "1490.05").is_none());
    let entry = world.tick(&share, "1485").unwrap();
    assert_eq!(status(&entry, &world), OrderStatus::Complete);
    assert_eq!(world.trades[0].price, price("1490"));
    world.check();
}

#[test]
fn a_marketable_limit_order_gets_the_better_price() {
    let mut world = World::new();
    let share = share();
    world
        .place(&share, order(&share, Side::Buy, 10, limit("1510")), "1500")
        .unwrap();
    assert_eq!(world.trades[0].price, price("1500"));
    world.check();
}

#[test]
fn a_stop_order_waits_for_its_trigger_and_a_stop_limit_for_its_limit_too() {
    let mut world = World::new();
    let share = share();
    let entry = world
        .place(&share, order(&share, Side::Buy, 1, stop("1510")), "1500")
        .unwrap();
    assert_eq!(status(&entry, &world), OrderStatus::TriggerPending);
    let kind = OrderKind::StopLimit {
        trigger: price("1510"),
        price: price("1512"),
    };
    world
        .place(&share, order(&share, Side::Buy, 2, kind), "1500")
        .unwrap();
    assert!(world.tick(&share, "1509.95").is_none());
    let entry = world.tick(&share, "1520").unwrap();
    assert_eq!(world.trades.len(), 1, "the stop at the market fills");
    assert_eq!(world.trades[0].price, price("1520"));
    assert_eq!(entry.orders.len(), 2, "the stop with a limit opens");
    assert_eq!(world.ledger.orders[0].state.status(), OrderStatus::Open);
    world.tick(&share, "1511").unwrap();
    assert_eq!(world.trades[1].price, price("1511"));
    world.check();
}

#[test]
fn closing_realises_the_profit_and_releases_the_margin() {
    let mut world = World::new();
    let share = share();
    world
        .place(
            &share,
            order(&share, Side::Buy, 10, OrderKind::Market),
            "1500",
        )
        .unwrap();
    world
        .place(&share, order(&share, Side::Sell, 4, limit("1510")), "1510")
        .unwrap();
    let held = world.position(&share, Product::Mis);
    assert_eq!(held.quantity.get(), 6);
    assert_eq!(held.realized_pnl, money("39.8"));
    assert_eq!(held.margin, money("1800.06"));
    world
        .place(&share, order(&share, Side::Sell, 6, limit("1490")), "1490")
        .unwrap();
    assert!(world.position(&share, Product::Mis).quantity.is_flat());
    assert_eq!(world.ledger.funds.used_margin, Money::ZERO);
    assert_eq!(world.ledger.funds.realized_pnl, money("-20.5"));
    assert_eq!(world.ledger.funds.today_realized_pnl, money("-20.5"));
    world.check();
}

#[test]
fn an_order_through_zero_turns_the_position_and_reserves_the_rest() {
    let mut world = World::new();
    let share = share();
    world
        .place(&share, order(&share, Side::Buy, 10, limit("1500")), "1500")
        .unwrap();
    world
        .place(&share, order(&share, Side::Sell, 15, limit("1500")), "1500")
        .unwrap();
    let held = world.position(&share, Product::Mis);
    assert_eq!(held.quantity.get(), -5);
    assert_eq!(held.margin, money("1500"));
    world.check();
}

#[test]
fn exits_that_wait_are_counted_so_that_together_they_do_not_reverse_for_free() {
    let mut world = World::new();
    let share = share();
    world
        .place(&share, order(&share, Side::Buy, 10, limit("1500")), "1500")
        .unwrap();
    let before = world.ledger.funds.used_margin;
    world
        .place(&share, order(&share, Side::Sell, 10, limit("1550")), "1500")
        .unwrap();
    assert_eq!(
        world.ledger.funds.used_margin, before,
        "the first exit reserves nothing"
    );
    world
        .place(&share, order(&share, Side::Sell, 10, limit("1560")), "1500")
        .unwrap();
    assert_eq!(
        world.ledger.funds.used_margin,
        before.plus(money("3120")).unwrap()
    );
    world.check();
}

/// An exit that rests while its position is closed otherwise would open the other side; it must
/// be able to pay for that.
#[test]
fn an_exit_whose_position_is_gone_pays_for_what_it_opens_or_is_rejected() {
    let mut world = World::new();
    let share = share();
    world
        .place(
            &share,
            order(&share, Side::Buy, 1_500, limit("1500")),
            "1500",
        )
        .unwrap();
    world
        .place(
            &share,
            order(&share, Side::Sell, 1_500, limit("1510")),
            "1500",
        )
        .unwrap();
    world
        .place(
            &share,
            order(&share, Side::Sell, 1_500, limit("1500")),
            "1500",
        )
        .unwrap();
    assert!(world.position(&share, Product::Mis).quantity.is_flat());
    let option = option();
    world
        .place(
            &option,
            order(&option, Side::Buy, 9_945, limit("100")),
            "100",
        )
        .unwrap();
    world.check();
    let entry = world.tick(&share, "1510").unwrap();
    assert_eq!(status(&entry, &world), OrderStatus::Rejected);
    assert!(world.position(&share, Product::Mis).quantity.is_flat());
    world.check();
}

#[test]
fn an_order_that_is_too_dear_is_refused_without_a_trace() {
    let mut world = World::new();
    let share = share();
    let refused = world.place(
        &share,
        order(&share, Side::Buy, 10_000, limit("1500")),
        "1500",
    );
    let refused = refused.unwrap_err().to_string();
    assert_eq!(
        refused,
        "Insufficient funds. Required: ₹3000000.00, Available: ₹1000000.00, Shortage: ₹2000000.00"
    );
    assert_eq!(world.ledger.version, 0);
    let entry = world
        .place(&share, order(&share, Side::Buy, 1, limit("1400")), "1500")
        .unwrap();
    assert_eq!(entry.version, 1, "the refused order took no number");
}

#[test]
fn delivery_without_shares_is_stored_as_rejected() {
    let mut world = World::new();
    let share = share();
    let sale = |quantity| NewOrder {
        product: Product::Cnc,
        ..order(&share, Side::Sell, quantity, OrderKind::Market)
    };
    let entry = world.place(&share, sale(1), "1500").unwrap();
    assert_eq!(status(&entry, &world), OrderStatus::Rejected);
    let bought = NewOrder {
        product: Product::Cnc,
        ..order(&share, Side::Buy, 3, OrderKind::Market)
    };
    world.place(&share, bought, "1500").unwrap();
    let entry = world.place(&share, sale(4), "1500").unwrap();
    let OrderEventKind::Rejected { reason, .. } = &entry.orders[0].events[0].kind else {
        panic!("{entry:?}");
    };
    assert_eq!(
        reason,
        "Cannot sell 4 shares of RELIANCE in CNC. Only 3 shares available (Position: 3, Holdings: 0)"
    );
    world.place(&share, sale(3), "1500").unwrap();
    world.check();
}

#[test]
fn cancelling_releases_exactly_what_was_reserved() {
    let mut world = World::new();
    let share = share();
    let entry = world
        .place(&share, order(&share, Side::Buy, 10, limit("1490")), "1500")
        .unwrap();
    let cancelled = world.cancel(&id(&entry)).unwrap();
    assert_eq!(status(&cancelled, &world), OrderStatus::Cancelled);
    assert_eq!(world.ledger.funds, Funds::opening(money(CAPITAL)));
    assert_eq!(
        world.cancel(&id(&entry)).unwrap_err(),
        PaperRefusal::UnknownOrder(id(&entry))
    );
}

#[test]
fn leverage_depends_on_what_is_traded() {
    let mut world = World::new();
    let option = option();
    world
        .place(&option, order(&option, Side::Buy, 65, limit("100")), "100")
        .unwrap();
    assert_eq!(world.ledger.funds.used_margin, money("6500"));
    let share = share();
    let bought = NewOrder {
        product: Product::Cnc,
        ..order(&share, Side::Buy, 1, limit("1500"))
    };
    world.place(&share, bought, "1500").unwrap();
    assert_eq!(world.ledger.funds.used_margin, money("8000"));
    world.check();
}

#[test]
fn a_quote_of_two_days_at_once_fills_nothing_and_counts_as_seen() {
    let mut world = World::new();
    let share = share();
    world
        .place(&share, order(&share, Side::Buy, 1, limit("1490")), "1500")
        .unwrap();
    world.clock.advance(Duration::seconds(1));
    let quote = world.incoherent_quote(&share);
    let ticket = Ticket {
        instrument: &share,
        quote: &quote,
    };
    assert!(world.account.on_quote(ticket).is_none());
    assert_eq!(world.account.watches()[0].seen, quote.timestamp);
}

#[test]
fn an_order_that_arrives_at_a_quote_of_two_days_does_not_fill() {
    let mut world = World::new();
    let share = share();
    let market = order(&share, Side::Buy, 1, OrderKind::Market);
    assert_eq!(
        world
            .place_unpriced(&share, market)
            .unwrap_err()
            .to_string(),
        "Cannot place MARKET order for RELIANCE - unable to fetch current price. \
         Please try again later or use LIMIT order with a specific price."
    );
    let marketable = order(&share, Side::Buy, 1, limit("1490"));
    let entry = world.place_unpriced(&share, marketable).unwrap();
    assert_eq!(status(&entry, &world), OrderStatus::Open);
    let triggered = order(&share, Side::Buy, 1, stop("1470"));
    let entry = world.place_unpriced(&share, triggered).unwrap();
    assert_eq!(status(&entry, &world), OrderStatus::TriggerPending);
    assert!(world.trades.is_empty());
    world.check();
    world.tick(&share, "1480").unwrap();
    assert_eq!(world.trades.len(), 2);
    world.check();
}

#[test]
fn a_step_that_does_not_fit_the_order_changes_nothing() {
    let mut world = World::new();
    let share = share();
    let entry = world
        .place(&share, order(&share, Side::Buy, 1, limit("1490")), "1500")
        .unwrap();
    let id = id(&entry);
    // A ledger that hands out an order that is over, against its contract.
    let mut broken = world.ledger.clone();
    broken.orders[0].state = OrderState::Closed {
        broker_order_id: Some(id.clone()),
        outcome: Outcome::Cancelled {
            executed: Executed::default(),
            reason: None,
        },
    };
    world.account = PaperBroker.open(broken, terms());
    assert!(matches!(
        world.cancel(&id),
        Err(PaperRefusal::Transition(_))
    ));
    assert!(world.tick(&share, "1480").is_none());
    let entry = world
        .place(&share, order(&share, Side::Buy, 1, limit("1400")), "1500")
        .unwrap();
    assert_eq!(entry.version, 2, "nothing was decided in between");
    world.check();
}

#[test]
fn a_new_session_starts_todays_figures_from_zero_and_keeps_the_rest() {
    let mut world = World::new();
    let share = share();
    world
        .place(&share, order(&share, Side::Buy, 10, limit("1500")), "1500")
        .unwrap();
    world
        .place(&share, order(&share, Side::Sell, 4, limit("1510")), "1510")
        .unwrap();
    world.next_day();
    assert_eq!(world.ledger.funds.today_realized_pnl, Money::ZERO);
    assert_eq!(world.ledger.funds.realized_pnl, money("40"));
    let held = world.position(&share, Product::Mis);
    assert!(held.day_buy.quantity.is_zero() && held.today_realized_pnl.is_zero());
    world.check();
}

#[test]
fn a_position_that_is_opened_again_goes_on_from_what_it_earned() {
    let mut world = World::new();
    let share = share();
    world
        .place(&share, order(&share, Side::Buy, 10, limit("1500")), "1500")
        .unwrap();
    world
        .place(&share, order(&share, Side::Sell, 10, limit("1510")), "1510")
        .unwrap();
    assert_eq!(world.next_day().positions.len(), 1, "its day starts anew");
    world.check();
    let quiet = world.next_day();
    assert!(quiet.positions.is_empty(), "nothing happened to it");
    world
        .place(&share, order(&share, Side::Buy, 1, limit("1500")), "1500")
        .unwrap();
    let held = world.position(&share, Product::Mis);
    assert_eq!(held.realized_pnl, money("100"));
    assert_eq!(held.today_realized_pnl, Money::ZERO);
    world.check();
}

#[derive(Debug, Clone)]
enum Step {
    Place {
        option: bool,
        buy: bool,
        lots: i64,
        kind: u8,
        offset: i64,
        delivery: bool,
    },
    Cancel(usize),
    Tick {
        option: bool,
        offset: i64,
    },
    Reopen,
    NextDay,
    Reset,
    Terms {
        capital: usize,
        leverage: u8,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = (
        any::<bool>(),
        any::<bool>(),
        1..40_i64,
        0..4_u8,
        -40..40_i64,
        any::<bool>(),
    )
        .prop_map(|(option, buy, lots, kind, offset, delivery)| Step::Place {
            option,
            buy,
            lots,
            kind,
            offset,
            delivery,
        });
    let tick =
        (any::<bool>(), -60..60_i64).prop_map(|(option, offset)| Step::Tick { option, offset });
    let step = prop_oneof![
        4 => place,
        1 => (0..10_usize).prop_map(Step::Cancel),
        4 => tick,
        1 => Just(Step::Reopen),
        1 => Just(Step::NextDay),
        1 => Just(Step::Reset),
        1 => ((0..2_usize), 1..4_u8).prop_map(|(capital, leverage)| Step::Terms {
            capital,
            leverage,
        }),
    ];
    prop::collection::vec(step, 1..60)
}

fn near(base: i64, offset: i64) -> String {
    let hundredths = base * 100 + offset * 5;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn kind_of(kind: u8, near_price: &str) -> OrderKind {
    let (price, trigger) = (Some(price(near_price)), Some(price(near_price)));
    let price_type = PriceType::ALL[usize::from(kind)];
    OrderKind::from_parts(price_type, price, trigger).unwrap()
}

impl World {
    fn place_step(&mut self, step: &Step) {
        let Step::Place {
            option: is_option,
            buy,
            lots,
            kind,
            offset,
            delivery,
        } = *step
        else {
            return;
        };
        let instrument = if is_option { option() } else { share() };
        let base = if is_option { 100 } else { 1_500 };
        let side = if buy { Side::Buy } else { Side::Sell };
        let quantity = lots * instrument.lot_size.get();
        let kind = kind_of(kind, &near(base, offset));
        let mut order = order(&instrument, side, quantity, kind);
        if delivery && !is_option {
            order.product = Product::Cnc;
        }
        let ltp = self
            .ltp
            .get(&instrument.key)
            .map_or(near(base, 0), ToString::to_string);
        let _taken_or_refused = self.place(&instrument, order, &ltp);
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Place { .. } => self.place_step(step),
            Step::Cancel(at) => {
                let id = self
                    .ledger
                    .orders
                    .get(*at)
                    .and_then(|o| o.state.broker_order_id())
                    .cloned();
                if let Some(id) = id {
                    self.cancel(&id).unwrap();
                }
            }
            Step::Tick {
                option: is_option,
                offset,
            } => {
                let instrument = if *is_option { option() } else { share() };
                let base = if *is_option { 100 } else { 1_500 };
                self.tick(&instrument, &near(base, *offset));
            }
            Step::NextDay => {
                self.next_day();
            }
            Step::Reset => {
                self.reset();
            }
            Step::Terms { capital, leverage } => {
                let mut terms = PaperTerms::with_capital(money(["2500000", CAPITAL][*capital]));
                terms.leverage.equity_mis = *leverage;
                terms.leverage.equity_cnc = *leverage;
                self.change_terms(terms);
            }
            Step::Reopen => {
                let terms = Arc::clone(&self.terms);
                self.account = PaperBroker.open(self.ledger.clone(), terms);
            }
        }
    }
}

proptest! {
    /// Whatever happens, money is conserved, positions are the sums of their fills, and an
    /// account opened anew from the ledger goes on as if nothing had been.
    #[test]
    fn money_and_positions_add_up_after_any_sequence(steps in steps()) {
        let mut world = World::new();
        let mut twin = World::new();
        for step in &steps {
            world.step(step);
            world.check();
            if !matches!(step, Step::Reopen) {
                twin.step(step);
            }
        }
        prop_assert_eq!(&world.ledger.funds, &twin.ledger.funds);
        prop_assert_eq!(&world.trades, &twin.trades);
    }
}

#[test]
fn another_capital_changes_what_is_free_by_the_difference() {
    let mut world = World::new();
    let share = share();
    let bought = order(&share, Side::Buy, 100, OrderKind::Market);
    world.place(&share, bought, "1500").unwrap();
    let before = world.ledger.funds.clone();
    let smaller = PaperTerms::with_capital(money("100000"));
    world.change_terms(smaller.clone()).unwrap();
    let after = &world.ledger.funds;
    assert_eq!(after.total_capital, money("100000"));
    assert_eq!(after.used_margin, before.used_margin);
    let less = before.available.minus(after.available).unwrap();
    assert_eq!(less, before.total_capital.minus(money("100000")).unwrap());
    world.check();
    assert!(world.change_terms(smaller).is_none(), "nothing has changed");
}

#[test]
fn margin_is_taken_at_the_leverage_of_the_moment() {
    let mut world = World::new();
    let share = share();
    let resting = || order(&share, Side::Buy, 10, limit("1500"));
    let entry = world.place(&share, resting(), "1600").unwrap();
    assert_eq!(entry.orders[0].margin, money("3000"));
    let mut terms = PaperTerms::with_capital(money(CAPITAL));
    terms.leverage.equity_mis = 10;
    assert!(world.change_terms(terms).is_none(), "what rests stays so");
    let entry = world.place(&share, resting(), "1600").unwrap();
    assert_eq!(entry.orders[0].margin, money("1500"));
    assert_eq!(world.ledger.funds.used_margin, money("4500"));
}

#[test]
fn an_account_that_is_reset_has_its_capital_and_nothing_else() {
    let mut world = World::new();
    let share = share();
    for (side, ltp) in [(Side::Buy, "1500"), (Side::Sell, "1510")] {
        let traded = order(&share, side, 100, OrderKind::Market);
        world.place(&share, traded, ltp).unwrap();
    }
    let option = option();
    let held = order(&option, Side::Sell, 65, OrderKind::Market);
    world.place(&option, held, "100").unwrap();
    let waiting = order(&share, Side::Buy, 10, limit("1400"));
    world.place(&share, waiting, "1500").unwrap();
    let entry = world.reset();
    assert_eq!(
        entry.funds,
        Funds {
            reset_count: 1,
            ..Funds::opening(money(CAPITAL))
        }
    );
    assert_eq!(entry.movements.len(), 2, "one of profit, one of units");
    assert_eq!(world.ledger.orders, [], "what rested is cancelled");
    assert_eq!(world.ledger.positions, []);
    world.check();
    let again = order(&share, Side::Buy, 1, OrderKind::Market);
    world.place(&share, again, "1500").unwrap();
    world.check();
}

fn delivery(side: Side, quantity: i64) -> NewOrder {
    NewOrder {
        product: Product::Cnc,
        ..order(&share(), side, quantity, OrderKind::Market)
    }
}

#[test]
fn shares_bought_for_delivery_are_holdings_on_the_next_day() {
    let mut world = World::new();
    let share = share();
    world
        .place(&share, delivery(Side::Buy, 10), "1500")
        .unwrap();
    let bought = world.ledger.funds.clone();
    let cost = bought.used_margin;
    world.next_day();
    let held = &world.ledger.holdings[0];
    assert_eq!(
        (held.quantity.get(), held.cost, held.paid),
        (10, cost, cost)
    );
    assert!(world.position(&share, Product::Cnc).quantity.is_flat());
    let funds = &world.ledger.funds;
    assert_eq!(
        (funds.used_margin, funds.available),
        (Money::ZERO, bought.available)
    );
    world.check();
}

#[test]
fn a_sale_of_holdings_is_booked_against_what_they_cost() {
    let mut world = World::new();
    let share = share();
    world
        .place(&share, delivery(Side::Buy, 10), "1500")
        .unwrap();
    let cost = world.ledger.funds.used_margin;
    world.next_day();
    world.place(&share, delivery(Side::Buy, 4), "1600").unwrap();
    world.check();
    let before = world.ledger.funds.clone();
    let entry = world
        .place(&share, delivery(Side::Sell, 9), "1700")
        .unwrap();
    world.check();
    let price = entry.orders[0].trades[0].price;
    let position = world.position(&share, Product::Cnc);
    assert!(position.quantity.is_flat(), "no short position is shown");
    let held = &world.ledger.holdings[0];
    assert_eq!(held.quantity.get(), 5);
    assert_eq!(
        held.cost,
        cost.prorated(
            Quantity::try_new(5).unwrap(),
            Quantity::try_new(10).unwrap()
        )
        .unwrap()
    );
    let after = &world.ledger.funds;
    let proceeds = price.times(Quantity::try_new(9).unwrap()).unwrap();
    assert_eq!(
        after.available,
        before.available.plus(proceeds).unwrap(),
        "shares are paid for in full, so that a sale frees what it brings"
    );
    let refused = world
        .place(&share, delivery(Side::Sell, 6), "1700")
        .unwrap();
    assert_eq!(status(&refused, &world), OrderStatus::Rejected);
    world
        .place(&share, delivery(Side::Sell, 5), "1700")
        .unwrap();
    assert_eq!(world.ledger.holdings, []);
    world.check();
}

#[test]
fn delivery_on_leverage_moves_the_margin_that_was_held() {
    let mut world = World::new();
    let share = share();
    let mut terms = PaperTerms::with_capital(money(CAPITAL));
    terms.leverage.equity_cnc = 4;
    world.change_terms(terms);
    world
        .place(&share, delivery(Side::Buy, 10), "1500")
        .unwrap();
    let margin = world.ledger.funds.used_margin;
    world.next_day();
    let held = &world.ledger.holdings[0];
    assert_eq!(
        (held.paid, world.ledger.funds.used_margin),
        (margin, Money::ZERO)
    );
    world.check();
    world
        .place(&share, delivery(Side::Sell, 10), "1500")
        .unwrap();
    world.check();
    let funds = &world.ledger.funds;
    assert_eq!(funds.used_margin, Money::ZERO);
    assert_eq!(
        funds.available,
        funds.total_capital.plus(funds.realized_pnl).unwrap(),
        "what was lent for the shares is not kept"
    );
}

#[test]
fn a_week_that_ends_with_a_reset_is_reset_once() {
    let mut world = World::new();
    let share = share();
    let mut terms = PaperTerms::with_capital(money(CAPITAL));
    // The world begins on a Wednesday.
    terms.weekly_reset = WeeklyReset {
        day: ResetDay::Friday,
        time: "09:00".parse().unwrap(),
    };
    world.change_terms(terms);
    world
        .place(&share, delivery(Side::Buy, 10), "1500")
        .unwrap();
    let resets = |world: &mut World| {
        world.next_day();
        world.check();
        (world.ledger.funds.reset_count, world.ledger.holdings.len())
    };
    assert_eq!(resets(&mut world), (0, 1), "Thursday");
    assert_eq!(resets(&mut world), (1, 0), "Friday");
    world.account = PaperBroker.open(world.ledger.clone(), Arc::clone(&world.terms));
    assert_eq!(resets(&mut world), (1, 0), "Saturday, opened anew");
}

#[test]
fn what_orders_wait_for_is_what_fills_them() {
    let mut world = World::new();
    let share = share();
    world
        .place(&share, order(&share, Side::Buy, 1, limit("1490")), "1500")
        .unwrap();
    world
        .place(&share, order(&share, Side::Sell, 1, stop("1480")), "1500")
        .unwrap();
    let watches = world.account.watches();
    assert_eq!(watches.len(), 2);
    assert!(watches[0].band.contains(price("1490")) && !watches[0].band.contains(price("1490.05")));
    assert!(watches[1].band.contains(price("1480")) && !watches[1].band.contains(price("1480.05")));
    let seen: Timestamp = world.clock.now().plus(Duration::minutes(5));
    world.account.seen_until(&watches, seen);
    assert!(
        world
            .account
            .watches()
            .iter()
            .all(|watch| watch.seen == seen)
    );
}

#[test]
fn an_order_that_arrived_during_a_search_was_not_looked_at() {
    let mut world = World::new();
    let share = share();
    let placed_at = world.clock.now();
    world
        .place(&share, order(&share, Side::Buy, 1, limit("1490")), "1500")
        .unwrap();
    let kind = OrderKind::StopLimit {
        trigger: price("1510"),
        price: price("1512"),
    };
    world
        .place(&share, order(&share, Side::Buy, 1, kind), "1500")
        .unwrap();
    let watches = world.account.watches();
    world
        .place(&share, order(&share, Side::Buy, 1, limit("1480")), "1500")
        .unwrap();
    world.tick(&share, "1520").unwrap();
    let ticked_at = world.clock.now();
    let until = ticked_at.plus(Duration::minutes(5));
    world.account.seen_until(&watches, until);
    let seen: Vec<_> = world.account.watches().iter().map(|w| w.seen).collect();
    assert_eq!(
        seen,
        [until, ticked_at, placed_at],
        "the first was looked for, the second was met, the third is yet to be looked for"
    );
}

fn limit_at(text: &str) -> OrderKind {
    OrderKind::Limit { price: price(text) }
}

fn id_of(entry: &LedgerEntry) -> BrokerOrderId {
    let change = &entry.orders[0];
    let mut ids = change.events.iter().filter_map(|event| match &event.kind {
        OrderEventKind::Accepted {
            broker_order_id, ..
        } => Some(broker_order_id.clone()),
        _ => None,
    });
    ids.next().unwrap()
}

#[test]
fn a_modified_order_reserves_what_its_new_terms_need() {
    let mut world = World::new();
    let share = share();
    let resting = order(&share, Side::Buy, 10, limit_at("1400"));
    let id = id_of(&world.place(&share, resting, "1500").unwrap());
    let before = world.ledger.funds.used_margin;
    for (quantity, limit) in [(20, "1400"), (5, "1400"), (5, "1300")] {
        world
            .modify(&share, &id, (quantity, limit_at(limit)))
            .unwrap();
        let asked = &world.ledger.orders[0].intent.order;
        assert_eq!(
            (asked.quantity.get(), asked.kind),
            (quantity, limit_at(limit))
        );
        world.check();
    }
    assert!(world.ledger.funds.used_margin < before);
    let refused = world.modify(&share, &id, (100_000, limit_at("1300")));
    assert!(matches!(
        refused,
        Err(PaperRefusal::InsufficientFunds { .. })
    ));
    assert_eq!(world.ledger.orders[0].intent.order.quantity.get(), 5);
    world.tick(&share, "1300").unwrap();
    assert_eq!(world.position(&share, Product::Mis).quantity.get(), 5);
    world.check();
    let over = world.modify(&share, &id, (6, limit_at("1300")));
    assert!(matches!(over, Err(PaperRefusal::UnknownOrder(_))));
}

#[test]
fn a_new_price_that_is_met_already_fills_at_the_last_price() {
    let mut world = World::new();
    let share = share();
    let resting = order(&share, Side::Buy, 10, limit_at("1400"));
    let id = id_of(&world.place(&share, resting, "1500").unwrap());
    world.modify(&share, &id, (10, limit_at("1600"))).unwrap();
    assert_eq!(world.trades[0].price, price("1500"));
    let trigger = |text: &str| OrderKind::StopMarket {
        trigger: price(text),
    };
    let stop = order(&share, Side::Sell, 10, trigger("1400"));
    let id = id_of(&world.place(&share, stop, "1500").unwrap());
    world.modify(&share, &id, (10, trigger("1450"))).unwrap();
    assert_eq!(world.trades.len(), 1);
    world.modify(&share, &id, (10, trigger("1500"))).unwrap();
    assert_eq!(world.trades.len(), 2);
    assert!(world.position(&share, Product::Mis).quantity.is_flat());
    world.check();
}

#[test]
fn an_order_keeps_its_price_type_and_sells_no_more_shares_than_there_are() {
    let mut world = World::new();
    let share = share();
    let mut delivery = order(&share, Side::Buy, 10, OrderKind::Market);
    delivery.product = Product::Cnc;
    world.place(&share, delivery.clone(), "1500").unwrap();
    delivery.side = Side::Sell;
    delivery.kind = limit_at("1600");
    let id = id_of(&world.place(&share, delivery, "1500").unwrap());
    let refused = world.modify(&share, &id, (11, limit_at("1600")));
    assert!(matches!(refused, Err(PaperRefusal::NotCovered(_))));
    let refused = world
        .modify(&share, &id, (10, OrderKind::Market))
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "price type cannot be changed on an order of the paper exchange (LIMIT -> MARKET). \
         Cancel and re-place."
    );
    world.modify(&share, &id, (4, limit_at("1550"))).unwrap();
    world.check();
}
