//! Finds the units of a database: which tables belong together, and the key of
//! each.

use std::collections::{BTreeMap, BTreeSet};

use super::unit::{KeyColumn, Unit, Whole};
use crate::Error;
use crate::ident::TableRef;
use crate::inventory::Inventory;
use crate::session::Session;

/// Tables with all that they inherit from and all that inherits from them.
const RELATIONS: &str = "\
WITH RECURSIVE family (oid) AS (
    SELECT pg_catalog.to_regclass(w.relation)::oid FROM unnest($1::text[]) AS w (relation)
    WHERE pg_catalog.to_regclass(w.relation) IS NOT NULL
  UNION
    SELECT CASE WHEN i.inhrelid = f.oid THEN i.inhparent ELSE i.inhrelid END
    FROM family f JOIN pg_catalog.pg_inherits i ON f.oid IN (i.inhrelid, i.inhparent)
)
SELECT c.oid, n.nspname::text, c.relname::text, c.relkind = 'p', c.relpersistence = 'u',
       c.relrowsecurity AND c.relforcerowsecurity, pg_catalog.pg_has_role(c.relowner, 'USAGE'),
       ARRAY(SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid ORDER BY i.inhparent)
FROM family f JOIN pg_catalog.pg_class c ON c.oid = f.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
ORDER BY n.nspname, c.relname";

/// Keys that every row has and that name no two rows: the primary key first,
/// then the one with the fewest columns (PostgreSQL manual, "pg_index"). The
/// operator is the one of the index (`pg_amop`, strategy 3 of a B-tree).
const KEYS: &str = "\
SELECT i.indrelid,
       ARRAY(SELECT a.attname::text FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (attnum, at)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY k.at),
       ARRAY(SELECT n.nspname::text FROM unnest(i.indclass[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (class, at)
             JOIN pg_catalog.pg_opclass c ON c.oid = k.class
             JOIN pg_catalog.pg_amop o ON o.amopfamily = c.opcfamily AND o.amopstrategy = 3
                  AND o.amoplefttype = c.opcintype AND o.amoprighttype = c.opcintype
             JOIN pg_catalog.pg_operator p ON p.oid = o.amopopr AND p.oprname = '='
             JOIN pg_catalog.pg_namespace n ON n.oid = p.oprnamespace ORDER BY k.at)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = x.relam AND m.amname = 'btree'
WHERE i.indrelid = ANY ($1) AND i.indisunique AND i.indisvalid AND i.indislive AND i.indpred IS NULL AND i.indexprs IS NULL
  AND (i.indisprimary OR NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
       WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]) AND NOT a.attnotnull))
ORDER BY i.indrelid, i.indisprimary DESC, i.indnkeyatts, x.relname";

struct Relation {
    oid: u32,
    table: TableRef,
    partitioned: bool,
    unlogged: bool,
    forced: bool,
    /// The session's role may make triggers on it (PostgreSQL manual, "ALTER
    /// TABLE": one must own the table).
    owned: bool,
    parents: Vec<u32>,
}

type Keys = BTreeMap<u32, Vec<Vec<KeyColumn>>>;

