//! Decides whose an object is, and when it is carried over.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Class, ObjectKind, When};
use crate::catalog::CatalogObject;
use crate::ident::TableRef;
use crate::managed::ManagedSpec;

/// This tool's own schema.
const OUR_SCHEMA: &str = "connect_swap";

/// Columns by which a table of a mapping that is no more is still known.
const CONNECT_COLUMNS: [&str; 3] = ["sfid", "_hc_lastop", "_hc_err"];

/// Judges objects against a connection's configuration.
pub(super) struct Classifier<'a> {
    spec: &'a ManagedSpec,
    /// Tables that Connect made and no mapping owns any more.
    left_over: BTreeSet<TableRef>,
    /// Relations by schema and name that belong to an extension.
    of_extension: BTreeSet<TableRef>,
    columns: BTreeMap<TableRef, &'a [String]>,
    /// Tables of the customer that are left out; so is what is on them.
    left_out: BTreeSet<TableRef>,
    /// Schemas that the provider owns.
    of_provider: BTreeSet<&'a str>,
}

impl<'a> Classifier<'a> {
    pub(super) fn new(spec: &'a ManagedSpec, objects: &'a [CatalogObject]) -> Self {
        let tables = || objects.iter().filter(|object| is_relation(object.kind));
        let left_over = tables()
            .filter(|object| object.kind == ObjectKind::Table && is_left_over(spec, object))
            .filter_map(relation)
            .collect();
        let of_extension = tables()
            .filter(|object| object.in_extension)
            .filter_map(relation)
            .collect();
        let columns = tables()
            .filter_map(|object| relation(object).map(|table| (table, object.columns.as_slice())))
            .collect();
        let of_provider = objects
            .iter()
            .filter(|object| object.kind == ObjectKind::Schema && object.foreign_superuser)
            .map(|object| object.name.as_str())
            .collect();
        let left_out = tables()
            .filter(|object| object.has("unreadable"))
            .filter_map(relation)
            .collect();
        Self {
            spec,
            left_over,
            of_extension,
            columns,
            left_out,
            of_provider,
        }
    }

    /// Whose the object is.
    pub(super) fn class(&self, object: &CatalogObject) -> Class {
        let in_ours = object.schema.as_deref() == Some(OUR_SCHEMA)
            || object
                .table
                .as_ref()
                .is_some_and(|table| table.schema == OUR_SCHEMA)
            || (object.kind == ObjectKind::Trigger && crate::capture::is_ours(&object.name))
            || (object.kind == ObjectKind::Schema && object.name == OUR_SCHEMA);
        if in_ours {
            return Class::Ours;
        }
        if object.kind == ObjectKind::Extension || object.in_extension {
            return Class::Extension;
        }
        if let Some(class) = self.connects(object) {
            return class;
        }
        if self.is_providers(object) {
            return Class::Provider;
        }
        Class::Unmanaged
    }

    /// Owned by a superuser, and in a place or of a kind that no customer has.
    /// A superuser's table in a customer's schema is not: it may hold the
    /// customer's rows.
    fn is_providers(&self, object: &CatalogObject) -> bool {
        let schema = object
            .schema
            .as_ref()
            .or(object.table.as_ref().map(|table| &table.schema));
        let out_of_reach = match schema {
            Some(schema) => self.of_provider.contains(schema.as_str()),
            None => true,
        };
        object.foreign_superuser && (out_of_reach || object.has("untrusted_language"))
    }

    /// Managed, Connect's own, or neither.
    fn connects(&self, object: &CatalogObject) -> Option<Class> {
        match object.kind {
            ObjectKind::Schema => {
                (object.name == self.spec.schema).then_some(Class::ConnectInternal)
            }
            ObjectKind::Table => self.table_class(&relation(object)?),
            ObjectKind::Function => self.function_class(object),
            _ => {
                let table = object.table.as_ref()?;
                match self.table_class(table)? {
                    Class::Managed => self.part_of_managed(object, table),
                    class if self.left_over.contains(table) => Some(class),
                    class => part_of_internal(object).then_some(class),
                }
            }
        }
    }

