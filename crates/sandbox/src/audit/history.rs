//! What became of a row that is not as it was acknowledged.

use tokio_postgres::Client;

use super::compare::Organisation;
use super::report::Finding;
use crate::connect::ddl::quote;
use crate::workload::WrittenTable;

/// More findings than this have one cause, and are not all told of.
const TOLD: usize = 3;

/// Adds to findings of managed tables what Connect's logs and the organisation tell of their rows.
pub(super) async fn tell(
    findings: &mut [Finding],
    app: &str,
    tables: &[WrittenTable],
    client: &Client,
    organisation: &dyn Organisation,
) {
    for finding in findings.iter_mut().take(TOLD) {
        let written = |table: &&WrittenTable| table.name() == finding.write.table;
        let Some(table) = tables.iter().find(written) else {
            continue;
        };
        let Some((object, key_field, _)) = &table.object else {
            continue;
        };
        let key = &finding.write.key;
        let mut history = logged(client, table, key)
            .await
            .unwrap_or_else(|error| vec![format!("Connect's logs could not be read: {error}")]);
        history.extend(organisation.history(app, object, key_field, key));
        finding.history = history;
    }
}

/// Whether the value that a finding misses waits in Connect's log of this database, to be sent: no later entry of
/// that row may undo it.
pub(super) async fn waits(
    finding: &Finding,
    tables: &[WrittenTable],
    client: &Client,
) -> Result<bool, tokio_postgres::Error> {
    let write = &finding.write;
    let written = |table: &&WrittenTable| table.name() == write.table && table.object.is_some();
    let Some(table) = tables.iter().find(written) else {
        return Ok(false);
    };
    let log = format!("{}._trigger_log", quote(&table.schema));
    let there = client
        .query_one("SELECT to_regclass($1) IS NOT NULL", &[&log])
        .await?;
    if !there.get::<_, bool>(0) {
        return Ok(false);
    }
    let rows = format!("{}.{}", quote(&table.schema), quote(&table.table));
    let sql = format!(
        "SELECT EXISTS (SELECT FROM {log} e JOIN {rows} r ON r.id = e.record_id \
         WHERE e.table_name = $1 AND e.state IN ('NEW', 'PENDING') AND e.action <> 'DELETE' \
         AND e.values::public.hstore -> $2 = $3 AND concat(e.old, e.values) LIKE '%' || $4 || '%' \
         AND NOT EXISTS (SELECT FROM {log} later WHERE later.table_name = $1 AND later.record_id = e.record_id \
         AND later.id > e.id AND (later.action = 'DELETE' OR public.exist(later.values::public.hstore, $2))))"
    );
    let row = client
        .query_one(
            &sql,
            &[&table.table, &table.value_column, &write.value, &write.key],
        )
        .await?;
    Ok(row.get(0))
}

/// The entries of Connect's logs that name the row.
async fn logged(
    client: &Client,
    table: &WrittenTable,
    key: &str,
) -> Result<Vec<String>, tokio_postgres::Error> {
    let schema = quote(&table.schema);
    let of = |log: &str| {
        format!(
            "SELECT id, concat_ws(' ', '{log}', id, created_at, processed_at, state, action, record_id, sfid, values, \
             sf_message) AS line FROM {schema}.{log} WHERE table_name = $1 AND concat(old, values) LIKE '%' || $2 || '%'"
        )
    };
    let sql = format!(
        "{} UNION ALL {} ORDER BY id",
        of("_trigger_log"),
        of("_trigger_log_archive")
    );
    let rows = client.query(&sql, &[&table.table, &key]).await?;
    Ok(rows.iter().map(|row| row.get("line")).collect())
}
