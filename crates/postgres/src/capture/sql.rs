//! The statements that make a unit's log, functions and triggers.
//!
//! The functions run inside the app's own statements, with the rights of their
//! owner. Nothing in them is looked up by the search path: tables, functions
//! and operators are qualified, and the names of transition tables go before
//! any table's (PostgreSQL manual, "CREATE TRIGGER"). So they need no `SET
//! search_path` of their own, which would cost each statement of the app more
//! than the rest of the capture together.

use crate::ident::{TableRef, quote_ident, quote_literal};

use super::unit::Unit;

/// The trigger of each event begins so.
pub(crate) const TRIGGER_PREFIX: &str = "connect_swap_capture_";

/// The log of a unit: one row a changed key.
pub(crate) fn log(unit: i32) -> String {
    format!("connect_swap.log_{unit}")
}

/// The sequence that tells a full log: it has been called once the log was found at its limit. A sequence, as it
/// is read without a query, and does not go back with the transaction that has set it.
pub(super) fn full(unit: i32) -> String {
    format!("connect_swap.full_{unit}")
}

/// The function that looks whether a unit's log can be written to.
pub(super) fn ready(unit: i32) -> String {
    format!("connect_swap.ready_{unit}")
}

/// How many logs one transaction looks at where they need not be seen at one moment: it holds a lock on
/// each until it ends.
pub(crate) const LOGS_AT_ONCE: usize = 200;

/// Where functions leave what concerns a whole table.
pub(crate) fn mark_table() -> &'static str {
    "connect_swap.capture_mark"
}

/// What a statement on a table can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Insert,
    Update,
    Delete,
    Truncate,
}

impl Event {
    pub(super) const ALL: [Self; 4] = [Self::Insert, Self::Update, Self::Delete, Self::Truncate];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Truncate => "truncate",
        }
    }

    fn transition(self) -> &'static str {
        match self {
            Self::Insert => "REFERENCING NEW TABLE AS new_rows",
            Self::Update => "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
            Self::Delete => "REFERENCING OLD TABLE AS old_rows",
            Self::Truncate => "",
        }
    }

    pub(super) fn trigger(self) -> String {
        format!("{TRIGGER_PREFIX}{}", self.word())
    }

    pub(super) fn function(self, unit: i32) -> String {
        format!("connect_swap.{}_{unit}", self.word())
    }
}

/// Makes the log, and what tells that it is full. Its key columns have the types and collations of the table's.
/// Rows are only ever appended by the app and taken out by rounds: dead ones
/// are cleared away early.
pub(super) fn make_log(unit: i32, what: &Unit) -> String {
    let full = format!("CREATE SEQUENCE {}", full(unit));
    let storage = "WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000)";
    if what.key.is_empty() {
        return format!(
            "CREATE TABLE {} (changed boolean) {storage}; {full}",
            log(unit)
        );
    }
    let columns: Vec<String> = what
        .key
        .iter()
        .zip(what.log_columns())
        .map(|(column, log)| format!("t.{} AS {log}", quote_ident(&column.name)))
        .collect();
    format!(
        "CREATE TABLE {} {storage} AS SELECT {} FROM ONLY {} AS t WITH NO DATA; {full}",
        log(unit),
        columns.join(", "),
        what.table.sql()
    )
}

/// A statement that has logged more keys than this looks at the log's size.
const MANY_KEYS: u32 = 50;
/// One of so many others does, a power of two: it costs as much as the logging of a key.
const ONE_OF: u32 = 16;

/// What a function looks at before it writes into the log: as long as the log
/// is not full, and the key's columns are still called what they were,
/// the insert cannot fail by what others did. Where not, it only marks the unit
/// as not followed any more; the app's statement goes through either way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guard {
    /// The log's oid.
    pub(super) log: u32,
    /// Bytes from which on nothing more is logged.
    pub(super) limit: u64,
    /// Of the sequence that tells a full log, its oid.
    pub(super) full: u32,
    /// The key's index.
    pub(super) index: Option<KeyIndex>,
    /// How a table shows that it still belongs to the unit: one that was detached
    /// keeps the triggers, and its columns may be called otherwise.
    pub(super) family: Family,
}

/// The index over a unit's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyIndex {
    /// Its oid.
    pub(super) oid: u32,
    /// Its table's oid.
    pub(super) table: u32,
    /// How the server names each of its columns.
    pub(super) columns: Vec<String>,
}

/// How the tables of a unit belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Family {
    /// It is one table.
    Alone,
    /// All are partitions of this table.
    Partitions(u32),
    /// All inherit, at some remove, from these.
    Children(Vec<u32>),
}

