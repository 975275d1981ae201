//! The engine's own tasks: each has a name, and ends when it is told to.

use super::EngineConfig;
use super::core::Core;
use crate::account::FeedFollower;
use crate::event::EventBus;
use crate::gtt::GttTask;
use crate::hub::HubTask;
use crate::reconciler::ReconcilerTasks;
use crate::recorder::RecorderTask;
use crate::schedule::Schedule;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The engine's own tasks.
#[derive(Debug)]
pub(super) struct Tasks {
    pub(super) own: Vec<OwnTask>,
    pub(super) books: ReconcilerTasks,
    pub(super) recorder: RecorderTask,
    pub(super) gtts: GttTask,
    pub(super) hub: HubTask,
}

/// A task that runs until it is told to stop.
#[derive(Debug)]
pub(super) struct OwnTask {
    name: &'static str,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl OwnTask {
    fn start<F>(name: &'static str, work: impl FnOnce(watch::Receiver<bool>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(work(stopped));
        Self { name, stop, task }
    }

    pub(super) async fn end(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(task = self.name, %error, "a task ended early");
        }
    }
}

/// Starts what the engine does by itself.
pub(super) fn own_tasks(core: &Core, config: &EngineConfig, events: &EventBus) -> Vec<OwnTask> {
    let brokers = core.brokers.clone();
    let keep_time = |stopped| brokers.keep_time(stopped);
    let mut tasks = vec![OwnTask::start("broker sessions", keep_time)];
    let room = core.room.clone();
    let expire = |stopped| room.keep_time(stopped);
    tasks.push(OwnTask::start("orders that wait", expire));
    if let Some(period) = config.watch_every {
        tasks.extend(follow_feed(core, events));
        let core = core.clone();
        let watch = |stopped| watch_market(core, period, stopped);
        tasks.push(OwnTask::start("market watch", watch));
    }
    tasks
}

/// Lets resting orders meet prices as they come, unless the course of prices is known: then each
/// of them is met in any case, and in the order of time.
fn follow_feed(core: &Core, events: &EventBus) -> Option<OwnTask> {
    if core.market.path().is_some() || !core.hub.has_feed() {
        return None;
    }
    let follower = FeedFollower::new(
        Arc::clone(&core.ports),
        (Arc::clone(&core.market), core.hub.clone()),
        Arc::clone(&core.accounts),
        events,
    );
    let follow = |mut stopped: watch::Receiver<bool>| async move {
        tokio::select! {
            biased;
            _ = stopped.changed() => {}
            () = follower.run() => {}
        }
    };
    Some(OwnTask::start("prices for resting orders", follow))
}

/// Lets resting orders meet the market again and again, until it is told to stop.
async fn watch_market(core: Core, period: Duration, mut stopped: watch::Receiver<bool>) {
    let mut schedule = Schedule::every(Some(period));
    loop {
        tokio::select! {
            biased;
            _ = stopped.changed() => return,
            () = schedule.turn() => {}
        }
        // What an account has taken, it finishes by itself.
        tokio::select! {
            biased;
            _ = stopped.changed() => return,
            done = core.catch_up() => if let Err(error) = done {
                tracing::warn!(error = %error, "resting orders were not looked at");
            },
        }
    }
}
