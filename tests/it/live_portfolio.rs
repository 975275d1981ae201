//! What is owned at a live broker is what that broker says, and never nothing because nobody asked.

use crate::in_memory::{Place, traded};
use crate::wire::{Slow, session};
use async_trait::async_trait;
use openalgo::core::market::Exchange;
use openalgo::core::order::{NewOrder, Product, Side};
use openalgo::core::port::{BrokerReadError, BrokerSession, PortfolioReader};
use openalgo::core::portfolio::{BrokerFunds, Holding, HoldingKey, Position, PositionKey};
use openalgo::core::value::{Money, NetQuantity};
use openalgo::engine::Engine;
use openalgo::engine::service::{AccountFunds, PortfolioError};
use openalgo_core::testing::sample;
use std::sync::Arc;
use tokio::time::{Duration, Instant};

/// What is asked for.
const WHAT: [&str; 3] = ["positions", "holdings", "funds"];

/// A broker that tells what is owned there.
#[derive(Debug)]
enum Owns {
    /// Five units of a share short, forty of it delivered, and some money.
    Something,
    /// It answers no question.
    Nothing,
    /// It does not take the session any more.
    Nobody,
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn told() -> BrokerFunds {
    BrokerFunds {
        available: money("1000.5"),
        collateral: money("200"),
        used_margin: money("99"),
        realized_pnl: money("-3"),
        unrealized_pnl: money("4"),
    }
}

impl Owns {
    async fn say<T>(&self, something: T) -> Result<T, BrokerReadError> {
        match self {
            Self::Something => Ok(something),
            Self::Nothing => std::future::pending().await,
            Self::Nobody => Err(BrokerReadError::SessionExpired),
        }
    }
}

#[async_trait]
impl PortfolioReader for Owns {
    async fn positions(&self) -> Result<Vec<Position>, BrokerReadError> {
        let key = PositionKey {
            user: sample::NOBODY,
            broker: "fake".parse().unwrap(),
            instrument: traded(Exchange::Nse),
            product: Product::Mis,
        };
        let short = Position {
            quantity: NetQuantity::try_new(-5).unwrap(),
            cost: money("550"),
            ltp: sample::price("104"),
            ..Position::flat(key, sample::at(0))
        };
        self.say(vec![short]).await
    }

    async fn holdings(&self) -> Result<Vec<Holding>, BrokerReadError> {
        let key = HoldingKey {
            user: sample::NOBODY,
            broker: "fake".parse().unwrap(),
            instrument: traded(Exchange::Nse),
        };
        let delivered = Holding {
            key,
            token: None,
            isin: None,
            quantity: sample::units(40),
            t1_quantity: sample::units(0),
            cost: money("3600"),
            paid: Money::ZERO,
            ltp: sample::price("104"),
            updated_at: sample::at(0),
        };
        self.say(vec![delivered]).await
    }

    async fn funds(&self) -> Result<BrokerFunds, BrokerReadError> {
        self.say(told()).await
    }
}

/// An engine whose owner trades at a broker.
async fn at_a_broker(owns: Option<Owns>) -> (Place, Engine) {
    let broker = BrokerSession {
        portfolio: owns.map(|owns| Arc::new(owns) as _),
        ..session(Arc::new(Slow))
    };
    let place = Place::new(vec![broker]).await;
    let engine = place.start().await;
    (place, engine)
}

#[tokio::test(start_paused = true)]
async fn what_is_owned_at_a_broker_is_asked_there() {
    let (place, engine) = at_a_broker(Some(Owns::Something)).await;
    let (portfolio, owner) = (engine.portfolio(), place.owner.id);
    // An order that fills at the broker is in nothing that is stored here.
    let bought = NewOrder::market(traded(Exchange::Nse), Side::Buy, sample::units(1));
    engine.orders().place(owner, bought).await.unwrap();
    // Valued at the present price of 100 rupees.
    let positions = portfolio.positions(owner).await.unwrap();
    let [short] = &positions[..] else {
        panic!("{positions:?}")
    };
    assert_eq!(short.position.quantity.get(), -5);
    assert_eq!(short.pnl, money("50"));
    let holdings = portfolio.holdings(owner).await.unwrap();
    let [delivered] = &holdings[..] else {
        panic!("{holdings:?}")
    };
    assert_eq!(delivered.pnl(), Ok(money("400")));
    let funds = portfolio.funds(owner).await.unwrap();
    assert_eq!(funds, AccountFunds::Broker("fake".parse().unwrap(), told()));
    engine.stop().await;
}

/// What three questions came to.
async fn refusals(place: &Place, engine: &Engine) -> [PortfolioError; 3] {
    let (portfolio, owner) = (engine.portfolio(), place.owner.id);
    [
        portfolio.positions(owner).await.unwrap_err(),
        portfolio.holdings(owner).await.unwrap_err(),
        portfolio.funds(owner).await.unwrap_err(),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_does_not_tell_owns_not_nothing() {
    let (place, engine) = at_a_broker(None).await;
    for (refused, what) in refusals(&place, &engine).await.iter().zip(WHAT) {
        let expected = format!("{what} are not offered by the broker 'fake'");
        assert_eq!(refused.to_string(), expected);
    }
    engine.stop().await;

    let (place, engine) = at_a_broker(Some(Owns::Nothing)).await;
    let begun = Instant::now();
    for (refused, what) in refusals(&place, &engine).await.iter().zip(WHAT) {
        let expected = format!(
            "the {what} at the broker 'fake' could not be read: the broker did not answer; try again"
        );
        assert_eq!(refused.to_string(), expected);
    }
    assert!(begun.elapsed() < Duration::from_mins(1));
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_over_is_said_to_be() {
    let (place, engine) = at_a_broker(Some(Owns::Nobody)).await;
    for refused in refusals(&place, &engine).await {
        assert!(
            refused
                .to_string()
                .starts_with("log in at the broker 'fake' again"),
            "{refused}"
        );
    }
    let live = engine.brokers().known(place.owner.id);
    assert_eq!(live, [engine.brokers().paper().clone()]);
    engine.stop().await;
}
