//! The signals that end a process, and what is said when one of them stops a command that changes
//! orders.

use crate::error::CliError;
use crate::ui::Ui;
use std::future::Future;
use std::io;
use std::process::exit;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What is said when a signal was heard and something is still going on.
pub(crate) const FINISHING: &str =
    "what was begun is finished first; Ctrl-C again ends the program at once";

/// The signals that end a process; from when it is made on they end it no more by themselves.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    kinds: [tokio::signal::unix::Signal; 3],
    #[cfg(windows)]
    ctrl_c: tokio::signal::windows::CtrlC,
}

impl Signals {
    /// Hears them from now on.
    pub(crate) fn hear() -> Result<Self, CliError> {
        Self::listen().map_err(|error| CliError::internal("signals cannot be heard", &error))
    }

    #[cfg(unix)]
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            kinds: [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
            ],
        })
    }

    #[cfg(windows)]
    fn listen() -> io::Result<Self> {
        Ok(Self {
            ctrl_c: tokio::signal::windows::ctrl_c()?,
        })
    }

    /// Waits for the next one.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        let [interrupt, terminate, hang_up] = &mut self.kinds;
        tokio::select! {
            biased;
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }

    /// Waits for the next Ctrl-C.
    #[cfg(windows)]
    pub(crate) async fn next(&mut self) {
        self.ctrl_c.recv().await;
    }
}

/// Tells a command that changes orders when it is to stop, since what it has begun may stand at a
/// broker by then. A signal that comes while no such command runs ends the process at once: it is
/// closing the folder then, or asks for a passphrase.
#[derive(Debug)]
pub(crate) struct Stop {
    asked: watch::Sender<()>,
    /// What is said of the command then.
    hint: String,
    listener: JoinHandle<()>,
}

impl Stop {
    /// Hears signals from now on.
    pub(crate) fn hear(ui: Ui, hint: String) -> Result<Self, CliError> {
        let mut signals = Signals::hear()?;
        let asked = watch::Sender::new(());
        let (asking, said) = (asked.clone(), hint.clone());
        let listener = tokio::spawn(async move {
            while is_heard(&asking, signals.next()).await {
                Ui::warn(FINISHING);
            }
            end_at_once(ui, &stopped(&said));
        });
        Ok(Self {
            asked,
            hint,
            listener,
        })
    }

    /// Does something, unless a signal comes: then it is dropped.
    pub(crate) async fn unless<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut asked = self.asked.subscribe();
        tokio::select! {
            biased;
            // The sender is our own.
            _ = asked.changed() => None,
            outcome = work => Some(outcome),
        }
    }

    /// What is said of a command that was stopped in this process.
    pub(crate) fn here(&self) -> CliError {
        stopped(&self.hint)
    }

    /// What is said of a command that another process goes on with.
    pub(crate) fn elsewhere(&self, pid: u32) -> CliError {
        let message = format!(
            "this was stopped before the answer came; process {pid} goes on with it, so it is not \
             known what of it is done"
        );
        CliError::outcome_unknown(&message).hint(&*self.hint)
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// Waits for a signal; whether a command runs that hears of it.
async fn is_heard(asked: &watch::Sender<()>, signal: impl Future<Output = ()>) -> bool {
    signal.await;
    asked.send(()).is_ok()
}

fn stopped(hint: &str) -> CliError {
    let message = "this was stopped before it was done, so it is not known what of it is done";
    CliError::outcome_unknown(&message).hint(hint)
}

/// Ends the process with nothing but an error said.
#[expect(
    clippy::exit,
    reason = "nothing that hangs may keep a second Ctrl-C from ending the program"
)]
pub(crate) fn end_at_once(ui: Ui, error: &CliError) -> ! {
    ui.error(error);
    exit(error.exit.code().into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    fn stop() -> Stop {
        Stop {
            asked: watch::Sender::new(()),
            hint: "look".into(),
            listener: tokio::spawn(ready(())),
        }
    }

    #[tokio::test]
    async fn a_signal_stops_what_runs() {
        let stop = stop();
        let signal = async { is_heard(&stop.asked, ready(())).await };
        let (outcome, heard) = tokio::join!(stop.unless(pending::<()>()), signal);
        assert_eq!((outcome, heard), (None, true));
    }

    #[tokio::test]
    async fn what_is_done_is_not_stopped() {
        assert_eq!(stop().unless(ready(7)).await, Some(7));
    }

    /// While the folder is closed, or while a passphrase is asked for.
    #[tokio::test]
    async fn a_signal_that_nobody_waits_for_ends_the_process() {
        let stop = stop();
        assert!(!is_heard(&stop.asked, ready(())).await);
        let signal = async { is_heard(&stop.asked, ready(())).await };
        tokio::join!(stop.unless(pending::<()>()), signal);
        assert!(!is_heard(&stop.asked, ready(())).await, "the second one");
    }
}
