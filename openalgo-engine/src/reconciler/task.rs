//! The task that reads order books.

use super::books::{Books, Settling};
use super::keeper::Known;
use super::{Failures, Tools};
use crate::brokers::Login;
use crate::schedule::{Schedule, sleep};
use std::pin::pin;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// When storing an answer is tried again that could not be stored.
const AGAIN: Duration = Duration::from_secs(1);

/// What can be asked of the task.
#[derive(Debug)]
pub(super) enum Ask {
    /// To read the book of one account, or all of them.
    Pass(Option<Login>, oneshot::Sender<Failures>),
    /// To store what could not be stored.
    Store,
    /// To write down what a person says became of an order.
    Settle(Settling),
}

/// The task.
pub(super) struct Task {
    books: Books,
    tools: Tools,
}

impl Task {
    pub(super) fn new(tools: Tools, known: Known) -> Self {
        let books = Books::new(tools.clone(), known);
        Self { books, tools }
    }

    /// Works until it is told to stop, or until nobody can ask any more.
    pub(super) async fn run(
        mut self,
        (mut inbox, mut stopped): (mpsc::Receiver<Ask>, watch::Receiver<bool>),
        every: Option<Duration>,
    ) {
        let mut schedule = Schedule::every(every);
        loop {
            let again = (!self.tools.answers.is_empty()).then_some(AGAIN);
            tokio::select! {
                biased;
                _ = stopped.changed() => break,
                () = self.books.step() => {}
                asked = inbox.recv() => match asked {
                    Some(asked) => self.answer(asked).await,
                    None => break,
                },
                () = schedule.turn() => self.books.read_all(),
                () = sleep(again) => self.store_answers().await,
            }
        }
        // What was still asked is not done; answers that came in are kept if they can be.
        drop(inbox);
        self.books.finish().await;
        self.tools.store_answers().await;
    }

    /// Stores what waits while books go on being read: a pass that stores an answer of the same
    /// order must come to its end for that.
    async fn store_answers(&mut self) {
        let tools = self.tools.clone();
        let mut storing = pin!(tools.store_answers());
        loop {
            tokio::select! {
                biased;
                () = &mut storing => break,
                () = self.books.step() => {}
            }
        }
    }

    async fn answer(&mut self, asked: Ask) {
        match asked {
            Ask::Pass(of, done) => self.books.read(of.as_ref(), done),
            Ask::Store => self.store_answers().await,
            Ask::Settle(settling) => self.books.settle(settling),
        }
    }
}
