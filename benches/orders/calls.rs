//! One call, and several at once.

use crate::samples::{Comparison, timed};
use crate::trader::Trader;
use crate::twin::Twin;
use openalgo::core::order::Side;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// On paper: intent, fill, position and money in one commit.
pub(crate) fn paper(runtime: &Runtime) {
    let trader = runtime.block_on(Trader::new());
    let comparison = Comparison {
        name: "paper order, one at a time",
        operations: 1,
        turns: 1_500,
        budget: Some(1.5),
    };
    one_at_a_time(runtime, &comparison, (trader, true));
}

/// At a broker that answers at once: the intent in one commit, the outcome in another.
pub(crate) fn live(runtime: &Runtime) {
    let trader = runtime.block_on(async {
        let trader = Trader::new().await;
        trader.go_live().await;
        trader
    });
    let comparison = Comparison {
        name: "own part of a live order, one at a time",
        operations: 1,
        turns: 1_500,
        budget: Some(2.5),
    };
    one_at_a_time(runtime, &comparison, (trader, false));
}

/// How long a call takes from a task of the runtime, where those of a server and of a bot are.
#[expect(
    clippy::disallowed_methods,
    reason = "the one thing here that is about real time"
)]
fn call(runtime: &Runtime, trader: &Arc<Trader>, side: Side) -> Duration {
    let trader = Arc::clone(trader);
    let call = runtime.spawn(async move {
        let begun = Instant::now();
        trader.place(side).await;
        begun.elapsed()
    });
    runtime.block_on(call).unwrap()
}

fn one_at_a_time(runtime: &Runtime, comparison: &Comparison, (trader, on_paper): (Trader, bool)) {
    let trader = Arc::new(trader);
    let twin = Twin::new(runtime.block_on(Trader::new()), &trader, on_paper);
    let mut writing = twin.writing();
    let mut sides = [Side::Sell, Side::Buy].into_iter().cycle();
    // The rows must be there before they can be written again.
    comparison.run_pairs(|| {
        let side = sides.next().unwrap();
        (call(runtime, &trader, side), writing.write())
    });
    assert!(twin.is_equal(), "both write the same");
}

/// Sixteen callers on one account: they share a flush.
pub(crate) fn together(runtime: &Runtime) {
    const CALLERS: u32 = 16;
    let trader = Arc::new(runtime.block_on(Trader::new()));
    let many = |count: u32| {
        let trader = Arc::clone(&trader);
        timed(|| {
            runtime.block_on(async {
                let mut callers = JoinSet::new();
                for number in 0..count {
                    let trader = Arc::clone(&trader);
                    let side = if number % 2 == 0 {
                        Side::Sell
                    } else {
                        Side::Buy
                    };
                    callers.spawn(async move { trader.place(side).await });
                }
                callers.join_all().await
            })
        })
    };
    Comparison {
        name: "16 callers on one account; yardstick: 16 calls",
        operations: CALLERS,
        turns: 200,
        budget: None,
    }
    .run(|| many(CALLERS), || (0..CALLERS).map(|_| many(1)).sum());
}
