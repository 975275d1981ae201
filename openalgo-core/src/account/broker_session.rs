//! Where a user stands at a broker: logged in until the broker's day ends, or not.
//!
//! Indian brokers end every session once a day. The boundary is a setting
//! ([`crate::account::SettingKey::SessionExpiryTime`], 03:00 in India unless it is changed).

use crate::market::{SessionBoundary, Timestamp};
use crate::wire::wire_enum;
use chrono::Duration;

/// For how long before its end a session is called one that expires.
pub const EXPIRING: Duration = Duration::minutes(30);

wire_enum! {
    /// Why a user must log in at a broker again.
    pub enum SessionEnd as "end of a broker session" {
        /// The broker's day is over.
        DayOver = "day_over",
        /// The broker does not take the session any more.
        Refused = "refused",
        /// The user has logged out.
        LoggedOut = "logged_out",
    }
}

impl SessionEnd {
    /// The reason in words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::DayOver => "sessions end once a day",
            Self::Refused => "the broker does not take the session any more",
            Self::LoggedOut => "you have logged out",
        }
    }
}

/// Where a user's session at a broker stands. It changes with time ([`Self::at`]), when the broker
/// refuses it or the user logs out ([`Self::ended`]), and begins anew with a login
/// ([`Self::begun`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// The user must log in.
    NeedsLogin {
        /// Since when.
        since: Timestamp,
        /// Why.
        why: SessionEnd,
    },
    /// The broker takes requests.
    Live {
        /// Until when.
        until: Timestamp,
    },
    /// The broker takes requests, and soon will not any more.
    Expiring {
        /// Until when.
        until: Timestamp,
    },
}

impl SessionState {
    /// The state after a login.
    pub fn begun(now: Timestamp, boundary: SessionBoundary) -> Self {
        let until = boundary.next_after(now);
        Self::Live { until }.at(now)
    }

    /// The state as time goes by.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        match self {
            Self::Live { until } | Self::Expiring { until } if now >= until => Self::NeedsLogin {
                since: until,
                why: SessionEnd::DayOver,
            },
            Self::Live { until } if now >= until.plus(-EXPIRING) => Self::Expiring { until },
            Self::NeedsLogin { .. } | Self::Live { .. } | Self::Expiring { .. } => self,
        }
    }

    /// The state after the session was ended; one that is over already stays as it is.
    #[must_use]
    pub fn ended(self, now: Timestamp, why: SessionEnd) -> Self {
        match self.at(now) {
            over @ Self::NeedsLogin { .. } => over,
            Self::Live { .. } | Self::Expiring { .. } => Self::NeedsLogin { since: now, why },
        }
    }

    /// Whether the broker takes requests.
    pub fn is_live(self) -> bool {
        match self {
            Self::NeedsLogin { .. } => false,
            Self::Live { .. } | Self::Expiring { .. } => true,
        }
    }

    /// When it changes next if nothing happens.
    pub fn changes_at(self) -> Option<Timestamp> {
        match self {
            Self::NeedsLogin { .. } => None,
            Self::Live { until } => Some(until.plus(-EXPIRING)),
            Self::Expiring { until } => Some(until),
        }
    }

    /// The word for this state.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeedsLogin { .. } => "needs login",
            Self::Live { .. } => "live",
            Self::Expiring { .. } => "expiring",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Clock;
    use crate::testing::FakeClock;

    fn at(text: &str) -> Timestamp {
        FakeClock::at(text).now()
    }

    #[test]
    fn a_session_lives_until_the_boundary() {
        let begun = at("2026-11-25T09:00:00+05:30");
        let until = at("2026-11-26T03:00:00+05:30");
        let state = SessionState::begun(begun, SessionBoundary::default());
        assert_eq!(state, SessionState::Live { until });
        assert_eq!(state.changes_at(), Some(at("2026-11-26T02:30:00+05:30")));
        let expiring = state.at(at("2026-11-26T02:30:00+05:30"));
        assert_eq!(expiring, SessionState::Expiring { until });
        assert!(expiring.is_live());
        assert_eq!(expiring.changes_at(), Some(until));
        let over = SessionState::NeedsLogin {
            since: until,
            why: SessionEnd::DayOver,
        };
        for state in [state, expiring] {
            assert_eq!(state.at(until), over);
            assert_eq!(state.at(at("2026-11-28T09:00:00+05:30")), over);
        }
        assert_eq!(over.changes_at(), None);
    }

    #[test]
    fn a_login_shortly_before_the_boundary_expires_soon() {
        let state =
            SessionState::begun(at("2026-11-26T02:45:00+05:30"), SessionBoundary::default());
        let until = at("2026-11-26T03:00:00+05:30");
        assert_eq!(state, SessionState::Expiring { until });
    }

    #[test]
    fn whatever_ended_it_first_is_the_reason() {
        let begun = at("2026-11-25T09:00:00+05:30");
        let refused = at("2026-11-25T10:00:00+05:30");
        let state = SessionState::begun(begun, SessionBoundary::default());
        let over = state.ended(refused, SessionEnd::Refused);
        let (since, why) = (refused, SessionEnd::Refused);
        assert_eq!(over, SessionState::NeedsLogin { since, why });
        let later = at("2026-11-27T09:00:00+05:30");
        assert_eq!(over.ended(later, SessionEnd::LoggedOut), over);
        assert_eq!(over.at(later), over);
        let next = state.ended(later, SessionEnd::Refused);
        assert!(matches!(
            next,
            SessionState::NeedsLogin {
                why: SessionEnd::DayOver,
                ..
            }
        ));
    }
}
