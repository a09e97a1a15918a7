-- What is not carried over yet and is named as uncarriable, on top of nasty.sql. A section moves into
-- nasty.sql once it is carried.

-- == Publications: not carried yet ==
CREATE PUBLICATION "pub; it's" FOR TABLE nasty.made (id, name), nasty.index_identity WHERE (a > 1 AND b <> 'it''s'), nasty.sales
  WITH (publish = 'insert, delete', publish_via_partition_root = true);
CREATE PUBLICATION nothing;
COMMENT ON PUBLICATION nothing IS 'a publication';

-- == Default privileges: not carried yet ==
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC, "nasty reader";
ALTER DEFAULT PRIVILEGES IN SCHEMA nasty GRANT EXECUTE ON FUNCTIONS TO "Nasty""Writer" WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;

-- == Large objects: not carried yet ==
CREATE TABLE nasty.documents (id int PRIMARY KEY, content oid);
INSERT INTO nasty.documents VALUES (1, lo_from_bytea(0, '\x00ff5c')), (2, lo_from_bytea(0, decode(repeat('ab', 300000), 'hex'))), (3, NULL);
DO $$ DECLARE o oid; BEGIN
  FOR o IN SELECT content FROM nasty.documents WHERE content IS NOT NULL LOOP
    EXECUTE format('COMMENT ON LARGE OBJECT %s IS %L', o, 'it''s;');
    EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO "nasty reader"', o);
  END LOOP;
END $$;

-- == Forced row-level security: not carried yet ==
CREATE TABLE nasty.forced (a int);
INSERT INTO nasty.forced VALUES (1), (2);
CREATE POLICY "some" ON nasty.forced USING (a > 1);
ALTER TABLE nasty.forced ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
