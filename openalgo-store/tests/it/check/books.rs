//! What the check finds in the books of the paper exchange: its trades, positions and money.

use crate::support::{Place, instrument, money, only_finding, paper, price, units, user};
use chrono::Duration;
use diesel::connection::SimpleConnection;
use openalgo_brokers::paper::PaperBroker;
use openalgo_core::id::{BrokerOrderId, UserId};
use openalgo_core::market::{
    Instrument, InstrumentKind, Quote, SessionBoundary, Timestamp, TradingDay,
};
use openalgo_core::order::{
    NewOrder, Order, OrderIntent, OrderKind, OrderStatus, Product, Side, TradingMode,
};
use openalgo_core::paper::{LedgerEntry, PaperAccountKey, PaperOpening, PaperTerms, Ticket};
use openalgo_core::port::{Clock, IdSource, PaperAccount, PaperExchange};
use openalgo_core::testing::{CountingIds, FakeClock};
use openalgo_core::value::{Quantity, Tick};
use openalgo_store::Store;
use std::sync::Arc;

/// The real paper exchange with one account, on a real store.
struct Desk {
    store: Store,
    user: UserId,
    machine: Box<dyn PaperAccount>,
    ids: CountingIds,
    clock: FakeClock,
}

fn day_of(at: Timestamp) -> TradingDay {
    SessionBoundary::default().day_of(at)
}

fn share(symbol: &str) -> Instrument {
    Instrument {
        key: instrument(symbol),
        name: symbol.into(),
        kind: InstrumentKind::Equity,
        expiry: None,
        strike: None,
        lot_size: Quantity::ONE,
        tick: Tick::try_new(price("0.05")).unwrap(),
        token: None,
        freeze_quantity: None,
    }
}

fn order(symbol: &str, side: Side, quantity: i64, product: Product) -> NewOrder {
    NewOrder {
        product,
        ..NewOrder::market(instrument(symbol), side, units(quantity))
    }
}

fn limit(side: Side, at: &str) -> NewOrder {
    let price = price(at);
    NewOrder {
        kind: OrderKind::Limit { price },
        ..order("INFY", side, 10, Product::Mis)
    }
}

impl Desk {
    async fn open(store: Store) -> Self {
        let clock = FakeClock::at("2026-11-25T10:30:00+05:30");
        let key = PaperAccountKey {
            user: user(&store, "owner").await.id,
            broker: paper(),
        };
        let opening = PaperOpening {
            capital: money("10000000"),
            day: day_of(clock.now()),
            at: clock.now(),
        };
        let user = key.user;
        let state = store.paper_ledger().load(&key, &opening).await.unwrap();
        Self {
            store,
            user,
            machine: PaperBroker.open(state, Arc::new(PaperTerms::with_capital(opening.capital))),
            ids: CountingIds::default(),
            clock,
        }
    }

    fn quote(&self, symbol: &str, ltp: &str) -> Quote {
        let (ltp, tick) = (price(ltp), share(symbol).tick);
        Quote {
            instrument: instrument(symbol),
            ltp,
            open: ltp,
            high: ltp,
            low: ltp,
            prev_close: ltp,
            volume: 0,
            bid: tick.steps_from(ltp, -1).ok(),
            ask: tick.steps_from(ltp, 1).ok(),
            bid_quantity: Quantity::ONE,
            ask_quantity: Quantity::ONE,
            oi: None,
            timestamp: self.clock.now(),
        }
    }

    /// Lets the machine decide an order; the entry is not committed yet.
    fn decide(&mut self, order: NewOrder, ltp: &str) -> LedgerEntry {
        self.clock.advance(Duration::seconds(1));
        let symbol = order.instrument.symbol.to_string();
        let at = self.clock.now();
        let intent = OrderIntent {
            id: self.ids.make_intent_id().unwrap(),
            user: self.user,
            broker: paper(),
            mode: TradingMode::Paper,
            token: None,
            request: None,
            ltp: None,
            trading_day: day_of(at),
            order,
            at,
        };
        let (instrument, quote) = (share(&symbol), self.quote(&symbol, ltp));
        let ticket = Ticket {
            instrument: &instrument,
            quote: Some(&quote),
        };
        self.machine.place(intent, ticket, None).unwrap()
    }

    async fn commit(&self, entry: LedgerEntry) -> Vec<Order> {
        let receipt = self.store.paper_ledger().commit(entry).await.unwrap();
        receipt.await.unwrap()
    }

    async fn place(&mut self, order: NewOrder, ltp: &str) -> Order {
        let entry = self.decide(order, ltp);
        self.commit(entry).await.remove(0)
    }

