//! Where is looked: every file below a folder, its name and what is in it.

use super::planted::{Canaries, LIST};
use crate::world::World;
use std::fs;
use std::path::{Path, PathBuf};

/// Where files lie that are there to hold a key, outside every data folder.
pub(super) const KEYS: &str = "keys";

/// Looks everywhere, time and again, and counts.
#[derive(Default)]
pub(super) struct Search {
    states: usize,
    files: usize,
    bytes: usize,
}

impl Search {
    /// Looks through everything that belongs to a world, at the time at which it is `when`. There
    /// must be files whose paths begin so, lest they are looked for under another name.
    #[track_caller]
    pub(super) fn look(&mut self, (world, canaries): (&World, &Canaries), when: &str, at: &[&str]) {
        let found = self.leaks_in(world, canaries);
        assert!(found.is_empty(), "{when}: {found:#?}");
        let paths = paths_below(world.root());
        for start in at {
            let start = world.root().join(start).display().to_string();
            let mut names = paths.iter().map(|path| path.display().to_string());
            assert!(
                names.any(|name| name.starts_with(&start)),
                "{when}: {start}"
            );
        }
    }

    /// What is given away, and by which file.
    pub(super) fn leaks_in(&mut self, world: &World, canaries: &Canaries) -> Vec<String> {
        let leaks = canaries.leaks();
        let mut all = Vec::new();
        for path in paths_below(world.root()) {
            if [KEYS, LIST]
                .iter()
                .any(|name| path.starts_with(world.root().join(name)))
            {
                continue;
            }
            // A socket has a name and nothing in it.
            let content = if path.is_file() {
                fs::read(&path).unwrap()
            } else {
                Vec::new()
            };
            let name = path.as_os_str().as_encoded_bytes();
            let found = [leaks.found(name), leaks.found(&content)].concat();
            all.extend(
                found
                    .iter()
                    .map(|leak| format!("{}: {leak}", path.display())),
            );
            self.files += 1;
            self.bytes += content.len();
        }
        self.states += 1;
        all
    }

    /// What was done, in figures.
    pub(super) fn report(&self, canaries: &Canaries) -> String {
        format!(
            "{} canaries in {} forms: in none of {} files ({} KiB) in {} states of the folder",
            canaries.len(),
            canaries.leaks().forms(),
            self.files,
            self.bytes / 1_024,
            self.states
        )
    }
}

fn paths_below(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            paths.extend(paths_below(&path));
        }
        paths.push(path);
    }
    paths
}
