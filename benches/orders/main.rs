//! What an order costs inside the process, over one commit of the same rows through the C API of
//! the same SQLCipher. `cargo bench --bench orders`; figures are kept in `docs/benchmarks.md`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark has nobody to hand an error to but its reader"
)]

mod calls;
mod full;
#[expect(dead_code, reason = "the store's benchmark needs more of it")]
#[path = "../../openalgo-store/benches/store/raw.rs"]
mod raw;
mod resting;
#[path = "../../openalgo-store/benches/store/samples.rs"]
mod samples;
mod trader;
mod twin;

use std::alloc::System;
use tokio::runtime::Runtime;
use zeroizing_alloc::ZeroAlloc;

/// The same as the programs have: what is freed is wiped.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

type Part = fn(&Runtime);

fn main() {
    let runtime = Runtime::new().unwrap();
    println!("medians; the yardstick is one commit of the same rows, or what its line says");
    println!(
        "{:<45} {:>12} {:>12} {:>7} {:>7}",
        "", "orders", "yardstick", "ratio", "budget"
    );
    let parts: [(&str, Part); 5] = [
        ("paper", calls::paper),
        ("together", calls::together),
        ("live", calls::live),
        ("resting", resting::crossing),
        ("full", full::million),
    ];
    // Words after `--` pick parts; cargo itself adds flags.
    let asked: Vec<_> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    for (name, part) in parts {
        if asked.is_empty() || asked.iter().any(|word| word == name) {
            part(&runtime);
        }
    }
}
