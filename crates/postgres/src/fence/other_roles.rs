//! Roles other than the session's whose own setting would win over the
//! database's: their new sessions would write behind the fence.

use serde::{Deserialize, Serialize};
use tokio_postgres::error::SqlState;

use super::settings::is_on;
use crate::Error;
use crate::ident::{quote_ident, quote_literal};
use crate::session::Session;

/// A role that would not be fenced by the database's setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherRole {
    /// The role.
    pub role: String,
    /// Its present setting in this database (`ALTER ROLE … IN DATABASE … SET`);
    /// `None` where it has one for all databases only.
    pub in_database: Option<String>,
}

/// A superuser is not asked for: it sets itself read-write as it likes.
const QUERY: &str = "\
SELECT r.rolname::text, s.setdatabase <> 0, substr(c.item, strpos(c.item, '=') + 1)
FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
CROSS JOIN LATERAL unnest(s.setconfig) AS c (item)
WHERE c.item LIKE 'default\\_transaction\\_read\\_only=%'
  AND (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
  AND r.rolcanlogin AND NOT r.rolsuper AND r.rolname <> current_user
  AND pg_catalog.has_database_privilege(r.oid, pg_catalog.current_database(), 'CONNECT')
ORDER BY 1, 2";

/// Reads which roles there are.
pub(super) async fn read(session: &Session) -> Result<Vec<OtherRole>, Error> {
    let mut strongest: Vec<(OtherRole, bool)> = Vec::new();
    for row in session.query(QUERY, &[]).await? {
        let (role, in_database): (String, bool) = (row.try_get(0)?, row.try_get(1)?);
        let value: String = row.try_get(2)?;
        let on = is_on(&value);
        // In the order of the query the setting that wins comes last.
        strongest.retain(|(other, _)| other.role != role);
        let in_database = in_database.then_some(value);
        strongest.push((OtherRole { role, in_database }, on));
    }
    let off = strongest.into_iter().filter(|(_, on)| !on);
    Ok(off.map(|(role, _)| role).collect())
}

/// Fences roles; returns those whose settings this role may not change.
pub(super) async fn fence(
    session: &Session,
    database: &str,
    roles: &[OtherRole],
) -> Result<Vec<String>, Error> {
    let mut refused = Vec::new();
    for other in roles {
        if !set(session, database, &other.role, Some("on")).await? {
            refused.push(other.role.clone());
        }
    }
    Ok(refused)
}

/// Gives roles the settings that they had before. What was never changed is
/// left alone.
pub(super) async fn restore(
    session: &Session,
    database: &str,
    roles: &[OtherRole],
) -> Result<(), Error> {
    for other in roles {
        let now = session
            .query_opt(
                "SELECT substr(c.item, strpos(c.item, '=') + 1) \
                 FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_roles r ON r.oid = s.setrole \
                 JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase CROSS JOIN LATERAL unnest(s.setconfig) AS c (item) \
                 WHERE r.rolname = $1 AND d.datname = $2 AND c.item LIKE 'default\\_transaction\\_read\\_only=%'",
                &[&other.role, &database],
            )
            .await?;
        let now: Option<String> = now.map(|row| row.try_get(0)).transpose()?;
        if now != other.in_database {
            set(session, database, &other.role, other.in_database.as_deref()).await?;
        }
    }
    Ok(())
}

/// Sets or resets it; false where this role may not, or the other is gone.
async fn set(
    session: &Session,
    database: &str,
    role: &str,
    value: Option<&str>,
) -> Result<bool, Error> {
    let change = match value {
        Some(value) => format!(
            "SET default_transaction_read_only = {}",
            quote_literal(value)
        ),
        None => "RESET default_transaction_read_only".to_owned(),
    };
    let (role, database) = (quote_ident(role), quote_ident(database));
    let statement = format!("ALTER ROLE {role} IN DATABASE {database} {change}");
    match session.batch_execute(&statement).await {
        Ok(()) => Ok(true),
        Err(error)
            if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE)
                || error.code() == Some(&SqlState::UNDEFINED_OBJECT) =>
        {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}
