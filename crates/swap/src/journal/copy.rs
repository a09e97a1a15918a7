//! Copies a run and its journal into another database.

use connect_swap_engine::{Record, StepError};
use connect_swap_postgres::Session;

use super::schema::{FORMAT, create_schema};
use crate::trouble::During;
use crate::world::World;

/// Copies what is missing there; what is there already stays.
///
/// # Errors
/// When the other database cannot be written to.
pub async fn copy_run(
    session: &Session,
    world: &World,
    records: &[Record],
) -> Result<(), StepError> {
    create_schema(session).await?;
    let subject = serde_json::to_value(&world.subject)
        .map_err(|error| StepError::failed("the run cannot be written down").because(&error))?;
    session
        .execute(
            "INSERT INTO connect_swap.run (id, format, app, created_at, subject)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
            &[
                &world.run,
                &FORMAT,
                &world.subject.app.as_str(),
                &world.created_at,
                &subject,
            ],
        )
        .await
        .during("copying the run")?;
    for record in records {
        let value = serde_json::to_value(&record.record).map_err(|error| {
            StepError::failed("a journal entry cannot be written down").because(&error)
        })?;
        session
            .execute(
                "INSERT INTO connect_swap.journal (run, seq, record) VALUES ($1, $2, $3)
                 ON CONFLICT (run, seq) DO NOTHING",
                &[&world.run, &record.seq, &value],
            )
            .await
            .during("copying the journal")?;
    }
    Ok(())
}
