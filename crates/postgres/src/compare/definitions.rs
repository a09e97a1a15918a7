//! The server's own definition of an object, as text that is equal on two
//! servers when the objects are (PostgreSQL manual, "System Catalog
//! Information Functions"; with an empty search path every name is qualified).

use std::collections::{BTreeMap, HashMap};

use crate::Error;
use crate::inventory::{ObjectId, ObjectKind};
use crate::session::Session;

/// A default of NULL is none: a column that lacks its parent's default has one
/// after a dump, for types with a length.
const RELATION: &str = "\
SELECT c.oid, concat_ws(E'\\n',
  concat_ws(' ', c.relkind, c.relpersistence, c.relreplident, c.reloptions::text,
    CASE WHEN c.relforcerowsecurity THEN 'force row security' END),
  CASE WHEN c.relkind = 'p' THEN 'partition by ' || pg_catalog.pg_get_partkeydef(c.oid) END,
  CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END,
  (SELECT string_agg('inherits ' || i.inhparent::regclass::text, E'\\n' ORDER BY i.inhseqno)
   FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid),
  (SELECT string_agg(concat_ws(' ', quote_ident(a.attname), pg_catalog.format_type(a.atttypid, a.atttypmod),
     CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || a.attcollation::regcollation::text END,
     CASE WHEN a.attnotnull THEN 'not null' END, nullif(a.attidentity, ''), nullif(a.attgenerated, ''),
     CASE WHEN t.typtype <> 'd' AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) = 'NULL::' || pg_catalog.format_type(a.atttypid, NULL) THEN NULL
       ELSE 'default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) END), E'\\n' ORDER BY a.attnum)
   FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
   LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END)
FROM pg_catalog.pg_class c WHERE c.oid = ANY ($1)";

const SEQUENCE: &str = "\
SELECT s.seqrelid, concat_ws(' ', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
  (SELECT d.deptype::text || ' ' || d.refobjid::regclass::text || '.' || quote_ident(a.attname)
   FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
   WHERE d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.refclassid = 'pg_class'::regclass
     AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0))
FROM pg_catalog.pg_sequence s WHERE s.seqrelid = ANY ($1)";

const INDEX: &str = "\
SELECT indexrelid, concat_ws(' ', pg_catalog.pg_get_indexdef(indexrelid), CASE WHEN NOT indisvalid THEN 'invalid' END,
  CASE WHEN indisclustered THEN 'clustered' END, CASE WHEN indisreplident THEN 'replica identity' END)
FROM pg_catalog.pg_index WHERE indexrelid = ANY ($1)";

const CONSTRAINT: &str = "SELECT oid, pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint WHERE oid = ANY ($1)";

/// Whether it is valid is another question (`validity.rs`).
const FOREIGN_KEY: &str = "\
SELECT oid, CASE WHEN convalidated THEN pg_catalog.pg_get_constraintdef(oid)
  ELSE regexp_replace(pg_catalog.pg_get_constraintdef(oid), ' NOT VALID$', '') END
FROM pg_catalog.pg_constraint WHERE oid = ANY ($1)";

const TRIGGER: &str = "\
SELECT oid, pg_catalog.pg_get_triggerdef(oid) || CASE tgenabled::text WHEN 'O' THEN ' (enabled)' WHEN 'D' THEN ' (disabled)'
  WHEN 'R' THEN ' (enabled replica)' ELSE ' (enabled always)' END
FROM pg_catalog.pg_trigger WHERE oid = ANY ($1)";

const RULE: &str = "\
SELECT oid, pg_catalog.pg_get_ruledef(oid) || ' ' || ev_enabled::text FROM pg_catalog.pg_rewrite WHERE oid = ANY ($1)";

