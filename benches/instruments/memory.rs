//! What a list takes of the memory of a process that has done nothing else.

use crate::folder::Folder;
use openalgo::engine::market::InstrumentIndex;
use std::env;
use std::hint::black_box;
use std::path::PathBuf;
use std::process::Command;
use tokio::runtime::Runtime;

/// Where the folder is, for the process that measures.
const FOLDER: &str = "OPENALGO_BENCH_MEMORY_OF";

/// The folder of which this process is to measure the list.
pub(crate) fn asked_for() -> Option<PathBuf> {
    env::var_os(FOLDER).map(PathBuf::from)
}

/// Measures in a process of its own: what this one has freed already would hide what is taken.
pub(crate) fn run(folder: &Folder) {
    let mut alone = Command::new(env::current_exe().unwrap());
    let done = alone.env(FOLDER, folder.root()).status().unwrap();
    assert!(done.success(), "memory was not measured");
}

/// Loads the list and searches it once by each kind of rules, and tells what that has taken.
pub(crate) fn measure(runtime: &Runtime, folder: &Folder) {
    let app = runtime.block_on(folder.open());
    let before = resident();
    let open = runtime.block_on(folder.list(&app));
    println!("{} instruments, budget 25 MB", open.index.len());
    show("loaded", &open.index, before);
    drop(black_box(open.index.search("nfity", None, 20)));
    show("and searched", &open.index, before);
    drop(black_box(open.index.search_as_clients_do("nifty", None)));
    show("and by the rules of the API", &open.index, before);
    runtime.block_on(app.close());
}

fn show(when: &str, index: &InstrumentIndex, before: Option<usize>) {
    let taken = before.zip(resident());
    let taken = taken.map(|(before, after)| tenths(after.saturating_sub(before)));
    println!(
        "  {when:<30} {:>9} by what it is made of, {:>9} more resident",
        tenths(index.memory()),
        taken.unwrap_or_else(|| "unknown".to_owned())
    );
}

fn tenths(bytes: usize) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// Bytes of memory that this process has, where the system tells.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1_024)
}
