//! The words of the inventory.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::Key;
use crate::ident::TableRef;

/// An object's place in the catalogs: the oid of the catalog and its own. The
/// same pair stands in a `pg_dump` archive's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectId {
    /// `tableoid`; 0 for what has no catalog row of its own.
    pub catalog: u32,
    /// The object's oid.
    pub oid: u32,
}

/// Whose an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// A mapped table and what Connect makes for it.
    Managed,
    /// Connect's own logs and functions, and what is left of mappings that
    /// are no more.
    ConnectInternal,
    /// An extension, or a member of one.
    Extension,
    /// Put there by the database's provider: owned by a superuser.
    Provider,
    /// Everything else: the customer's.
    Unmanaged,
    /// This tool's own journal.
    Ours,
}

/// When an object is carried over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// While the app runs. So are the rows of tables, but for those that cannot
    /// be followed by a key (see [`units`](crate::units)).
    Prep,
    /// As soon as the rows of its table are there.
    AfterRows,
    /// While the app is down, when all rows are there.
    Window,
    /// After the app is up again.
    AfterWindow,
    /// Not at all, and why.
    NotCarried(String),
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $words:literal;)*) => {
        /// What an object is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum ObjectKind {
            $($(#[$doc])* $variant,)*
        }

        impl ObjectKind {
            /// The kind by the name that the catalog query gives it.
            pub(crate) fn from_catalog(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The kind in words for people.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self {
                    $(Self::$variant => $words,)*
                }
            }
        }
    };
}

kinds! {
    /// A schema.
    Schema = "schema", "schema";
    /// An extension.
    Extension = "extension", "extension";
    /// An ordinary table, or a partition that holds rows.
    Table = "table", "table";
    /// A partitioned table: no rows of its own.
    PartitionedTable = "partitioned_table", "partitioned table";
    /// A view.
    View = "view", "view";
    /// A materialized view.
    MaterializedView = "materialized_view", "materialized view";
    /// A foreign table.
    ForeignTable = "foreign_table", "foreign table";
    /// A sequence, owned by a column or not.
    Sequence = "sequence", "sequence";
    /// An index that belongs to no constraint.
    Index = "index", "index";
    /// A primary key, with its index.
    PrimaryKey = "primary_key", "primary key";
    /// A unique constraint, with its index.
    Unique = "unique", "unique constraint";
    /// A check constraint of a table.
    Check = "check", "check constraint";
    /// An exclusion constraint, with its index.
    Exclusion = "exclusion", "exclusion constraint";
    /// A foreign key.
    ForeignKey = "foreign_key", "foreign key";
    /// A check constraint of a domain.
    DomainCheck = "domain_check", "domain constraint";
    /// A trigger.
    Trigger = "trigger", "trigger";
    /// A rewrite rule other than a view's own.
    Rule = "rule", "rule";
    /// A row-level security policy.
    Policy = "policy", "policy";
    /// Row-level security being switched on for a table.
    RowSecurity = "row_security", "row-level security";
    /// A composite type.
    CompositeType = "composite_type", "composite type";
    /// An enumerated type.
    Enum = "enum", "enum type";
    /// A domain.
    Domain = "domain", "domain";
    /// A range type.
    Range = "range", "range type";
    /// A base type.
    BaseType = "base_type", "base type";
    /// A function.
    Function = "function", "function";
    /// A procedure.
    Procedure = "procedure", "procedure";
    /// An aggregate function.
    Aggregate = "aggregate", "aggregate";
    /// Extended statistics.
    Statistics = "statistics", "statistics object";
    /// An operator.
    Operator = "operator", "operator";
    /// An operator class.
    OperatorClass = "operator_class", "operator class";
    /// An operator family.
    OperatorFamily = "operator_family", "operator family";
    /// A cast.
    Cast = "cast", "cast";
    /// A collation.
    Collation = "collation", "collation";
    /// An encoding conversion.
    Conversion = "conversion", "conversion";
    /// A text search configuration.
    TextSearchConfiguration = "text_search_configuration", "text search configuration";
    /// A text search dictionary.
    TextSearchDictionary = "text_search_dictionary", "text search dictionary";
    /// A text search parser.
    TextSearchParser = "text_search_parser", "text search parser";
    /// A text search template.
    TextSearchTemplate = "text_search_template", "text search template";
    /// An access method.
    AccessMethod = "access_method", "access method";
    /// A procedural language.
    Language = "language", "language";
    /// A transform.
    Transform = "transform", "transform";
    /// A foreign-data wrapper.
    ForeignDataWrapper = "foreign_data_wrapper", "foreign-data wrapper";
    /// A foreign server.
    ForeignServer = "foreign_server", "foreign server";
    /// A user mapping of a foreign server.
    UserMapping = "user_mapping", "user mapping";
    /// An event trigger.
    EventTrigger = "event_trigger", "event trigger";
    /// A publication.
    Publication = "publication", "publication";
    /// A subscription.
    Subscription = "subscription", "subscription";
    /// Default privileges of a role.
    DefaultPrivileges = "default_privileges", "default privileges";
}

