//! How fast time goes by in a replay.

use openalgo_core::market::Timestamp;
use openalgo_core::port::Clock;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::Notify;
use tokio::time::Instant;

/// A text that is no speed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("speed '{}' is not a whole number from 1 to {}, such as 60", text.escape_debug(), Speed::FASTEST)]
pub struct SpeedError {
    /// The text as given.
    pub text: Box<str>,
}

/// How many times faster than it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speed(NonZeroU32);

impl Speed {
    /// As it was.
    pub const REAL: Self = Self(NonZeroU32::MIN);
    /// The highest speed: a day in less than a second.
    pub const FASTEST: u32 = 100_000;

    /// So many times faster, from 1 to [`Speed::FASTEST`].
    pub fn try_new(times: u32) -> Result<Self, SpeedError> {
        let times_given = NonZeroU32::new(times).filter(|_| times <= Self::FASTEST);
        times_given.map(Self).ok_or_else(|| SpeedError {
            text: times.to_string().into(),
        })
    }

    fn times(self) -> i64 {
        self.0.get().into()
    }

    /// How long a span lasts at this speed: rounded up, so that nobody wakes before its end.
    fn time_for(self, span: chrono::Duration) -> Duration {
        let micros = span.num_microseconds().unwrap_or(i64::MAX);
        let wait = micros.checked_div(self.times()).unwrap_or(micros);
        Duration::from_micros(u64::try_from(wait.saturating_add(1)).unwrap_or_default())
    }
}

impl FromStr for Speed {
    type Err = SpeedError;

    fn from_str(text: &str) -> Result<Self, SpeedError> {
        let unreadable = |_no_number| SpeedError { text: text.into() };
        text.parse().map_err(unreadable).and_then(Self::try_new)
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How time goes by in a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// By itself.
    Running {
        /// How fast.
        speed: Speed,
        /// A pause between two prices that is longer is no longer than this: nights, for one.
        longest_pause: Option<Duration>,
    },
    /// Only as [`super::Replay::step`] says.
    Stepped,
}

/// Where time is.
#[derive(Debug, Clone, Copy)]
enum Course {
    Standing(Timestamp),
    Running {
        from: Timestamp,
        since: Instant,
        speed: Speed,
    },
}

impl Course {
    fn now(self) -> Timestamp {
        match self {
            Self::Standing(at) => at,
            Self::Running { from, since, speed } => {
                let gone = i64::try_from(since.elapsed().as_micros()).unwrap_or(i64::MAX);
                let gone = gone.saturating_mul(speed.times());
                from.plus(chrono::Duration::microseconds(gone))
            }
        }
    }
}

#[derive(Debug)]
struct Timeline {
    course: Mutex<Course>,
    /// Rings when time goes by in another way than before.
    bell: Notify,
}

/// The clock of a replay. It stands until the replay begins.
#[derive(Debug, Clone)]
pub struct ReplayClock(Arc<Timeline>);

impl ReplayClock {
    pub(super) fn standing(at: Timestamp) -> Self {
        Self(Arc::new(Timeline {
            course: Mutex::new(Course::Standing(at)),
            bell: Notify::new(),
        }))
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        let course = self.0.course.lock();
        course.unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets time run from where it stands.
    pub(super) fn run(&self, speed: Speed) {
        {
            let mut course = self.course();
            if let Course::Standing(from) = *course {
                let since = Instant::now();
                *course = Course::Running { from, since, speed };
            }
        }
        self.0.bell.notify_one();
    }

    /// Goes on to an instant; never back.
    pub(super) fn go_to(&self, at: Timestamp) {
        {
            let mut course = self.course();
            let now = course.now().max(at);
            *course = match *course {
                Course::Standing(_) => Course::Standing(now),
                Course::Running { speed, .. } => Course::Running {
                    from: now,
                    since: Instant::now(),
                    speed,
                },
            };
        }
        self.0.bell.notify_one();
    }

    /// Waits until it is `at`.
    pub(super) async fn reach(&self, at: Timestamp) {
        loop {
            let rung = self.0.bell.notified();
            let course = *self.course();
            let left = at.since(course.now());
            if left <= chrono::Duration::zero() {
                return;
            }
            match course {
                Course::Standing(_) => rung.await,
                Course::Running { speed, .. } => tokio::select! {
                    biased;
                    () = rung => {}
                    () = tokio::time::sleep(speed.time_for(left)) => {}
                },
            }
        }
    }
}

impl Clock for ReplayClock {
    fn now(&self) -> Timestamp {
        self.course().now()
    }

    fn is_staged(&self) -> bool {
        true
    }

    fn time_until(&self, at: Timestamp) -> Option<Duration> {
        let course = *self.course();
        match course {
            Course::Standing(_) => None,
            Course::Running { speed, .. } => Some(speed.time_for(at.since(course.now()))),
        }
    }
}
