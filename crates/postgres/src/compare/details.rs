//! What a server's own definition of an object leaves out: comments, and the
//! settings that an archive restores with statements of their own.
//!
//! Columns that some server versions lack are read through `to_jsonb`.

use std::collections::HashMap;

use super::definitions::{ask, definitions};
use crate::Error;
use crate::inventory::{ObjectId, ObjectKind};
use crate::session::Session;

const RELATION: &str = "\
SELECT c.oid, concat_ws(E'\\n',
  CASE WHEN c.reloftype <> 0 THEN 'of ' || c.reloftype::regtype::text END,
  (SELECT 'toast ' || t.reloptions::text FROM pg_catalog.pg_class t WHERE t.oid = c.reltoastrelid),
  (SELECT string_agg(quote_ident(a.attname) || a.detail, E'\\n' ORDER BY a.attnum)
   FROM (SELECT a.attname, a.attnum, concat(
           CASE WHEN coalesce(a.attstattarget, -1) >= 0 THEN ' statistics ' || a.attstattarget END,
           CASE WHEN a.attstorage <> t.typstorage THEN ' storage ' || a.attstorage::text END,
           ' compression ' || nullif(to_jsonb(a) ->> 'attcompression', ''),
           ' options ' || a.attoptions::text) AS detail
         FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) a
   WHERE a.detail <> ''))
FROM pg_catalog.pg_class c WHERE c.oid = ANY ($1)";

/// Storage parameters are in an index's own definition, and in no constraint's.
const INDEX: &str = "\
SELECT i.indexrelid, concat_ws(' ',
  (SELECT 'attached to ' || h.inhparent::regclass::text FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.indexrelid),
  (SELECT string_agg('column ' || a.attnum || ' statistics ' || a.attstattarget, ' ' ORDER BY a.attnum)
   FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indexrelid AND coalesce(a.attstattarget, -1) >= 0))
FROM pg_catalog.pg_index i WHERE i.indexrelid = ANY ($1)";

const CONSTRAINT: &str = "\
SELECT k.oid, concat_ws(' ', c.reloptions::text,
  CASE WHEN i.indisclustered THEN 'clustered' END, CASE WHEN i.indisreplident THEN 'replica identity' END,
  (SELECT 'attached to ' || h.inhparent::regclass::text FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid),
  'comment on the index ' || quote_literal(pg_catalog.obj_description(c.oid, 'pg_class')))
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conindid
JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE k.contype IN ('p', 'u', 'x') AND k.oid = ANY ($1)";

const SEQUENCE: &str = "SELECT oid, 'persistence ' || relpersistence::text FROM pg_catalog.pg_class WHERE oid = ANY ($1)";

/// Partitions whose copy of the trigger is not in the trigger's own state.
const TRIGGER: &str = "\
WITH RECURSIVE copy (top, oid, state) AS (
  SELECT oid, oid, tgenabled FROM pg_catalog.pg_trigger WHERE oid = ANY ($1)
  UNION ALL
  SELECT c.top, t.oid, c.state FROM copy c JOIN pg_catalog.pg_trigger t ON t.tgparentid = c.oid)