    fn table_class(&self, table: &TableRef) -> Option<Class> {
        if self.of_extension.contains(table) {
            return Some(Class::Extension);
        }
        if self.spec.table(&table.schema, &table.name).is_some() {
            return Some(Class::Managed);
        }
        let internal = self.spec.is_internal_table(&table.schema, &table.name)
            || self.left_over.contains(table);
        internal.then_some(Class::ConnectInternal)
    }

    fn part_of_managed(&self, object: &CatalogObject, table: &TableRef) -> Option<Class> {
        let mapping = self.spec.table(&table.schema, &table.name)?;
        let columns = self.columns.get(table).copied().unwrap_or_default();
        let owned = match object.kind {
            ObjectKind::PrimaryKey => object.columns == ["id"],
            ObjectKind::Sequence => object.columns == ["id"],
            ObjectKind::Index => mapping.owns_index(&object.name, columns),
            ObjectKind::Trigger => mapping.owns_trigger(&object.name),
            _ => false,
        };
        owned.then_some(Class::Managed)
    }

    fn function_class(&self, object: &CatalogObject) -> Option<Class> {
        let schema = object.schema.as_deref()?;
        if self
            .spec
            .owns_function(schema, &object.name, object.columns.len())
        {
            let of_table = self
                .spec
                .tables
                .iter()
                .any(|table| table.owns_function(&object.name));
            return Some(if of_table {
                Class::Managed
            } else {
                Class::ConnectInternal
            });
        }
        let of_left_over = schema == self.spec.schema
            && object.columns.is_empty()
            && self.left_over.iter().any(|table| {
                ["logger", "status"].iter().any(|suffix| {
                    crate::ident::cut_name(&format!("hc_{}_{suffix}", table.name)) == object.name
                })
            });
        of_left_over.then_some(Class::ConnectInternal)
    }

    /// When the object is carried over.
    pub(super) fn when(&self, object: &CatalogObject, class: Class) -> When {
        let not = |why: &str| When::NotCarried(why.to_owned());
        match class {
            Class::Managed => return not("Connect makes it in the new database"),
            Class::ConnectInternal => return not(self.internal_reason(object)),
            Class::Ours => return not("this tool's own"),
            Class::Provider => return not("the database's provider made it"),
            Class::Extension if object.kind == ObjectKind::Extension => return When::Prep,
            Class::Extension => return not("comes with its extension"),
            Class::Unmanaged => {}
        }
        if object.has("unreadable") {
            return not("this login may not read it");
        }
        if object
            .table
            .as_ref()
            .is_some_and(|table| self.left_out.contains(table))
        {
            return not("its table is not carried");
        }
        match object.kind {
            ObjectKind::PrimaryKey if self.is_on_managed(object) => {
                not("a managed table has Connect's own primary key in the new database")
            }
            _ if self.lacks_a_column(object) => not("its column is not mapped"),
            ObjectKind::Index if object.has("invalid") => {
                not("the index is invalid: a build of it failed")
            }
            ObjectKind::Publication if object.has("needs_superuser") => {
                not("a publication of all tables, or of a schema, needs a superuser")
            }
            ObjectKind::ForeignKey
            | ObjectKind::Trigger
            | ObjectKind::Rule
            | ObjectKind::Policy
            | ObjectKind::RowSecurity
            | ObjectKind::Publication
            | ObjectKind::DefaultPrivileges => When::Window,
            // Rows that a constraint was never held against may break it.
            ObjectKind::Check | ObjectKind::DomainCheck
                if object.has("not_valid") && !self.is_on_managed(object) =>
            {
                When::Window
            }
            ObjectKind::PrimaryKey
            | ObjectKind::Unique
            | ObjectKind::Exclusion
            | ObjectKind::Index
                if self.waits_for_rows(object) =>
            {
                When::AfterRows
            }
            _ if object.has("untrusted_language") => not("its language needs a superuser"),
            kind => match unsupported(kind) {
                Some(why) => not(why),
                None => When::Prep,
            },
        }
    }

