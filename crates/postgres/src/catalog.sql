WITH hidden AS (
    SELECT oid FROM pg_catalog.pg_namespace
    WHERE nspname IN ('pg_catalog', 'information_schema', 'pg_toast')
       OR nspname LIKE 'pg\_temp\_%' OR nspname LIKE 'pg\_toast\_temp\_%'
), relation AS (
    SELECT c.* FROM pg_catalog.pg_class c
    WHERE c.oid >= 16384 AND c.relnamespace NOT IN (SELECT oid FROM hidden)
), object (catalog, oid, kind, parent, owner, bytes, tuples, columns, flags) AS (
    SELECT 'pg_namespace'::regclass, n.oid, 'schema', 0::oid, n.nspowner, NULL::int8, NULL::float4, '{}'::text[], '{}'::text[]
    FROM pg_catalog.pg_namespace n
    WHERE n.oid >= 16384 AND n.oid NOT IN (SELECT oid FROM hidden)
  UNION ALL
    SELECT 'pg_extension'::regclass, e.oid, 'extension', 0, e.extowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_extension e WHERE e.oid >= 16384
  UNION ALL
    SELECT 'pg_class'::regclass, c.oid,
           CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned_table' WHEN 'v' THEN 'view'
                WHEN 'm' THEN 'materialized_view' WHEN 'f' THEN 'foreign_table' END,
           0, c.relowner,
           CASE WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_table_size(c.oid) END,
           CASE WHEN c.relkind IN ('r', 'm') AND c.reltuples >= 0 THEN c.reltuples END,
           ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
           array_remove(ARRAY[
               CASE WHEN c.relkind = 'r' AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT') THEN 'unreadable' END,
               CASE WHEN c.relkind = 'm' AND c.relispopulated THEN 'populated' END,
               CASE WHEN c.relispartition THEN 'partition' END], NULL)
    FROM relation c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  UNION ALL
    SELECT 0, c.oid, 'row_security', c.oid, c.relowner, NULL, NULL, '{}', '{}'
    FROM relation c WHERE c.relrowsecurity
  UNION ALL
    -- Forced on the owner: an object of its own, as it may be lost by itself. No catalog has the oid 1.
    SELECT 1, c.oid, 'row_security', c.oid, c.relowner, NULL, NULL, '{}', ARRAY['forced']
    FROM relation c WHERE c.relforcerowsecurity
  UNION ALL
    SELECT 'pg_class'::regclass, c.oid, 'sequence', coalesce(d.refobjid, 0), c.relowner, NULL, NULL,
           CASE WHEN a.attname IS NULL THEN '{}' ELSE ARRAY[a.attname::text] END,
           array_remove(ARRAY[CASE d.deptype WHEN 'i' THEN 'identity' END,
               CASE WHEN NOT pg_catalog.has_sequence_privilege(c.oid, 'SELECT') THEN 'unreadable' END], NULL)
    FROM relation c
    LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
          AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE c.relkind = 'S'
  UNION ALL
    SELECT 'pg_class'::regclass, c.oid, 'index', i.indrelid, c.relowner, pg_catalog.pg_relation_size(c.oid), NULL,
           ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)),
           array_remove(ARRAY[CASE WHEN NOT i.indisvalid AND c.relkind = 'i' THEN 'invalid' END, CASE WHEN i.indisreplident THEN 'replica_identity' END], NULL)
    FROM relation c JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
    WHERE c.relkind IN ('i', 'I')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
  UNION ALL
    SELECT 'pg_constraint'::regclass, k.oid,
           CASE WHEN k.conrelid = 0 THEN 'domain_check'
                ELSE CASE k.contype WHEN 'c' THEN 'check' WHEN 'p' THEN 'primary_key' WHEN 'u' THEN 'unique'
                     WHEN 'x' THEN 'exclusion' WHEN 'f' THEN 'foreign_key' END END,
           k.conrelid, coalesce(c.relowner, t.typowner),
           CASE WHEN k.contype IN ('p', 'u', 'x') THEN pg_catalog.pg_relation_size(k.conindid) END, NULL,
           ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
                 WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) ORDER BY array_position(k.conkey, a.attnum)),
           array_remove(ARRAY[
               CASE WHEN k.contype = 'f' THEN 'references ' || k.confrelid::regclass::text END,
               CASE WHEN k.contype = 'f' AND c.relkind = 'p' THEN 'on_partitioned' END,
               CASE WHEN k.contype = 'f' AND (c.relforcerowsecurity OR EXISTS (SELECT FROM pg_catalog.pg_class r
                         WHERE r.oid = k.confrelid AND r.relforcerowsecurity)) THEN 'forced_security' END,
               CASE WHEN NOT k.convalidated THEN 'not_valid' END,
               CASE WHEN (SELECT i.indisreplident FROM pg_catalog.pg_index i WHERE i.indexrelid = k.conindid) THEN 'replica_identity' END,
               -- A view or a function that leans on a key can only be made after it.
               CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_constraint'::regclass AND d.refobjid = k.oid
                                 AND d.classid IN ('pg_rewrite'::regclass, 'pg_proc'::regclass)) THEN 'needed_early' END], NULL)
    FROM pg_catalog.pg_constraint k
    LEFT JOIN relation c ON c.oid = k.conrelid
    LEFT JOIN pg_catalog.pg_type t ON t.oid = k.contypid AND k.contypid >= 16384
    WHERE k.oid >= 16384 AND k.contype IN ('c', 'p', 'u', 'x', 'f') AND coalesce(c.oid, t.oid) IS NOT NULL
      AND NOT (k.contype = 'f' AND k.conparentid <> 0)
      AND NOT (k.contype = 'c' AND k.conrelid <> 0 AND NOT k.conislocal)
  UNION ALL
    -- Who made a trigger is not noted; a grant of TRIGGER suffices. Its function's owner tells.
    SELECT 'pg_trigger'::regclass, g.oid, 'trigger', g.tgrelid, f.proowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_trigger g JOIN relation c ON c.oid = g.tgrelid JOIN pg_catalog.pg_proc f ON f.oid = g.tgfoid
    WHERE NOT g.tgisinternal AND g.tgparentid = 0
  UNION ALL
    SELECT 'pg_rewrite'::regclass, r.oid, 'rule', r.ev_class, c.relowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_rewrite r JOIN relation c ON c.oid = r.ev_class
    WHERE r.rulename <> '_RETURN'
  UNION ALL
    SELECT 'pg_policy'::regclass, p.oid, 'policy', p.polrelid, c.relowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_policy p JOIN relation c ON c.oid = p.polrelid
  UNION ALL
    SELECT 'pg_type'::regclass, t.oid,
           CASE t.typtype WHEN 'c' THEN 'composite_type' WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range' ELSE 'base_type' END,
           0, t.typowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_type t
    WHERE t.oid >= 16384 AND t.typnamespace NOT IN (SELECT oid FROM hidden) AND t.typtype <> 'm'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'i')
  UNION ALL
    SELECT 'pg_proc'::regclass, p.oid,
           CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END,
           0, p.proowner, NULL, NULL, pg_catalog.array_fill('argument'::text, ARRAY[p.pronargs::int]),
           CASE WHEN l.lanpltrusted OR p.prokind = 'a' THEN '{}' ELSE ARRAY['untrusted_language'] END
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE p.oid >= 16384 AND p.pronamespace NOT IN (SELECT oid FROM hidden)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
  UNION ALL
    SELECT 'pg_statistic_ext'::regclass, s.oid, 'statistics', s.stxrelid, s.stxowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_statistic_ext s WHERE s.stxnamespace NOT IN (SELECT oid FROM hidden)
  UNION ALL
    SELECT 'pg_operator'::regclass, o.oid, 'operator', 0, o.oprowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_operator o WHERE o.oid >= 16384
  UNION ALL
    SELECT 'pg_opclass'::regclass, o.oid, 'operator_class', 0, o.opcowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_opclass o WHERE o.oid >= 16384
  UNION ALL
    SELECT 'pg_opfamily'::regclass, o.oid, 'operator_family', 0, o.opfowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_opfamily o WHERE o.oid >= 16384
  UNION ALL
    SELECT 'pg_cast'::regclass, k.oid, 'cast', 0, NULL, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_cast k
    WHERE k.oid >= 16384
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = k.oid AND d.deptype = 'i')
  UNION ALL
    SELECT 'pg_collation'::regclass, k.oid, 'collation', 0, k.collowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_collation k WHERE k.oid >= 16384
  UNION ALL
    SELECT 'pg_conversion'::regclass, k.oid, 'conversion', 0, k.conowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_conversion k WHERE k.oid >= 16384
  UNION ALL
    SELECT 'pg_ts_config'::regclass, k.oid, 'text_search_configuration', 0, k.cfgowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_ts_config k WHERE k.oid >= 16384
  UNION ALL
    SELECT 'pg_ts_dict'::regclass, k.oid, 'text_search_dictionary', 0, k.dictowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_ts_dict k WHERE k.oid >= 16384
  UNION ALL
    SELECT 'pg_ts_parser'::regclass, k.oid, 'text_search_parser', 0, NULL, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_ts_parser k WHERE k.oid >= 16384
  UNION ALL
    SELECT 'pg_ts_template'::regclass, k.oid, 'text_search_template', 0, NULL, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_ts_template k WHERE k.oid >= 16384
  UNION ALL
    SELECT 'pg_am'::regclass, k.oid, 'access_method', 0, NULL, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_am k WHERE k.oid >= 16384
  UNION ALL
    SELECT 'pg_language'::regclass, k.oid, 'language', 0, k.lanowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_language k WHERE k.oid >= 16384
  UNION ALL
    SELECT 'pg_transform'::regclass, k.oid, 'transform', 0, NULL, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_transform k WHERE k.oid >= 16384
  UNION ALL
    SELECT 'pg_foreign_data_wrapper'::regclass, k.oid, 'foreign_data_wrapper', 0, k.fdwowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_foreign_data_wrapper k WHERE k.oid >= 16384
  UNION ALL
    SELECT 'pg_foreign_server'::regclass, k.oid, 'foreign_server', 0, k.srvowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_foreign_server k
  UNION ALL
    SELECT 'pg_user_mapping'::regclass, m.umid, 'user_mapping', 0, CASE m.umuser WHEN 0 THEN s.srvowner ELSE m.umuser END,
           NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_user_mappings m JOIN pg_catalog.pg_foreign_server s ON s.oid = m.srvid
  UNION ALL
    SELECT 'pg_event_trigger'::regclass, k.oid, 'event_trigger', 0, k.evtowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_event_trigger k
  UNION ALL
    SELECT 'pg_publication'::regclass, k.oid, 'publication', 0, k.pubowner, NULL, NULL, '{}',
           CASE WHEN k.puballtables OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                     WHERE d.refclassid = 'pg_publication'::regclass AND d.refobjid = k.oid
                       AND d.classid = pg_catalog.to_regclass('pg_catalog.pg_publication_namespace'))
                THEN ARRAY['needs_superuser'] ELSE '{}' END
    FROM pg_catalog.pg_publication k
  UNION ALL
    SELECT 'pg_subscription'::regclass, k.oid, 'subscription', 0, k.subowner, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_subscription k
    WHERE k.subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  UNION ALL
    SELECT 'pg_default_acl'::regclass, k.oid, 'default_privileges', 0, k.defaclrole, NULL, NULL, '{}', '{}'
    FROM pg_catalog.pg_default_acl k
)
SELECT o.catalog::oid, o.oid, o.kind,
       -- Names as they are: those of pg_identify_object are quoted.
       coalesce(sch.nspname::text, (pg_catalog.parse_ident(i.schema))[1]), coalesce(CASE WHEN o.kind IN ('table', 'partitioned_table', 'view', 'materialized_view', 'foreign_table', 'sequence', 'index', 'row_security') THEN rel.relname::text END,
                con.conname::text, trg.tgname::text, rul.rulename::text, pol.polname::text, fn.proname::text, typ.typname::text, nsp.nspname::text, ext.extname::text,
                CASE WHEN o.kind = 'operator' THEN i.name ELSE (pg_catalog.parse_ident(i.name))[1] END, i.identity),
       i.type, i.identity || CASE WHEN o.catalog = 1 THEN ' (forced)' ELSE '' END,
       pn.nspname::text, pc.relname::text, o.parent,
       coalesce(own.rolsuper, false) AND NOT pg_catalog.pg_has_role(current_user, own.oid, 'MEMBER'),
       o.bytes, round(o.tuples)::int8, o.columns, o.flags,
       EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e' AND d.classid = o.catalog AND d.objid = o.oid)
       -- Indexes and the like are no members. On what only a superuser may alter, made together with members (rows of
       -- pg_depend are never changed, so that their xmin tells), or calling the extension, they are its own all the same;
       -- else a customer made them.
       OR EXISTS (SELECT FROM pg_catalog.pg_depend t
                  WHERE o.parent <> 0 AND t.deptype = 'e' AND t.classid = 'pg_class'::regclass AND t.objid = o.parent
                    AND (o.kind <> 'trigger' AND own.rolsuper AND NOT pg_catalog.pg_has_role(current_user, own.oid, 'MEMBER')
                         OR EXISTS (SELECT FROM pg_catalog.pg_depend m
                                    WHERE m.deptype = 'e' AND m.refclassid = t.refclassid AND m.refobjid = t.refobjid
                                      AND (m.xmin = coalesce(con.xmin, trg.xmin, rul.xmin, pol.xmin, ind.xmin, rel.xmin)
                                           OR m.classid = 'pg_proc'::regclass AND m.objid = trg.tgfoid))))