    async fn cancel(&mut self, id: &BrokerOrderId) {
        let entry = self.machine.cancel(id, self.clock.now()).unwrap();
        self.commit(entry).await;
    }

    /// Gives the orders that a price of INFY changes.
    async fn tick(&mut self, ltp: &str) -> Vec<Order> {
        self.clock.advance(Duration::seconds(1));
        let (instrument, quote) = (share("INFY"), self.quote("INFY", ltp));
        let ticket = Ticket {
            instrument: &instrument,
            quote: Some(&quote),
        };
        match self.machine.on_quote(ticket) {
            Some(entry) => self.commit(entry).await,
            None => Vec::new(),
        }
    }

    async fn next_day(&mut self) {
        self.clock.advance(Duration::days(1));
        let at = self.clock.now();
        let entry = self.machine.begin_day(day_of(at), at).unwrap();
        self.commit(entry).await;
    }

    /// One order of each fate, and one that rests: positions long, short and flat.
    async fn trade(&mut self) {
        let mis = Product::Mis;
        self.place(order("INFY", Side::Buy, 100, mis), "1500").await;
        self.place(order("INFY", Side::Sell, 37, mis), "1510.35")
            .await;
        self.place(order("TCS", Side::Sell, 50, mis), "4000").await;
        self.place(order("SBIN", Side::Buy, 7, mis), "800").await;
        self.place(order("SBIN", Side::Sell, 7, mis), "790.1").await;
        let refused = order("TCS", Side::Sell, 5, Product::Cnc);
        let refused = self.place(refused, "4000").await;
        assert_eq!(refused.status(), OrderStatus::Rejected);
        let resting = self.place(limit(Side::Buy, "1400"), "1500").await;
        assert_eq!(resting.status(), OrderStatus::Open);
        let other = self.place(limit(Side::Buy, "1390"), "1500").await;
        self.cancel(other.state.broker_order_id().unwrap()).await;
    }

    async fn assert_sound(&self) {
        let report = self.store.check().await.unwrap();
        assert!(report.is_sound(), "{:?}", report.findings().next());
    }
}

#[tokio::test]
async fn a_busy_account_is_sound() {
    let place = Place::new();
    let mut desk = Desk::open(place.create()).await;
    desk.trade().await;
    desk.assert_sound().await;
    let stop = NewOrder {
        kind: OrderKind::StopMarket {
            trigger: price("1450"),
        },
        ..order("INFY", Side::Sell, 200, Product::Mis)
    };
    let stop = desk.place(stop, "1500").await;
    assert_eq!(stop.status(), OrderStatus::TriggerPending);
    desk.next_day().await;
    desk.assert_sound().await;
    assert_eq!(desk.tick("1449.95").await.len(), 1, "the stop turns short");
    assert_eq!(desk.tick("1399.95").await.len(), 1, "the limit is met");
    desk.trade().await;
    desk.assert_sound().await;
}

/// More orders and trades than are read at a time, through both signs of a position.
#[tokio::test]
async fn a_long_history_is_sound() {
    let place = Place::new();
    let mut desk = Desk::open(place.create()).await;
    let mut receipts = Vec::new();
    for number in 0..1_100_i64 {
        let side = if number % 7 < 4 {
            Side::Buy
        } else {
            Side::Sell
        };
        let quantity = 1 + number * 31 % 17;
        let product = [Product::Mis, Product::Nrml][usize::from(number % 5 == 0)];
        let ltp = format!("{}.{:02}", 1_000 + number * 13 % 400, number % 20 * 5);
        let entry = desk.decide(order("INFY", side, quantity, product), &ltp);
        let ledger = desk.store.paper_ledger();
        receipts.push(ledger.commit(entry).await.unwrap());
    }
    for receipt in receipts {
        receipt.await.unwrap();
    }
    desk.assert_sound().await;
    // The very last trade is looked at too.
    place
        .raw()
        .batch_execute("UPDATE trades SET price = 1 WHERE id = 1100")
        .unwrap();
    let report = desk.store.check().await.unwrap();
    assert!(report.findings().any(|(name, _)| name == "trades"));
}

