//! Gathers what an audit needs.

use std::time::Duration;

use super::compare::{Organisation, audit};
use super::history::{tell, waits};
use super::report::Audit;
use crate::servers::ServerError;
use crate::workload::WrittenTable;
use crate::world::{Refusal, World};

/// How often a finding must be found again before it counts.
const PASSES: usize = 4;
/// Longer than any operation of a dyno takes, in real time.
const BETWEEN_PASSES: Duration = Duration::from_millis(250);

/// Why there is no audit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// There is no such app.
    #[error("{0}")]
    NoApp(String),
    /// The app's DATABASE_URL leads to no database of the sandbox.
    #[error("{0} has no database to audit")]
    NoDatabase(String),
    /// The database does not answer.
    #[error("the database could not be read")]
    Database(#[from] ServerError),
}

impl From<Refusal> for AuditError {
    fn from(refusal: Refusal) -> Self {
        Self::NoApp(refusal.message)
    }
}

impl World {
    /// Compares what the app's dynos were told with what is there. Read as the superuser, so that
    /// neither a fence nor missing rights hide anything.
    pub(crate) async fn audit(
        &self,
        app: &str,
        organisation: Option<&dyn Organisation>,
    ) -> Result<Audit, AuditError> {
        let (name, tables, turned_away, database) = self.with(|state| {
            let app = state.app(app)?;
            let tables = app
                .workload
                .as_ref()
                .map_or_else(Vec::<WrittenTable>::new, |work| work.tables());
            let turned_away = app.availability.all().to_vec();
            let attachment = state.attachment_named(app.id, "DATABASE");
            let addon = attachment.and_then(|attachment| state.addons.get(&attachment.addon));
            let database = addon.and_then(|addon| addon.database.clone());
            Ok::<_, AuditError>((app.name.clone(), tables, turned_away, database))
        })?;
        let database = database.ok_or_else(|| AuditError::NoDatabase(name.clone()))?;
        let client = database.admin().await?;
        let mut settled: Option<Audit> = None;
        // The app may be writing all the while: a row can change between the reading of the
        // record and the reading of the table. What is really wrong stays wrong.
        for _ in 0..PASSES {
            let book = self.ledger().book(&name);
            let place = (&client, database.location());
            let users = (turned_away.clone(), self.now());
            let mut pass = audit(&name, book, &tables, place, organisation, users).await?;
            if let Some(before) = &settled {
                pass.lost.retain(|finding| before.lost.contains(finding));
                pass.doubled
                    .retain(|finding| before.doubled.contains(finding));
            }
            let clean = pass.is_clean();
            settled = Some(pass);
            if clean {
                break;
            }
            tokio::time::sleep(BETWEEN_PASSES).await;
        }
        let mut audit = settled.ok_or_else(|| AuditError::NoDatabase(name.clone()))?;
        for finding in std::mem::take(&mut audit.lost) {
            let waits = waits(&finding, &tables, &client).await;
            let waits = waits.map_err(|source| ServerError::Sql {
                what: "looking for a write in Connect's log",
                source,
            })?;
            let list = if waits {
                &mut audit.waiting
            } else {
                &mut audit.lost
            };
            list.push(finding);
        }
        if let Some(organisation) = organisation {
            for findings in [&mut audit.lost, &mut audit.doubled, &mut audit.waiting] {
                tell(findings, &name, &tables, &client, organisation).await;
            }
        }
        Ok(audit)
    }
}
