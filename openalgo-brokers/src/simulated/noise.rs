//! A smooth random function of time whose change over a day has the standard deviation 1.
//!
//! It is a sum of ten octaves of value noise. Each octave has a random value at every border of
//! its cells, which depends on the key and the number of the border alone, and runs smoothly from
//! one to the next. The amplitude grows with the square root of the cell's length, so that the sum
//! looks like a random walk between ten seconds and two weeks; beyond that it returns to zero.

#![expect(
    clippy::float_arithmetic,
    reason = "a course is a real function of time; exact values begin at `float::to_price`"
)]

use super::float::{self, mix};

const DAY: f64 = 86_400.0;

/// Lengths of the cells in seconds, a factor of about 3.7 apart. They share no divisor with a
/// minute or a day, so that no time of day is calmer than another.
const CELLS: [i64; 10] = [
    11, 37, 137, 509, 1_877, 6_947, 25_657, 94_933, 351_259, 1_299_637,
];

/// The random function of one key.
#[derive(Debug)]
pub(super) struct Noise {
    octaves: [Octave; 10],
}

#[derive(Debug, Clone, Copy)]
struct Octave {
    cell: i64,
    amplitude: f64,
    key: u64,
    shift: i64,
}

/// A cell and its border values, kept because the next question is mostly about the same cell.
#[derive(Debug, Clone, Copy)]
struct Cell {
    index: i64,
    left: f64,
    right: f64,
}

/// Reads a [`Noise`] at one second after the other.
#[derive(Debug)]
pub(super) struct NoiseCursor<'n> {
    noise: &'n Noise,
    cells: [Option<Cell>; 10],
}

impl Noise {
    pub(super) fn new(key: u64) -> Self {
        let unit = daily_unit();
        let octaves = CELLS.map(|cell| {
            let key = mix(key, cell.cast_unsigned());
            Octave {
                cell,
                amplitude: unit * libm::sqrt(float::of_count(cell)),
                key,
                // Any shift will do; one below 2^31 cannot overflow.
                shift: i64::from(u32::try_from(mix(key, 1) >> 33).unwrap_or_default()),
            }
        });
        Self { octaves }
    }

    pub(super) fn cursor(&self) -> NoiseCursor<'_> {
        NoiseCursor {
            noise: self,
            cells: [None; 10],
        }
    }

    /// A bound of how far the function moves within `seconds`.
    ///
    /// An octave is at most three amplitudes per cell steep (the smooth step rises by 1.5 at its
    /// middle, the border values are at most two amplitudes apart) and never leaves a range of two.
    pub(super) fn reach(&self, seconds: i64) -> f64 {
        let seconds = float::of_count(seconds);
        let of = |octave: &Octave| {
            let cells = seconds / float::of_count(octave.cell);
            octave.amplitude * (3.0 * cells).min(2.0)
        };
        self.octaves.iter().map(of).sum()
    }
}

impl NoiseCursor<'_> {
    pub(super) fn at(&mut self, second: i64) -> f64 {
        let octaves = self.noise.octaves.iter().zip(&mut self.cells);
        octaves
            .map(|(octave, cell)| octave.at(second, cell))
            .sum::<f64>()
    }
}

impl Octave {
    fn at(&self, second: i64, cached: &mut Option<Cell>) -> f64 {
        let shifted = second.wrapping_add(self.shift);
        let index = shifted.checked_div_euclid(self.cell).unwrap_or_default();
        let offset = shifted.checked_rem_euclid(self.cell).unwrap_or_default();
        let cell = match *cached {
            Some(cell) if cell.index == index => cell,
            _ => *cached.insert(Cell {
                index,
                left: self.border(index),
                right: self.border(index.wrapping_add(1)),
            }),
        };
        let step = smooth_step(float::of_count(offset) / float::of_count(self.cell));
        self.amplitude * (cell.left + (cell.right - cell.left) * step)
    }

    fn border(&self, index: i64) -> f64 {
        float::signed_unit(mix(self.key, index.cast_unsigned()))
    }
}

fn smooth_step(x: f64) -> f64 {
    x * x * (3.0 - 2.0 * x)
}

/// The factor with which the change over a day has the variance 1.
fn daily_unit() -> f64 {
    let variance: f64 = CELLS
        .iter()
        .map(|cell| float::of_count(*cell))
        .map(|cell| cell * daily_variance(DAY / cell))
        .sum();
    1.0 / libm::sqrt(variance)
}

/// The variance of an octave's change over `cells` cells, averaged over where it begins.
fn daily_variance(cells: f64) -> f64 {
    const PHASES: i64 = 256;
    // A uniform number from -1 to 1 has the variance one third.
    let sum: f64 = (0..PHASES)
        .map(|phase| (float::of_count(phase) + 0.5) / float::of_count(PHASES))
        .map(|phase| squared_weights(phase, phase + cells) / 3.0)
        .sum();
    sum / float::of_count(PHASES)
}

/// The sum of squares of what each border value adds to the change from `from` to `until`.
fn squared_weights(from: f64, until: f64) -> f64 {
    let whole = libm::floor(until);
    let (begin, end) = (smooth_step(from), smooth_step(until - whole));
    let square = |x: f64| x * x;
    if whole < 0.5 {
        return square(end - begin) * 2.0;
    }
    if whole < 1.5 {
        return square(1.0 - begin) + square(1.0 - end - begin) + square(end);
    }
    square(1.0 - begin) + square(begin) + square(1.0 - end) + square(end)
}

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "the numbers of a test are small"
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WEEKS_20: i64 = 12_000_000;

    #[test]
    fn a_day_changes_by_one_whatever_its_time() {
        for hour in [0, 7, 13, 21] {
            let mut squares = 0.0;
            for key in 0..4 {
                let noise = Noise::new(mix(7, key));
                let mut cursor = noise.cursor();
                let at = |day: i64| 1_700_000_000 + hour * 3_600 + day * 86_400;
                for day in 0..1_500 {
                    let change = cursor.at(at(day + 1)) - cursor.at(at(day));
                    squares += change * change;
                }
            }
            let deviation = (squares / 6_000.0).sqrt();
            assert!((0.95..1.05).contains(&deviation), "{hour}: {deviation}");
        }
    }

    #[test]
    fn it_returns_to_zero() {
        let noise = Noise::new(3);
        let mut cursor = noise.cursor();
        let values: Vec<f64> = (0..4_000).map(|n| cursor.at(n * 86_400)).collect();
        let mean = values.iter().sum::<f64>() / 4_000.0;
        assert!(mean.abs() < 0.5, "{mean}");
        assert!(
            values
                .iter()
                .all(|value| value.abs() < noise.reach(i64::MAX) / 2.0)
        );
    }

    proptest! {
        #[test]
        fn it_never_moves_farther_than_its_reach(
            key in any::<u64>(),
            from in -WEEKS_20..WEEKS_20,
            seconds in prop_oneof![0_i64..20, 0_i64..2_000, 0_i64..500_000],
        ) {
            let noise = Noise::new(key);
            let mut cursor = noise.cursor();
            let change = cursor.at(from + seconds) - cursor.at(from);
            prop_assert!(change.abs() <= noise.reach(seconds) + 1e-12);
        }

        #[test]
        fn a_cursor_remembers_nothing_that_matters(key in any::<u64>(), at in any::<i64>()) {
            let noise = Noise::new(key);
            let mut used = noise.cursor();
            used.at(at.wrapping_add(40));
            prop_assert_eq!(used.at(at).to_bits(), noise.cursor().at(at).to_bits());
        }
    }
}
