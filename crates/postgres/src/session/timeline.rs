//! The timeline of a server: another one after each failover.

use super::Session;
use crate::Error;

/// `0000000100000000000000A5`: the first eight digits of a file of the write-ahead
/// log are its timeline (PostgreSQL manual, "Write-Ahead Log Internals").
const TIMELINE: &str =
    "SELECT pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8)";

/// What a server answers that does not tell: the role may not ask, or the server
/// is a standby.
const NOT_TOLD: [&str; 2] = ["42501", "55000"];

/// The timeline that a server writes on, where it tells. A standby that is
/// promoted begins a new one; a restart, also after a crash, does not
/// (PostgreSQL manual, "Timelines"). Must not be asked within a transaction.
pub(crate) async fn timeline(session: &Session) -> Result<Option<String>, Error> {
    match session.query_one(TIMELINE, &[]).await.map_err(Error::from) {
        Ok(row) => Ok(Some(row.try_get(0)?)),
        Err(error)
            if error
                .sqlstate()
                .is_some_and(|state| NOT_TOLD.contains(&state)) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The timelines of both servers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Timelines {
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
}

impl Timelines {
    pub(crate) async fn of(old: &Session, new: &Session) -> Result<Self, Error> {
        let (old, new) = tokio::try_join!(timeline(old), timeline(new))?;
        Ok(Self { old, new })
    }

    /// Which server has failed over between then and now, as far as both are known.
    pub(crate) fn left_since(&self, then: &Self) -> Option<&'static str> {
        let left = |then: &Option<String>, now: &Option<String>| matches!((then, now), (Some(then), Some(now)) if then != now);
        if left(&then.old, &self.old) {
            Some("the old database's server has failed over since it was copied")
        } else if left(&then.new, &self.new) {
            Some("the new database's server has failed over since it was copied")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(old: Option<&str>, new: Option<&str>) -> Timelines {
        Timelines {
            old: old.map(str::to_owned),
            new: new.map(str::to_owned),
        }
    }

    #[test]
    fn only_timelines_that_are_known_can_have_changed() {
        let now = both(Some("00000002"), Some("00000001"));
        let words = |then: Timelines| now.left_since(&then);
        assert_eq!(words(now.clone()), None);
        assert_eq!(words(both(None, None)), None);
        assert!(words(both(Some("00000001"), None)).unwrap().contains("old"));
        assert!(words(both(None, Some("00000003"))).unwrap().contains("new"));
        assert_eq!(both(None, None).left_since(&now), None);
    }
}
