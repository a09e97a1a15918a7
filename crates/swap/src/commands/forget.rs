//! The journal of a swap that was given up: kept as a file, and taken out of the old database, so
//! that nothing of the swap is left there.

use std::path::PathBuf;

use connect_swap_engine::{Event, Journal, Level, StepError};
use connect_swap_postgres::Purpose;
use serde_json::json;

use crate::journal::forget_run;
use crate::operator::Operator;
use crate::report::{Report, Section};
use crate::steps::shared::files;
use crate::world::World;

/// Takes it away, after the last entry was written and while the lock is held. What cannot be taken
/// away does no harm: it is told, with the statement for a person.
pub(super) async fn forget_journal(operator: &Operator, world: &World, report: &mut Report) {
    let database = &world.subject.old.database.name;
    match forget(world).await {
        Ok((path, gone)) => {
            let left = if gone {
                format!("schema connect_swap is gone from {database}")
            } else {
                format!("earlier swaps are still in schema connect_swap of {database}")
            };
            report.text.push(Section::Pairs(vec![
                ("journal".into(), format!("kept as {}", path.display())),
                ("old database".into(), left),
            ]));
            report.details = json!({ "journal_file": path, "schema_dropped": gone });
        }
        Err(error) => {
            let causes = error.causes.join(": ");
            let text = format!(
                "{}: {causes}. The swap is over all the same, and cleanup run again takes its journal \
                 away. By hand, with the journals of all earlier swaps: heroku pg:psql {database} -a {} -c 'DROP SCHEMA connect_swap CASCADE'",
                error.message, world.subject.app
            );
            let level = Level::Warning;
            operator.sink.emit(Event::Notice { level, text });
        }
    }
}

async fn forget(world: &World) -> Result<(PathBuf, bool), StepError> {
    let records = world
        .journal
        .records()
        .await
        .map_err(|error| StepError::failed("the journal cannot be read").because(&error))?;
    let path = files::keep_journal(world, &records)?;
    let session = world.old_session(Purpose::Work).await?;
    let gone = forget_run(&session, world.run).await?;
    Ok((path, gone))
}