impl Family {
    fn sql(&self) -> Option<String> {
        match self {
            Self::Alone => None,
            Self::Partitions(root) => Some(format!(
                "pg_catalog.pg_partition_root(TG_RELID::pg_catalog.regclass) OPERATOR(pg_catalog.=) '{root}'::pg_catalog.oid"
            )),
            Self::Children(roots) => {
                let roots: Vec<String> = roots.iter().map(u32::to_string).collect();
                Some(format!(
                    "EXISTS (WITH RECURSIVE up (oid) AS (SELECT TG_RELID UNION SELECT i.inhparent FROM up JOIN \
                     pg_catalog.pg_inherits i ON i.inhrelid OPERATOR(pg_catalog.=) up.oid) SELECT FROM up \
                     WHERE up.oid OPERATOR(pg_catalog.=) ANY ('{{{}}}'::pg_catalog.oid[]))",
                    roots.join(",")
                ))
            }
        }
    }
}

impl Guard {
    /// What [`ready`] looks at: the relations, each by its oid.
    fn relations(&self) -> Vec<String> {
        let table = self.index.as_ref().map(|index| index.table);
        let all = [self.log, self.full].into_iter().chain(table);
        all.map(|oid| format!("'{oid}'::pg_catalog.regclass"))
            .collect()
    }

    fn ready(&self) -> String {
        let there = [self.log, self.full];
        let there = there.iter().map(|oid| {
            format!("pg_catalog.pg_relation_filenode('{oid}'::pg_catalog.regclass) IS NOT NULL")
        });
        let named = self.index.iter().flat_map(|index| {
            index.columns.iter().zip(1..).map(|(column, at)| {
                format!(
                    "pg_catalog.pg_get_indexdef('{}'::pg_catalog.oid, {at}, false) OPERATOR(pg_catalog.=) {}",
                    index.oid,
                    quote_literal(column)
                )
            })
        });
        there.chain(named).collect::<Vec<_>>().join(" AND ")
    }

    fn sql(&self, unit: i32) -> String {
        let mut parts = vec![
            format!("{}({})", ready(unit), self.relations().join(", ")),
            format!(
                "pg_catalog.pg_sequence_last_value('{}'::pg_catalog.regclass) IS NULL",
                self.full
            ),
        ];
        parts.extend(self.family.sql());
        parts.join(" AND ")
    }

    /// What follows the logging of keys.
    fn look_at_size(&self) -> String {
        let Self {
            log, full, limit, ..
        } = self;
        format!(
            "GET DIAGNOSTICS logged := ROW_COUNT; \
             IF logged OPERATOR(pg_catalog.>) {MANY_KEYS} OR pg_catalog.date_part('microseconds', pg_catalog.clock_timestamp())\
             ::pg_catalog.int4 OPERATOR(pg_catalog.&) {} OPERATOR(pg_catalog.=) 0 THEN \
             IF pg_catalog.pg_relation_size('{log}'::pg_catalog.regclass, 'main') OPERATOR(pg_catalog.>=) {limit}::pg_catalog.int8 \
             THEN PERFORM pg_catalog.setval('{full}'::pg_catalog.regclass, 1); END IF; END IF;",
            ONE_OF - 1
        )
    }
}

/// Makes what tells whether a unit's log can be written to, and the function that looks at the catalogs for it.
///
/// That function is called immutable, so that the server calls it when it plans, not each time: its arguments are
/// the relations that it looks at, and a plan that names one is made anew once its definition has changed
/// (PostgreSQL manual, "PL/pgSQL under the Hood", "Plan Caching"; the server's `plancache.c` and `setrefs.c`: a
/// constant of type `regclass` makes a plan depend on its relation). Nobody changes a definition while a
/// statement of the table is under way.
pub(super) fn make_ready(unit: i32, guard: &Guard) -> String {
    let (name, arguments) = (ready(unit), guard.relations());
    let arguments = vec!["pg_catalog.regclass"; arguments.len()].join(", ");
    format!(
        "CREATE OR REPLACE FUNCTION {name}({arguments}) RETURNS boolean LANGUAGE sql IMMUTABLE AS {}; \
         REVOKE ALL ON FUNCTION {name}({arguments}) FROM PUBLIC",
        quote_literal(&format!("SELECT {}", guard.ready()))
    )
}

