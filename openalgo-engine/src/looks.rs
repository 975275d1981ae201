//! Looking again and again for something that is about to happen, for a few seconds.

use std::array::IntoIter;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The pauses before each look.
const PAUSES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(200),
    Duration::from_millis(800),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// After how long no look is begun any more, however slow whoever is asked: others wait for the end.
const LONGEST: Duration = Duration::from_secs(5);

/// Looks that follow one another.
#[derive(Debug)]
pub(crate) struct Looks {
    pauses: IntoIter<Duration, { PAUSES.len() }>,
    begun: Instant,
}

impl Looks {
    /// The first look is now.
    pub(crate) fn begin() -> Self {
        Self {
            pauses: PAUSES.into_iter(),
            begun: Instant::now(),
        }
    }

    /// The first one is after a pause: what is looked for has just not been there.
    pub(crate) fn begin_later() -> Self {
        let mut looks = Self::begin();
        looks.pauses.next();
        looks
    }

    /// Waits for the next look; `false` when it has been long enough.
    pub(crate) async fn again(&mut self) -> bool {
        if self.begun.elapsed() >= LONGEST {
            return false;
        }
        let Some(pause) = self.pauses.next() else {
            return false;
        };
        sleep(pause).await;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_look_that_takes_too_long_is_the_last() {
        let (begun, mut looks) = (Instant::now(), Looks::begin_later());
        let mut seen = Vec::new();
        while looks.again().await {
            seen.push(begun.elapsed().as_millis());
        }
        assert_eq!(seen, [200, 1_000, 2_000, 4_000]);

        let (begun, mut looks) = (Instant::now(), Looks::begin());
        assert!(looks.again().await);
        assert_eq!(begun.elapsed(), Duration::ZERO);
        sleep(LONGEST).await;
        assert!(!looks.again().await);
        assert_eq!(begun.elapsed(), LONGEST);
    }
}
