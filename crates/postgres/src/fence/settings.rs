//! What decides whether a new session is read-only: the settings of the
//! database and of the role that is logged in.

use serde::{Deserialize, Serialize};

use super::other_roles::{self, OtherRole};
use crate::Error;
use crate::ident::{quote_ident, quote_literal};
use crate::session::Session;

/// What a setting belongs to, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingScope {
    /// `ALTER DATABASE … SET`.
    Database,
    /// `ALTER ROLE self SET`.
    Role,
    /// `ALTER ROLE self IN DATABASE … SET`.
    RoleInDatabase,
}

/// A present value of `default_transaction_read_only`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSetting {
    /// What it belongs to.
    pub scope: SettingScope,
    /// Its value; `None` where there is none.
    pub value: Option<String>,
}

/// The settings that a fence changes, as they are before. To be journalled
/// before fencing, so that the fence can be lifted after a crash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FenceSettings {
    /// The database.
    pub database: String,
    /// The role.
    pub role: String,
    /// The role's oid, which outlives a change of its name.
    #[serde(default)]
    pub role_oid: Option<u32>,
    /// One entry a scope, the weakest first.
    pub settings: Vec<SavedSetting>,
    /// Other roles whose own setting would win over the database's.
    #[serde(default)]
    pub other_roles: Vec<OtherRole>,
}

/// Reads the settings that a fence would change.
///
/// # Errors
/// When the server cannot be asked.
pub async fn fence_settings(session: &Session) -> Result<FenceSettings, Error> {
    let row = session
        .query_one(
            "SELECT pg_catalog.current_database()::text, current_user::text, \
                    (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)",
            &[],
        )
        .await?;
    let rows = session
        .query(
            "SELECT s.setrole <> 0, s.setdatabase <> 0, substr(c.item, strpos(c.item, '=') + 1) \
             FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS c (item) \
             WHERE c.item LIKE 'default\\_transaction\\_read\\_only=%' \
               AND (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())) \
               AND (s.setrole = 0 OR s.setrole = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user))",
            &[],
        )
        .await?;
    let mut settings: Vec<SavedSetting> = [
        SettingScope::Database,
        SettingScope::Role,
        SettingScope::RoleInDatabase,
    ]
    .map(|scope| SavedSetting { scope, value: None })
    .into();
    for row in rows {
        let scope = match (row.try_get(0)?, row.try_get(1)?) {
            (false, true) => SettingScope::Database,
            (true, false) => SettingScope::Role,
            (true, true) => SettingScope::RoleInDatabase,
            // Set for all roles and databases: not ours to change, and weaker.
            (false, false) => continue,
        };
        let value: String = row.try_get(2)?;
        for setting in settings.iter_mut().filter(|setting| setting.scope == scope) {
            setting.value = Some(value.clone());
        }
    }
    Ok(FenceSettings {
        database: row.try_get(0)?,
        role: row.try_get(1)?,
        role_oid: row.try_get(2)?,
        settings,
        other_roles: other_roles::read(session).await?,
    })
}

/// Whether a plain new session of this role would be read-only.
///
/// # Errors
/// When the server cannot be asked.
pub async fn is_fenced(session: &Session) -> Result<bool, Error> {
    let settings = fence_settings(session).await?.settings;
    let strongest = settings.into_iter().rev().find_map(|setting| setting.value);
    Ok(strongest.is_some_and(|value| is_on(&value)))
}

/// Any spelling of a true boolean setting (PostgreSQL manual, "Parameter Names
/// and Values").
pub(super) fn is_on(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value == "1"
        || value == "on"
        || (!value.is_empty() && ("true".starts_with(&value) || "yes".starts_with(&value)))
}

/// Sets or resets settings, all of them or none.
pub(super) async fn apply(
    session: &Session,
    of: &FenceSettings,
    settings: &[SavedSetting],
) -> Result<(), Error> {
    let (database, role) = (quote_ident(&of.database), quote_ident(&of.role));
    let mut sql = String::from("BEGIN;");
    for setting in settings {
        let target = match setting.scope {
            SettingScope::Database => format!("DATABASE {database}"),
            SettingScope::Role => format!("ROLE {role}"),
            SettingScope::RoleInDatabase => format!("ROLE {role} IN DATABASE {database}"),
        };
        let change = match &setting.value {
            Some(value) => format!(
                "SET default_transaction_read_only = {}",
                quote_literal(value)
            ),
            None => "RESET default_transaction_read_only".to_owned(),
        };
        sql.push_str(&format!(" ALTER {target} {change};"));
    }
    sql.push_str(" COMMIT");
    if let Err(error) = session.batch_execute(&sql).await {
        session.batch_execute("ROLLBACK").await?;
        return Err(error.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_true_is_a_fence() {
        for value in ["on", "ON", "true", "t", "yes", "y", "1"] {
            assert!(is_on(value), "{value}");
        }
        for value in ["off", "false", "0", "no", ""] {
            assert!(!is_on(value), "{value}");
        }
    }
}
