//! What this release cannot carry over. Every such thing is named, so that
//! nothing stays behind in silence.

use serde::{Deserialize, Serialize};
use tokio_postgres::error::SqlState;

use crate::Error;
use crate::altered::altered_managed;
use crate::ident::quote_ident;
use crate::inventory::{Class, Inventory, Object, ObjectKind, When, is_skipped};
use crate::session::Session;
use crate::unfit_rows::unfit;

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
    let unfit = unfit(session, inventory).await?;
    found.extend(
        unfit
            .iter()
            .map(|one| Uncarriable::of(one.table, one.reason, one.what_to_do)),
    );
    found.extend(extension_rows(session).await?);
    found.extend(extension_comments(session).await?);
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
            "drop it if nothing needs it, or take it along as it is with --include 'table:NAME'",
        )
    })
}

fn by_hand(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Publication | ObjectKind::Subscription => {
            "drop it before the swap, and make it anew in the new database afterwards"
        }
        ObjectKind::Index => "REINDEX it, map its column, or drop it",
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
        let reason = match session.query_one(&sql, &[]).await {
            Ok(row) if row.try_get(0)? => {
                format!("they are the configuration of extension {extension}")
            }
            Ok(_) => continue,
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => format!(
                "whether extension {extension} is configured there cannot be seen: this role may not read it"
            ),
            Err(error) => return Err(error.into()),
        };
        found.push(Uncarriable {
            kind: "rows of an extension".into(),
            name: format!("{schema}.{name}"),
            reason,
            what_to_do: "make them in the new database by hand".into(),
        });
    }
    Ok(found)
}

/// Comments that a customer, as its owner, put on an extension's table or on a
/// column of it: not made with the extension.
async fn extension_comments(session: &Session) -> Result<Vec<Uncarriable>, Error> {
    let rows = session
        .query(
            "SELECT concat_ws('.', n.nspname, c.relname, a.attname) \
             FROM pg_catalog.pg_depend t JOIN pg_catalog.pg_class c ON t.classid = 'pg_class'::regclass AND c.oid = t.objid \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             JOIN pg_catalog.pg_description s ON s.classoid = t.classid AND s.objoid = c.oid \
             LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = s.objsubid AND s.objsubid > 0 \
             WHERE t.deptype = 'e' AND c.relkind IN ('r', 'p') AND pg_catalog.pg_has_role(current_user, c.relowner, 'MEMBER') \
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend m WHERE m.deptype = 'e' AND m.refclassid = t.refclassid \
                               AND m.refobjid = t.refobjid AND m.xmin = s.xmin) \
             ORDER BY 1",
            &[],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Uncarriable {
                kind: "comment on an extension's table".into(),
                name: row.try_get(0)?,
                reason: "no archive has it".into(),
                what_to_do: "drop it, or make it in the new database by hand".into(),
            })
        })
        .collect()
}
