//! Times of the store and of its yardstick, taken in turns so that both meet the same noise.

use std::time::{Duration, Instant};

/// Turns that only warm things up.
const WARM_UP: usize = 20;

/// What is compared.
pub(crate) struct Comparison {
    pub(crate) name: &'static str,
    /// Operations in one turn.
    pub(crate) operations: u32,
    /// Turns that count.
    pub(crate) turns: usize,
    /// How often the yardstick's time the store may take.
    pub(crate) budget: Option<f64>,
}

impl Comparison {
    /// Times both sides turn by turn, each going first every other time, and prints a line.
    pub(crate) fn run(
        &self,
        mut store: impl FnMut() -> Duration,
        mut yardstick: impl FnMut() -> Duration,
    ) {
        let mut is_first = false;
        self.run_pairs(|| {
            is_first = !is_first;
            if is_first {
                let one = store();
                (one, yardstick())
            } else {
                let other = yardstick();
                (store(), other)
            }
        });
    }

    /// The same where one side needs what the other one did: each turn gives the times of both.
    pub(crate) fn run_pairs(&self, mut turn: impl FnMut() -> (Duration, Duration)) {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for number in 0..self.turns + WARM_UP {
            let (one, other) = turn();
            if number >= WARM_UP {
                ours.push(one);
                theirs.push(other);
            }
        }
        self.print(median(ours), median(theirs));
    }

    fn print(&self, store: Duration, yardstick: Duration) {
        let ratio = store.as_secs_f64() / yardstick.as_secs_f64();
        let budget = self
            .budget
            .map_or_else(String::new, |budget| format!("{budget:.2}"));
        let verdict = match self.budget {
            Some(budget) if ratio > budget => "missed",
            Some(_) => "met",
            None => "",
        };
        println!(
            "{:<45} {:>9.1} us {:>9.1} us {ratio:>7.2} {budget:>7} {verdict}",
            self.name,
            micros(store / self.operations),
            micros(yardstick / self.operations),
        );
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap()
}

/// How long `work` takes.
#[expect(
    clippy::disallowed_methods,
    reason = "the one thing here that is about real time"
)]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let done = work();
    let time = start.elapsed();
    drop(done);
    time
}
