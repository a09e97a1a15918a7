//! Which mappings of the new connection have polled Salesforce since the app's last writes got there.
//!
//! Told by Connect's own stamps and nothing else: the operator's clock may be minutes off. What a
//! stamp marks, the beginning of a poll or its end, is documented nowhere: both are borne.

use std::collections::BTreeMap;

use connect_swap_heroku::connect::{Connection, Mapping, MappingAccess};
use jiff::Timestamp;

/// What is known of the polls of the new connection since the old one has sent everything.
pub(crate) struct Polls {
    old: Connection,
    /// By object, the stamp that the mapping showed when it was first seen at rest. A poll that shows
    /// another one began later.
    at_rest: BTreeMap<String, Option<Timestamp>>,
}

impl Polls {
    /// `old` is the old connection, read once everything has been sent.
    pub(crate) fn since_sent(old: Connection) -> Self {
        Self {
            old,
            at_rest: BTreeMap::new(),
        }
    }

    /// Looks at the new connection: the mappings whose tables may lack what the app wrote last.
    pub(crate) fn lacking<'c>(&mut self, new: &'c Connection) -> Vec<&'c Mapping> {
        let mappings = new.mappings.iter();
        mappings
            .filter(|mapping| !self.is_complete(mapping))
            .collect()
    }

    fn is_complete(&mut self, mapping: &Mapping) -> bool {
        let old = self.old.mapping(&mapping.object_name);
        // What the app writes to a table that is only read never gets to Salesforce.
        let Some(old) = old.filter(|old| old.access() != Some(MappingAccess::ReadOnly)) else {
            return true;
        };
        // A poll under way may have begun before the last write.
        if !mapping.is_quiet() {
            return false;
        }
        let polled = mapping.times.sf_poll;
        let object = mapping.object_name.clone();
        let at_rest = *self.at_rest.entry(object).or_insert(polled);
        let written = old.times.sf_write.or(self.old.last_write_activity_time);
        polled.is_some()
            && (polled != at_rest || written.is_some_and(|at| polled > poll_after(at, mapping)))
    }
}

/// A poll that is stamped later than this began after a write: none takes longer than the time from
/// one to the next.
fn poll_after(written: Timestamp, mapping: &Mapping) -> Option<Timestamp> {
    let after = written.checked_add(mapping.polling_interval());
    Some(after.unwrap_or(Timestamp::MAX))
}

/// The latest poll of either side that a connection shows.
pub(crate) fn latest(connection: &Connection) -> Option<Timestamp> {
    let stamps = connection
        .mappings
        .iter()
        .flat_map(|mapping| [mapping.times.db_poll, mapping.times.sf_poll]);
    stamps.flatten().max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy;
    use connect_swap_heroku::connect::MappingState;

    fn at(clock: &str) -> Option<Timestamp> {
        Some(format!("2026-01-01T{clock}Z").parse().unwrap())
    }

    /// A connection with one mapping.
    fn connection(access: &str, change: impl FnOnce(&mut Mapping)) -> Connection {
        let mut connection = healthy().connection;
        connection.last_write_activity_time = None;
        connection.mappings.truncate(1);
        let mapping = &mut connection.mappings[0];
        mapping.config["access"] = access.into();
        mapping.config["sf_polling_seconds"] = 600.into();
        mapping.times.sf_write = None;
        change(mapping);
        connection
    }

    fn polled(clock: &str) -> Connection {
        connection("read_write", |mapping| mapping.times.sf_poll = at(clock))
    }

    fn polling(clock: &str) -> Connection {
        connection("read_write", |mapping| {
            mapping.times.sf_poll = at(clock);
            mapping.is_polling = true;
            mapping.state = MappingState::PollingSfChanges;
        })
    }

    fn complete(polls: &mut Polls, new: &Connection) -> bool {
        polls.lacking(new).is_empty()
    }

    #[test]
    fn a_poll_counts_that_began_after_the_first_look() {
        let mut polls = Polls::since_sent(connection("read_write", |_| {}));
        assert!(!complete(&mut polls, &polled("12:00:00")));
        assert!(!complete(&mut polls, &polled("12:00:00")));
        // Stamped at its beginning: what it found is not there yet.
        assert!(!complete(&mut polls, &polling("12:09:00")));
        assert!(complete(&mut polls, &polled("12:09:00")));
    }

    #[test]
    fn a_poll_that_was_under_way_at_the_first_look_does_not_count() {
        let mut polls = Polls::since_sent(connection("read_write", |_| {}));
        assert!(!complete(&mut polls, &polling("12:00:00")));
        // Stamped at its end: it may have begun before the last write.
        assert!(!complete(&mut polls, &polled("12:00:40")));
        assert!(complete(&mut polls, &polled("12:10:40")));
    }

    #[test]
    fn where_the_app_wrote_long_ago_an_earlier_poll_counts() {
        let old = |access| {
            let write = at("11:50:00");
            connection(access, |mapping| mapping.times.sf_write = write)
        };
        let mut polls = Polls::since_sent(old("read_write"));
        assert!(!complete(&mut polls, &polled("11:59:59")));
        let mut polls = Polls::since_sent(old("read_write"));
        assert!(complete(&mut polls, &polled("12:00:01")));
        let mut polls = Polls::since_sent(old("read_only"));
        assert!(complete(&mut polls, &polled("11:40:00")));
    }
}
