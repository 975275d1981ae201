//! The disk that the data folder is on.

use super::Finding;
use openalgo::core::market::Timestamp;
use openalgo::core::port::Clock;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// What a day of trading needs at the very least.
const LEAST: u64 = 64 << 20;
/// Besides the files of a day, room for a copy of the database: for a backup, and before a newer
/// program changes its tables.
const COMFORTABLE: u64 = 1 << 30;
/// How many durable writes are timed; the median counts.
const WRITES: usize = 15;
/// A write of one page.
const PAGE: [u8; 4096] = [0; 4096];
/// A live order waits for two durable writes. Above this (in microseconds) they take longer than
/// the broker.
const SLOW: i64 = 25_000;

/// Whether there is room on the disk for a database of `database` bytes to live.
pub(crate) fn examine_space(folder: &Path, database: u64) -> Finding {
    match fs4::available_space(folder) {
        Ok(free) => judge_space(free, database),
        Err(error) => Finding::warning(
            "disk space",
            format!("the system does not say how much is free: {error}"),
            "look at the disk by other means",
        ),
    }
}

fn judge_space(free: u64, database: u64) -> Finding {
    let said = format!("{} MiB are free", free >> 20);
    let remedy = "make room on the disk, or move the data folder to one with more";
    let wanted = COMFORTABLE.max(database.saturating_mul(3));
    if free < LEAST {
        Finding::failed("disk space", said, remedy)
    } else if free < wanted {
        let wanted = wanted >> 20;
        Finding::warning(
            "disk space",
            format!("{said}; {wanted} MiB leave room for backups and updates"),
            remedy,
        )
    } else {
        Finding::ok("disk space", said)
    }
}

/// How long a write takes until it would survive a loss of power.
pub(crate) fn examine_speed(folder: &Path, clock: &dyn Clock) -> Finding {
    let probe = folder.join("doctor.probe");
    let timed = time_writes(&probe, clock);
    let removed = fs::remove_file(&probe);
    match timed.and_then(|micros| removed.map(|()| micros)) {
        Ok(micros) => judge_speed(micros),
        Err(error) => Finding::failed(
            "disk speed",
            format!("the folder cannot be written to: {error}"),
            "make room on the disk, and give this user the right to write to the folder",
        ),
    }
}

/// The median time of a durable write in microseconds.
fn time_writes(probe: &Path, clock: &dyn Clock) -> io::Result<i64> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(probe)?;
    let mut times = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let before = clock.now();
        file.write_all(&PAGE)?;
        file.sync_data()?;
        times.push(micros_since(before, clock));
    }
    times.sort_unstable();
    Ok(times.get(WRITES / 2).copied().unwrap_or_default())
}

fn micros_since(before: Timestamp, clock: &dyn Clock) -> i64 {
    clock
        .now()
        .since(before)
        .num_microseconds()
        .unwrap_or(i64::MAX)
}

fn judge_speed(micros: i64) -> Finding {
    let said = format!(
        "a durable write takes {}.{:02} ms",
        micros / 1000,
        micros % 1000 / 10
    );
    if micros > SLOW {
        Finding::warning(
            "disk speed",
            format!("{said}; a live order waits for two of them"),
            "move the data folder to a local solid-state disk",
        )
    } else {
        Finding::ok("disk speed", said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;
    use openalgo::SystemClock;

    #[test]
    fn little_room_is_a_warning_and_none_a_failure() {
        let verdict = |free, database| judge_space(free, database).verdict;
        assert_eq!(verdict(2 << 30, 0), Verdict::Ok);
        assert_eq!(verdict(2 << 30, 1 << 30), Verdict::Warning);
        assert_eq!(verdict(1 << 29, 0), Verdict::Warning);
        assert_eq!(verdict(1 << 25, 0), Verdict::Failed);
    }

    #[test]
    fn a_slow_disk_is_a_warning() {
        assert_eq!(judge_speed(150).verdict, Verdict::Ok);
        assert_eq!(judge_speed(1_234).said, "a durable write takes 1.23 ms");
        assert_eq!(judge_speed(40_000).verdict, Verdict::Warning);
    }

    #[test]
    fn the_probe_leaves_nothing_behind_and_needs_a_folder() {
        let place = tempfile::tempdir().unwrap();
        let found = examine_speed(place.path(), &SystemClock);
        assert_ne!(found.verdict, Verdict::Failed, "{}", found.said);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
        let nowhere = examine_speed(&place.path().join("none"), &SystemClock);
        assert_eq!(nowhere.verdict, Verdict::Failed);
    }
}