SELECT c.top, string_agg(t.tgrelid::regclass::text || ' ' || t.tgenabled::text, ', ' ORDER BY t.tgrelid::regclass::text COLLATE \"C\")
FROM copy c JOIN pg_catalog.pg_trigger t ON t.oid = c.oid WHERE t.tgenabled <> c.state GROUP BY c.top";

const STATISTICS: &str = "\
SELECT s.oid, 'statistics ' || (to_jsonb(s) ->> 'stxstattarget') FROM pg_catalog.pg_statistic_ext s
WHERE coalesce((to_jsonb(s) ->> 'stxstattarget')::int, -1) >= 0 AND s.oid = ANY ($1)";

const TYPE: &str = "\
SELECT t.oid, concat_ws(E'\\n',
  (SELECT 'collate ' || t.typcollation::regcollation::text FROM pg_catalog.pg_type b
   WHERE b.oid = t.typbasetype AND b.typcollation <> t.typcollation),
  (SELECT string_agg(quote_ident(a.attname) || ' collate ' || a.attcollation::regcollation::text, ', ' ORDER BY a.attnum)
   FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type b ON b.oid = a.atttypid
   WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped AND a.attcollation <> b.typcollation),
  (SELECT string_agg('comment ' || quote_ident(a.attname) || ' ' || quote_literal(d.description), E'\\n' ORDER BY a.attnum)
   FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_description d
     ON d.classoid = 'pg_class'::regclass AND d.objoid = a.attrelid AND d.objsubid = a.attnum
   WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND NOT a.attisdropped),
  (SELECT concat_ws(' ', quote_ident(n.nspname) || '.' || quote_ident(o.opcname), r.rngcanonical::regproc,
     (to_jsonb(r) ->> 'rngmultitypid')::oid::regtype)
   FROM pg_catalog.pg_range r JOIN pg_catalog.pg_opclass o ON o.oid = r.rngsubopc
   JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace WHERE r.rngtypid = t.oid))
FROM pg_catalog.pg_type t WHERE t.oid = ANY ($1)";

const AGGREGATE: &str = "\
SELECT a.aggfnoid::oid, concat_ws(' ', p.proparallel, a.aggnumdirectargs, a.aggserialfn::regproc, a.aggdeserialfn::regproc,
  a.aggfinalextra, a.aggfinalmodify, a.aggtransspace, a.aggmtransfn::regprocedure, a.aggminvtransfn::regprocedure,
  a.aggmfinalfn::regprocedure, a.aggmfinalextra, a.aggmfinalmodify, a.aggmtranstype::regtype, a.aggmtransspace, a.aggminitval)
FROM pg_catalog.pg_aggregate a JOIN pg_catalog.pg_proc p ON p.oid = a.aggfnoid WHERE a.aggfnoid::oid = ANY ($1)";

/// The locale's column has had three names.
const COLLATION: &str = "\
SELECT k.oid, concat_ws(' ', k.collprovider, k.collisdeterministic,
  coalesce(to_jsonb(k) ->> 'colllocale', to_jsonb(k) ->> 'colliculocale', k.collcollate::text),
  CASE k.collprovider WHEN 'c' THEN k.collctype::text END, to_jsonb(k) ->> 'collicurules')
FROM pg_catalog.pg_collation k WHERE k.oid = ANY ($1)";

const CONVERSION: &str = "\
SELECT oid, concat_ws(' ', conforencoding, contoencoding, conproc::regproc, condefault)
FROM pg_catalog.pg_conversion WHERE oid = ANY ($1)";

const TEXT_SEARCH_CONFIGURATION: &str = "\
SELECT c.oid, concat_ws(E'\\n', quote_ident(n.nspname) || '.' || quote_ident(p.prsname),
  (SELECT string_agg(concat_ws(' ', m.maptokentype, m.mapseqno, m.mapdict::regdictionary), ', ' ORDER BY m.maptokentype, m.mapseqno)
   FROM pg_catalog.pg_ts_config_map m WHERE m.mapcfg = c.oid))
FROM pg_catalog.pg_ts_config c JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_catalog.pg_namespace n ON n.oid = p.prsnamespace WHERE c.oid = ANY ($1)";

const TEXT_SEARCH_DICTIONARY: &str = "\
SELECT d.oid, concat_ws(' ', quote_ident(n.nspname) || '.' || quote_ident(t.tmplname), quote_literal(d.dictinitoption))
FROM pg_catalog.pg_ts_dict d JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_catalog.pg_namespace n ON n.oid = t.tmplnamespace WHERE d.oid = ANY ($1)";

