//! Alterations of managed tables that cannot be carried: Connect makes its own
//! table in the new database, and no archive brings them over. What can be done
//! again by `ALTER TABLE` is not among them
//! (`schema/managed_alterations.rs`).

use crate::Error;
use crate::ident::TableRef;
use crate::inventory::{Class, Inventory, Object, ObjectKind};
use crate::session::Session;
use crate::uncarriable::Uncarriable;

/// The columns that Connect adds to every mapped table, with the types that it
/// gives them.
const ADDED: [(&str, &str); 4] = [
    ("id", "integer"),
    ("sfid", "character varying(18)"),
    ("_hc_lastop", "character varying(32)"),
    ("_hc_err", "text"),
];

/// A managed table's columns with what decides whether Connect made them so.
const COLUMNS: &str = "\
SELECT n.nspname::text, c.relname::text, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod),
       a.attnotnull, d.oid IS NOT NULL, a.attgenerated <> ''
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.oid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY 1, 2, a.attnum";

const TABLES: &str = "\
SELECT n.nspname::text, c.relname::text, c.relpersistence = 'u',
       EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY ($1) ORDER BY 1, 2";

/// Lists them.
pub(crate) async fn altered_managed(
    session: &Session,
    inventory: &Inventory,
) -> Result<Vec<Uncarriable>, Error> {
    let managed: Vec<&Object> = inventory
        .objects
        .iter()
        .filter(|object| object.class == Class::Managed && object.kind == ObjectKind::Table)
        .collect();
    let oids: Vec<u32> = managed.iter().map(|object| object.id.oid).collect();
    let mut found = altered_tables(session, &oids).await?;
    for row in session.query(COLUMNS, &[&oids]).await? {
        let table = TableRef {
            schema: row.try_get(0)?,
            name: row.try_get(1)?,
        };
        let column = Column {
            name: row.try_get(2)?,
            type_name: row.try_get(3)?,
            not_null: row.try_get(4)?,
            default: row.try_get(5)?,
            generated: row.try_get(6)?,
        };
        let mapped = managed
            .iter()
            .find(|object| object.as_table().as_ref() == Some(&table))
            .is_some_and(|object| !object.has(&unmapped(&column.name)));
        found.extend(
            column
                .alteration(mapped)
                .map(|(reason, what_to_do)| Uncarriable {
                    kind: "column of a managed table".into(),
                    name: format!("{table}.{}", column.name),
                    reason,
                    what_to_do: what_to_do.into(),
                }),
        );
    }
    Ok(found)
}

async fn altered_tables(session: &Session, oids: &[u32]) -> Result<Vec<Uncarriable>, Error> {
    let mut found = Vec::new();
    for row in session.query(TABLES, &[&oids]).await? {
        let table = TableRef {
            schema: row.try_get(0)?,
            name: row.try_get(1)?,
        };
        let alterations = [
            (
                row.try_get(2)?,
                "it is unlogged, and Connect makes a logged one",
                "ALTER TABLE … SET LOGGED",
            ),
            (
                row.try_get(3)?,
                "it inherits from a table of your own",
                "ALTER TABLE … NO INHERIT …",
            ),
        ];
        for (_, reason, what_to_do) in alterations.into_iter().filter(|(altered, ..)| *altered) {
            found.push(Uncarriable {
                kind: "managed table".into(),
                name: table.to_string(),
                reason: reason.into(),
                what_to_do: what_to_do.into(),
            });
        }
    }
    Ok(found)
}

/// The flag of a managed table for a column that its mapping does not have.
pub(crate) fn unmapped(column: &str) -> String {
    format!("unmapped column {column}")
}

struct Column {
    name: String,
    type_name: String,
    not_null: bool,
    default: bool,
    generated: bool,
}

impl Column {
    fn alteration(&self, mapped: bool) -> Option<(String, &'static str)> {
        if !mapped {
            return Some((
                "the mapping has no such field: the column and what it holds would stay behind"
                    .into(),
                "map the field, move the column into a table of your own, or drop it",
            ));
        }
        if let Some((_, made)) = ADDED
            .iter()
            .find(|(name, made)| *name == self.name && *made != self.type_name)
        {
            return Some((
                format!("it is {} here, and Connect makes it {made}", self.type_name),
                "give it Connect's type again, or see that your code can do with that",
            ));
        }
        if self.name == "id" {
            return None;
        }
        if self.generated {
            return Some((
                "a generated column on a managed table is not carried".into(),
                "drop it",
            ));
        }
        if self.default {
            return Some((
                "a default on a managed table is not carried".into(),
                "drop the default, and set it in the new database afterwards",
            ));
        }
        self.not_null.then(|| {
            (
                "NOT NULL on a managed table is not carried".into(),
                "drop it, and set it in the new database afterwards",
            )
        })
    }
}
