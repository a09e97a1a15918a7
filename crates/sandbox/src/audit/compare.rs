//! Compares the record of writes with the database in use and with the organisation.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Client;

use super::ledger::{Acknowledged, Book};
use super::report::{Audit, Finding};
use crate::connect::ddl::quote;
use crate::servers::ServerError;
use crate::workload::WrittenTable;
use crate::world::TurnedAway;

/// What an auditor must know about the Salesforce organisation behind an app.
pub(crate) trait Organisation: Send + Sync {
    /// The values of `value_field` by `key_field`, over all records of `object` that are not
    /// deleted.
    fn values(&self, app: &str, object: &str, key: &str, value: &str) -> Vec<(String, String)>;

    /// How many writes any connection of the app has sent to it, refused ones included.
    fn writes(&self, app: &str) -> usize;

    /// Every write to the records of `object` whose `key_field` has this value, and to the key itself, as lines.
    fn history(&self, app: &str, object: &str, key_field: &str, key: &str) -> Vec<String>;
}

/// Everything found under one key.
type Rows = BTreeMap<String, Vec<String>>;

/// Reads every written table once and judges each acknowledged row.
pub(crate) async fn audit(
    app: &str,
    book: Book,
    tables: &[WrittenTable],
    database: (&Client, String),
    organisation: Option<&dyn Organisation>,
    turned_away: (Vec<TurnedAway>, jiff::Timestamp),
) -> Result<Audit, ServerError> {
    let (client, location) = database;
    let (turned_away, now) = turned_away;
    let mut report = Audit {
        acknowledged: book.acknowledged.len(),
        database: location,
        lost: Vec::new(),
        waiting: Vec::new(),
        doubled: Vec::new(),
        unknown: book.unknown.clone(),
        refused: book.refused,
        last_refusal: book.last_refusal.clone(),
        salesforce_records: 0,
        salesforce_writes: organisation.map_or(0, |organisation| organisation.writes(app)),
        downtime_seconds: Audit::downtime(&turned_away, now),
        turned_away,
    };
    let uncertain = book
        .unknown
        .iter()
        .map(|write| (&*write.table, &*write.key))
        .collect();
    for table in tables {
        let rows = read(client, table).await?;
        let records = match (&table.object, organisation) {
            (Some((object, key, value)), Some(organisation)) => {
                Some(grouped(organisation.values(app, object, key, value)))
            }
            _ => None,
        };
        report.salesforce_records += records.as_ref().map_or(0, BTreeMap::len);
        let last = last_writes(&book.acknowledged, &table.name());
        judge(&mut report, last, &rows, records.as_ref(), &uncertain);
    }
    Ok(report)
}

fn judge(
    report: &mut Audit,
    last: BTreeMap<&str, &Acknowledged>,
    rows: &Rows,
    records: Option<&Rows>,
    uncertain: &BTreeSet<(&str, &str)>,
) {
    for (key, write) in last {
        let row = rows.get(key).map_or(&[] as &[String], Vec::as_slice);
        let record = records
            .and_then(|all| all.get(key))
            .map_or(&[] as &[String], Vec::as_slice);
        let finding = |found: String| Finding {
            write: write.clone(),
            found,
            history: Vec::new(),
        };
        let shown = || format!("database {row:?}, organisation {record:?}");
        if row.len() > 1 || record.len() > 1 {
            report.doubled.push(finding(shown()));
        }
        if uncertain.contains(&(write.table.as_str(), key)) {
            continue;
        }
        match &write.value {
            Some(value) if !row.contains(value) && !record.contains(value) => {
                report.lost.push(finding(shown()));
            }
            None if !row.is_empty() => report.doubled.push(finding(shown())),
            Some(_) | None => {}
        }
    }
}

fn last_writes<'a>(all: &'a [Acknowledged], table: &str) -> BTreeMap<&'a str, &'a Acknowledged> {
    all.iter()
        .filter(|write| write.table == table)
        .map(|write| (&*write.key, write))
        .collect()
}

/// A table that is not there has no rows: then everything in it is lost.
async fn read(client: &Client, table: &WrittenTable) -> Result<Rows, ServerError> {
    let sql = |source| ServerError::Sql {
        what: "reading a table for the audit",
        source,
    };
    let name = format!("{}.{}", quote(&table.schema), quote(&table.table));
    let there = client
        .query_one("SELECT to_regclass($1) IS NOT NULL", &[&name])
        .await
        .map_err(sql)?;
    if !there.get::<_, bool>(0) {
        return Ok(Rows::new());
    }
    let (key, value) = (quote(&table.key_column), quote(&table.value_column));
    let statement = format!(
        "SELECT {key}::text, coalesce({value}::text, '') FROM {name} WHERE {key} IS NOT NULL"
    );
    let rows = client.query(&statement, &[]).await.map_err(sql)?;
    Ok(grouped(rows.iter().map(|row| (row.get(0), row.get(1)))))
}

fn grouped(pairs: impl IntoIterator<Item = (String, String)>) -> Rows {
    let mut rows = Rows::new();
    for (key, value) in pairs {
        rows.entry(key).or_default().push(value);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(key: &str, value: Option<&str>) -> Acknowledged {
        Acknowledged {
            app: "demo".into(),
            dyno: "web.1".into(),
            table: "public.orders".into(),
            key: key.into(),
            value: value.map(str::to_owned),
            at: jiff::Timestamp::UNIX_EPOCH,
            database: String::new(),
        }
    }

    fn judged(writes: &[Acknowledged], rows: &[(&str, &str)], records: &[(&str, &str)]) -> Audit {
        let owned = |all: &[(&str, &str)]| {
            grouped(
                all.iter()
                    .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
            )
        };
        let mut report = Audit {
            acknowledged: writes.len(),
            database: String::new(),
            lost: Vec::new(),
            waiting: Vec::new(),
            doubled: Vec::new(),
            unknown: Vec::new(),
            refused: 0,
            last_refusal: None,
            salesforce_records: 0,
            salesforce_writes: 0,
            turned_away: Vec::new(),
            downtime_seconds: 0.0,
        };
        let last = last_writes(writes, "public.orders");
        judge(
            &mut report,
            last,
            &owned(rows),
            Some(&owned(records)),
            &BTreeSet::new(),
        );
        report
    }

    #[test]
    fn the_last_value_must_be_in_one_of_the_two() {
        let writes = [
            write("a", Some("1")),
            write("a", Some("2")),
            write("b", Some("3")),
        ];
        assert!(judged(&writes, &[("a", "2")], &[("b", "3")]).is_clean());
        let stale = judged(&writes, &[("a", "1"), ("b", "3")], &[]);
        assert_eq!(stale.lost.len(), 1);
        assert_eq!(stale.lost[0].write.key, "a");
    }

    #[test]
    fn a_row_that_is_there_twice_is_doubled() {
        let writes = [write("a", Some("1"))];
        assert_eq!(
            judged(&writes, &[("a", "1")], &[("a", "1"), ("a", "1")])
                .doubled
                .len(),
            1
        );
        assert_eq!(
            judged(&writes, &[("a", "1"), ("a", "1")], &[])
                .doubled
                .len(),
            1
        );
    }

    #[test]
    fn a_deleted_row_must_not_come_back() {
        let writes = [write("a", Some("1")), write("a", None)];
        assert!(judged(&writes, &[], &[]).is_clean());
        assert_eq!(judged(&writes, &[("a", "1")], &[]).doubled.len(), 1);
    }
}
