//! A month on paper that keeps the hours of the exchanges, with the program off half of it: what
//! an account does by itself happens once, on the right day.

use crate::world::{World, market, reliance};
use chrono::{Datelike, NaiveDate, Weekday};
use openalgo::core::account::{SettingKey, User};
use openalgo::core::market::{Exchange, Instrument, Timestamp};
use openalgo::core::order::{
    GttLeg, GttLegs, GttProduct, GttStatus, NewGtt, NewOrder, Order, Product, Side, TriggerSide,
};
use openalgo::core::paper::MovementKind;
use openalgo::core::value::{Money, Quantity};
use openalgo::{HoursRule, OpenAlgo};
use openalgo_core::port::Clock;
use std::sync::Arc;

/// A session on a Saturday, and holidays on a Tuesday and a Friday.
const CALENDAR: &str = "\
date,type,description,closed,open
2026-12-05,SPECIAL_SESSION,Budget,,NSE 09:15-15:30;NFO 09:15-15:40
2026-12-15,TRADING_HOLIDAY,A holiday,NSE BSE NFO BFO CDS BCD MCX,
2026-12-25,TRADING_HOLIDAY,Christmas,NSE BSE NFO BFO CDS BCD MCX,
";

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn is_trading_day(day: NaiveDate) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let is_holiday = [date("2026-12-15"), date("2026-12-25")].contains(&day);
    (!weekend || day == date("2026-12-05")) && !is_holiday
}

struct Month {
    world: World,
    /// Absent while the program is off.
    app: Option<OpenAlgo>,
    owner: User,
}

impl Month {
    async fn begin() -> Self {
        let world = World::new();
        let (app, owner) = world.open_with_owner().await;
        let settings = app.settings();
        settings.set(SettingKey::ResetDay, "Sunday").await.unwrap();
        settings.set(SettingKey::ResetTime, "08:00").await.unwrap();
        app.close().await;
        std::fs::write(world.data().join("market-calendar.csv"), CALENDAR).unwrap();
        let app = None;
        Self { world, app, owner }
    }

    fn app(&self) -> &OpenAlgo {
        self.app.as_ref().unwrap()
    }

    /// Goes to a time of a day, with the program on from then on.
    async fn go_to(&mut self, day: NaiveDate, time: &str) {
        let at = Timestamp::of_ist(day.and_time(time.parse().unwrap()));
        let clock = &self.world.clock;
        clock.advance(at.since(clock.now()));
        if let Some(app) = &self.app {
            app.catch_up().await.unwrap();
            return;
        }
        let builder = self.world.builder().market_hours(HoursRule::Bind);
        self.app = Some(builder.open().await.unwrap());
    }

    async fn turn_off(&mut self) {
        self.app.take().unwrap().close().await;
    }

    async fn buy(&self, product: Product) -> bool {
        let order = NewOrder {
            product,
            ..market(Side::Buy, 1)
        };
        self.app()
            .orders()
            .place(self.owner.id, order)
            .await
            .is_ok()
    }

    /// A day: a share bought for the day, and one to keep.
    async fn live_through(&mut self, day: NaiveDate) {
        self.go_to(day, "10:30:00").await;
        for product in [Product::Mis, Product::Cnc] {
            assert_eq!(self.buy(product).await, is_trading_day(day), "{day}");
        }
        if day == date("2026-11-30") {
            self.wait_and_hold().await;
        }
        if day.day().is_multiple_of(2) {
            self.turn_off().await;
            return;
        }
        for time in ["15:14:59", "15:15:00", "15:15:01", "23:59:30"] {
            self.go_to(day, time).await;
        }
    }

