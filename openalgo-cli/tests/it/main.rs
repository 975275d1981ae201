//! The program as people and scripts use it: arguments in, text, JSON and exit codes out.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic like the tests themselves"
)]

mod backup;
mod bad_files;
mod bad_input;
mod doctor;
#[cfg(unix)]
mod full_disk;
mod gtt;
mod held_keys;
mod history;
mod home;
mod instruments;
mod journal;
mod keys;
mod latency;
/// The same search as in the stories of the library.
#[path = "../../../tests/it/leaks.rs"]
mod leaks;
mod logs;
mod market;
mod named_keys;
mod narrow;
mod options;
mod orders;
mod owner;
mod paper;
mod pending;
mod places;
mod prices;
mod quickstart;
mod recorded_days;
mod risk;
mod routing;
mod secrets;
#[cfg(unix)]
mod stopped;
mod together;
mod users;
mod world;