/// In a small account that somebody with the key changed, each change has a finding of this check
/// that begins so.
async fn assert_found(check: &str, changes: &[(&str, &str)]) {
    let place = Place::new();
    let mut desk = Desk::open(place.create()).await;
    desk.trade().await;
    desk.assert_sound().await;
    desk.store.close().await;
    drop(desk);
    let whole = std::fs::read(&place.path).unwrap();
    for (change, expected) in changes {
        std::fs::write(&place.path, &whole).unwrap();
        place.raw().batch_execute(change).unwrap();
        let store = place.open();
        let report = store.check().await.unwrap();
        let findings: Vec<_> = report.findings().collect();
        let found = findings
            .iter()
            .any(|(name, finding)| *name == check && finding.starts_with(expected));
        assert!(found, "{change}: {findings:?}");
        store.close().await;
    }
}

#[tokio::test]
async fn an_edited_trade_is_named() {
    assert_found(
        "trades",
        &[
            (
                "DELETE FROM trades",
                "order 1 has 0 trades, and its journal tells of 1 fills",
            ),
            (
                "UPDATE trades SET price = 1",
                "price of trade 1 is not what the journal of order 1 says",
            ),
            (
                "UPDATE trades SET quantity = 1 WHERE id = 2",
                "quantity of trade 2",
            ),
            ("UPDATE trades SET action = 'SELL'", "action of trade 1"),
            ("UPDATE trades SET symbol = 'TCS'", "symbol of trade 1"),
            ("UPDATE trades SET exchange = 'BSE'", "exchange of trade 1"),
            ("UPDATE trades SET product = 'NRML'", "product of trade 1"),
            (
                "UPDATE trades SET broker_name = 'zerodha'",
                "broker_name of trade 1",
            ),
            (
                "UPDATE trades SET order_id = NULL WHERE id = 3",
                "trade 3 belongs to no order",
            ),
            (
                "INSERT INTO trades SELECT 99, user_id, order_id, broker_name, broker_trade_id, \
                 exchange, symbol, action, quantity, price, product, trade_time, created_at \
                 FROM trades WHERE id = 1",
                "order 1 has 2 trades",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_edited_position_is_named() {
    assert_found(
        "positions",
        &[
            (
                "DELETE FROM positions",
                "the position of the trades of NSE INFY MIS of account 1/paper is missing",
            ),
            (
                "DELETE FROM positions WHERE quantity = 0",
                "the position of the trades of NSE SBIN MIS of account 1/paper is missing",
            ),
            (
                "UPDATE positions SET quantity = 999",
                "quantity of position 1 (NSE INFY MIS of account 1/paper) is 999, and its trades \
                 come to 63",
            ),
            (
                "UPDATE positions SET cost = cost + 1 WHERE symbol = 'TCS'",
                "realized_pnl and cost of position 3 (NSE TCS MIS of account 1/paper) come to",
            ),
            (
                "UPDATE positions SET cost = cost + 1, realized_pnl = realized_pnl + 1 WHERE symbol = 'SBIN'",
                "cost of position 4 (NSE SBIN MIS of account 1/paper) is 1.00, although it is flat",
            ),
            (
                "UPDATE positions SET realized_pnl = realized_pnl + 1 WHERE id = 1",
                "realized_pnl and cost of position 1",
            ),
            ("DELETE FROM trades", "quantity of position 1"),
            ("UPDATE trades SET price = 1", "realized_pnl and cost of position 1"),
        ],
    )
    .await;
}

#[tokio::test]
async fn edited_money_is_named() {
    assert_found(
        "funds",
        &[
            (
                "UPDATE paper_accounts SET available = available + 1000000",
                "available and used_margin of account 1/paper come to",
            ),
            (
                "UPDATE paper_accounts SET available = available + 1, used_margin = used_margin - 1",
                "used_margin of account 1/paper come to",
            ),
            (
                "UPDATE paper_accounts SET total_capital = total_capital - 1, \
                 realized_pnl = realized_pnl + 1",
                "realized_pnl of account 1/paper come to",
            ),
            ("UPDATE orders SET margin = 0", "used_margin of account 1/paper"),
            (
                "DELETE FROM paper_accounts",
                "position 1 belongs to account 1/paper, which does not exist",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_position_out_of_nothing_is_named() {
    let place = Place::new();
    let desk = Desk::open(place.create()).await;
    place
        .raw()
        .batch_execute(
            "INSERT INTO positions (user_id, broker_name, exchange, symbol, product, quantity, \
             average_price, day_buy_qty, day_sell_qty, updated_at) VALUES \
             (1, 'paper', 'NSE', 'INFY', 'MIS', 5, 0, 0, 0, '2026-11-25 05:00:00.000000')",
        )
        .unwrap();
    assert_eq!(
        only_finding(&desk.store, "positions").await,
        "quantity of position 1 (NSE INFY MIS of account 1/paper) is 5, and its trades come to 0"
    );
}
