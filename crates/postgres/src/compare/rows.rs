//! Compares the rows of tables: counts, and checksums that do not depend on
//! the rows' order.

use serde::{Deserialize, Serialize};
use tokio_postgres::error::SqlState;

use crate::Error;
use crate::ident::{TableRef, quote_ident};
use crate::rows::columns;
use crate::session::Session;

/// One table on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableComparison {
    /// The table.
    pub table: TableRef,
    /// Rows on the old side.
    pub old_rows: i64,
    /// Rows on the new side; `None` where it has no such table or column.
    pub new_rows: Option<i64>,
    /// Checksum of the old side's rows; `None` where only counts were taken.
    pub old_checksum: Option<String>,
    /// Checksum of the new side's rows.
    pub new_checksum: Option<String>,
    /// Whether everything that was taken agrees.
    pub equal: bool,
}

/// All tables on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// One entry a table, in the order asked for.
    pub tables: Vec<TableComparison>,
    /// Whether all of them are equal.
    pub equal: bool,
}

/// What was taken of one table on one side.
impl Comparison {
    /// The tables that are not equal.
    pub fn differing(&self) -> impl Iterator<Item = &TableComparison> {
        self.tables.iter().filter(|table| !table.equal)
    }
}

impl std::fmt::Display for TableComparison {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (table, old) = (&self.table, self.old_rows);
        match self.new_rows {
            None => write!(f, "table {table} cannot be read on the new side"),
            Some(new) if new == old => write!(
                f,
                "table {table}: {old} rows on both sides, not the same ones"
            ),
            Some(new) => write!(
                f,
                "table {table}: {old} rows on the old side, {new} on the new one"
            ),
        }
    }
}

#[derive(PartialEq, Eq)]
struct Taken {
    rows: i64,
    checksum: Option<String>,
}

/// Counts the rows of tables on both sides.
///
/// # Errors
/// When a server cannot be asked.
pub async fn compare_counts(
    old: &Session,
    new: &Session,
    tables: &[TableRef],
) -> Result<Comparison, Error> {
    compare(old, new, tables, false).await
}

/// Compares the rows of tables on both sides by count and by the sum of the
/// rows' 64-bit hashes (`hashtextextended` of their text, under the output
/// settings that every session of this crate has). Reads all rows.
///
/// # Errors
/// When a server cannot be asked.
pub async fn compare_rows(
    old: &Session,
    new: &Session,
    tables: &[TableRef],
) -> Result<Comparison, Error> {
    compare(old, new, tables, true).await
}

async fn compare(
    old: &Session,
    new: &Session,
    tables: &[TableRef],
    with_checksum: bool,
) -> Result<Comparison, Error> {
    let mut compared = Vec::with_capacity(tables.len());
    for table in tables {
        let sql = query(table, &columns::names(old, table).await?, with_checksum);
        let (here, there) = tokio::try_join!(take(old, &sql), take_if_there(new, &sql))?;
        compared.push(TableComparison {
            table: table.clone(),
            old_rows: here.rows,
            new_rows: there.as_ref().map(|taken| taken.rows),
            equal: there.as_ref() == Some(&here),
            old_checksum: here.checksum,
            new_checksum: there.and_then(|taken| taken.checksum),
        });
    }
    let equal = compared.iter().all(|table| table.equal);
    Ok(Comparison {
        tables: compared,
        equal,
    })
}

fn query(table: &TableRef, columns: &[String], with_checksum: bool) -> String {
    let checksum = if with_checksum {
        let columns: Vec<String> = columns
            .iter()
            .map(|column| format!("t.{}", quote_ident(column)))
            .collect();
        format!(
            "coalesce(sum(pg_catalog.hashtextextended((ROW({}))::text COLLATE pg_catalog.\"C\", 0)::numeric), 0)::text",
            columns.join(", ")
        )
    } else {
        "NULL::text".to_owned()
    };
    format!("SELECT count(*), {checksum} FROM ONLY {} AS t", table.sql())
}

async fn take(session: &Session, sql: &str) -> Result<Taken, Error> {
    let row = session.query_one(sql, &[]).await?;
    Ok(Taken {
        rows: row.try_get(0)?,
        checksum: row.try_get(1)?,
    })
}

async fn take_if_there(session: &Session, sql: &str) -> Result<Option<Taken>, Error> {
    let absent = [
        SqlState::UNDEFINED_TABLE,
        SqlState::UNDEFINED_COLUMN,
        SqlState::INVALID_SCHEMA_NAME,
    ];
    match session.query_one(sql, &[]).await {
        Ok(row) => Ok(Some(Taken {
            rows: row.try_get(0)?,
            checksum: row.try_get(1)?,
        })),
        Err(error) if error.code().is_some_and(|code| absent.contains(code)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