/// The customer's tables as units, by the name of their tables.
///
/// # Errors
/// When the catalogs cannot be read.
pub async fn units(session: &Session, inventory: &Inventory) -> Result<Vec<Unit>, Error> {
    let copied = inventory.tables_to_copy();
    let names: Vec<String> = copied.iter().map(TableRef::sql).collect();
    let relations = session
        .query(RELATIONS, &[&names])
        .await?
        .iter()
        .map(|row| {
            Ok(Relation {
                oid: row.try_get(0)?,
                table: TableRef::new(row.try_get::<_, String>(1)?, row.try_get::<_, String>(2)?),
                partitioned: row.try_get(3)?,
                unlogged: row.try_get(4)?,
                forced: row.try_get(5)?,
                owned: row.try_get(6)?,
                parents: row.try_get(7)?,
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let keys = keys(session, &relations).await?;
    let copied: BTreeSet<&TableRef> = copied.iter().collect();
    let mut units: Vec<Unit> = families(&relations)
        .into_iter()
        .filter_map(|family| unit(&family, &copied, &keys))
        .collect();
    units.sort_by(|one, other| one.table.cmp(&other.table));
    Ok(units)
}

/// The usable keys of one table, by its name on the session's side.
pub(crate) async fn keys_of(
    session: &Session,
    table: &TableRef,
) -> Result<Vec<Vec<KeyColumn>>, Error> {
    let row = session
        .query_one("SELECT pg_catalog.to_regclass($1)::oid", &[&table.sql()])
        .await?;
    let Some(oid) = row.try_get::<_, Option<u32>>(0)? else {
        return Ok(Vec::new());
    };
    Ok(ask_keys(session, &[oid])
        .await?
        .remove(&oid)
        .unwrap_or_default())
}

async fn keys(session: &Session, relations: &[Relation]) -> Result<Keys, Error> {
    let oids: Vec<u32> = relations.iter().map(|relation| relation.oid).collect();
    ask_keys(session, &oids).await
}

async fn ask_keys(session: &Session, oids: &[u32]) -> Result<Keys, Error> {
    let mut keys = Keys::new();
    for row in session.query(KEYS, &[&oids]).await? {
        let (names, schemas): (Vec<String>, Vec<String>) = (row.try_get(1)?, row.try_get(2)?);
        if names.len() != schemas.len() {
            continue;
        }
        let key = names.into_iter().zip(schemas);
        let key = key.map(|(name, equality_schema)| KeyColumn {
            name,
            equality_schema,
        });
        keys.entry(row.try_get(0)?).or_default().push(key.collect());
    }
    Ok(keys)
}

/// Relations that are connected by inheritance, each family once.
fn families(relations: &[Relation]) -> Vec<Vec<&Relation>> {
    let at: BTreeMap<u32, usize> = relations.iter().map(|r| r.oid).zip(0..).collect();
    let mut group: Vec<usize> = (0..relations.len()).collect();
    for (child, relation) in relations.iter().enumerate() {
        for parent in relation.parents.iter().filter_map(|oid| at.get(oid)) {
            let (from, to) = (group[child], group[*parent]);
            group
                .iter_mut()
                .filter(|g| **g == from)
                .for_each(|g| *g = to);
        }
    }
    let mut families: BTreeMap<usize, Vec<&Relation>> = BTreeMap::new();
    for (relation, group) in relations.iter().zip(group) {
        families.entry(group).or_default().push(relation);
    }
    families.into_values().collect()
}

/// `None` for a family without rows, such as a partitioned table without
/// partitions.
fn unit(family: &[&Relation], copied: &BTreeSet<&TableRef>, keys: &Keys) -> Option<Unit> {
    let root = *family
        .iter()
        .find(|relation| relation.parents.is_empty())
        .or(family.first())?;
    let holding = || family.iter().filter(|relation| !relation.partitioned);
    let members: Vec<&Relation> = holding()
        .filter(|relation| copied.contains(&relation.table))
        .copied()
        .collect();
    let first = members.first()?;
    let partitioned = root.partitioned;
    let (key, whole) = if family.iter().any(|relation| !relation.owned) {
        (Vec::new(), Some(Whole::NotOwned))
    } else if members.iter().any(|member| member.forced) || root.forced {
        (Vec::new(), Some(Whole::Forced))
    } else if members.len() < holding().count() {
        (Vec::new(), Some(Whole::InPart))
    } else if partitioned {
        own_key(root, keys)
    } else if members.len() == 1 {
        own_key(first, keys)
    } else {
        common_key(&members, keys)
    };
    let watched = whole.is_none_or(Whole::can_be_seeded).then(|| {
        let tables = family.iter().map(|relation| relation.table.clone());
        tables.collect()
    });
    Some(Unit {
        table: root.table.clone(),
        watched: watched.unwrap_or_default(),
        members: members.iter().map(|member| member.table.clone()).collect(),
        key,
        whole,
        partitioned,
        unlogged: members.iter().any(|member| member.unlogged),
    })
}

fn own_key(relation: &Relation, keys: &Keys) -> (Vec<KeyColumn>, Option<Whole>) {
    match keys.get(&relation.oid).and_then(|keys| keys.first()) {
        Some(key) => (key.clone(), None),
        None => (Vec::new(), Some(Whole::NoKey)),
    }
}

/// A key over the same columns in every table. A statement on the parent names
/// its children's rows by the parent's columns, and each child is asked for
/// every key: one that it does not have does no harm.
fn common_key(members: &[&Relation], keys: &Keys) -> (Vec<KeyColumn>, Option<Whole>) {
    let of = |relation: &Relation| keys.get(&relation.oid).map_or(&[][..], Vec::as_slice);
    let common = members.first().and_then(|first| {
        of(first).iter().find(|key| {
            members
                .iter()
                .all(|member| of(member).iter().any(|other| other == *key))
        })
    });
    match common {
        Some(key) => (key.clone(), None),
        None => (Vec::new(), Some(Whole::NoCommonKey)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation(oid: u32, parents: &[u32]) -> Relation {
        Relation {
            oid,
            table: TableRef::new("public", format!("t{oid}")),
            partitioned: false,
            unlogged: false,
            forced: false,
            owned: true,
            parents: parents.to_vec(),
        }
    }

    fn key(names: &[&str]) -> Vec<KeyColumn> {
        let column = |name: &&str| KeyColumn {
            name: (*name).into(),
            equality_schema: "pg_catalog".into(),
        };
        names.iter().map(column).collect()
    }

    #[test]
    fn what_inherits_over_any_number_of_steps_is_one_family() {
        let all = [
            relation(1, &[]),
            relation(2, &[1]),
            relation(3, &[2]),
            relation(4, &[]),
            relation(5, &[4, 2]),
            relation(6, &[]),
        ];
        let sizes: Vec<usize> = families(&all).iter().map(Vec::len).collect();
        assert_eq!(sizes.iter().sum::<usize>(), 6);
        assert_eq!(sizes.iter().max(), Some(&5));
    }

    #[test]
    fn tables_that_inherit_need_a_key_in_common() {
        let (parent, child) = (relation(1, &[]), relation(2, &[1]));
        let copied: BTreeSet<&TableRef> = [&parent.table, &child.table].into();
        let mut keys = Keys::from([(1, vec![key(&["id"])])]);
        let family = [&parent, &child];
        let without = unit(&family, &copied, &keys).unwrap();
        assert_eq!(without.whole, Some(Whole::NoCommonKey));
        keys.insert(2, vec![key(&["other"]), key(&["id"])]);
        let with = unit(&family, &copied, &keys).unwrap();
        assert_eq!((with.whole, with.key), (None, key(&["id"])));
        assert_eq!(with.watched.len(), 2);
    }

    #[test]
    fn a_family_of_which_a_part_is_left_out_is_copied_whole() {
        let (parent, child) = (relation(1, &[]), relation(2, &[1]));
        let copied: BTreeSet<&TableRef> = [&child.table].into();
        let keys = Keys::from([(1, vec![key(&["id"])]), (2, vec![key(&["id"])])]);
        let part = unit(&[&parent, &child], &copied, &keys).unwrap();
        assert_eq!(part.whole, Some(Whole::InPart));
        assert_eq!(part.members.len(), 1);
        assert_eq!(part.members[0], child.table);
        assert!(unit(&[&parent], &copied, &keys).is_none());
    }
}
