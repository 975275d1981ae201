//! When a victim is killed.
//!
//! Nothing here waits for a time. The victim says that it begins; whoever kills it then looks, as
//! fast as it can, at the victim and at the files, and strikes when a file shows or after so many
//! looks. The looks that a whole operation takes are counted once, so that the moments lie all
//! over it, on a slow machine as on a fast one.

use super::ORDERS;
use crate::victim::{Victim, kills};
use openalgo::core::port::RandomSource;
use openalgo_core::testing::FakeRandom;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a victim says when its operation begins.
pub(super) const BEGINS: &str = "begins";
/// Further kills, if some of those that must be met were not.
const MORE: u64 = 50;

/// What shows on the disk that an operation has come to some point. The paths are those in the
/// folder of the world.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sign {
    /// The victim's word is enough.
    Word,
    /// There is such a file.
    There(&'static str),
    /// There was such a file.
    Gone(&'static str),
    /// There is such a file, with more bytes than that.
    Larger(&'static str, u64),
    /// There is such a file, and it was larger.
    Smaller(&'static str),
}

/// What is watched, and what was seen of it last.
struct Watched<'a> {
    root: &'a Path,
    sign: Sign,
    size: Option<u64>,
}

impl Watched<'_> {
    /// Looks for the sign.
    fn has_shown(&mut self) -> bool {
        let (Sign::There(path) | Sign::Gone(path) | Sign::Larger(path, _) | Sign::Smaller(path)) =
            self.sign
        else {
            return true;
        };
        let size = self.root.join(path).metadata().ok().map(|file| file.len());
        let before = std::mem::replace(&mut self.size, size);
        match self.sign {
            Sign::Word => true,
            Sign::There(_) => size.is_some(),
            Sign::Gone(_) => before.is_some() && size.is_none(),
            Sign::Larger(_, bytes) => size > Some(bytes),
            Sign::Smaller(_) => size.is_some() && size < before,
        }
    }
}

/// A victim is killed so many looks after a sign.
#[derive(Debug, Clone, Copy)]
struct Moment {
    sign: Sign,
    looks: u64,
}

/// An operation that is killed again and again.
pub(super) struct Trial {
    /// The test that plays the victim.
    test: &'static str,
    root: PathBuf,
    /// The points at which it is killed; the first is where the operation begins.
    signs: &'static [Sign],
    /// How often it is killed.
    kills: u64,
    /// Looks from the first sign to the end.
    whole: u64,
    random: FakeRandom,
    /// How far the operation had come, and how often.
    met: BTreeMap<&'static str, u64>,
}

impl Trial {
    /// Lets the operation go through once. In the ordinary tests it is killed so many times then.
    pub(super) fn new(
        (test, root): (&'static str, &Path),
        signs: &'static [Sign],
        ordinary: u64,
    ) -> Self {
        let mut trial = Self {
            test,
            root: root.to_owned(),
            signs,
            kills: kills(ordinary),
            whole: 0,
            random: FakeRandom::default(),
            met: BTreeMap::new(),
        };
        let (sign, looks) = (signs[0], u64::MAX);
        let (_, whole) = trial.strike(Moment { sign, looks });
        assert!(whole > 0, "the operation was not seen");
        trial.whole = whole;
        trial
    }

    /// Whether it was killed often enough, and at all points that must be met.
    pub(super) fn is_over(&self, needed: &[&str]) -> bool {
        let done = self.met.values().sum::<u64>();
        let are_met = needed.iter().all(|point| self.met.contains_key(point));
        assert!(
            done < self.kills + MORE,
            "not all of {needed:?}: {:?}",
            self.met
        );
        done >= self.kills && are_met
    }

    /// Kills it once, and gives what it had said.
    pub(super) fn kill(&mut self) -> Vec<String> {
        let number = self.met.values().sum();
        self.strike(self.moment(number)).0
    }

    /// Remembers how far it had come.
    pub(super) fn met(&mut self, point: &'static str) {
        *self.met.entry(point).or_default() += 1;
    }

    /// Says what came of it.
    pub(super) fn report(&self, operation: &str, meanwhile: usize) -> String {
        let points: Vec<_> = self
            .met
            .iter()
            .map(|(point, times)| format!("{times} {point}"))
            .collect();
        format!(
            "{operation}: {} kills ({}): {ORDERS} orders before each and {meanwhile} acknowledged \
             meanwhile, none lost",
            self.met.values().sum::<u64>(),
            points.join(", ")
        )
    }

    /// At each sign once, and then by turns somewhere in the whole and a little after a sign.
    fn moment(&self, number: u64) -> Moment {
        let signs = u64::try_from(self.signs.len()).unwrap();
        let sign = |number| self.signs[usize::try_from(number % signs).unwrap()];
        let (sign, looks) = match number.checked_sub(signs) {
            None => (sign(number), 0),
            Some(later) if later % 2 == 0 => (sign(0), self.below(self.whole)),
            Some(later) => (sign(later / 2), self.below(self.whole / signs)),
        };
        Moment { sign, looks }
    }

    fn below(&self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes).unwrap();
        u64::from_le_bytes(bytes) % bound.max(1)
    }

    /// Kills a victim, and gives what it had said and how many looks after the sign that was.
    fn strike(&self, moment: Moment) -> (Vec<String>, u64) {
        let mut victim = Victim::start(self.test, &self.root);
        let mut said = Vec::new();
        for word in victim.words().take_while(|word| word != BEGINS) {
            said.push(word);
        }
        let looks = self.watch(&mut victim, moment);
        said.extend(victim.kill());
        (said, looks)
    }

    /// Waits for the moment, or for a victim that has come to its end before.
    fn watch(&self, victim: &mut Victim, moment: Moment) -> u64 {
        let mut watched = Watched {
            root: &self.root,
            sign: moment.sign,
            size: None,
        };
        let (mut has_shown, mut looks) = (false, 0);
        while !victim.has_ended() {
            if has_shown {
                if looks == moment.looks {
                    break;
                }
                looks += 1;
            } else {
                has_shown = watched.has_shown();
            }
            std::thread::yield_now();
        }
        looks
    }
}