/// Makes the function of an event.
pub(super) fn make_function(unit: i32, what: &Unit, event: Event, guard: &Guard) -> String {
    let body = match event {
        Event::Truncate => format!(
            "INSERT INTO {} (unit, kind, relation) VALUES ({unit}, 'truncated', TG_RELID);",
            mark_table()
        ),
        _ => guarded(unit, guard, &insert(unit, what, event)),
    };
    format!(
        "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS {}; \
         REVOKE ALL ON FUNCTION {name}() FROM PUBLIC",
        quote_literal(&format!(
            "DECLARE logged pg_catalog.int8; BEGIN {body} RETURN NULL; END"
        )),
        name = event.function(unit)
    )
}

fn guarded(unit: i32, guard: &Guard, insert: &str) -> String {
    let marks = mark_table();
    format!(
        "IF {} THEN {insert} {} ELSE \
         IF NOT EXISTS (SELECT FROM {marks} m WHERE m.unit OPERATOR(pg_catalog.=) {unit} \
         AND m.kind OPERATOR(pg_catalog.=) 'stopped') \
         THEN INSERT INTO {marks} (unit, kind, relation) VALUES ({unit}, 'stopped', TG_RELID); END IF; END IF;",
        guard.sql(unit),
        guard.look_at_size()
    )
}

fn insert(unit: i32, what: &Unit, event: Event) -> String {
    let log = log(unit);
    let rows = |rows: &str| {
        let columns: Vec<String> = what
            .key
            .iter()
            .map(|column| format!("r.{}", quote_ident(&column.name)))
            .collect();
        format!("SELECT {} FROM {rows} AS r", columns.join(", "))
    };
    if what.key.is_empty() {
        let changed = match event {
            Event::Insert => "new_rows",
            _ => "old_rows",
        };
        return format!("INSERT INTO {log} SELECT true WHERE EXISTS (SELECT FROM {changed});");
    }
    let changed = match event {
        Event::Insert => rows("new_rows"),
        Event::Delete => rows("old_rows"),
        // A key that did not change is logged once: UNION compares by the type's own equality.
        _ => format!("{} UNION {}", rows("old_rows"), rows("new_rows")),
    };
    format!(
        "INSERT INTO {log} ({}) {changed};",
        what.log_columns().join(", ")
    )
}

/// Makes a table's trigger for an event, firing in sessions that act as a
/// replica too (PostgreSQL manual, "ALTER TABLE", `ENABLE ALWAYS TRIGGER`).
pub(super) fn make_trigger(unit: i32, table: &TableRef, event: Event) -> String {
    let (name, table) = (event.trigger(), table.sql());
    format!(
        "CREATE TRIGGER {name} AFTER {} ON {table} {} FOR EACH STATEMENT EXECUTE FUNCTION {}(); \
         ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
        event.word(),
        event.transition(),
        event.function(unit)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::unit::KeyColumn;

    fn unit() -> Unit {
        let table = TableRef::new("public", "Odd \"name");
        Unit {
            watched: vec![table.clone()],
            members: vec![table.clone()],
            table,
            key: vec![KeyColumn {
                name: "it's".into(),
                equality_schema: "pg_catalog".into(),
            }],
            whole: None,
            partitioned: false,
            unlogged: false,
        }
    }

    #[test]
    fn nothing_in_a_function_is_found_by_the_search_path() {
        let guard = Guard {
            log: 7,
            limit: 1000,
            full: 8,
            index: Some(KeyIndex {
                oid: 9,
                table: 10,
                columns: vec!["\"it's\"".into()],
            }),
            family: Family::Children(vec![4, 5]),
        };
        let functions = Event::ALL.map(|event| make_function(3, &unit(), event, &guard));
        for sql in functions.into_iter().chain([make_ready(3, &guard)]) {
            let calls = [
                "pg_relation_size(",
                "pg_relation_filenode(",
                "pg_sequence_last_value(",
                "pg_get_indexdef(",
                "setval(",
                "clock_timestamp(",
                "ready_3(",
            ];
            for call in calls {
                assert_eq!(
                    sql.matches(call).count(),
                    sql.matches(&format!("pg_catalog.{call}")).count()
                        + sql.matches(&format!("connect_swap.{call}")).count(),
                    "{sql}"
                );
            }
            let bare = [" = ", " < ", " <> "];
            assert!(bare.iter().all(|operator| !sql.contains(operator)), "{sql}");
        }
    }

    #[test]
    fn an_update_logs_the_keys_before_and_after() {
        let sql = insert(3, &unit(), Event::Update);
        assert_eq!(
            sql,
            "INSERT INTO connect_swap.log_3 (k1) SELECT r.\"it's\" FROM old_rows AS r UNION \
             SELECT r.\"it's\" FROM new_rows AS r;"
        );
    }
}
