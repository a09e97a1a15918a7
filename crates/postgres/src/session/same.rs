//! Whether two sessions are in one and the same database.

use super::connect::Session;
use crate::Error;

/// The start of the server process and the database's oid, and whether the role
/// may ask for the rest.
const IDENTITY: &str = "\
SELECT extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text, d.oid,
    pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()";

/// The number that a cluster was given when it was made (PostgreSQL manual,
/// "Control Data Functions").
const SYSTEM: &str = "SELECT system_identifier FROM pg_catalog.pg_control_system()";

/// What tells one database from another, whatever the hosts are called.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Identity {
    started: String,
    oid: u32,
    system: Option<i64>,
}

impl Identity {
    async fn of(session: &Session) -> Result<Self, Error> {
        let row = session.query_one(IDENTITY, &[]).await?;
        let system = match row.try_get(2)? {
            true => Some(session.query_one(SYSTEM, &[]).await?.try_get(0)?),
            false => None,
        };
        Ok(Self {
            started: row.try_get(0)?,
            oid: row.try_get(1)?,
            system,
        })
    }

    /// Two servers may have been started in the same microsecond, and a standby
    /// has the number of its primary: all of it must be the same.
    fn is(&self, other: &Self) -> bool {
        let systems = self.system.zip(other.system);
        self.started == other.started
            && self.oid == other.oid
            && systems.is_none_or(|(one, two)| one == two)
    }
}

/// Asks both servers whether two sessions are in one physical database, which
/// URLs cannot tell: two host names may lead to one server.
///
/// # Errors
/// When a server cannot be asked.
pub async fn same_physical_database(one: &Session, two: &Session) -> Result<bool, Error> {
    Ok(Identity::of(one).await?.is(&Identity::of(two).await?))
}

/// Refuses to go on where both sides are one database.
pub(crate) async fn refuse_same(old: &Session, new: &Session) -> Result<(), Error> {
    if same_physical_database(old, new).await? {
        return Err(Error::SameDatabase);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_that_were_started_together_are_two() {
        let one = |started: &str, system| Identity {
            started: started.to_owned(),
            oid: 16_385,
            system,
        };
        let known = one("1.000001", Some(1));
        assert!(known.is(&known.clone()));
        assert!(!known.is(&one("1.000001", Some(2))));
        // A standby of it, or the server before it was started again.
        assert!(!known.is(&one("2.000001", Some(1))));
        // Where a server does not tell, the rest decides.
        assert!(known.is(&one("1.000001", None)));
    }
}
