//! Whether both sides have the same rows, asked in the plainest way.

use std::collections::BTreeSet;

use connect_swap_postgres::{Purpose, Session, connect};
use tokio_postgres::error::SqlState;

use crate::world::World;

/// Every row of these tables as text, each beside its table.
/// `None` where a lock was not given: somebody who wants to truncate waits for
/// the round, and the question behind it.
async fn rows(session: &Session, tables: &[String]) -> Option<Vec<(String, String)>> {
    let each: Vec<String> = tables
        .iter()
        .map(|table| {
            format!(
                "SELECT '{}', t::text FROM ONLY {table} AS t",
                table.replace('\'', "''")
            )
        })
        .collect();
    let sql = format!("{} ORDER BY 1, 2", each.join(" UNION ALL "));
    let rows = match session.query(&sql, &[]).await {
        Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => return None,
        answer => answer.unwrap(),
    };
    Some(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// The rows that only one side has, with how often; nothing where both have the
/// same.
fn differences(old: &[(String, String)], new: &[(String, String)]) -> Vec<String> {
    let all: BTreeSet<_> = old.iter().chain(new).collect();
    let times = |rows: &[(String, String)], row: &(String, String)| {
        rows.iter().filter(|other| *other == row).count()
    };
    all.into_iter()
        .map(|row| (row, times(old, row), times(new, row)))
        .filter(|(_, here, there)| here != there)
        .map(|((table, row), here, there)| format!("{table} {row}: {here} old, {there} new"))
        .collect()
}

impl World {
    /// How the new side differs from the old one, as of a snapshot of it or as
    /// it is.
    pub(crate) async fn differences(
        &self,
        tables: &[String],
        snapshot: Option<&str>,
    ) -> Option<Vec<String>> {
        let old = connect(&self.databases.old, Purpose::ReadOnly, "check")
            .await
            .unwrap();
        let new = connect(&self.databases.new, Purpose::ReadOnly, "check")
            .await
            .unwrap();
        if let Some(snapshot) = snapshot {
            old.batch_execute(&format!(
                "BEGIN ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT '{snapshot}'"
            ))
            .await
            .unwrap();
        }
        Some(differences(
            &rows(&old, tables).await?,
            &rows(&new, tables).await?,
        ))
    }
}
