//! The keys of a round: taken out of a log, known on both sides, deleted on the
//! new one.

use super::route::{Way, Ways};
use crate::Error;
use crate::capture::log;
use crate::ident::TableRef;
use crate::rows::{Throttle, pipe};
use crate::session::Session;

/// Where a unit's keys are kept for the rest of the transaction, on both sides.
pub(super) fn keys(unit: i32) -> String {
    format!("pg_temp.connect_swap_keys_{unit}")
}

/// Takes the keys out of a unit's log, each once, and sends them to the new
/// side. The planner is told how many there are: a handful must be looked up by
/// the key's index, however large the table is.
pub(super) async fn take(
    old: &Session,
    new: &Session,
    unit: i32,
    ways: &Ways,
) -> Result<u64, Error> {
    let (keys, log) = (keys(unit), log(unit));
    let columns = ways.log_columns.join(", ");
    let take = format!(
        "CREATE TEMPORARY TABLE IF NOT EXISTS {keys} (LIKE {log}) ON COMMIT DELETE ROWS; \
         WITH taken AS (DELETE FROM {log} RETURNING {columns}) INSERT INTO {keys} SELECT DISTINCT {columns} FROM taken; \
         ANALYZE {keys}; SELECT count(*) FROM {keys}"
    );
    let make = format!(
        "CREATE TEMPORARY TABLE IF NOT EXISTS {keys} ON COMMIT DELETE ROWS AS SELECT {} FROM ONLY {} AS t WITH NO DATA",
        ways.key_columns,
        ways.table.sql()
    );
    let (taken, ()) = tokio::try_join!(async { count(old, &take).await }, async {
        new.batch_execute(&make).await.map_err(Error::from)
    })?;
    if taken == 0 {
        return Ok(0);
    }
    let format = if ways.binary_keys { "binary" } else { "text" };
    let out = format!("COPY {keys} TO STDOUT (FORMAT {format})");
    let into = format!("COPY {keys} FROM STDIN (FORMAT {format})");
    let sent = pipe((old, &out), (new, &into), &Throttle::new(None), |_| {}).await?;
    if sent.rows != taken {
        return Err(Error::Protocol(format!(
            "{taken} keys were taken and {} arrived",
            sent.rows
        )));
    }
    new.batch_execute(&format!("ANALYZE {keys}")).await?;
    Ok(taken)
}

/// The one number that a batch of statements answers with.
async fn count(session: &Session, statements: &str) -> Result<u64, Error> {
    let answers = session.simple_query(statements).await?;
    let number = answers.iter().rev().find_map(|answer| match answer {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
        _ => None,
    });
    number.ok_or_else(|| Error::Protocol("no number was given".into()))
}

/// Empties tables on the new side that were emptied on the old one. What is in
/// them there by now is in the log, too.
pub(super) async fn empty(new: &Session, tables: &[TableRef]) -> Result<(), Error> {
    for table in tables {
        new.batch_execute(&format!("DELETE FROM ONLY {}", table.sql()))
            .await?;
    }
    Ok(())
}

/// Deletes the rows of the round's keys on the new side.
pub(super) async fn delete(new: &Session, unit: i32, way: &Way) -> Result<u64, Error> {
    let sql = format!(
        "DELETE FROM {} AS t USING {} AS k WHERE {}",
        way.target.sql(),
        keys(unit),
        way.new_matches
    );
    Ok(new.execute(&sql, &[]).await?)
}
