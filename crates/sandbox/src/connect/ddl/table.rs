//! A mapped table: its columns and indexes, made and altered.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::ident::{quote, truncated};
use super::triggers::make_triggers;
use crate::connect::config::MappingConfig;
use crate::salesforce::{Field, FieldType, ObjectSchema};

/// A column that holds a Salesforce field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// The field's API name.
    pub(crate) field: String,
    /// The lower-cased name; `sfid` for `Id`.
    pub(crate) name: String,
    /// The PostgreSQL type.
    pub(crate) sql_type: String,
    /// Whether a user's value can be sent to Salesforce.
    pub(crate) writable: bool,
    /// Whether hstore shows it as `t` and `f`.
    pub(crate) boolean: bool,
}

/// The table that a configuration asks for.
#[derive(Clone, Debug)]
pub(crate) struct TableShape {
    schema: String,
    table: String,
    read_only: bool,
    /// The columns of the mapped fields, `sfid` always among them.
    pub(crate) columns: Vec<Column>,
    /// Index name to column and uniqueness.
    indexes: BTreeMap<String, (String, bool)>,
}

/// Columns that every mapped table has and no field fills.
const OWN_COLUMNS: [&str; 4] = ["id", "sfid", "_hc_lastop", "_hc_err"];

impl TableShape {
    /// The shape of a mapping's table in a schema. Unknown fields are passed over: the caller
    /// has refused them.
    pub(crate) fn new(schema: &str, object: &ObjectSchema, config: &MappingConfig) -> Self {
        let table = object.name.to_ascii_lowercase();
        let mut columns: Vec<Column> = config
            .fields
            .iter()
            .filter_map(|name| object.field(name))
            .map(column)
            .collect();
        columns.sort_by(|one, other| one.name.cmp(&other.name));
        if !columns.iter().any(|column| column.name == "sfid") {
            columns.push(column(&Field::new("Id", FieldType::Id)));
        }
        let mut indexes = BTreeMap::from([(
            truncated(&format!("hcu_idx_{table}_sfid")),
            ("sfid".to_owned(), true),
        )]);
        for (field, unique) in &config.indexes {
            let column = column_name(field);
            if columns.iter().any(|known| known.name == column) {
                let kind = if *unique { "hcu" } else { "hc" };
                indexes.insert(
                    truncated(&format!("{kind}_idx_{table}_{column}")),
                    (column, *unique),
                );
            }
        }
        Self {
            schema: schema.to_owned(),
            table,
            read_only: config.read_only,
            columns,
            indexes,
        }
    }

    /// The quoted, qualified name.
    pub(crate) fn qualified(&self) -> String {
        format!("{}.{}", quote(&self.schema), quote(&self.table))
    }

    /// Creates the table with its indexes, functions and triggers.
    pub(crate) fn create(&self) -> String {
        let columns: String = self
            .columns
            .iter()
            .filter(|column| column.name != "sfid")
            .fold(String::new(), |mut sql, column| {
                let _infallible = write!(sql, "{} {}, ", quote(&column.name), column.sql_type);
                sql
            });
        let table = self.qualified();
        let sql = format!(
            "CREATE TABLE {table} ({columns}sfid varchar(18) COLLATE \"ucs_basic\", id serial PRIMARY KEY, \
             _hc_lastop varchar(32), _hc_err text);\n"
        );
        sql + &self.create_indexes(&BTreeSet::new()) + &self.triggers()
    }

    /// Makes an existing table fit. `columns` and `indexes` are what it has now; only Connect's
    /// own indexes (`hc_idx_`, `hcu_idx_`) and columns of `removed` fields are taken away.
    pub(crate) fn alter(
        &self,
        columns: &BTreeSet<String>,
        indexes: &BTreeSet<String>,
        removed: &[String],
    ) -> String {
        let table = self.qualified();
        let mut sql = String::new();
        for column in self.missing_columns(columns) {
            let _infallible = writeln!(
                sql,
                "ALTER TABLE {table} ADD COLUMN {} {};",
                quote(&column.name),
                column.sql_type
            );
        }
        let gone = removed
            .iter()
            .map(|field| column_name(field))
            .filter(|name| {
                columns.contains(name)
                    && !OWN_COLUMNS.contains(&name.as_str())
                    && !self.columns.iter().any(|c| c.name == *name)
            });
        for name in gone {
            let _infallible = writeln!(sql, "ALTER TABLE {table} DROP COLUMN {};", quote(&name));
        }
        let ours = |name: &&String| name.starts_with("hc_idx_") || name.starts_with("hcu_idx_");
        for index in indexes
            .iter()
            .filter(ours)
            .filter(|name| !self.indexes.contains_key(*name))
        {
            let _infallible = writeln!(
                sql,
                "DROP INDEX IF EXISTS {}.{};",
                quote(&self.schema),
                quote(index)
            );
        }
        sql + &self.create_indexes(indexes) + &self.triggers()
    }