/// One object of the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// Its place in the catalogs.
    pub id: ObjectId,
    /// What it is.
    pub kind: ObjectKind,
    /// Its schema, where it has one of its own.
    pub schema: Option<String>,
    /// Its own name.
    pub name: String,
    /// What names it on any server, in the server's words
    /// (`pg_identify_object`).
    pub identity: String,
    /// The table that it is part of (index, constraint, trigger, rule, policy)
    /// or that a sequence is owned by.
    pub table: Option<TableRef>,
    /// Whose it is.
    pub class: Class,
    /// When it is carried over.
    pub when: When,
    /// Size on disk, where it has one: a table without its indexes.
    pub bytes: Option<i64>,
    /// The planner's estimate of its rows, where there is one.
    pub rows: Option<i64>,
    /// Columns (tables, indexes, constraints, a sequence's owning column).
    pub columns: Vec<String>,
    /// The object type that `pg_identify_object` gives.
    pub(crate) identity_kind: String,
    /// Peculiarities that decide how, or whether, it can be carried.
    pub(crate) flags: Vec<String>,
}

impl Object {
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|known| known == flag)
    }

    pub(crate) fn key(&self) -> Key {
        Key {
            kind: self.identity_kind.clone(),
            identity: self.identity.clone(),
        }
    }

    /// Schema and name, for what is a relation.
    #[must_use]
    pub fn as_table(&self) -> Option<TableRef> {
        self.schema
            .as_ref()
            .map(|schema| TableRef::new(schema, &self.name))
    }
}

/// Everything that is in a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// The database's name.
    pub database: String,
    /// The server's version number, such as 150018.
    pub version_num: i32,
    /// The Connect connection's schema.
    pub connect_schema: String,
    /// All objects, in catalog order.
    pub objects: Vec<Object>,
    /// Catalog rows that are part of an object and no object of their own:
    /// column defaults, views' own rules, partitions' copies of a trigger.
    #[serde(skip)]
    pub(crate) parts: BTreeMap<ObjectId, ObjectId>,
}

impl Inventory {
    /// The customer's objects.
    pub fn unmanaged(&self) -> impl Iterator<Item = &Object> {
        self.objects
            .iter()
            .filter(|object| object.class == Class::Unmanaged)
    }

    /// The customer's tables whose rows are to be copied: ordinary tables and
    /// partitions that hold rows, the largest first.
    #[must_use]
    pub fn tables_to_copy(&self) -> Vec<TableRef> {
        let mut tables: Vec<&Object> = self
            .unmanaged()
            .filter(|object| object.kind == ObjectKind::Table)
            .filter(|object| !matches!(object.when, When::NotCarried(_)))
            .collect();
        tables.sort_by_key(|table| std::cmp::Reverse(table.bytes));
        tables.into_iter().filter_map(Object::as_table).collect()
    }

    /// The customer's partitioned tables: they hold no rows of their own.
    pub(crate) fn partitioned_tables(&self) -> Vec<TableRef> {
        self.unmanaged()
            .filter(|object| object.kind == ObjectKind::PartitionedTable)
            .filter(|object| !matches!(object.when, When::NotCarried(_)))
            .filter_map(Object::as_table)
            .collect()
    }

    /// Whether the rows of this table may be copied: it is known and the
    /// customer's.
    #[must_use]
    pub fn may_copy(&self, table: &TableRef) -> bool {
        self.unmanaged().any(|object| {
            object.kind == ObjectKind::Table
                && object.name == table.name
                && object.schema.as_deref() == Some(&table.schema)
                && !matches!(object.when, When::NotCarried(_))
        })
    }
}
