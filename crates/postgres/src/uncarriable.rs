//! What this release cannot carry over. Every such thing is named, so that
//! nothing stays behind in silence.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::ident::{TableRef, quote_ident};
use crate::inventory::{Class, Inventory, Object, ObjectKind, When, is_skipped};
use crate::session::Session;

/// Something that cannot be carried over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uncarriable {
    /// What it is, in words.
    pub kind: String,
    /// Which one.
    pub name: String,
    /// Why it cannot be carried.
    pub reason: String,
    /// What the operator can do.
    pub what_to_do: String,
}

impl Uncarriable {
    fn of(object: &Object, reason: &str, what_to_do: &str) -> Self {
        Self {
            kind: object.kind.words().to_owned(),
            name: object.identity.clone(),
            reason: reason.to_owned(),
            what_to_do: what_to_do.to_owned(),
        }
    }
}

/// Lists what of the inventory, and of the customer's changes to managed
/// tables, cannot be carried. An empty list means that everything can.
///
/// # Errors
/// When the server cannot be asked.
pub async fn uncarriable(
    session: &Session,
    inventory: &Inventory,
) -> Result<Vec<Uncarriable>, Error> {
    let mut found: Vec<Uncarriable> = inventory.objects.iter().filter_map(judge).collect();
    found.extend(altered_managed(session, inventory).await?);
    found.extend(extension_rows(session).await?);
    Ok(found)
}

fn judge(object: &Object) -> Option<Uncarriable> {
    if object.class == Class::ConnectInternal {
        return left_over(object);
    }
    if object.class != Class::Unmanaged {
        return None;
    }
    if let When::NotCarried(reason) = &object.when
        && !is_skipped(object)
    {
        return Some(Uncarriable::of(object, reason, by_hand(object.kind)));
    }
    None
}

/// Tables of mappings that are no more: their rows go nowhere.
fn left_over(object: &Object) -> Option<Uncarriable> {
    let reason = match &object.when {
        When::NotCarried(reason) if reason.contains("no more") => reason,
        _ => return None,
    };
    (object.kind == ObjectKind::Table).then(|| {
        Uncarriable::of(
            object,
            reason,
            "drop it if nothing needs it, or copy what is needed into a table of your own",
        )
    })
}

fn by_hand(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Publication | ObjectKind::Subscription => {
            "drop it before the swap, and make it anew in the new database afterwards"
        }
        ObjectKind::Index => "REINDEX it, map its column, or drop it",
        ObjectKind::Policy => {
            "make the credential and the policy in the new database by hand, before the cutover"
        }
        ObjectKind::ForeignTable
        | ObjectKind::ForeignServer
        | ObjectKind::ForeignDataWrapper
        | ObjectKind::UserMapping => "drop it, or make it in the new database by hand",
        ObjectKind::PrimaryKey => {
            "make (id) the primary key again; a unique constraint beside it is carried"
        }
        _ => "drop it, or ask the provider to make it in the new database",
    }
}

/// A managed table's columns with what decides whether Connect made them so.
const COLUMNS: &str = "\
SELECT n.nspname::text, c.relname::text, a.attname::text, a.attnotnull,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attgenerated <> ''
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.oid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY 1, 2, a.attnum";

/// Alterations of managed tables that no archive brings over.
async fn altered_managed(
    session: &Session,
    inventory: &Inventory,
) -> Result<Vec<Uncarriable>, Error> {
    let managed: Vec<&Object> = inventory
        .objects
        .iter()
        .filter(|object| object.class == Class::Managed && object.kind == ObjectKind::Table)
        .collect();
    let oids: Vec<u32> = managed.iter().map(|object| object.id.oid).collect();
    let mut found = Vec::new();
    for row in session.query(COLUMNS, &[&oids]).await? {
        let table = TableRef {
            schema: row.try_get(0)?,
            name: row.try_get(1)?,
        };
        let column = Column {
            name: row.try_get(2)?,
            not_null: row.try_get(3)?,
            default: row.try_get(4)?,
            generated: row.try_get(5)?,
        };
        let mapped = managed
            .iter()
            .find(|object| object.as_table().as_ref() == Some(&table))
            .is_some_and(|object| !object.flags.contains(&unmapped(&column.name)));
        found.extend(
            column
                .alteration(mapped)
                .map(|(reason, what_to_do)| Uncarriable {
                    kind: "column of a managed table".into(),
                    name: format!("{table}.{}", column.name),
                    reason: reason.into(),
                    what_to_do: what_to_do.into(),
                }),
        );
    }
    Ok(found)
}

/// The flag of a managed table for a column that its mapping does not have.
pub(crate) fn unmapped(column: &str) -> String {
    format!("unmapped column {column}")
}

struct Column {
    name: String,
    not_null: bool,
    default: Option<String>,
    generated: bool,
}

impl Column {
    fn alteration(&self, mapped: bool) -> Option<(&'static str, &'static str)> {
        if !mapped {
            return Some((
                "the mapping has no such field: the column and what it holds would stay behind",
                "map the field, move the column into a table of your own, or drop it",
            ));
        }
        if self.name == "id" {
            return None;
        }
        if self.generated {
            return Some((
                "a generated column on a managed table is not carried",
                "drop it",
            ));
        }
        if self.default.is_some() {
            return Some((
                "a default on a managed table is not carried",
                "drop the default, and set it in the new database afterwards",
            ));
        }
        self.not_null.then_some((
            "NOT NULL on a managed table is not carried",
            "drop it, and set it in the new database afterwards",
        ))
    }
}

/// Rows that a customer put into tables of extensions, which the extension
/// marks as configuration (PostgreSQL manual, "Extension Configuration Tables").
async fn extension_rows(session: &Session) -> Result<Vec<Uncarriable>, Error> {
    let rows = session
        .query(
            "SELECT n.nspname::text, c.relname::text, e.extname::text, coalesce(x.condition, '') \
             FROM pg_catalog.pg_extension e CROSS JOIN LATERAL unnest(e.extconfig, e.extcondition) AS x (oid, condition) \
             JOIN pg_catalog.pg_class c ON c.oid = x.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind = 'r'",
            &[],
        )
        .await?;
    let mut found = Vec::new();
    for row in rows {
        let (schema, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let (extension, condition): (String, String) = (row.try_get(2)?, row.try_get(3)?);
        let sql = format!(
            "SELECT EXISTS (SELECT FROM {}.{} {condition})",
            quote_ident(&schema),
            quote_ident(&name)
        );
        if session.query_one(&sql, &[]).await?.try_get(0)? {
            found.push(Uncarriable {
                kind: "rows of an extension".into(),
                name: format!("{schema}.{name}"),
                reason: format!("they are the configuration of extension {extension}"),
                what_to_do: "make them in the new database by hand".into(),
            });
        }
    }
    Ok(found)
}
