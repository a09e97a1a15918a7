//! Who ran against which database, and when: the evidence of two connections on one database.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use url::Url;
use uuid::Uuid;

/// One physical database, whatever config var it was reached by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Physical {
    /// The server's host.
    pub host: String,
    /// The server's port.
    pub port: u16,
    /// The database's name on that server.
    pub database: String,
}

impl Physical {
    /// The database that a URL leads to.
    #[must_use]
    pub fn of_url(url: &str) -> Option<Self> {
        let url = Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "postgres" | "postgresql"))?;
        let database = url
            .path()
            .strip_prefix('/')
            .filter(|name| !name.is_empty())?
            .to_owned();
        Some(Self {
            host: url.host_str()?.to_owned(),
            port: url.port().unwrap_or(5432),
            database,
        })
    }
}

/// A time in which one connection was running against one database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The database.
    pub physical: Physical,
    /// The connection.
    pub connection: Uuid,
    /// Its add-on's name.
    pub resource_name: String,
    /// The beginning, sandbox time.
    pub from: Timestamp,
    /// The end; `None` while it goes on.
    pub to: Option<Timestamp>,
}

/// All runs of all connections.
#[derive(Debug, Default)]
pub(crate) struct RunLog(Mutex<Vec<Run>>);

impl RunLog {
    /// Notes that a connection works on a database now. A run on another database ends.
    pub(crate) fn working(
        &self,
        physical: &Physical,
        connection: Uuid,
        resource_name: &str,
        now: Timestamp,
    ) {
        let mut runs = self.lock();
        if let Some(open) = open(&mut runs, connection) {
            if open.physical == *physical {
                return;
            }
            open.to = Some(now);
        }
        let resource_name = resource_name.to_owned();
        runs.push(Run {
            physical: physical.clone(),
            connection,
            resource_name,
            from: now,
            to: None,
        });
    }

    /// Notes that a connection has stopped working.
    pub(crate) fn stopped(&self, connection: Uuid, now: Timestamp) {
        if let Some(open) = open(&mut self.lock(), connection) {
            open.to = Some(now);
        }
    }

    pub(crate) fn all(&self) -> Vec<Run> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Run>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(runs: &mut [Run], connection: Uuid) -> Option<&mut Run> {
    runs.iter_mut()
        .rev()
        .find(|run| run.connection == connection && run.to.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_one_database() {
        let physical = Physical::of_url("postgres://u:p@127.0.0.1:6543/d1?sslmode=prefer")
            .expect("a database");
        assert_eq!((physical.port, physical.database.as_str()), (6543, "d1"));
        assert_eq!(Physical::of_url("redis://127.0.0.1/1"), None);
        assert_eq!(Physical::of_url("postgres://127.0.0.1/"), None);
    }

    #[test]
    fn moving_to_another_database_ends_the_run() {
        let log = RunLog::default();
        let connection = Uuid::new_v4();
        let at = |second| Timestamp::from_second(second).expect("a moment");
        let physical = |name: &str| Physical {
            host: "h".to_owned(),
            port: 1,
            database: name.to_owned(),
        };
        log.working(&physical("a"), connection, "c", at(1));
        log.working(&physical("a"), connection, "c", at(2));
        log.working(&physical("b"), connection, "c", at(3));
        log.stopped(connection, at(4));
        log.stopped(connection, at(5));
        let ends: Vec<_> = log
            .all()
            .into_iter()
            .map(|run| (run.physical.database, run.to))
            .collect();
        assert_eq!(
            ends,
            vec![("a".to_owned(), Some(at(3))), ("b".to_owned(), Some(at(4)))]
        );
    }
}
