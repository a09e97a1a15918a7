//! Whether a server's lock table has room for what a round locks at once.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::capture::Unit;
use crate::ident::TableRef;
use crate::session::Session;

/// A server's lock table, and what the largest round takes of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockRoom {
    /// Tables whose changes are followed.
    pub tables: u64,
    /// Their indexes; a transaction that reads a table by a key locks all of them.
    pub indexes: u64,
    /// Logs of changed keys, one for each table or family of tables.
    pub logs: u64,
    /// How many objects all sessions together can lock: `max_locks_per_transaction *
    /// (max_connections + max_prepared_transactions)` (PostgreSQL manual, "Lock Management").
    pub room: u64,
}

/// Of the room, the part that one round may take: the app's sessions, and those that copy, lock too.
const SHARE: (u64, u64) = (3, 4);

const QUERY: &str = "\
SELECT (SELECT count(DISTINCT i.indexrelid) FROM unnest($1::text[]) AS w (relation)
        JOIN pg_catalog.pg_index i ON i.indrelid = pg_catalog.to_regclass(w.relation)),
       pg_catalog.current_setting('max_locks_per_transaction')::int8
       * (pg_catalog.current_setting('max_connections')::int8
          + pg_catalog.current_setting('max_prepared_transactions')::int8)";

impl LockRoom {
    /// How many objects a round locks at once where every table has changed.
    #[must_use]
    pub fn needed(&self) -> u64 {
        self.tables + self.indexes + self.logs
    }

    /// Whether that leaves the app's sessions enough.
    #[must_use]
    pub fn suffices(&self) -> bool {
        self.needed() <= self.room / SHARE.1 * SHARE.0
    }
}

/// Looks at the server's settings and at the tables of these units.
///
/// # Errors
/// When the server cannot be asked.
pub async fn lock_room(session: &Session, units: &[Unit]) -> Result<LockRoom, Error> {
    let watched: Vec<String> = units
        .iter()
        .flat_map(|unit| &unit.watched)
        .map(TableRef::sql)
        .collect();
    let row = session.query_one(QUERY, &[&watched]).await?;
    let count = |at: usize| -> Result<u64, Error> {
        Ok(u64::try_from(row.try_get::<_, i64>(at)?).unwrap_or(0))
    };
    let logs = units.iter().filter(|unit| !unit.watched.is_empty());
    Ok(LockRoom {
        tables: watched.len() as u64,
        indexes: count(0)?,
        logs: logs.count() as u64,
        room: count(1)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database of the smallest plan that is not shared: 120 connections, the default of 64 locks.
    fn of(tables: u64) -> LockRoom {
        LockRoom {
            tables,
            indexes: tables * 2,
            logs: tables,
            room: 64 * 120,
        }
    }

    #[test]
    fn some_hundred_tables_fit_and_thousands_do_not() {
        assert!(of(0).suffices());
        assert!(of(400).suffices());
        assert_eq!(of(1440).needed(), 5760);
        assert!(of(1440).suffices());
        assert!(!of(1441).suffices());
        assert!(!of(4000).suffices());
    }
}