/// Filters are in the view since PostgreSQL 15; so are columns, where only some
/// were chosen.
const PUBLICATION: &str = "\
SELECT p.oid, concat_ws(E'\\n', concat_ws(' ', p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot, to_jsonb(p) ->> 'pubgencols'),
  (SELECT string_agg(concat_ws(' ', r.prrelid::regclass, to_jsonb(t) ->> 'rowfilter',
     CASE WHEN to_jsonb(r) ->> 'prattrs' IS NOT NULL THEN to_jsonb(t) ->> 'attnames' END), E'\\n' ORDER BY r.prrelid::regclass::text COLLATE \"C\")
   FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_class c ON c.oid = r.prrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   LEFT JOIN pg_catalog.pg_publication_tables t ON t.pubname = p.pubname AND t.schemaname = n.nspname AND t.tablename = c.relname
   WHERE r.prpubid = p.oid))
FROM pg_catalog.pg_publication p WHERE p.oid = ANY ($1)";

/// As literals, so that nobody looks into them for names of extensions' objects.
const COMMENTS: &str = "\
SELECT d.classoid, d.objoid, string_agg(concat_ws(' ', 'comment', quote_ident(a.attname), quote_literal(d.description)), E'\\n' ORDER BY d.objsubid)
FROM pg_catalog.pg_description d
JOIN unnest($1::oid[], $2::oid[]) AS wanted (catalog, oid) ON d.classoid = wanted.catalog AND d.objoid = wanted.oid
LEFT JOIN pg_catalog.pg_attribute a ON d.classoid = 'pg_class'::regclass AND a.attrelid = d.objoid AND a.attnum = d.objsubid AND d.objsubid <> 0
GROUP BY 1, 2";

fn query(kind: ObjectKind) -> Option<&'static str> {
    Some(match kind {
        ObjectKind::Table
        | ObjectKind::PartitionedTable
        | ObjectKind::View
        | ObjectKind::MaterializedView => RELATION,
        ObjectKind::Sequence => SEQUENCE,
        ObjectKind::Index => INDEX,
        ObjectKind::PrimaryKey | ObjectKind::Unique | ObjectKind::Exclusion => CONSTRAINT,
        ObjectKind::Trigger => TRIGGER,
        ObjectKind::Statistics => STATISTICS,
        ObjectKind::CompositeType | ObjectKind::Domain | ObjectKind::Range => TYPE,
        ObjectKind::Aggregate => AGGREGATE,
        ObjectKind::Collation => COLLATION,
        ObjectKind::Conversion => CONVERSION,
        ObjectKind::Publication => PUBLICATION,
        ObjectKind::TextSearchConfiguration => TEXT_SEARCH_CONFIGURATION,
        ObjectKind::TextSearchDictionary => TEXT_SEARCH_DICTIONARY,
        _ => return None,
    })
}

/// Definitions of the given objects with all their details: equal on two
/// servers where nothing but owners and grants differs.
pub(super) async fn detailed(
    session: &Session,
    objects: &[(ObjectId, ObjectKind)],
) -> Result<HashMap<ObjectId, String>, Error> {
    let mut found = definitions(session, objects).await?;
    let details = ask(session, objects, query).await?;
    for (id, more) in details.into_iter().chain(comments(session, objects).await?) {
        if let Some(text) = found.get_mut(&id).filter(|_| !more.is_empty()) {
            text.push('\n');
            text.push_str(&more);
        }
    }
    Ok(found)
}

async fn comments(
    session: &Session,
    objects: &[(ObjectId, ObjectKind)],
) -> Result<HashMap<ObjectId, String>, Error> {
    let catalogs: Vec<u32> = objects.iter().map(|(id, _)| id.catalog).collect();
    let oids: Vec<u32> = objects.iter().map(|(id, _)| id.oid).collect();
    let rows = session.query(COMMENTS, &[&catalogs, &oids]).await?;
    rows.iter()
        .map(|row| {
            let id = ObjectId {
                catalog: row.try_get(0)?,
                oid: row.try_get(1)?,
            };
            Ok((id, row.try_get(2)?))
        })
        .collect()
}
