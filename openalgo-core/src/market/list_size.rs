//! Whether a list of instruments can be the whole one, by how many the last one had.

/// A list may be no smaller than four fifths of the last one, and no larger than five quarters of it.
const SMALLEST: (usize, usize) = (4, 5);
const LARGEST: (usize, usize) = (5, 4);

/// Whether a list may have another size than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SizeRule {
    /// It must have about as many instruments as the one before.
    #[default]
    AsBefore,
    /// It may have any number: somebody has looked at it.
    Any,
}

/// How many instruments a new list has, and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListSize {
    /// How many the new one has.
    pub now: usize,
    /// How many the last one had.
    pub before: usize,
}

impl ListSize {
    /// Whether so much of the last one is missing that it is not the whole list.
    pub fn is_short(self) -> bool {
        self.now.saturating_mul(SMALLEST.1) < self.before.saturating_mul(SMALLEST.0)
    }

    /// Whether it has so much more than the last one that something is in it twice.
    pub fn is_long(self) -> bool {
        self.now.saturating_mul(LARGEST.1) > self.before.saturating_mul(LARGEST.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_from_four_fifths_to_five_quarters_of_the_last_one() {
        let sizes = [79, 80, 125, 126].map(|now| ListSize { now, before: 100 });
        assert_eq!(sizes.map(ListSize::is_short), [true, false, false, false]);
        assert_eq!(sizes.map(ListSize::is_long), [false, false, false, true]);
    }
}
