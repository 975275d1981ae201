//! How many prices could not be.

pub use openalgo_core::rule::known_market::Impossible;

/// How many prices were kept from everybody, by the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quarantined([u64; Impossible::ALL.len()]);

impl Quarantined {
    /// How many for this reason.
    pub fn of(self, why: Impossible) -> u64 {
        let numbered = Impossible::ALL.iter().zip(self.0);
        let mut of = numbered.filter(|(kind, _)| **kind == why);
        of.next().map_or(0, |(_, count)| count)
    }

    /// How many altogether.
    pub fn total(self) -> u64 {
        self.0
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }

    pub(super) fn count(&mut self, why: Impossible) {
        for (kind, count) in Impossible::ALL.iter().zip(&mut self.0) {
            if *kind == why {
                *count = count.saturating_add(1);
            }
        }
    }
}
