//! What Heroku Connect's mappings own in a database, as the caller knows it
//! from Connect's configuration, and the names Connect gives to the things it
//! makes (seen in public dumps of databases that Connect writes to).

use serde::{Deserialize, Serialize};

use crate::ident::{TableRef, cut_name};

/// Columns that Connect adds to every mapped table.
const ADDED_COLUMNS: [&str; 4] = ["id", "sfid", "_hc_lastop", "_hc_err"];
/// Columns that Connect indexes without being asked, and whether uniquely.
const OWN_INDEXES: [(&str, bool); 3] = [
    ("sfid", true),
    ("systemmodstamp", false),
    ("lastmodifieddate", false),
];
/// Connect's own functions in its schema that belong to no single table.
const INTERNAL_FUNCTIONS: [&str; 3] = [
    "hc_capture_insert_from_row",
    "hc_capture_update_from_row",
    "tlog_notify_trigger",
];

/// Whether a mapping sends changes to Salesforce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Only reads from Salesforce.
    ReadOnly,
    /// Also writes to Salesforce.
    ReadWrite,
}

/// An index that a mapping asks Connect for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedIndex {
    /// The indexed column, lower-cased.
    pub column: String,
    /// Whether it is unique.
    pub unique: bool,
}

/// A table that a mapping owns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedTable {
    /// The table's name: the Salesforce object's API name, lower-cased.
    pub name: String,
    /// Mapped columns: the fields' API names, lower-cased. Columns that
    /// Connect adds by itself need not be named.
    pub columns: Vec<String>,
    /// Indexes the mapping asks for, that of its upsert field among them.
    pub indexes: Vec<ManagedIndex>,
    /// Whether changes are sent to Salesforce.
    pub access: Access,
}

impl ManagedTable {
    /// Whether the mapping accounts for a column of this name.
    #[must_use]
    pub fn owns_column(&self, column: &str) -> bool {
        ADDED_COLUMNS.contains(&column)
            || self.columns.iter().any(|known| cut_name(known) == column)
    }

    /// Whether Connect made an index of this name on a table with these columns:
    /// one that the mapping asks for, or that Connect makes of itself. Any other
    /// is the customer's, whatever it is called.
    #[must_use]
    pub fn owns_index(&self, index: &str, columns: &[String]) -> bool {
        let asked = self
            .indexes
            .iter()
            .map(|asked| (asked.column.as_str(), asked.unique));
        let own = OWN_INDEXES
            .into_iter()
            .filter(|(own, _)| columns.iter().any(|column| column == own));
        asked.chain(own).any(|(column, unique)| {
            let prefix = if unique { "hcu_idx" } else { "hc_idx" };
            cut_name(&format!("{prefix}_{}_{column}", self.name)) == index
        })
    }

    /// Whether Connect made a trigger of this name on this table.
    #[must_use]
    pub fn owns_trigger(&self, trigger: &str) -> bool {
        ["logtrigger", "status_trigger"]
            .iter()
            .any(|suffix| cut_name(&format!("hc_{}_{suffix}", self.name)) == trigger)
    }

    /// Whether Connect made a function of this name for this table.
    #[must_use]
    pub fn owns_function(&self, function: &str) -> bool {
        ["logger", "status"]
            .iter()
            .any(|suffix| cut_name(&format!("hc_{}_{suffix}", self.name)) == function)
    }
}

/// Everything one Connect connection owns in its database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedSpec {
    /// The connection's `schema_name`.
    pub schema: String,
    /// One entry a mapping.
    pub tables: Vec<ManagedTable>,
}

impl ManagedSpec {
    /// Connect's own tables in its schema.
    pub(crate) const INTERNAL_TABLES: [&str; 4] = [
        "_hcmeta",
        "_sf_event_log",
        "_trigger_log",
        "_trigger_log_archive",
    ];