    /// Whether a key or an index is made once the rows are there, which is
    /// faster, and not before: on the customer's own tables, but for what other
    /// objects lean on.
    fn waits_for_rows(&self, object: &CatalogObject) -> bool {
        let leaned_on = object.has("needed_early") || object.has("replica_identity");
        let of_table = object.table.as_ref().is_some_and(|table| {
            self.columns.contains_key(table) && self.table_class(table).is_none()
        });
        of_table && !leaned_on
    }

    /// Whether it is on a managed table and about a column that the mapping,
    /// and so the new side's table, does not have.
    fn lacks_a_column(&self, object: &CatalogObject) -> bool {
        let of_columns = matches!(
            object.kind,
            ObjectKind::Index | ObjectKind::Unique | ObjectKind::Check | ObjectKind::Exclusion
        );
        of_columns
            && object
                .table
                .as_ref()
                .and_then(|table| self.spec.table(&table.schema, &table.name))
                .is_some_and(|mapping| object.columns.iter().any(|c| !mapping.owns_column(c)))
    }

    fn is_on_managed(&self, object: &CatalogObject) -> bool {
        object
            .table
            .as_ref()
            .is_some_and(|table| self.table_class(table) == Some(Class::Managed))
    }

    fn internal_reason(&self, object: &CatalogObject) -> &'static str {
        let table = object.table.clone().or_else(|| relation(object));
        if table.is_some_and(|table| self.left_over.contains(&table)) {
            "Connect made it for a mapping that is no more"
        } else {
            "Connect makes its own in the new database"
        }
    }
}

/// Why an unmanaged object of this kind is beyond this release, if it is.
pub(crate) fn unsupported(kind: ObjectKind) -> Option<&'static str> {
    Some(match kind {
        ObjectKind::ForeignTable | ObjectKind::ForeignServer | ObjectKind::ForeignDataWrapper => {
            "foreign data is not carried"
        }
        ObjectKind::UserMapping => "a user mapping holds a password and is not carried",
        ObjectKind::EventTrigger => "event triggers need a superuser",
        ObjectKind::Subscription => "subscriptions need a superuser and replication",
        ObjectKind::BaseType
        | ObjectKind::OperatorFamily
        | ObjectKind::OperatorClass
        | ObjectKind::AccessMethod
        | ObjectKind::Language
        | ObjectKind::Transform
        | ObjectKind::TextSearchParser
        | ObjectKind::TextSearchTemplate => "needs a superuser",
        _ => return None,
    })
}

fn is_relation(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Table | ObjectKind::PartitionedTable | ObjectKind::ForeignTable
    )
}

fn relation(object: &CatalogObject) -> Option<TableRef> {
    object
        .schema
        .as_ref()
        .map(|schema| TableRef::new(schema, &object.name))
}

fn is_left_over(spec: &ManagedSpec, object: &CatalogObject) -> bool {
    object.schema.as_deref() == Some(&spec.schema)
        && spec.table(&spec.schema, &object.name).is_none()
        && CONNECT_COLUMNS
            .iter()
            .all(|name| object.columns.iter().any(|column| column == name))
}

/// Whether something on one of Connect's own tables is Connect's too.
fn part_of_internal(object: &CatalogObject) -> bool {
    match object.kind {
        ObjectKind::PrimaryKey | ObjectKind::Sequence => true,
        ObjectKind::Index => ManagedSpec::is_internal_index(&object.name),
        ObjectKind::Trigger => ManagedSpec::is_internal_trigger(&object.name),
        _ => false,
    }
}
