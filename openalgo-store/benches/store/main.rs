//! What the store costs over the bare C API of the same SQLCipher, with the budgets of the paths
//! that have one. `cargo bench -p openalgo-store`; figures are kept in `docs/benchmarks.md`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark has nobody to hand an error to but its reader"
)]

mod folder;
mod inserting;
mod opening;
mod raw;
mod reading;
mod samples;

use tokio::runtime::Runtime;

type Part = fn(&Runtime);

fn main() {
    let runtime = Runtime::new().unwrap();
    println!("medians; the yardstick is prepared statements over the C API, sampled in turns");
    println!(
        "{:<45} {:>12} {:>12} {:>7} {:>7}",
        "", "store", "yardstick", "ratio", "budget"
    );
    let parts: [(&str, Part); 5] = [
        ("alone", inserting::alone),
        ("together", inserting::together),
        ("batched", inserting::batched),
        ("reading", reading::thousand),
        ("opening", opening::existing),
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
