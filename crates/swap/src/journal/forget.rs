//! Takes a closed run out of a database that stays.

use connect_swap_engine::StepError;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::trouble::During;

/// How long others who read the journal are waited for.
const LOCK_TIMEOUT_MS: u32 = 5000;

/// Deletes a closed run and its entries. Where no other run is left, drops the schema: what else
/// somebody has put there keeps it, as nothing is dropped with it but the journal's own tables.
/// Returns whether it is gone.
///
/// # Errors
/// When the tables stay in use, or hold what is not the journal's. Nothing was changed then.
pub async fn forget_run(client: &Client, run: Uuid) -> Result<bool, StepError> {
    let doing = "taking the journal out of the old database";
    let begin = format!("BEGIN; SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}");
    client.batch_execute(&begin).await.during(doing)?;
    match forget(client, run).await {
        Ok(gone) => {
            client.batch_execute("COMMIT").await.during(doing)?;
            Ok(gone)
        }
        Err(error) => {
            // The session is given up right after this; its transaction goes with it.
            let _ = client.batch_execute("ROLLBACK").await;
            Err(error).during(doing)
        }
    }
}

async fn forget(client: &Client, run: Uuid) -> Result<bool, tokio_postgres::Error> {
    let closed = client
        .query_opt(
            "SELECT FROM connect_swap.run WHERE id = $1 AND closed_at IS NOT NULL FOR UPDATE",
            &[&run],
        )
        .await?;
    if closed.is_none() {
        return Ok(false);
    }
    client
        .execute("DELETE FROM connect_swap.journal WHERE run = $1", &[&run])
        .await?;
    client
        .execute("DELETE FROM connect_swap.run WHERE id = $1", &[&run])
        .await?;
    let others = client
        .query_one("SELECT EXISTS (SELECT FROM connect_swap.run)", &[])
        .await?;
    if others.try_get(0)? {
        return Ok(false);
    }
    let drop =
        "DROP TABLE connect_swap.journal; DROP TABLE connect_swap.run; DROP SCHEMA connect_swap";
    client.batch_execute(drop).await?;
    Ok(true)
}
