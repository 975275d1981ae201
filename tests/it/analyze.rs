//! The recorded answers of analyze mode about orders, books, funds and orders that wait for a
//! price, replayed through the services: everything is as it was recorded, save the cases that
//! `docs/compatibility.md` names.

mod asked;
mod case;
mod option_prices;
mod options;
mod shown;

use crate::world::World;
use asked::{Fields, Refused};
use case::{Case, Step, folder, steps};
use chrono::Duration;
use openalgo::OpenAlgo;
use openalgo::core::account::User;
use openalgo::core::id::TriggerId;
use openalgo::core::order::{GttStatus, NewOrder, OrderStatus};
use openalgo::engine::service::{ExitOrigin, Leg, Placed, SmartOrder, SmartOutcome, SplitSize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::fs;
use std::path::PathBuf;

/// The cases that are other than recorded, as the document names them.
fn documented() -> BTreeSet<String> {
    let path = folder().join("../../docs/compatibility.md");
    let text = fs::read_to_string(path).unwrap();
    let cells = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `analyze/"));
    let names = cells.filter_map(|rest| rest.split_once('`'));
    names.map(|(name, _)| name.to_owned()).collect()
}

/// The cases that are other than recorded are those of their endpoints that the document names.
fn assert_documented(other: &BTreeMap<String, Vec<String>>, is_of: impl Fn(&str) -> bool) {
    let known = documented().into_iter();
    let mut known: BTreeSet<_> = known
        .filter(|name| name.split('/').next().is_some_and(&is_of))
        .collect();
    let new = other.iter().filter(|(name, _)| !known.remove(*name));
    let new = new.collect::<BTreeMap<_, _>>();
    assert!(new.is_empty(), "other than recorded: {new:#?}");
    assert!(known.is_empty(), "as recorded, and documented: {known:?}");
}

#[tokio::test]
async fn orders_books_and_funds_are_as_they_were_recorded() {
    let mut place = Place::open().await;
    let (mut same, mut other, mut form) = (0, BTreeMap::new(), 0);
    for step in steps() {
        place.world.clock.advance(Duration::milliseconds(100));
        match step {
            Step::Other => {}
            Step::Case(case) if option_prices::is_of(&case.endpoint) => {}
            Step::Price(instrument, price) => place.move_price(&instrument, &price).await,
            Step::Case(case) => match place.answer(&case).await {
                // Whoever reads requests says so, as the server will.
                None => form += 1,
                Some(told) => {
                    let differences = case.differences(&told);
                    if differences.is_empty() {
                        same += 1;
                    } else {
                        other.insert(case.name.clone(), differences);
                    }
                }
            },
        }
    }
    assert_documented(&other, |endpoint| !option_prices::is_of(endpoint));
    assert!(
        same > 120 && form > 40,
        "{same} are the same, {form} are of no form"
    );
    place.app.close().await;
}

struct Place {
    world: World,
    app: OpenAlgo,
    owner: User,
    quotes: PathBuf,
    /// What was answered to each case, for those that refer to it.
    answers: BTreeMap<String, Value>,
}

type Told = Result<Value, Refused>;

impl Place {
    async fn open() -> Self {
        let world = World::new();
        let data = world.root().join("market");
        fs::create_dir(&data).unwrap();
        for file in ["instruments.csv", "quotes.json"] {
            fs::copy(folder().join("data").join(file), data.join(file)).unwrap();
        }
        let recorded = openalgo::World {
            market_data: Some(data.clone()),
            ..openalgo::World::default()
        };
        let app = world.builder().world(recorded).open().await.unwrap();
        let owner = app.set_up_owner().await.unwrap().user;
        Self {
            quotes: data.join("quotes.json"),
            world,
            app,
            owner,
            answers: BTreeMap::new(),
        }
    }

    async fn move_price(&self, instrument: &str, price: &Value) {
        let text = fs::read_to_string(&self.quotes).unwrap();
        let mut quotes: Value = serde_json::from_str(&text).unwrap();
        quotes[instrument]["last_price"] = price.clone();
        fs::write(&self.quotes, quotes.to_string()).unwrap();
        self.app.catch_up().await.unwrap();
        self.app.watch_gtts().await.unwrap();
    }

    /// What is answered to a case; `None` where the form of the request is wrong.
    async fn answer(&mut self, case: &Case) -> Option<Value> {
        let body = case.body(&self.answers)?;
        match self.told(case, Fields(&body)).await {
            Err(Refused::Form) => None,
            Err(Refused::Words(message)) => {
                Some(json!({"status": "error", "message": message, "mode": "analyze"}))
            }
            Err(Refused::NoOrder(message)) => Some(json!({"status": "error", "message": message})),
            Ok(mut told) => {
                let fields = told.as_object_mut().unwrap();
                fields.entry("status").or_insert("success".into());
                fields.insert("mode".to_owned(), "analyze".into());
                self.answers.insert(case.name.clone(), told.clone());
                Some(told)
            }
        }
    }

    async fn told(&self, case: &Case, fields: Fields<'_>) -> Told {
        match case.endpoint.as_str() {
            "placeorder" => {
                let order = fields.only(&ORDER)?.order()?;
                self.place(order).await
            }
            "placesmartorder" => self.smart(fields).await,
            "basketorder" => self.basket(fields).await,
            "splitorder" => self.split(fields).await,
            "optionsorder" => self.option(fields).await,
            "optionsymbol" => self.option_symbol(fields).await,
            "optionchain" => self.option_chain(fields).await,
            "optiongreeks" => self.option_greeks(fields).await,
            "multioptiongreeks" => self.many_greeks(fields).await,
            "syntheticfuture" => self.synthetic_future(fields).await,
            "optionsmultiorder" => self.options(fields).await,
            "modifyorder" => self.modify(fields).await,
            "cancelorder" => self.cancel(fields).await,
            "cancelallorder" => self.cancel_all(fields).await,
            "closeposition" => self.close_all(fields).await,
            "placegttorder" => self.place_gtt(fields).await,
            "modifygttorder" => self.modify_gtt(fields).await,
            "cancelgttorder" => self.cancel_gtt(fields).await,
            _ => self.book(case.endpoint.as_str(), fields).await,
        }
    }

    async fn place(&self, order: NewOrder) -> Told {
        let placed = self.app.orders().place(self.owner.id, order).await;
        let order = placed.map_err(words)?.order;
        let told = json!({"orderid": order.public_id()});
        Ok(match order.state.message() {
            Some(reason) if order.status() == OrderStatus::Rejected => {
                json!({"orderid": order.public_id(), "message": reason, "status": "error"})
            }
            _ => told,
        })
    }

    async fn smart(&self, fields: Fields<'_>) -> Told {
        let (order, position) = fields.smart()?;
        let smart = SmartOrder { order, position };
        let outcome = self.app.orders().smart(self.owner.id, smart).await;
        Ok(match outcome.map_err(words)? {
            SmartOutcome::Placed(placed) => json!({"orderid": placed.order.public_id()}),
            SmartOutcome::NoOrder(step) => json!({"message": step.message()}),
        })
    }

    async fn basket(&self, fields: Fields<'_>) -> Told {
        let rows = fields.0["orders"].as_array().ok_or(Refused::Form)?;
        let strategy = fields.text("strategy")?;
        let orders = rows.iter().map(|row| {
            let mut row = row.clone();
            Fields(&row).only(&ORDER)?;
            row["strategy"] = strategy.into();
            Fields(&row).order()
        });
        let orders = orders.collect::<Result<Vec<_>, _>>()?;
        let last = orders.len();
        let legs = self.app.orders().basket(self.owner.id, orders, None).await;
        let rows = legs.map_err(words)?;
        let rows = rows.iter().map(|leg| match &leg.outcome {
            Ok(placed) => json!({
                "batch_order": true,
                "exchange": leg.order.instrument.exchange,
                "is_last_order": leg.number == last,
                "orderid": placed.order.public_id(),
                "product": leg.order.product,
                "status": "success",
                "symbol": leg.order.instrument.symbol,
            }),
            Err(error) => json!({
                "message": error.to_string(),
                "status": "error",
                "symbol": leg.order.instrument.symbol,
            }),
        });
        Ok(json!({"results": rows.collect::<Vec<_>>()}))
    }

    async fn split(&self, fields: Fields<'_>) -> Told {
        let (order, size) = (fields.order()?, fields.quantity("splitsize")?);
        let total = order.quantity;
        let legs = self
            .app
            .orders()
            .split(self.owner.id, order, SplitSize::Units(size))
            .await;
        let legs = legs.map_err(words)?;
        Ok(json!({"results": parts(&legs), "split_size": size, "total_quantity": total}))
    }

    async fn modify(&self, fields: Fields<'_>) -> Told {
        let known = [
            "exchange",
            "action",
            "product",
            "pricetype",
            "price",
            "disclosed_quantity",
        ];
        let more = [
            "apikey",
            "strategy",
            "symbol",
            "orderid",
            "quantity",
            "trigger_price",
        ];
        let fields = fields.only(&[known, more].concat())?;
        let change = fields.modification()?;
        let id = fields.text("orderid")?;
        let modified = self.app.orders().modify(self.owner.id, id, change).await;
        modified.map_err(words)?;
        Ok(json!({"message": "Order modified successfully", "orderid": id}))
    }

    async fn cancel(&self, fields: Fields<'_>) -> Told {
        let id = fields.text("orderid")?;
        if id.is_empty() {
            return Err(Refused::Form);
        }
        self.app
            .orders()
            .cancel(self.owner.id, id)
            .await
            .map_err(words)?;
        Ok(json!({"message": "Order cancelled successfully", "orderid": id}))
    }

    async fn cancel_all(&self, fields: Fields<'_>) -> Told {
        fields.text("strategy")?;
        let all = self
            .app
            .orders()
            .cancel_all(self.owner.id)
            .await
            .map_err(words)?;
        let done: Vec<_> = all
            .iter()
            .filter(|it| it.outcome.is_ok())
            .map(|it| &it.order_id)
            .collect();
        let message = if all.is_empty() {
            "No open orders to cancel".to_owned()
        } else {
            let failed = all.len() - done.len();
            format!(
                "Canceled {} orders. Failed to cancel {failed} orders.",
                done.len()
            )
        };
        Ok(json!({"canceled_orders": done, "failed_cancellations": [], "message": message}))
    }

    async fn close_all(&self, fields: Fields<'_>) -> Told {
        fields.text("strategy")?;
        let origin = ExitOrigin {
            // Clients know these orders by it, whoever asks.
            strategy: Some("AUTO_SQUARE_OFF".to_owned()),
            ..ExitOrigin::api()
        };
        let all = self
            .app
            .orders()
            .close_all(self.owner.id, origin)
            .await
            .map_err(words)?;
        let done = all.iter().filter(|closing| closing.outcome.is_ok()).count();
        let message = if all.is_empty() {
            "No open positions to close".to_owned()
        } else {
            format!("Closed {done} positions")
        };
        let failed = all.len() - done;
        Ok(json!({"closed_positions": done, "failed_closures": failed, "message": message}))
    }

    async fn place_gtt(&self, fields: Fields<'_>) -> Told {
        let placed = self.app.gtts().place(self.owner.id, fields.gtt()?).await;
        let placed = placed.map_err(words)?;
        Ok(json!({"trigger_id": placed.gtt.trigger_id}))
    }

    async fn modify_gtt(&self, fields: Fields<'_>) -> Told {
        let id: TriggerId = fields.trigger_id()?;
        let modified = self
            .app
            .gtts()
            .modify(self.owner.id, &id, fields.gtt()?)
            .await;
        modified.map_err(words)?;
        Ok(json!({"trigger_id": id}))
    }

    async fn cancel_gtt(&self, fields: Fields<'_>) -> Told {
        fields.text("strategy")?;
        let id: TriggerId = fields.trigger_id()?;
        self.app
            .gtts()
            .cancel(self.owner.id, &id)
            .await
            .map_err(words)?;
        Ok(json!({"trigger_id": id}))
    }

    async fn book(&self, endpoint: &str, fields: Fields<'_>) -> Told {
        let (user, orders) = (self.owner.id, self.app.orders());
        let all = || async { orders.list(user, 10_000).await.unwrap() };
        let portfolio = self.app.portfolio();
        Ok(match endpoint {
            "orderstatus" => {
                fields.text("strategy")?;
                let id = fields.text("orderid")?;
                let order = orders.status(user, id).await.unwrap();
                let unknown = || Refused::Words(format!("Order {id} not found"));
                json!({"data": shown::status(&order.ok_or_else(unknown)?)})
            }
            "openposition" => {
                let (instrument, product) = fields.position()?;
                let standing = portfolio.standing(user, instrument, product).await;
                json!({"quantity": standing.map_err(words)?.held})
            }
            "orderbook" => json!({"data": shown::book(&all().await)}),
            "tradebook" => {
                let trades = orders.trades(user, 10_000).await.unwrap();
                json!({"data": shown::trades(&trades, &all().await)})
            }
            "positionbook" => shown::positions(&portfolio.positions(user).await.unwrap()),
            "pnl_symbols" => {
                let positions = portfolio.positions(user).await.unwrap();
                let mut told = shown::positions(&positions);
                told["data"] = shown::profits(&positions);
                told
            }
            "funds" => json!({"data": shown::funds(&self.app.paper().funds(user).await.unwrap())}),
            "holdings" => {
                assert_eq!(portfolio.holdings(user).await.unwrap(), Vec::new());
                let nothing = ["totalholdingvalue", "totalinvvalue", "totalpnlpercentage"];
                let statistics = nothing.map(|key| (key, 0.0)).into_iter();
                let statistics: BTreeMap<_, _> =
                    statistics.chain([("totalprofitandloss", 0.0)]).collect();
                json!({"data": {"holdings": [], "statistics": statistics}})
            }
            "gttorderbook" => self.gtt_book().await,
            other => panic!("{other} is not replayed"),
        })
    }

    async fn gtt_book(&self) -> Value {
        let waiting = self
            .app
            .gtts()
            .list(self.owner.id, Some(GttStatus::Active))
            .await
            .unwrap();
        let mut rows = Vec::new();
        for gtt in waiting {
            let ltp = self.app.market().quote(&gtt.instrument).await.unwrap().ltp;
            rows.push((gtt, shown::number(ltp)));
        }
        json!({"data": shown::gtts(&rows)})
    }
}

const ORDER: [&str; 11] = [
    "apikey",
    "strategy",
    "symbol",
    "exchange",
    "action",
    "quantity",
    "pricetype",
    "product",
    "price",
    "trigger_price",
    "disclosed_quantity",
];

fn words(error: impl Display) -> Refused {
    Refused::Words(error.to_string())
}

fn parts(legs: &[Leg]) -> Vec<Value> {
    let part = |leg: &Leg| match &leg.outcome {
        Ok(Placed { order, .. }) => json!({
            "order_num": leg.number,
            "orderid": order.public_id(),
            "quantity": leg.order.quantity,
            "status": "success",
        }),
        Err(error) => json!({
            "message": error.to_string(),
            "order_num": leg.number,
            "quantity": leg.order.quantity,
            "status": "error",
        }),
    };
    legs.iter().map(part).collect()
}
