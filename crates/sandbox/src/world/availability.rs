//! What the app's users see: from when to when their requests were turned away.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Maintenance mode: the maintenance page is served.
    Maintenance,
    /// No web dyno is wanted (H14).
    NoWebDynos,
    /// Web dynos are wanted but none is up: the router holds requests back for a while.
    Booting,
}

/// A time in which users' requests were not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TurnedAway {
    /// The first moment.
    pub from: Timestamp,
    /// The last moment; `None` while it lasts.
    pub until: Option<Timestamp>,
    /// The worst reason in that time. A time of [`Reason::Booting`] alone is a restart, in which
    /// the router makes requests wait rather than turning them away.
    pub reason: Reason,
}

impl TurnedAway {
    /// Its length, up to `now` where it still lasts.
    #[must_use]
    pub fn duration(&self, now: Timestamp) -> SignedDuration {
        self.until.unwrap_or(now).duration_since(self.from)
    }

    /// Whether this counts as downtime: anything but a restart.
    #[must_use]
    pub fn is_downtime(&self) -> bool {
        self.reason != Reason::Booting
    }
}

/// The record of one app, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Availability(Vec<TurnedAway>);

impl Availability {
    /// Notes what a user who comes at `now` would meet.
    pub(crate) fn note(&mut self, now: Timestamp, reason: Option<Reason>) {
        let open = self.0.last_mut().filter(|last| last.until.is_none());
        match (open, reason) {
            (None, Some(reason)) => self.0.push(TurnedAway {
                from: now,
                until: None,
                reason,
            }),
            (Some(open), None) => open.until = Some(now),
            (Some(open), Some(reason)) if open.reason == Reason::Booting => open.reason = reason,
            (Some(_), Some(_)) | (None, None) => {}
        }
    }

    pub(crate) fn all(&self) -> &[TurnedAway] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn downtime_lasts_from_maintenance_until_a_dyno_is_up() {
        let mut record = Availability::default();
        record.note(at(1), None);
        record.note(at(2), Some(Reason::Maintenance));
        record.note(at(5), Some(Reason::Booting));
        record.note(at(9), None);
        record.note(at(10), None);
        let expected = TurnedAway {
            from: at(2),
            until: Some(at(9)),
            reason: Reason::Maintenance,
        };
        assert_eq!(record.all(), [expected]);
        assert_eq!(
            record.all()[0].duration(at(99)),
            SignedDuration::from_secs(7)
        );
    }

    #[test]
    fn a_restart_is_no_downtime_but_becomes_part_of_one() {
        let mut record = Availability::default();
        record.note(at(1), Some(Reason::Booting));
        assert!(!record.all()[0].is_downtime());
        record.note(at(2), Some(Reason::NoWebDynos));
        assert!(record.all()[0].is_downtime());
        assert_eq!(record.all()[0].from, at(1));
    }
}
