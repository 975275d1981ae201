//! Keeps what is recorded about requests: how long they took, and what was answered.
//!
//! The order path only drops a record into a channel: it waits for nobody. Where the writer is too
//! slow, records are lost and counted. What comes within a moment is written together, so that it
//! shares one flush and takes none from orders.

use futures_util::future::join_all;
use openalgo_core::monitor::{LatencyMetric, NewOrderLog};
use openalgo_core::port::{LatencyMetricRepository, OrderLogRepository};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Records that wait for the writer; further ones are lost.
const BACKLOG: usize = 1_024;
/// How long the first of some waits for others.
const GATHER: Duration = Duration::from_millis(250);
/// How many are written together.
const TOGETHER: usize = 64;

/// What is recorded.
#[derive(Debug)]
pub(crate) enum Record {
    Latency(Box<LatencyMetric>),
    Request(Box<NewOrderLog>),
}

impl From<LatencyMetric> for Record {
    fn from(metric: LatencyMetric) -> Self {
        Self::Latency(Box::new(metric))
    }
}

impl From<NewOrderLog> for Record {
    fn from(log: NewOrderLog) -> Self {
        Self::Request(Box::new(log))
    }
}

/// Where records are dropped.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    sender: mpsc::Sender<Record>,
    lost: Arc<AtomicU64>,
}

impl Records {
    /// Hands a record over. Never waits.
    pub(crate) fn drop_in(&self, record: impl Into<Record>) {
        if self.sender.try_send(record.into()).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many were lost since the start.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

/// The task that writes records.
#[derive(Debug)]
pub(crate) struct RecorderTask {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl RecorderTask {
    pub(crate) fn start(
        metrics: Arc<dyn LatencyMetricRepository>,
        logs: Arc<dyn OrderLogRepository>,
    ) -> (Records, Self) {
        let (sender, inbox) = mpsc::channel(BACKLOG);
        let (stop, stopped) = watch::channel(false);
        let lost = Arc::new(AtomicU64::new(0));
        let writer = Writer {
            metrics,
            logs,
            inbox,
            lost: Arc::clone(&lost),
            told: 0,
        };
        let task = tokio::spawn(writer.run(stopped));
        (Records { sender, lost }, Self { stop, task })
    }

    /// Writes what waits, and ends.
    pub(crate) async fn end(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the writer of records ended early");
        }
    }
}

struct Writer {
    metrics: Arc<dyn LatencyMetricRepository>,
    logs: Arc<dyn OrderLogRepository>,
    inbox: mpsc::Receiver<Record>,
    lost: Arc<AtomicU64>,
    /// How many of the lost ones the log knows of.
    told: u64,
}

impl Writer {
    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let mut batch = Vec::with_capacity(TOGETHER);
        loop {
            tokio::select! {
                biased;
                _ = stopped.changed() => break,
                received = self.inbox.recv_many(&mut batch, 1) => if received == 0 {
                    return;
                },
            }
            tokio::select! {
                biased;
                _ = stopped.changed() => {
                    self.write(&mut batch).await;
                    break;
                }
                () = tokio::time::sleep(GATHER) => {}
            }
            self.drain(&mut batch).await;
        }
        self.inbox.close();
        self.drain(&mut batch).await;
    }

    /// Writes everything that waits now.
    async fn drain(&mut self, batch: &mut Vec<Record>) {
        let mut waiting = self.inbox.len();
        loop {
            while batch.len() < TOGETHER && waiting > 0 {
                let Ok(record) = self.inbox.try_recv() else {
                    break;
                };
                batch.push(record);
                waiting = waiting.saturating_sub(1);
            }
            if batch.is_empty() {
                break;
            }
            self.write(batch).await;
        }
        self.tell_of_lost();
    }

    async fn write(&self, batch: &mut Vec<Record>) {
        let writing = batch.iter().map(|record| match record {
            Record::Latency(metric) => self.metrics.insert(metric),
            Record::Request(log) => self.logs.insert(log),
        });
        for written in join_all(writing).await {
            if let Err(error) = written {
                tracing::warn!(%error, "what was recorded of a request was not kept");
            }
        }
        batch.clear();
    }

    fn tell_of_lost(&mut self) {
        let lost = self.lost.load(Ordering::Relaxed);
        if lost > self.told {
            tracing::warn!(lost, "records of orders were lost, as they came too fast");
            self.told = lost;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo_core::monitor::Operation;
    use openalgo_core::port::{MockLatencyMetricRepository, MockOrderLogRepository};
    use openalgo_core::testing::sample;
    use std::sync::atomic::AtomicUsize;

    fn metric() -> LatencyMetric {
        LatencyMetric {
            user: None,
            broker: sample::paper(),
            order_id: None,
            operation: Operation::Place,
            latency: Duration::ZERO,
            split: None,
            created_at: sample::at(0),
        }
    }

    /// A store that counts what it is given.
    fn counting() -> (Arc<MockLatencyMetricRepository>, Arc<AtomicUsize>) {
        let (mut metrics, kept) = (MockLatencyMetricRepository::new(), Arc::default());
        let count = Arc::<AtomicUsize>::clone(&kept);
        metrics.expect_insert().returning(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(())
        });
        (Arc::new(metrics), kept)
    }

    fn start(metrics: Arc<MockLatencyMetricRepository>) -> (Records, RecorderTask) {
        RecorderTask::start(metrics, Arc::new(MockOrderLogRepository::new()))
    }

    /// Nobody waits for a writer that does not come to it: the order path goes on.
    #[tokio::test(start_paused = true)]
    async fn what_there_is_no_room_for_is_counted() {
        let (metrics, kept) = counting();
        let (records, task) = start(metrics);
        for _ in 0..BACKLOG + 7 {
            records.drop_in(metric());
        }
        assert_eq!(records.lost(), 7);
        task.end().await;
        assert_eq!(kept.load(Ordering::Relaxed), BACKLOG);
        records.drop_in(metric());
        assert_eq!(records.lost(), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn records_are_written_a_moment_later() {
        let (metrics, kept) = counting();
        let (records, task) = start(metrics);
        records.drop_in(metric());
        records.drop_in(metric());
        tokio::time::sleep(GATHER * 2).await;
        assert_eq!(kept.load(Ordering::Relaxed), 2);
        task.end().await;
        assert_eq!(records.lost(), 0);
    }
}