FROM object o
CROSS JOIN LATERAL pg_catalog.pg_identify_object(CASE WHEN o.catalog IN (0, 1) THEN 'pg_class'::regclass ELSE o.catalog END, o.oid, 0) i
LEFT JOIN pg_catalog.pg_class rel ON o.catalog IN (0, 1, 'pg_class'::regclass) AND rel.oid = o.oid
LEFT JOIN pg_catalog.pg_index ind ON o.kind = 'index' AND ind.indexrelid = o.oid
LEFT JOIN pg_catalog.pg_constraint con ON o.catalog = 'pg_constraint'::regclass AND con.oid = o.oid
LEFT JOIN pg_catalog.pg_trigger trg ON o.catalog = 'pg_trigger'::regclass AND trg.oid = o.oid
LEFT JOIN pg_catalog.pg_rewrite rul ON o.catalog = 'pg_rewrite'::regclass AND rul.oid = o.oid
LEFT JOIN pg_catalog.pg_policy pol ON o.catalog = 'pg_policy'::regclass AND pol.oid = o.oid
LEFT JOIN pg_catalog.pg_proc fn ON o.catalog = 'pg_proc'::regclass AND fn.oid = o.oid
LEFT JOIN pg_catalog.pg_type typ ON o.catalog = 'pg_type'::regclass AND typ.oid = o.oid
LEFT JOIN pg_catalog.pg_namespace nsp ON o.catalog = 'pg_namespace'::regclass AND nsp.oid = o.oid
LEFT JOIN pg_catalog.pg_extension ext ON o.catalog = 'pg_extension'::regclass AND ext.oid = o.oid
LEFT JOIN pg_catalog.pg_class pc ON pc.oid = o.parent AND o.parent <> 0
LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace
LEFT JOIN pg_catalog.pg_namespace sch ON sch.oid = coalesce(rel.relnamespace, fn.pronamespace, typ.typnamespace)
LEFT JOIN pg_catalog.pg_roles own ON own.oid = o.owner
WHERE i.identity IS NOT NULL
ORDER BY o.catalog, o.oid, o.kind
