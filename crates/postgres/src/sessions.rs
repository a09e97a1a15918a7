//! Who else is connected to this database.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::session::{APPLICATION_PREFIX, Session};

/// A session that is not this tool's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OtherSession {
    /// Process id of its backend.
    pub pid: i32,
    /// The role.
    pub user: Option<String>,
    /// Its `application_name`.
    pub application_name: String,
    /// Its network address; `None` for a local socket or where it is hidden.
    pub client: Option<String>,
    /// Its state, such as `idle in transaction`; `None` where it is hidden.
    pub state: Option<String>,
    /// When it began, RFC 3339 in UTC; `None` where it is hidden.
    pub backend_start: Option<String>,
    /// Age of its open transaction in seconds, if it has one that is seen.
    pub xact_age: Option<f64>,
}

/// PostgreSQL's own client programs, which say their name when they connect (libpq,
/// `fallback_application_name`).
const PROGRAMS: [&str; 9] = [
    "psql",
    "pg_dump",
    "pg_dumpall",
    "pg_restore",
    "pg_basebackup",
    "vacuumdb",
    "reindexdb",
    "clusterdb",
    "pgbench",
];

impl OtherSession {
    /// Whether it is of one of PostgreSQL's own client programs: no dyno of a web app and not
    /// Heroku Connect.
    #[must_use]
    pub fn is_client_program(&self) -> bool {
        PROGRAMS.contains(&self.application_name.as_str())
    }
}

impl std::fmt::Display for OtherSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "pid {}", self.pid)?;
        let named = [
            (
                "",
                Some(self.application_name.as_str()).filter(|name| !name.is_empty()),
            ),
            ("role ", self.user.as_deref()),
            ("from ", self.client.as_deref()),
            ("", self.state.as_deref()),
        ];
        for (word, value) in named {
            if let Some(value) = value {
                write!(f, ", {word}{value}")?;
            }
        }
        Ok(())
    }
}

/// Lists the client sessions on this database that are not this tool's. One
/// whose kind is hidden from this role is taken for a client's
/// (`pg_stat_activity`; members of `pg_read_all_stats` see every column).
///
/// # Errors
/// When the server cannot be asked.
pub async fn other_sessions(session: &Session) -> Result<Vec<OtherSession>, Error> {
    let rows = session.query(QUERY, &[&APPLICATION_PREFIX]).await?;
    rows.iter().map(read).collect()
}

const QUERY: &str = "\
SELECT pid, usename::text, coalesce(application_name, ''), host(client_addr), state,
       to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),
       extract(epoch FROM clock_timestamp() - xact_start)::float8
FROM pg_catalog.pg_stat_activity
WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()
  AND coalesce(backend_type, 'client backend') = 'client backend'
  AND NOT (coalesce(application_name, '') = $1 OR starts_with(coalesce(application_name, ''), $1 || ' '))
ORDER BY backend_start, pid";

fn read(row: &tokio_postgres::Row) -> Result<OtherSession, Error> {
    Ok(OtherSession {
        pid: row.try_get(0)?,
        user: row.try_get(1)?,
        application_name: row.try_get(2)?,
        client: row.try_get(3)?,
        state: row.try_get(4)?,
        backend_start: row.try_get(5)?,
        xact_age: row.try_get(6)?,
    })
}
