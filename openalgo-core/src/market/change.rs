//! What one table of data has other than another.

use std::collections::BTreeMap;

/// What stands under a name in one table, and stood in the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<N, T> {
    /// The name.
    pub of: N,
    /// What was there.
    pub before: Option<T>,
    /// What is there now.
    pub now: Option<T>,
}

/// What is other, by its name.
pub(super) fn changes<N, T>(before: &BTreeMap<N, T>, now: &BTreeMap<N, T>) -> Vec<Change<N, T>>
where
    N: Clone + Ord,
    T: Clone + PartialEq,
{
    let gone = before.keys().filter(|name| !now.contains_key(name));
    let mut names: Vec<_> = now.keys().chain(gone).collect();
    names.sort();
    let changes = names.into_iter().map(|name| Change {
        of: name.clone(),
        before: before.get(name).cloned(),
        now: now.get(name).cloned(),
    });
    changes.filter(|it| it.before != it.now).collect()
}
