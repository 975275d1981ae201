//! A broker in the process of the test, and the way to it over a socket from another process.

use super::point::{self, Point};
use async_trait::async_trait;
use openalgo::core::id::{BrokerName, BrokerOrderId};
use openalgo::core::market::Timestamp;
use openalgo::core::order::{JournaledIntent, NewOrder, OrderKind, OrderStatus, Product, Side};
use openalgo::core::port::{
    Acknowledgement, BookOrder, BrokerReadError, BrokerSession, CancelError, ModifyError,
    OrderBook, OrderBookReader, OrderGateway, SubmitError,
};
use openalgo::core::value::{Price, Quantity};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};

/// What can be asked of the broker, one line each.
#[derive(Debug, Serialize, Deserialize)]
enum Request {
    Submit { tag: String, at: Timestamp },
    Cancel { id: String },
    Book,
}

/// A line of the broker's book.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) tag: String,
    pub(super) at: Timestamp,
    pub(super) is_cancelled: bool,
}

/// The broker's side.
pub(super) struct Broker {
    pub(super) address: SocketAddr,
    book: Arc<Mutex<Vec<Line>>>,
}

impl Broker {
    /// Answers until the test ends.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let book = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&book);
        let serving = std::thread::Builder::new()
            .name("broker".into())
            .spawn(move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    // A caller that dies in the middle of a request has asked for nothing.
                    drop(serve(&stream, &shared));
                }
            });
        serving.unwrap();
        Self { address, book }
    }

    pub(super) fn book(&self) -> Vec<Line> {
        self.book.lock().unwrap().clone()
    }
}

fn serve(mut stream: &TcpStream, book: &Mutex<Vec<Line>>) -> std::io::Result<()> {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    if !line.ends_with('\n') {
        return Ok(());
    }
    let answer = answer(&mut book.lock().unwrap(), serde_json::from_str(&line)?);
    writeln!(stream, "{}", serde_json::to_string(&answer)?)
}

fn answer(book: &mut Vec<Line>, request: Request) -> Vec<Line> {
    match request {
        Request::Submit { tag, at } => {
            let id = format!("B-{}", book.len() + 1);
            let is_cancelled = false;
            let line = Line {
                id,
                tag,
                at,
                is_cancelled,
            };
            book.push(line.clone());
            vec![line]
        }
        Request::Cancel { id } => {
            for line in book.iter_mut().filter(|line| line.id == id) {
                line.is_cancelled = true;
            }
            Vec::new()
        }
        Request::Book => book.clone(),
    }
}

/// The way to the broker, which dies at its points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way(pub(super) SocketAddr);

impl Way {
    pub(super) fn session(self) -> BrokerSession {
        BrokerSession {
            order_book: Some(Arc::new(self)),
            ..BrokerSession::new(name(), Arc::new(self))
        }
    }

    async fn ask(
        self,
        request: &Request,
        [before, half, sent]: [Point; 3],
    ) -> std::io::Result<Vec<Line>> {
        point::reached(before);
        let mut stream = tokio::net::TcpStream::connect(self.0).await?;
        let request = serde_json::to_string(request)? + "\n";
        let (one, other) = request.as_bytes().split_at(request.len() / 2);
        stream.write_all(one).await?;
        point::reached(half);
        stream.write_all(other).await?;
        let mut answer = String::new();
        if point::is_next(sent) {
            // The broker has done it when its answer can be read; nobody reads it.
            stream.readable().await?;
        }
        point::reached(sent);
        tokio::io::BufReader::new(stream)
            .read_line(&mut answer)
            .await?;
        Ok(serde_json::from_str(&answer)?)
    }
}

pub(super) fn name() -> BrokerName {
    "fake".parse().unwrap()
}

#[async_trait]
impl OrderGateway for Way {
    async fn submit(&self, intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        let request = Request::Submit {
            tag: intent.tag().as_str().to_owned(),
            at: intent.intent().at,
        };
        let points = [Point::BeforeSubmit, Point::HalfSubmitted, Point::Submitted];
        let asked = self.ask(&request, points).await;
        let answer = asked.map_err(|lost| SubmitError::OutcomeUnknown(lost.into()))?;
        point::reached(Point::Acknowledged);
        Ok(Acknowledgement {
            broker_order_id: answer[0].id.parse().unwrap(),
            awaits_trigger: false,
        })
    }

    async fn modify(&self, _order: &BrokerOrderId, _asked: &NewOrder) -> Result<(), ModifyError> {
        let reason = "this broker modifies nothing".into();
        Err(ModifyError::Refused { reason })
    }

    async fn cancel(&self, order: &BrokerOrderId) -> Result<(), CancelError> {
        let id = order.as_str().to_owned();
        let points = [Point::BeforeCancel, Point::HalfCancelled, Point::Cancelled];
        let asked = self.ask(&Request::Cancel { id }, points).await;
        asked.map_err(|lost| CancelError::OutcomeUnknown(lost.into()))?;
        Ok(())
    }
}

#[async_trait]
impl OrderBookReader for Way {
    async fn orders(&self) -> Result<OrderBook, BrokerReadError> {
        let points = [Point::BeforeBook, Point::HalfBook, Point::BookAsked];
        let asked = self.ask(&Request::Book, points).await;
        let lines = asked.map_err(|lost| BrokerReadError::Failed(lost.into()))?;
        point::reached(Point::BookRead);
        Ok(OrderBook {
            orders: lines.iter().map(row).collect(),
            complete: true,
        })
    }

    fn carries_tags(&self) -> bool {
        true
    }
}

fn row(line: &Line) -> BookOrder {
    BookOrder {
        broker_order_id: line.id.parse().unwrap(),
        tag: Some(line.tag.parse().unwrap()),
        instrument: crate::world::reliance(),
        side: Side::Buy,
        quantity: Quantity::ONE,
        product: Product::Mis,
        kind: OrderKind::Market,
        status: if line.is_cancelled {
            OrderStatus::Cancelled
        } else {
            OrderStatus::Open
        },
        filled: Quantity::ZERO,
        average: Price::ZERO,
        message: None,
        placed_at: line.at,
    }
}
