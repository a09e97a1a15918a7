//! Setting the fence, and lifting it.

use serde::{Deserialize, Serialize};

use super::other_roles;
use super::sessions::{Keep, StillThere, end_others};
use super::settings::{FenceSettings, SavedSetting, SettingScope, apply, fence_settings};
use crate::Error;
use crate::session::Session;

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
    /// Sessions of superusers without an open transaction, which only a
    /// superuser may end: the provider's own. They hold nothing back.
    #[serde(default)]
    pub idle_superusers: Vec<StillThere>,
    /// Roles with a setting of their own that wins over the database's and that
    /// this role may not change: their new sessions may still write.
    #[serde(default)]
    pub unfenced_roles: Vec<String>,
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
            idle_superusers: Vec::new(),
            unfenced_roles: Vec::new(),
            prepared_transactions: Vec::new(),
        }
    }
}

/// Fences the session's database: new sessions are read-only, open ones of
/// others are ended, again and again until none of before is left or a bound is
/// reached. A straggler that connects again is read-only, and is left alone; one
/// that sets itself read-write on purpose is not stopped by this.
///
/// `session` must be one for [`Purpose::Work`](crate::Purpose::Work).
///
/// # Errors
/// When the settings of the database or of this role cannot be changed; then
/// nothing is changed.
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
    let before = &report.before;
    report.unfenced_roles =
        other_roles::fence(session, &before.database, &before.other_roles).await?;
    let since: String = session
        .query_one("SELECT pg_catalog.clock_timestamp()::text", &[])
        .await?
        .try_get(0)?;
    end_others(session, keep, &since, &mut report).await?;
    report.prepared_transactions = prepared(session).await?;
    Ok(report)
}

/// Restores exactly the settings that were there before the fence. May be
/// repeated. Where credentials were changed since, the session's role is
/// another one: the database's setting is restored, and those of the role that
/// is no more are left alone.
///
/// # Errors
/// When the settings of the database or of this role cannot be changed; then
/// nothing is changed.
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
    apply(session, &now, &settings).await?;
    other_roles::restore(session, &now.database, &report.before.other_roles).await
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
