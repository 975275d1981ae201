//! What a list of 110,000 instruments costs: taking it, having it again, its memory, searching it.
//! `cargo bench --bench instruments`; figures are kept in `docs/benchmarks.md`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark has nobody to hand an error to but its reader"
)]

mod file;
mod folder;
#[path = "../../openalgo-store/benches/store/samples.rs"]
mod samples;
mod searching;

use folder::Folder;
use openalgo::engine::market::InstrumentIndex;
use samples::{Comparison, timed};
use std::alloc::System;
use std::hint::black_box;
use tokio::runtime::Runtime;
use zeroizing_alloc::ZeroAlloc;

/// The same as the programs have: what is freed is wiped.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() {
    let runtime = Runtime::new().unwrap();
    let folder = runtime.block_on(Folder::new());
    // First, while nothing that is freed hides what is taken.
    memory(&runtime, &folder);
    println!("medians, unless a line says otherwise; budgets are times, ratios tell where they go");
    println!(
        "{:<45} {:>12} {:>12} {:>7} {:>7}",
        "", "instruments", "yardstick", "ratio", "budget"
    );
    taking(&runtime, &folder);
    warm(&runtime, &folder);
    let app = runtime.block_on(folder.open());
    let open = runtime.block_on(folder.list(&app));
    searching::run(&open.index);
    runtime.block_on(app.close());
}

/// From a file on the disk until it can be searched; yardstick: reading the rows of the same file.
fn taking(runtime: &Runtime, folder: &Folder) {
    let app = runtime.block_on(folder.open());
    Comparison {
        name: "take a list of 110,000; budget 1 s",
        operations: 1,
        turns: 20,
        budget: None,
    }
    .run(
        || timed(|| runtime.block_on(folder.take(&app))),
        || timed(|| black_box(folder.read_rows())),
    );
    runtime.block_on(app.close());
}

/// In a process that was just started; yardstick: reading the file and the form of its JSON.
fn warm(runtime: &Runtime, folder: &Folder) {
    Comparison {
        name: "have it again, warm; budget 150 ms",
        operations: 1,
        turns: 20,
        budget: None,
    }
    .run(
        || {
            let app = runtime.block_on(folder.open());
            let time = timed(|| drop(black_box(runtime.block_on(folder.list(&app)))));
            runtime.block_on(app.close());
            time
        },
        || timed(|| folder.read_json()),
    );
}

fn memory(runtime: &Runtime, folder: &Folder) {
    let app = runtime.block_on(folder.open());
    let before = resident();
    let open = runtime.block_on(folder.list(&app));
    let after = resident();
    let index: &InstrumentIndex = &open.index;
    let megabytes = |bytes: usize| bytes.div_ceil(100_000);
    let tenths = |bytes: usize| format!("{}.{} MB", megabytes(bytes) / 10, megabytes(bytes) % 10);
    println!("{} instruments, budget 25 MB", index.len());
    println!("  by what they are made of   {}", tenths(index.memory()));
    match before.zip(after) {
        Some((before, after)) => {
            println!(
                "  resident, with what loading left  {}",
                tenths(after.saturating_sub(before))
            );
        }
        None => println!("  resident memory is not known on this system"),
    }
    runtime.block_on(app.close());
}

/// Bytes of memory that this process has, where the system tells.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1_024)
}