    /// The mapping that owns a table, if one does.
    #[must_use]
    pub fn table(&self, schema: &str, name: &str) -> Option<&ManagedTable> {
        if schema != self.schema {
            return None;
        }
        self.tables
            .iter()
            .find(|table| cut_name(&table.name) == name)
    }

    /// The managed tables by schema and name.
    #[must_use]
    pub fn table_refs(&self) -> Vec<TableRef> {
        self.tables
            .iter()
            .map(|table| TableRef::new(&self.schema, cut_name(&table.name)))
            .collect()
    }

    /// Whether a table is one of Connect's own logs and records.
    #[must_use]
    pub fn is_internal_table(&self, schema: &str, name: &str) -> bool {
        schema == self.schema && Self::INTERNAL_TABLES.contains(&name)
    }

    /// Whether an index name on an internal table is one of Connect's.
    pub(crate) fn is_internal_index(index: &str) -> bool {
        index.starts_with("_trigger_log_")
            || index.starts_with("idx__sf_event_log_")
            || index.starts_with("_hcmeta_")
            || index.starts_with("_sf_event_log_")
    }

    /// Whether a trigger on an internal table is Connect's.
    pub(crate) fn is_internal_trigger(trigger: &str) -> bool {
        trigger == "tlog_insert_trigger"
    }

    /// Whether a function is one that Connect makes, for a mapping of this
    /// connection or for the connection as a whole.
    #[must_use]
    pub fn owns_function(&self, schema: &str, name: &str, arguments: usize) -> bool {
        if schema == "public" && name == "get_xmlbinary" && arguments == 0 {
            return true;
        }
        schema == self.schema
            && (INTERNAL_FUNCTIONS.contains(&name)
                || (arguments == 0 && self.tables.iter().any(|table| table.owns_function(name))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> ManagedTable {
        ManagedTable {
            name: "account".into(),
            columns: vec!["name".into(), "industry".into()],
            indexes: vec![ManagedIndex {
                column: "name".into(),
                unique: false,
            }],
            access: Access::ReadWrite,
        }
    }

    #[test]
    fn connects_own_names_are_told_from_customers() {
        let table = account();
        let columns: Vec<String> = ["sfid", "name"].map(str::to_owned).to_vec();
        assert!(table.owns_index("hcu_idx_account_sfid", &columns));
        assert!(table.owns_index("hc_idx_account_name", &columns));
        assert!(!table.owns_index("hc_idx_account_name_lower", &columns));
        assert!(!table.owns_index("hc_idx_account_industry", &columns));
        assert!(!table.owns_index("hcu_idx_account_name", &columns));
        assert!(table.owns_trigger("hc_account_status_trigger"));
        assert!(!table.owns_trigger("hc_account_audit"));
        assert!(table.owns_column("_hc_err"));
        assert!(!table.owns_column("my_own"));
        assert!(!table.owns_column("_hc_mine"));
    }

    #[test]
    fn long_names_are_compared_as_the_server_cut_them() {
        let name = format!("{}__c", "n".repeat(57));
        let table = ManagedTable {
            name: name.clone(),
            ..account()
        };
        let full = format!("hc_idx_{name}_systemmodstamp");
        assert!(full.len() > 63);
        assert!(table.owns_index(&full[..63], &["systemmodstamp".into()]));
    }

    #[test]
    fn only_the_connect_schema_has_managed_tables() {
        let spec = ManagedSpec {
            schema: "salesforce".into(),
            tables: vec![account()],
        };
        assert!(spec.table("salesforce", "account").is_some());
        assert!(spec.table("public", "account").is_none());
        assert!(spec.is_internal_table("salesforce", "_trigger_log_archive"));
        assert!(!spec.is_internal_table("public", "_trigger_log"));
        assert!(!spec.is_internal_table("salesforce", "_trigger_log_backup"));
        assert!(spec.owns_function("public", "get_xmlbinary", 0));
        assert!(spec.owns_function("salesforce", "hc_account_logger", 0));
        assert!(!spec.owns_function("salesforce", "hc_account_logger", 2));
    }
}
