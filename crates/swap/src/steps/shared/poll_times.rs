//! When a window waits least for polls that come at an interval.

use connect_swap_heroku::connect::Mapping;
use jiff::Timestamp;

/// What a later beginning must save to be worth waiting for, in seconds.
const WORTH: f64 = 30.0;

/// When a mapping polls, in seconds from now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Poll {
    next: f64,
    every: f64,
}

impl Poll {
    /// Nothing where it has never polled or has no interval.
    pub(crate) fn of(mapping: &Mapping, now: Timestamp) -> Option<Self> {
        let every = mapping.polling_interval().as_secs_f64();
        let last = mapping.times.sf_poll?;
        if every <= 0.0 {
            return None;
        }
        if !mapping.is_quiet() {
            return Some(Self { next: every, every });
        }
        let next = -now.duration_since(last).as_secs_f64().rem_euclid(every) + every;
        Some(Self { next, every })
    }

    /// The first poll that is not before this moment.
    fn first_from(self, moment: f64) -> f64 {
        let intervals = ((moment - self.next) / self.every).ceil().max(0.0);
        self.next + intervals * self.every
    }
}

/// How long a window that begins then lasts until every mapping has polled what was sent.
fn lasts(polls: &[Poll], begun: f64, until_sent: f64) -> f64 {
    let sent = begun + until_sent;
    let polled = polls.iter().map(|poll| poll.first_from(sent));
    polled.fold(sent, f64::max) - begun
}

/// The beginning of the shortest window, in seconds from now, and how many seconds it is shorter than
/// one that begins now; nothing where that is not worth waiting for.
pub(crate) fn best(polls: &[Poll], until_sent: f64, within: f64) -> Option<(f64, f64)> {
    let now = lasts(polls, 0.0, until_sent);
    let longest = polls.iter().map(|poll| poll.every).fold(0.0, f64::max);
    let last = longest.min(within);
    let beginnings = polls.iter().flat_map(|poll| {
        let first = poll.first_from(until_sent) - until_sent;
        (0..)
            .map(move |n| first + f64::from(n) * poll.every)
            .take_while(move |begun| *begun <= last)
    });
    let windows = beginnings.map(|begun| (begun, now - lasts(polls, begun, until_sent)));
    let shortest = windows.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.total_cmp(&a.0)))?;
    (shortest.1 >= WORTH).then_some(shortest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy;

    fn every(every: f64, next: f64) -> Poll {
        Poll { next, every }
    }

    #[test]
    fn a_window_begins_so_that_everything_is_sent_when_a_poll_comes() {
        // Begun now, the poll in 30 s would come too early, the next one at 630 s.
        assert_eq!(
            best(&[every(600.0, 30.0)], 50.0, 3600.0),
            Some((580.0, 580.0))
        );
        assert_eq!(
            best(&[every(600.0, 300.0)], 50.0, 3600.0),
            Some((250.0, 250.0))
        );
        assert_eq!(best(&[every(600.0, 60.0)], 50.0, 3600.0), None);
        assert_eq!(best(&[], 50.0, 3600.0), None);
        assert_eq!(best(&[every(20.0, 1.0)], 50.0, 3600.0), None);
    }

    #[test]
    fn of_several_mappings_the_longest_gap_is_left_outside() {
        let polls = [every(600.0, 100.0), every(600.0, 160.0)];
        assert_eq!(best(&polls, 50.0, 3600.0), Some((50.0, 50.0)));
        let polls = [every(600.0, 40.0), every(600.0, 160.0)];
        let (begun, saves) = best(&polls, 50.0, 3600.0).unwrap();
        assert_eq!(lasts(&polls, 0.0, 50.0), 640.0);
        assert_eq!((begun, saves), (590.0, 470.0));
        let often = [every(120.0, 10.0), every(600.0, 300.0)];
        let (begun, saves) = best(&often, 50.0, 3600.0).unwrap();
        assert_eq!((begun, saves), (200.0, 200.0));
    }

    #[test]
    fn nobody_waits_longer_than_the_patience_that_is_left() {
        assert_eq!(best(&[every(86_400.0, 40_000.0)], 50.0, 3600.0), None);
        assert_eq!(best(&[every(600.0, 300.0)], 50.0, 100.0), None);
    }

    #[test]
    fn the_next_poll_is_told_by_the_last() {
        let now: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
        let at = |clock: &str| {
            let mut mapping = healthy().connection.mappings[0].clone();
            mapping.config["sf_polling_seconds"] = 600.into();
            mapping.times.sf_poll = format!("2026-01-01T{clock}Z").parse().ok();
            Poll::of(&mapping, now).map(|poll| poll.next)
        };
        assert_eq!(at("11:58:00"), Some(480.0));
        // One that is overdue comes at some time of its interval.
        assert_eq!(at("11:48:00"), Some(480.0));
        // Connect's clock is ahead of this one.
        assert_eq!(at("12:01:00"), Some(60.0));
        assert_eq!(at("nonsense"), None);
    }
}