const POLICY: &str = "\
SELECT oid, concat_ws(' ', polcmd, polpermissive,
  (SELECT string_agg(CASE role WHEN 0 THEN 'public' WHEN (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN 'the owner'
     ELSE quote_ident(pg_catalog.pg_get_userbyid(role)) END, ',' ORDER BY nullif(pg_catalog.pg_get_userbyid(role), current_user) COLLATE \"C\" NULLS FIRST) FROM unnest(polroles) role),
  pg_catalog.pg_get_expr(polqual, polrelid), pg_catalog.pg_get_expr(polwithcheck, polrelid))
FROM pg_catalog.pg_policy WHERE oid = ANY ($1)";

const TYPE: &str = "\
SELECT t.oid, concat_ws(E'\\n', t.typtype,
  (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid),
  (SELECT string_agg(quote_ident(a.attname) || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
   FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped),
  CASE WHEN t.typtype = 'd' THEN concat_ws(' ', pg_catalog.format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault) END,
  (SELECT concat_ws(' ', r.rngsubtype::regtype, r.rngcollation::regcollation, r.rngsubdiff::regproc) FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid))
FROM pg_catalog.pg_type t WHERE t.oid = ANY ($1)";

const ROUTINE: &str =
    "SELECT oid, pg_catalog.pg_get_functiondef(oid) FROM pg_catalog.pg_proc WHERE oid = ANY ($1)";

const AGGREGATE: &str = "\
SELECT aggfnoid::oid, concat_ws(' ', aggkind, aggtransfn::regprocedure, aggfinalfn::regprocedure, aggcombinefn::regprocedure,
  aggtranstype::regtype, agginitval, aggsortop::regoperator) FROM pg_catalog.pg_aggregate WHERE aggfnoid::oid = ANY ($1)";

const STATISTICS: &str = "SELECT oid, pg_catalog.pg_get_statisticsobjdef(oid) FROM pg_catalog.pg_statistic_ext WHERE oid = ANY ($1)";

const OPERATOR: &str = "\
SELECT oid, concat_ws(' ', oprcode::regprocedure, oprcom::regoperator, oprnegate::regoperator, oprcanmerge, oprcanhash,
  oprrest::regprocedure, oprjoin::regprocedure) FROM pg_catalog.pg_operator WHERE oid = ANY ($1)";

const CAST: &str = "\
SELECT oid, concat_ws(' ', castfunc::regprocedure, castcontext, castmethod) FROM pg_catalog.pg_cast WHERE oid = ANY ($1)";

/// The query that defines objects of a kind; `None` where being there is all.
fn query(kind: ObjectKind) -> Option<&'static str> {
    Some(match kind {
        ObjectKind::Table
        | ObjectKind::PartitionedTable
        | ObjectKind::View
        | ObjectKind::MaterializedView
        | ObjectKind::ForeignTable => RELATION,
        ObjectKind::Sequence => SEQUENCE,
        ObjectKind::Index => INDEX,
        ObjectKind::PrimaryKey
        | ObjectKind::Unique
        | ObjectKind::Check
        | ObjectKind::Exclusion
        | ObjectKind::DomainCheck => CONSTRAINT,
        ObjectKind::ForeignKey => FOREIGN_KEY,
        ObjectKind::Trigger => TRIGGER,
        ObjectKind::Rule => RULE,
        ObjectKind::Policy => POLICY,
        ObjectKind::CompositeType | ObjectKind::Enum | ObjectKind::Domain | ObjectKind::Range => {
            TYPE
        }
        ObjectKind::Function | ObjectKind::Procedure => ROUTINE,
        ObjectKind::Aggregate => AGGREGATE,
        ObjectKind::Statistics => STATISTICS,
        ObjectKind::Operator => OPERATOR,
        ObjectKind::Cast => CAST,
        _ => return None,
    })
}

/// Definitions of the given objects. One that is not there any more is left
/// out; one of a kind that needs no definition has an empty one.
pub(crate) async fn definitions(
    session: &Session,
    objects: &[(ObjectId, ObjectKind)],
) -> Result<HashMap<ObjectId, String>, Error> {
    let mut found = ask(session, objects, query).await?;
    let without = objects.iter().filter(|(_, kind)| query(*kind).is_none());
    found.extend(without.map(|(id, _)| (*id, String::new())));
    Ok(found)
}

/// Asks for a text about each object, all objects of a query at once.
pub(super) async fn ask(
    session: &Session,
    objects: &[(ObjectId, ObjectKind)],
    query: fn(ObjectKind) -> Option<&'static str>,
) -> Result<HashMap<ObjectId, String>, Error> {
    let mut found = HashMap::with_capacity(objects.len());
    let mut asked: BTreeMap<&'static str, Vec<ObjectId>> = BTreeMap::new();
    for (id, kind) in objects {
        if let Some(sql) = query(*kind) {
            asked.entry(sql).or_default().push(*id);
        }
    }
    for (sql, ids) in asked {
        let oids: Vec<u32> = ids.iter().map(|id| id.oid).collect();
        let by_oid: HashMap<u32, ObjectId> = ids.iter().map(|id| (id.oid, *id)).collect();
        for row in session.query(sql, &[&oids]).await? {
            let (oid, text): (u32, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
            if let Some(id) = by_oid.get(&oid) {
                found.insert(*id, text.unwrap_or_default());
            }
        }
    }
    Ok(found)
}
