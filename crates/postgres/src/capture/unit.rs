//! What is captured and brought over as one: a table, a partitioned table with
//! all its partitions, or tables that inherit from each other.

use serde::{Deserialize, Serialize};

use crate::ident::{TableRef, quote_ident};

/// A column by which changed rows are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyColumn {
    /// Its name.
    pub name: String,
    /// The schema of the operator by which the key's index compares: `=` of
    /// `citext`, for one, is not the `=` of text.
    pub(crate) equality_schema: String,
}

/// Why a table's changes are not followed row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whole {
    /// No primary key, and no unique index over columns that are never null.
    NoKey,
    /// Tables that inherit from each other do not share a key.
    NoCommonKey,
    /// Some partitions or children of it are left out, or are not the
    /// customer's.
    InPart,
    /// Row-level security is forced on its owner, who could read all rows only
    /// by locking everybody else out.
    Forced,
    /// Another role owns it: no trigger can be made on it.
    NotOwned,
}

impl Whole {
    /// Whether its rows can be copied while the app runs.
    #[must_use]
    pub fn can_be_seeded(self) -> bool {
        !matches!(self, Self::Forced | Self::NotOwned)
    }
}

impl std::fmt::Display for Whole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoKey => {
                "it has no primary key and no unique index over columns that are never null"
            }
            Self::NoCommonKey => "the tables that inherit from each other share no key",
            Self::InPart => "some of its partitions or children are not carried over",
            Self::Forced => "row-level security is forced on its owner",
            Self::NotOwned => "another role owns it",
        })
    }
}

/// A table with all that a statement on it may change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// The table by which it goes.
    pub table: TableRef,
    /// Every table of it that has the triggers; none where the rows wait for the
    /// window in any case.
    pub watched: Vec<TableRef>,
    /// Those whose rows are copied.
    pub members: Vec<TableRef>,
    /// By what changed rows are known; empty where the table is copied whole.
    pub key: Vec<KeyColumn>,
    /// Why it is copied whole, where it is.
    pub whole: Option<Whole>,
    /// Rows are read and written through the partitioned table.
    pub(crate) partitioned: bool,
    /// Emptied by a crash of its server (PostgreSQL manual, "CREATE TABLE",
    /// `UNLOGGED`).
    pub(crate) unlogged: bool,
}

impl Unit {
    /// The tables in which rows are deleted and inserted, as SQL names them.
    pub(crate) fn targets(&self) -> Vec<Target> {
        if self.partitioned {
            return vec![Target {
                table: self.table.clone(),
                only: "",
            }];
        }
        let only = |table: &TableRef| Target {
            table: table.clone(),
            only: "ONLY ",
        };
        self.members.iter().map(only).collect()
    }

    /// The key's columns as a log has them: `k1`, `k2`, …
    pub(crate) fn log_columns(&self) -> Vec<String> {
        (1..=self.key.len()).map(|at| format!("k{at}")).collect()
    }

    /// Whether row `t` of a table has key `k` of a log.
    pub(crate) fn matches(key: &[KeyColumn]) -> String {
        let parts: Vec<String> = key
            .iter()
            .zip(1..)
            .map(|(column, at)| {
                format!(
                    "t.{} OPERATOR({}.=) k.k{at}",
                    quote_ident(&column.name),
                    quote_ident(&column.equality_schema)
                )
            })
            .collect();
        parts.join(" AND ")
    }
}

/// A table that a round reads from and writes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) table: TableRef,
    /// `ONLY `, or nothing for a partitioned table.
    pub(crate) only: &'static str,
}

impl Target {
    pub(crate) fn sql(&self) -> String {
        format!("{}{}", self.only, self.table.sql())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_by_the_operator_of_their_index() {
        let key = |name: &str, schema: &str| KeyColumn {
            name: name.into(),
            equality_schema: schema.into(),
        };
        assert_eq!(
            Unit::matches(&[key("a", "pg_catalog"), key("B \"x\"", "heroku_ext")]),
            "t.\"a\" OPERATOR(\"pg_catalog\".=) k.k1 AND t.\"B \"\"x\"\"\" OPERATOR(\"heroku_ext\".=) k.k2"
        );
    }
}
