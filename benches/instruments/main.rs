//! What a list of 110,000 instruments costs: taking it, having it again, its memory, searching it.
//! `cargo bench --bench instruments`; figures are kept in `docs/benchmarks.md`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark has nobody to hand an error to but its reader"
)]

mod file;
mod folder;
mod memory;
#[path = "../../openalgo-store/benches/store/samples.rs"]
mod samples;
mod searching;

use folder::Folder;
use samples::{Comparison, timed};
use std::alloc::System;
use std::hint::black_box;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use zeroizing_alloc::ZeroAlloc;

/// The same as the programs have: what is freed is wiped.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() {
    let runtime = Runtime::new().unwrap();
    if let Some(place) = memory::asked_for() {
        return memory::measure(&runtime, &Folder::at(place));
    }
    let place = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = Folder::at(place.path().to_owned());
    runtime.block_on(folder.fill());
    memory::run(&folder);
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
