//! The fence: makes a database refuse writes from everyone but this tool.
//!
//! New sessions become read-only by `default_transaction_read_only`, set for
//! the database and, where the role has a setting of its own that would win,
//! for the role (PostgreSQL manual, "ALTER ROLE": database-specific settings of
//! a role override its general ones, and those override the database's). Open
//! sessions keep what they have, so they are ended. Heroku Connect uses the
//! same role as the application: pause it first.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tokio_postgres::error::SqlState;

use crate::Error;
use crate::ident::quote_ident;
use crate::session::Session;
use crate::sessions::{OtherSession, other_sessions};

/// How long sessions that were told to end are waited for.
const ENDING: Duration = Duration::from_secs(30);
/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(100);

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
}

/// Sessions that the fence leaves alone, besides this tool's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keep {
    /// Process ids of backends.
    pub pids: Vec<i32>,
    /// Beginnings of application names.
    pub application_prefixes: Vec<String>,
}

impl Keep {
    fn keeps(&self, session: &OtherSession) -> bool {
        self.pids.contains(&session.pid)
            || self
                .application_prefixes
                .iter()
                .any(|prefix| session.application_name.starts_with(prefix))
    }
}

/// A session that could not be ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StillThere {
    /// The session.
    pub session: OtherSession,
    /// Why it is still there.
    pub why: String,
}

impl std::fmt::Display for StillThere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.session, self.why)
    }
}

/// What a fence did.
#[must_use]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FenceReport {
    /// The settings before it.
    pub before: FenceSettings,
    /// How many sessions were told to end.
    pub ended: usize,
    /// Sessions that could not be ended. Not empty means: writers may be left.
    pub still_there: Vec<StillThere>,
    /// Prepared transactions of this database: each may still be committed.
    pub prepared_transactions: Vec<String>,
}

impl FenceReport {
    /// A report to lift a fence by, from journalled settings.
    pub fn from_settings(before: FenceSettings) -> Self {
        Self {
            before,
            ended: 0,
            still_there: Vec::new(),
            prepared_transactions: Vec::new(),
        }
    }
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
fn is_on(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value == "1"
        || value == "on"
        || (!value.is_empty() && ("true".starts_with(&value) || "yes".starts_with(&value)))
}

/// Fences the session's database: new sessions are read-only, open ones of
/// others are ended, again and again until none is left or a bound is reached.
/// A straggler that connects again is read-only; one that sets itself
/// read-write on purpose is not stopped by this.
///
/// `session` must be one for [`Purpose::Work`](crate::Purpose::Work).
///
/// # Errors
/// When settings cannot be changed; then nothing is changed.
pub async fn fence(session: &Session, keep: &Keep) -> Result<FenceReport, Error> {
    let before = fence_settings(session).await?;
    let mut report = FenceReport::from_settings(before);
    let on: Vec<SavedSetting> = report
        .before
        .settings
        .iter()
        .filter(|setting| setting.scope == SettingScope::Database || setting.value.is_some())
        .map(|setting| SavedSetting {
            scope: setting.scope,
            value: Some("on".into()),
        })
        .collect();
    apply(session, &report.before, &on).await?;
    end_others(session, keep, &mut report).await?;
    report.prepared_transactions = prepared(session).await?;
    Ok(report)
}

/// Restores exactly the settings that were there before the fence. May be
/// repeated. Where credentials were changed since, the session's role is
/// another one: the database's setting is restored, and those of the role that
/// is no more are left alone.
///
/// # Errors
/// When settings cannot be changed; then nothing is changed.
pub async fn lift_fence(session: &Session, report: &FenceReport) -> Result<(), Error> {
    let now = fence_settings(session).await?;
    if now.database != report.before.database {
        return Err(Error::Changed {
            what: format!(
                "the fence was set in database {}, this is database {}",
                report.before.database, now.database
            ),
        });
    }
    let same_role = now.role == report.before.role
        || (now.role_oid.is_some() && now.role_oid == report.before.role_oid);
    let settings: Vec<SavedSetting> = report
        .before
        .settings
        .iter()
        .filter(|setting| same_role || setting.scope == SettingScope::Database)
        .cloned()
        .collect();
    apply(session, &now, &settings).await
}

/// Sets or resets settings, all of them or none.
async fn apply(
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
                crate::ident::quote_literal(value)
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

async fn end_others(session: &Session, keep: &Keep, report: &mut FenceReport) -> Result<(), Error> {
    let deadline = Instant::now() + ENDING;
    let mut told = std::collections::BTreeSet::new();
    loop {
        let mut refused = Vec::new();
        let mut ending = Vec::new();
        for other in other_sessions(session).await? {
            if keep.keeps(&other) {
                continue;
            }
            match terminate(session, other.pid).await? {
                None => {
                    told.insert(other.pid);
                    ending.push(other);
                }
                Some(why) => refused.push(StillThere {
                    session: other,
                    why,
                }),
            }
        }
        report.ended = told.len();
        if ending.is_empty() || Instant::now() >= deadline {
            let late = ending.into_iter().map(|session| StillThere {
                session,
                why: format!("it did not end within {} s", ENDING.as_secs()),
            });
            report.still_there = refused.into_iter().chain(late).collect();
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Tells a backend to end. Returns why not, if the server refuses.
async fn terminate(session: &Session, pid: i32) -> Result<Option<String>, Error> {
    match session
        .query_one("SELECT pg_catalog.pg_terminate_backend($1)", &[&pid])
        .await
    {
        Ok(_) => Ok(None),
        Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            Ok(Some(crate::error::server_words(&error)))
        }
        Err(error) => Err(error.into()),
    }
}

async fn prepared(session: &Session) -> Result<Vec<String>, Error> {
    let rows = session
        .query(
            "SELECT gid FROM pg_catalog.pg_prepared_xacts \
             WHERE database = pg_catalog.current_database() ORDER BY 1",
            &[],
        )
        .await?;
    Ok(rows
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()?)
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
