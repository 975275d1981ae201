//! Lives whole trading days in a world where everything that can go wrong does, and says whether
//! every order was decided exactly once.
//!
//! `cargo run --release --example simulate -- --seeds 10000`

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the world is test equipment, which may panic as a test does"
)]

#[path = "../custom_repository/memory.rs"]
mod memory;
#[path = "world.rs"]
mod world;

use clap::{Parser, ValueEnum};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use world::{Fault, Options, Report, Sabotage, live};

/// Lives whole trading days in a world with faults, and checks every order against the broker's
/// own book.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  simulate --seeds 10000           ten thousand days
  simulate --seed 17 --trace       one day, with everything that happens in it
  simulate --seeds 500 --sabotage claim
                                   how soon the world notices that a safeguard is missing")]
struct Args {
    /// How many days to live.
    #[arg(long, default_value_t = 200, conflicts_with = "seed")]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1, conflicts_with = "seed")]
    from: u64,
    /// Only the day of this seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Shows everything that happens on the day of `--seed`.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Switches a safeguard off; ends at the first day on which that is noticed.
    #[arg(long, value_enum)]
    sabotage: Option<SabotageArg>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SabotageArg {
    Idempotency,
    Claim,
    Journal,
    GttClaim,
    Decision,
}

/// What many days came to.
#[derive(Debug, Default)]
struct Tally {
    days: u64,
    steps: u64,
    operations: u64,
    /// How often each fault was injected, and on how many days.
    faults: BTreeMap<Fault, (u64, u64)>,
    /// Days on which something was wrong.
    violations: BTreeMap<u64, Vec<String>>,
}

impl Tally {
    fn add(&mut self, seed: u64, report: Report) {
        self.days += 1;
        self.steps += report.steps;
        self.operations += u64::try_from(report.operations).unwrap();
        for (fault, count) in report.faults {
            let (times, days) = self.faults.entry(fault).or_default();
            *times += count;
            *days += 1;
        }
        if !report.violations.is_empty() {
            self.violations.insert(seed, report.violations);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how long it took is for people")]
fn main() -> ExitCode {
    let args = Args::parse();
    let sabotage = args.sabotage.map(|it| match it {
        SabotageArg::Idempotency => Sabotage::Idempotency,
        SabotageArg::Claim => Sabotage::Claim,
        SabotageArg::Journal => Sabotage::Journal,
        SabotageArg::GttClaim => Sabotage::GttClaim,
        SabotageArg::Decision => Sabotage::Decision,
    });
    let begun = Instant::now();
    let tally = match args.seed {
        Some(seed) => one(seed, sabotage, args.trace),
        None => many(&args, sabotage),
    };
    show(&tally, begun);
    if tally.violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn one(seed: u64, sabotage: Option<Sabotage>, trace: bool) -> Tally {
    let report = live(seed, Options { sabotage, trace });
    for line in &report.trace {
        say(line);
    }
    if trace {
        say(&report.journal);
    }
    let mut tally = Tally::default();
    tally.add(seed, report);
    tally
}

/// Lives the days on all cores, the lowest seeds first.
fn many(args: &Args, sabotage: Option<Sabotage>) -> Tally {
    let next = AtomicU64::new(args.from);
    let end = args.from.saturating_add(args.seeds);
    let tally = Mutex::new(Tally::default());
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let report = live(
                        seed,
                        Options {
                            sabotage,
                            trace: false,
                        },
                    );
                    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                    tally.add(seed, report);
                    progress(&tally, args.seeds);
                    if sabotage.is_some() && !tally.violations.is_empty() {
                        next.store(end, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    tally.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn progress(tally: &Tally, of: u64) {
    let mut terminal = std::io::stderr().lock();
    if tally.days.is_multiple_of(20) && terminal.is_terminal() {
        let wrong = tally.violations.len();
        // That progress cannot be shown is no failure.
        drop(write!(
            terminal,
            "\r{} of {of} days, {wrong} with violations ",
            tally.days
        ));
        drop(terminal.flush());
    }
}

fn show(tally: &Tally, begun: Instant) {
    let Tally {
        days,
        steps,
        operations,
        ..
    } = tally;
    let seconds = begun.elapsed().as_secs();
    say("");
    say(&format!(
        "{days} days, {operations} operations, {steps} steps in {seconds} s"
    ));
    say(&format!("{:<28}{:>10}{:>10}", "fault", "times", "days"));
    for fault in Fault::ALL {
        let (times, on) = tally.faults.get(&fault).copied().unwrap_or_default();
        say(&format!("{fault:<28}{times:>10}{on:>10}"));
    }
    let wrong = tally.violations.len();
    say(&format!("days with violations: {wrong}"));
    for (seed, violations) in tally.violations.iter().take(20) {
        say(&format!("seed {seed}:"));
        for violation in violations {
            say(&format!("  {violation}"));
        }
    }
}

fn say(line: &str) {
    // Nothing can be done about an output that is closed.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}