    /// Buys an option of the next day, and places what waits for a price that never comes.
    async fn wait_and_hold(&self) {
        let option = self.option().await;
        let order = NewOrder {
            product: Product::Nrml,
            ..NewOrder::market(option.key.clone(), Side::Buy, option.lot_size)
        };
        let orders = self.app().orders();
        orders.place(self.owner.id, order).await.unwrap();
        let leg = GttLeg::new(TriggerSide::Below, "1".parse().unwrap(), None);
        let waits = NewGtt {
            instrument: reliance(),
            side: Side::Buy,
            quantity: Quantity::ONE,
            product: GttProduct::Cnc,
            legs: GttLegs::try_new(vec![leg]).unwrap(),
            strategy: None,
            expires_at: None,
            trigger_id: None,
        };
        self.app().gtts().place(self.owner.id, waits).await.unwrap();
        let funds = self.app().paper().funds(self.owner.id).await.unwrap().funds;
        assert!(!funds.used_margin.is_zero());
        assert!(self.app().check().await.unwrap().is_sound());
    }

    async fn option(&self) -> Arc<Instrument> {
        let instruments = self.app().market().instruments().await;
        let found = instruments.search("NIFTY 26000 CE", Some(Exchange::Nfo), 1_000);
        let mut options = found.into_iter();
        let ends = Some(date("2026-12-01"));
        options.find(|option| option.expiry == ends).unwrap()
    }

    /// When intraday positions were closed.
    async fn square_offs(&self) -> Vec<Timestamp> {
        let orders = self.app().orders().list(self.owner.id, 1_000).await;
        let is_end =
            |order: &Order| order.intent.order.strategy.as_deref() == Some("AUTO_SQUARE_OFF");
        let ends = orders.unwrap().into_iter().filter(is_end);
        let mut at: Vec<_> = ends.map(|order| order.intent.at).collect();
        at.sort();
        at
    }

    async fn movements(&self, kind: MovementKind) -> Vec<Timestamp> {
        let moved = self.app().paper().movements(self.owner.id, 1_000).await;
        let of_kind = moved.unwrap().into_iter().filter(|it| it.kind == kind);
        let mut at: Vec<_> = of_kind.map(|it| it.at).collect();
        at.sort();
        at
    }
}

#[tokio::test(start_paused = true)]
async fn a_month_has_each_of_its_ends_once_and_on_the_right_day() {
    let mut month = Month::begin().await;
    let first = date("2026-11-25");
    let days: Vec<_> = first.iter_days().take(31).collect();
    for day in &days {
        month.live_through(*day).await;
    }
    month.go_to(date("2026-12-26"), "12:00:00").await;
    let trading: Vec<_> = days
        .into_iter()
        .filter(|day| is_trading_day(*day))
        .collect();
    let ends = trading
        .iter()
        .map(|day| day.and_hms_opt(15, 15, 0).unwrap());
    let ends: Vec<_> = ends.map(Timestamp::of_ist).collect();
    assert_eq!(month.square_offs().await, ends);

    let midnight = |day: &NaiveDate| day.succ_opt().unwrap().and_hms_opt(0, 0, 0).unwrap();
    let nights: Vec<_> = trading
        .iter()
        .map(midnight)
        .map(Timestamp::of_ist)
        .collect();
    assert_eq!(month.movements(MovementKind::Delivered).await, nights);

    let expiry = date("2026-12-01").and_hms_opt(15, 40, 0).unwrap();
    let settled = month.movements(MovementKind::Settled).await;
    assert_eq!(settled, [Timestamp::of_ist(expiry)]);

    let (app, owner) = (month.app(), month.owner.id);
    let mut summed: Vec<_> = app.paper().daily(owner, 1_000).await.unwrap();
    summed.reverse();
    let dates: Vec<_> = summed.iter().map(|day| day.date).collect();
    assert_eq!(dates, trading);

    let funds = app.paper().funds(owner).await.unwrap().funds;
    assert_eq!(funds.reset_count, 4, "one for each Sunday");
    let sunday = date("2026-12-20").and_hms_opt(8, 0, 0).unwrap();
    assert_eq!(funds.last_reset, Some(Timestamp::of_ist(sunday)));
    assert_eq!(funds.used_margin, Money::ZERO);
    app.watch_gtts().await.unwrap();
    let waiting = app.gtts().list(owner, None).await.unwrap();
    assert_eq!(waiting[0].status, GttStatus::Cancelled);
    let message = waiting[0].message.as_deref();
    assert_eq!(message, Some("the paper account was reset"));
    let report = app.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    month.turn_off().await;
}