    /// Columns of mapped fields that a table with these columns lacks.
    pub(crate) fn missing_columns<'a>(
        &'a self,
        columns: &'a BTreeSet<String>,
    ) -> impl Iterator<Item = &'a Column> {
        self.columns
            .iter()
            .filter(|column| !columns.contains(&column.name))
    }

    fn create_indexes(&self, present: &BTreeSet<String>) -> String {
        let mut sql = String::new();
        for (name, (column, unique)) in self
            .indexes
            .iter()
            .filter(|(name, _)| !present.contains(*name))
        {
            let unique = if *unique { "UNIQUE " } else { "" };
            let (name, table, column) = (quote(name), self.qualified(), quote(column));
            let _infallible = writeln!(sql, "CREATE {unique}INDEX {name} ON {table} ({column});");
        }
        sql
    }

    fn triggers(&self) -> String {
        make_triggers(&self.schema, &self.table, self.read_only)
    }
}

/// `Id` is `sfid`; every other field is its API name in lower case.
pub(crate) fn column_name(field: &str) -> String {
    if field.eq_ignore_ascii_case("Id") {
        "sfid".to_owned()
    } else {
        truncated(&field.to_ascii_lowercase())
    }
}

fn column(field: &Field) -> Column {
    let sql_type = match field.kind {
        FieldType::LongText => "text".to_owned(),
        FieldType::Boolean => "boolean".to_owned(),
        FieldType::Integer => "integer".to_owned(),
        FieldType::Double => "double precision".to_owned(),
        FieldType::Date => "date".to_owned(),
        FieldType::DateTime => "timestamp without time zone".to_owned(),
        other => format!("varchar({})", other.length().unwrap_or(255)),
    };
    Column {
        field: field.name.clone(),
        name: column_name(&field.name),
        sql_type,
        writable: !field.is_system(),
        boolean: field.kind == FieldType::Boolean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(fields: &[&str], indexes: &[(&str, bool)]) -> TableShape {
        let object = ObjectSchema {
            name: "Account".to_owned(),
            fields: vec![
                Field::new("Id", FieldType::Id),
                Field::new("Name", FieldType::Text(80)),
                Field::new("Industry", FieldType::Picklist),
            ],
        };
        let config = MappingConfig {
            read_only: false,
            fields: fields.iter().map(|name| (*name).to_owned()).collect(),
            indexes: indexes
                .iter()
                .map(|(name, unique)| ((*name).to_owned(), *unique))
                .collect(),
            upsert_field: None,
            streaming: false,
            polling_seconds: 600,
        };
        TableShape::new("salesforce", &object, &config)
    }

    #[test]
    fn a_table_without_a_mapped_id_has_its_sfid_and_index() {
        let sql = shape(&["Name"], &[("NotMapped__c", false)]).create();
        assert!(sql.contains("sfid varchar(18)") && sql.contains("hcu_idx_account_sfid"));
        assert!(!sql.contains("notmapped__c"));
    }

    #[test]
    fn altering_adds_the_new_and_leaves_the_customers_own() {
        let shape = shape(
            &["Id", "Name", "Industry"],
            &[("Id", true), ("Industry", false)],
        );
        let set = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<BTreeSet<_>>()
        };
        let columns = set(&[
            "id",
            "sfid",
            "name",
            "_hc_lastop",
            "_hc_err",
            "mine",
            "site",
        ]);
        let indexes = set(&["hcu_idx_account_sfid", "hc_idx_account_site", "my_index"]);
        let sql = shape.alter(&columns, &indexes, &["Site".to_owned()]);
        assert!(sql.contains("ADD COLUMN \"industry\" varchar(255)"));
        assert!(sql.contains("DROP COLUMN \"site\""));
        assert!(sql.contains("DROP INDEX IF EXISTS \"salesforce\".\"hc_idx_account_site\""));
        assert!(sql.contains("CREATE INDEX \"hc_idx_account_industry\""));
        assert!(!sql.contains("my_index") && !sql.contains("\"mine\""));
    }
}
