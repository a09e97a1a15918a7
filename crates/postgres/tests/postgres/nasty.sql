-- A deliberately nasty customer's database, on top of Connect's objects (connect.sql), made by an
-- owner who is no superuser, with an empty search path. One transaction. Needs the roles
-- "nasty reader" and "Nasty""Writer" on both servers.

SET check_function_bodies = off;

-- == Names ==
-- The same hostile name for a schema and everything in it.
DO $do$
DECLARE
  n text;
BEGIN
  FOREACH n IN ARRAY ARRAY[
    'Qu"ote''d', ' ', 'CamelCase', 'select', 'Größe 漢字 ✓', E'e\u0301\u200b', E'two\nlines', E'tab\tand\rreturn',
    'a.b', '$user', '$$', '$_$', 'back\slash', E'\\restrict', '; DROP TABLE x; --', '%s {} [] () ,', '/*', '*/', '"', '''',
    E'-- Name: x; Type: TABLE; Schema: y; Owner: z', E'\u0001', repeat('Long', 20), repeat('ü', 40), 'é' || repeat('x', 61)
  ] LOOP
    EXECUTE format('CREATE SCHEMA %I', n);
    n := left(n, 63);
    WHILE octet_length(n) > 63 LOOP n := left(n, -1); END LOOP;
    EXECUTE format('COMMENT ON SCHEMA %I IS %L', n, n);
    EXECUTE format('CREATE TYPE %1$I.%2$I AS ENUM (%1$L, %3$L)', n, 'e' || n, 'b' || left(n, 20));
    EXECUTE format('CREATE DOMAIN %1$I.%2$I AS text DEFAULT %1$L CONSTRAINT %1$I CHECK (VALUE <> %3$L)', n, 'd' || n, n || n);
    EXECUTE format('CREATE SEQUENCE %I.%I INCREMENT 2', n, 's' || n);
    EXECUTE format('CREATE TABLE %1$I.%1$I (%1$I serial CONSTRAINT %4$I PRIMARY KEY, %5$I text DEFAULT %1$L NOT NULL, '
                   'kind %1$I.%2$I DEFAULT %1$L, word %1$I.%3$I, number int DEFAULT nextval(%6$L), '
                   'CONSTRAINT %1$I CHECK (%5$I <> %7$L))',
                   n, 'e' || n, 'd' || n, 'p' || n, 'c' || n, format('%I.%I', n, 's' || n), n || '!');
    EXECUTE format('COMMENT ON TABLE %1$I.%1$I IS %1$L', n);
    EXECUTE format('COMMENT ON COLUMN %1$I.%1$I.%1$I IS %1$L', n);
    EXECUTE format('CREATE INDEX %2$I ON %1$I.%1$I (lower(%3$I), %1$I)', n, 'i' || n, 'c' || n);
    EXECUTE format('CREATE STATISTICS %1$I.%2$I ON %1$I, %3$I FROM %1$I.%1$I', n, 'x' || n, 'c' || n);
    EXECUTE format('CREATE VIEW %1$I.%2$I AS SELECT %1$I, %3$I AS %4$I FROM %1$I.%1$I WHERE %3$I <> %1$L', n, 'v' || n, 'c' || n, 'w' || n);
    EXECUTE format('CREATE MATERIALIZED VIEW %1$I.%2$I AS SELECT * FROM %1$I.%3$I', n, 'm' || n, 'v' || n);
    EXECUTE format('CREATE FUNCTION %1$I.%2$I(%1$I text DEFAULT %1$L) RETURNS text LANGUAGE sql AS %3$L', n, 'f' || n, format('SELECT %L', n));
    EXECUTE format('CREATE FUNCTION %1$I.%2$I() RETURNS trigger LANGUAGE plpgsql AS %3$L', n, 't' || n, 'BEGIN RETURN NEW; END -- ' || translate(n, E'\n\r', '  '));
    EXECUTE format('CREATE TRIGGER %1$I BEFORE UPDATE OF %3$I ON %1$I.%1$I FOR EACH ROW EXECUTE FUNCTION %1$I.%2$I(%1$L)', n, 't' || n, 'c' || n);
    EXECUTE format('CREATE RULE %1$I AS ON DELETE TO %1$I.%1$I WHERE OLD.%2$I = %1$L DO ALSO SELECT %1$L', n, 'c' || n);
    EXECUTE format('CREATE POLICY %1$I ON %1$I.%1$I USING (%2$I <> %1$L)', n, 'c' || n);
    EXECUTE format('CREATE TABLE %1$I.%2$I (%1$I int CONSTRAINT %2$I REFERENCES %1$I.%1$I (%1$I))', n, 'r' || n);
    EXECUTE format('GRANT SELECT (%1$I), INSERT ON %1$I.%1$I TO "nasty reader"', n);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO PUBLIC, "Nasty""Writer"', n);
    EXECUTE format('REVOKE ALL ON FUNCTION %I.%I FROM PUBLIC', n, 'f' || n);
    EXECUTE format('GRANT USAGE ON SEQUENCE %I.%I TO "nasty reader" WITH GRANT OPTION', n, 's' || n);
    EXECUTE format('INSERT INTO %1$I.%1$I (%2$I, word) SELECT repeat(%1$L, i), NULLIF(%1$L, %1$L) FROM generate_series(2, 4) i', n, 'c' || n);
    EXECUTE format('INSERT INTO %1$I.%2$I VALUES (1), (NULL)', n, 'r' || n);
    EXECUTE format('REFRESH MATERIALIZED VIEW %I.%I', n, 'm' || n);
  END LOOP;
END $do$;

-- == Extensions ==
CREATE SCHEMA nasty;
CREATE SCHEMA "Ext ""S""";
CREATE EXTENSION citext SCHEMA public;
CREATE EXTENSION pg_trgm SCHEMA "Ext ""S""";
CREATE EXTENSION btree_gist SCHEMA public;

-- == Types ==
CREATE COLLATION nasty.german (PROVIDER = icu, LOCALE = 'de-u-kn-true');
CREATE COLLATION nasty."case blind" (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);
CREATE COLLATION nasty.bytes FROM "C";
CREATE TYPE nasty.mood AS ENUM ('', 'sad', 'it''s ok', E'new\nline', 'back\slash', 'happy');
CREATE DOMAIN nasty.code AS text COLLATE "C" DEFAULT 'it''s \ default' NOT NULL
  CONSTRAINT short CHECK (length(VALUE) <= 63) CONSTRAINT "not;blank" CHECK (VALUE <> ' ');
CREATE DOMAIN nasty.codes AS nasty.code[] CHECK (cardinality(VALUE) < 5);
CREATE DOMAIN nasty.price AS numeric(10, 2) CHECK (VALUE > 0);
CREATE DOMAIN nasty.dear AS nasty.price CHECK (VALUE > 10);
CREATE TYPE nasty.pair AS ("a""b" int, gone text, b text COLLATE nasty.german, c nasty.code, d numeric(5, 1)[], e nasty.mood);
ALTER TYPE nasty.pair DROP ATTRIBUTE gone;
CREATE FUNCTION nasty.time_diff(a time, b time) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT EXTRACT(epoch FROM (a - b))::float8 $$;
CREATE TYPE nasty.time_range AS RANGE (SUBTYPE = time, SUBTYPE_DIFF = nasty.time_diff, MULTIRANGE_TYPE_NAME = nasty."Many Times");
CREATE TYPE nasty.text_range AS RANGE (SUBTYPE = text, SUBTYPE_OPCLASS = pg_catalog.text_pattern_ops, COLLATION = nasty.bytes);
CREATE TYPE nasty.point3 AS (x float8, y float8, z float8, label text);

-- == Text search, conversions ==
CREATE TEXT SEARCH DICTIONARY nasty."Simple; Words" (TEMPLATE = pg_catalog.simple, STOPWORDS = english, ACCEPT = false);
CREATE TEXT SEARCH CONFIGURATION nasty.words (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION nasty.words ALTER MAPPING FOR asciiword, word WITH nasty."Simple; Words", pg_catalog.english_stem;
ALTER TEXT SEARCH CONFIGURATION nasty.words DROP MAPPING FOR url;
CREATE TEXT SEARCH CONFIGURATION nasty.unmapped (PARSER = pg_catalog."default");
CREATE CONVERSION nasty.latin FOR 'LATIN1' TO 'UTF8' FROM pg_catalog.iso8859_1_to_utf8;

-- == Routines ==
CREATE FUNCTION nasty.plus(a int, b int DEFAULT 1, c text DEFAULT 'it''s; $$ \restrict') RETURNS int LANGUAGE sql IMMUTABLE
  RETURN a + b + length(c);
CREATE FUNCTION nasty.plus(a text, VARIADIC rest text[] DEFAULT ARRAY['x', NULL]) RETURNS text LANGUAGE sql STABLE STRICT
  AS 'SELECT a';
CREATE FUNCTION nasty.plus(INOUT a numeric, OUT b text, IN c nasty.pair, VARIADIC d int[]) LANGUAGE plpgsql VOLATILE COST 7 AS
  'BEGIN a := a + 1; b := ''it''''s''; END';
-- Looks like parts of a dump.
CREATE FUNCTION nasty.quotes() RETURNS SETOF nasty.pair LANGUAGE plpgsql ROWS 5 COST 1000 PARALLEL RESTRICTED AS $body$
DECLARE t text := $$ it's; $$ || $_$ ; $_$ || 'a''b' || E'\\' || '\';
BEGIN
  /* not /* closed */ ; */
--
-- Name: fake; Type: TABLE; Schema: public; Owner: -
--
\restrict abc
\.
  RETURN QUERY EXECUTE 'SELECT NULL::nasty.pair; -- ' || t;
END $body$;
CREATE FUNCTION nasty.no_newline() RETURNS text LANGUAGE sql AS 'SELECT ''é漢'' -- no end';
CREATE FUNCTION nasty.guarded(who name DEFAULT CURRENT_USER) RETURNS TABLE (a int, "b c" text) LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, nasty, "Ext ""S""", "$user", pg_temp SET work_mem = '8MB' SET "DateStyle" = 'ISO, DMY' AS $$ SELECT 1, who::text $$;
CREATE FUNCTION nasty.first_of(anycompatible, VARIADIC anycompatiblearray) RETURNS anycompatible LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $2[1]; END';
CREATE FUNCTION nasty.slug(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN lower(replace(t, ' ', '-')); END $$;
-- Finds its helper by the application's search path, which has the schema public.
CREATE FUNCTION public.helper(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN upper(t); END $$;
CREATE FUNCTION nasty.shout(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN helper(t); END $$;
CREATE FUNCTION nasty.no_path() RETURNS int LANGUAGE sql SET search_path = '' AS 'SELECT 1';
CREATE FUNCTION nasty.set_returning() RETURNS SETOF record LANGUAGE sql AS 'SELECT 1, 2';
SET LOCAL search_path = nasty, public;
CREATE PROCEDURE nasty.proc(OUT c text, INOUT a int DEFAULT 3, IN b text DEFAULT NULL) LANGUAGE plpgsql SET search_path FROM CURRENT AS
  'BEGIN COMMIT; a := 1; END';
SET LOCAL search_path = '';
CREATE PROCEDURE nasty."Proc ""2"""() LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 'a;' END; END;

CREATE FUNCTION nasty.collect(state text[], item text) RETURNS text[] LANGUAGE sql IMMUTABLE AS 'SELECT state || item';
CREATE FUNCTION nasty.nth(state text[], n int) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT state[n]';
CREATE AGGREGATE nasty.nth(n int ORDER BY item text) (SFUNC = nasty.collect, STYPE = text[], INITCOND = '{}', FINALFUNC = nasty.nth,
  FINALFUNC_MODIFY = SHAREABLE, SSPACE = 100);
CREATE AGGREGATE nasty.moving(int) (SFUNC = pg_catalog.int4pl, STYPE = int, INITCOND = '0', COMBINEFUNC = pg_catalog.int4pl, PARALLEL = SAFE,
  MSFUNC = pg_catalog.int4pl, MINVFUNC = pg_catalog.int4mi, MSTYPE = int, MINITCOND = '0');
CREATE AGGREGATE nasty.biggest(int) (SFUNC = pg_catalog.int4larger, STYPE = int, SORTOP = OPERATOR(pg_catalog.>));
CREATE AGGREGATE nasty.how_many(*) (SFUNC = pg_catalog.int8inc, STYPE = int8, INITCOND = '0');

CREATE FUNCTION nasty.pair_eq(nasty.pair, nasty.pair) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1."a""b" = $2."a""b"';
CREATE FUNCTION nasty.pair_ne(nasty.pair, nasty.pair) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1."a""b" <> $2."a""b"';
CREATE FUNCTION nasty.twice(bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE OPERATOR nasty.=== (LEFTARG = nasty.pair, RIGHTARG = nasty.pair, FUNCTION = nasty.pair_eq, COMMUTATOR = OPERATOR(nasty.===),
  NEGATOR = OPERATOR(nasty.!==), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR nasty.!== (LEFTARG = nasty.pair, RIGHTARG = nasty.pair, FUNCTION = nasty.pair_ne, COMMUTATOR = OPERATOR(nasty.!==),
  NEGATOR = OPERATOR(nasty.===), RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR nasty.@#@ (RIGHTARG = bigint, FUNCTION = nasty.twice);
CREATE FUNCTION nasty.mood_number(nasty.mood) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN $1 = 'sad' THEN 1 ELSE 2 END $$;
CREATE CAST (nasty.mood AS int) WITH FUNCTION nasty.mood_number(nasty.mood) AS ASSIGNMENT;
CREATE CAST (text AS nasty.mood) WITH INOUT AS ASSIGNMENT;
CREATE CAST (nasty.point3 AS text) WITH INOUT;

-- == Sequences ==
CREATE SEQUENCE nasty.small AS smallint INCREMENT 3 MINVALUE -100 MAXVALUE 200 START 5 CACHE 20 CYCLE;
CREATE SEQUENCE nasty.down INCREMENT -7 MINVALUE -1000 MAXVALUE 1000 START 500;
CREATE SEQUENCE nasty.unused START 77;
CREATE SEQUENCE nasty.wrapped MAXVALUE 3 CYCLE;
CREATE SEQUENCE nasty.spent AS int MAXVALUE 5;
CREATE UNLOGGED SEQUENCE nasty.fleeting;
SELECT nextval('nasty.small'), nextval('nasty.down'), nextval('nasty.down'), setval('nasty.spent', 5), setval('nasty.fleeting', 9);
SELECT nextval('nasty.wrapped') FROM generate_series(1, 4);

-- == Tables ==
CREATE TABLE nasty.made (
  id int GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 5 MINVALUE 10 MAXVALUE 100000 CACHE 7 CYCLE) CONSTRAINT made_id PRIMARY KEY,
  number smallint GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME nasty."odd; identity" INCREMENT -1) UNIQUE,
  price nasty.price, amount int DEFAULT 1, gone int,
  total numeric GENERATED ALWAYS AS (price * amount) STORED,
  name text COLLATE nasty.german DEFAULT ('a' || current_user),
  slug text GENERATED ALWAYS AS (nasty.slug(name)) STORED,
  moment timestamptz(3) DEFAULT (now() + interval '1 day'));
ALTER TABLE nasty.made DROP COLUMN gone;

CREATE TABLE nasty.stored (a text, b text, c bytea, d numeric, e int NOT NULL, f jsonb, CONSTRAINT stored_pkey PRIMARY KEY (e) WITH (fillfactor = 80))
  WITH (fillfactor = 55, autovacuum_vacuum_scale_factor = 0.05, autovacuum_enabled = false, parallel_workers = 0, toast_tuple_target = 256,
        toast.autovacuum_enabled = false, toast.vacuum_truncate = false);
ALTER TABLE nasty.stored ALTER a SET STORAGE EXTERNAL, ALTER b SET STORAGE MAIN, ALTER c SET STORAGE PLAIN, ALTER d SET STORAGE EXTENDED,
  ALTER a SET COMPRESSION pglz, ALTER a SET STATISTICS 777, ALTER b SET STATISTICS 0, ALTER f SET STATISTICS 10000,
  ALTER b SET (n_distinct = -0.5, n_distinct_inherited = 100);
ALTER TABLE nasty.stored CLUSTER ON stored_pkey;

CREATE TABLE nasty.full_identity (a int, b text);
ALTER TABLE nasty.full_identity REPLICA IDENTITY FULL;
CREATE TABLE nasty.no_identity (a int PRIMARY KEY);
ALTER TABLE nasty.no_identity REPLICA IDENTITY NOTHING;
CREATE TABLE nasty.index_identity (a int NOT NULL, b text NOT NULL, CONSTRAINT by_constraint UNIQUE (a));
CREATE UNIQUE INDEX "by index" ON nasty.index_identity (b, a) WITH (fillfactor = 60);
CREATE INDEX clustered ON nasty.index_identity (b DESC);
ALTER TABLE nasty.index_identity REPLICA IDENTITY USING INDEX "by index";
ALTER TABLE nasty.index_identity CLUSTER ON clustered;
CREATE TABLE nasty.constraint_identity (a int NOT NULL CONSTRAINT identifies UNIQUE);
ALTER TABLE nasty.constraint_identity REPLICA IDENTITY USING INDEX identifies;

-- Work with the application's search path only.
CREATE TABLE nasty.by_path (a text, b text GENERATED ALWAYS AS (nasty.shout(a)) STORED, CONSTRAINT not_no CHECK (nasty.shout(a) <> 'NO'));
CREATE INDEX by_path_shout ON nasty.by_path (nasty.shout(a));
CREATE UNLOGGED TABLE nasty.cache (k int GENERATED ALWAYS AS IDENTITY, v text, u serial);
CREATE TABLE nasty.points OF nasty.point3 (x WITH OPTIONS NOT NULL DEFAULT 1.5, label WITH OPTIONS CHECK (label <> ''), PRIMARY KEY (x, y));
CREATE TABLE nasty.nothing ();
CREATE TABLE nasty.all_gone (a int, b text);
ALTER TABLE nasty.all_gone DROP COLUMN a, DROP COLUMN b;

CREATE TABLE nasty.base_a (a int DEFAULT 1 CONSTRAINT positive CHECK (a > 0), note text DEFAULT 'a', CONSTRAINT own_only CHECK (a < 1000) NO INHERIT);
CREATE TABLE nasty.base_b (b text DEFAULT 'b', note text DEFAULT 'a' NOT NULL);
CREATE TABLE nasty.heir (a int DEFAULT 42, own text, CONSTRAINT heir_only CHECK (own <> 'x')) INHERITS (nasty.base_a, nasty.base_b);
CREATE TABLE nasty.grandchild (extra int) INHERITS (nasty.heir) WITH (fillfactor = 90);
ALTER TABLE nasty.grandchild ALTER a DROP DEFAULT, ALTER b SET DEFAULT 'deeper', ALTER b SET STATISTICS 5, ALTER own SET NOT NULL;
CREATE TABLE nasty.adopted (b text, note text NOT NULL DEFAULT 'mine', z int);
ALTER TABLE nasty.adopted INHERIT nasty.base_b;
ALTER TABLE nasty.base_a ADD CONSTRAINT late CHECK (note <> 'never') NOT VALID;

-- Three levels; a partition that was attached, with other places for its columns.
CREATE SEQUENCE nasty.sales_id CACHE 10;
CREATE TABLE nasty.sales (id bigint NOT NULL DEFAULT nextval('nasty.sales_id'), region text COLLATE "C" NOT NULL, at date NOT NULL,
  amount numeric(12, 2) DEFAULT 0, account_sfid varchar(18), note text, CONSTRAINT sales_key PRIMARY KEY (id, region, at),
  CONSTRAINT amount_known CHECK (amount IS NOT NULL)) PARTITION BY LIST (region);
ALTER SEQUENCE nasty.sales_id OWNED BY nasty.sales.id;
CREATE TABLE nasty."sales eu" PARTITION OF nasty.sales (amount DEFAULT 5, CONSTRAINT only_eu CHECK (note <> 'us')) FOR VALUES IN ('eu', 'uk''s')
  PARTITION BY RANGE (at);
CREATE TABLE nasty.sales_eu_2024 PARTITION OF nasty."sales eu" FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')
  PARTITION BY HASH (id);
CREATE TABLE nasty.sales_eu_2024_0 PARTITION OF nasty.sales_eu_2024 FOR VALUES WITH (MODULUS 2, REMAINDER 0) WITH (fillfactor = 70);
CREATE TABLE nasty.sales_eu_2024_1 PARTITION OF nasty.sales_eu_2024 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE nasty.sales_eu_rest PARTITION OF nasty."sales eu" DEFAULT;
CREATE TABLE nasty.sales_us (note text DEFAULT 'us', gone int, at date NOT NULL, region text COLLATE "C" NOT NULL, account_sfid varchar(18),
  amount numeric(12, 2), id bigint NOT NULL, CONSTRAINT amount_known CHECK (amount IS NOT NULL), CONSTRAINT us_only CHECK (region = 'us'));
ALTER TABLE nasty.sales_us DROP COLUMN gone;
ALTER TABLE nasty.sales ATTACH PARTITION nasty.sales_us FOR VALUES IN ('us');
CREATE TABLE nasty.sales_other PARTITION OF nasty.sales DEFAULT;
CREATE INDEX sales_note ON nasty.sales (lower(note), at DESC);
CREATE INDEX us_alone ON nasty.sales_us USING brin (at) WITH (pages_per_range = 8);
CREATE UNIQUE INDEX us_unique ON nasty.sales_us (id, note) INCLUDE (amount);
CREATE TABLE nasty.by_number (a bytea, b int) PARTITION BY RANGE ((b % 10), a);
CREATE TABLE nasty.by_number_0 PARTITION OF nasty.by_number FOR VALUES FROM (MINVALUE, MINVALUE) TO (0, '\x00ff');
CREATE TABLE nasty.by_number_1 PARTITION OF nasty.by_number FOR VALUES FROM (0, '\x00ff') TO (MAXVALUE, MAXVALUE);
CREATE TABLE nasty.by_number_rest PARTITION OF nasty.by_number DEFAULT;
CREATE TABLE nasty.without_partitions (a int) PARTITION BY LIST ((a IS NULL));

-- == Constraints ==
CREATE TABLE nasty.rooms (room int, during tsrange, kind text, CONSTRAINT no_overlap EXCLUDE USING gist (room WITH =, during WITH &&)
  WHERE (kind <> 'shared') DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE nasty.parents (a int, b int, child int, boss int, PRIMARY KEY (a, b) INCLUDE (boss),
  CONSTRAINT twins UNIQUE NULLS NOT DISTINCT (child), CONSTRAINT late_unique UNIQUE (boss, a) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT "is; 'odd'" CHECK (a % 2 = 1 OR b IS NULL));
CREATE TABLE nasty.children (id int PRIMARY KEY, a int DEFAULT 7, b int DEFAULT 8, c int, "self ref" int REFERENCES nasty.children,
  CONSTRAINT to_parent FOREIGN KEY (a, b) REFERENCES nasty.parents (a, b) ON UPDATE CASCADE ON DELETE SET NULL (b) DEFERRABLE,
  CONSTRAINT to_twins FOREIGN KEY (c) REFERENCES nasty.parents (child) ON DELETE SET DEFAULT DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE nasty.parents ADD CONSTRAINT to_child FOREIGN KEY (child) REFERENCES nasty.children (id) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE nasty.sale_notes (id bigint, region text COLLATE "C", at date, CONSTRAINT to_sale FOREIGN KEY (id, region, at) REFERENCES nasty.sales
  ON DELETE CASCADE, account_sfid varchar(18) CONSTRAINT to_account REFERENCES salesforce.account (sfid) ON UPDATE CASCADE);
ALTER TABLE nasty.sales ADD CONSTRAINT sale_of_account FOREIGN KEY (account_sfid) REFERENCES salesforce.account (sfid);
ALTER TABLE nasty.sales_us ADD CONSTRAINT us_self FOREIGN KEY (id, region, at) REFERENCES nasty.sales (id, region, at);
-- Rows that came before their constraints and break them.
CREATE TABLE nasty.unclean (a int, b int, c text);
INSERT INTO nasty.unclean VALUES (-1, 999, 'xyz'), (5, 1, 'fine');
ALTER TABLE nasty.unclean ADD CONSTRAINT positive CHECK (a > 0) NOT VALID;
ALTER TABLE nasty.unclean ADD CONSTRAINT unknown_child FOREIGN KEY (b) REFERENCES nasty.children (id) NOT VALID;
ALTER TABLE nasty.unclean ALTER c TYPE nasty.code;
ALTER DOMAIN nasty.code ADD CONSTRAINT late CHECK (VALUE !~ '^x') NOT VALID;

-- == Indexes ==
CREATE TABLE nasty.indexed (a int, b text, c text COLLATE nasty.bytes, d text[], e point, f int4range, g nasty.mood, h public.citext, i tsvector, j public.hstore);
CREATE INDEX ON nasty.indexed (a DESC NULLS LAST, b COLLATE nasty.german text_pattern_ops, c);
CREATE INDEX "expr; 'x'" ON nasty.indexed (lower(b), (a + 1), nasty.slug(b)) WHERE a > 0 AND b IS NOT NULL AND g <> 'it''s ok';
ALTER INDEX nasty."expr; 'x'" ALTER COLUMN 2 SET STATISTICS 321;
CREATE UNIQUE INDEX nulls_too ON nasty.indexed (a) NULLS NOT DISTINCT WHERE a > 100;
CREATE INDEX hashed ON nasty.indexed USING hash (b) WITH (fillfactor = 50);
CREATE INDEX of_arrays ON nasty.indexed USING gin (d) WITH (fastupdate = off, gin_pending_list_limit = 128);
CREATE INDEX of_trigrams ON nasty.indexed USING gin (b "Ext ""S""".gin_trgm_ops);
CREATE INDEX of_signatures ON nasty.indexed USING gist (b "Ext ""S""".gist_trgm_ops (siglen = 32));
CREATE INDEX of_points ON nasty.indexed USING spgist (e);
CREATE INDEX of_ranges ON nasty.indexed USING gist (f, a) INCLUDE (b);
CREATE INDEX of_blocks ON nasty.indexed USING brin (a int4_minmax_multi_ops (values_per_range = 16), b) WITH (pages_per_range = 4, autosummarize = on);
CREATE INDEX of_words ON nasty.indexed USING gin (to_tsvector('nasty.words'::regconfig, b), i, j);
CREATE INDEX of_citext ON nasty.indexed (h, g) INCLUDE (c);
CREATE STATISTICS nasty."st;ats" (ndistinct, dependencies, mcv) ON a, b, c FROM nasty.indexed;
CREATE STATISTICS nasty.of_expressions ON (lower(b)), (a % 10), c FROM nasty.indexed;
ALTER STATISTICS nasty."st;ats" SET STATISTICS 1000;
CREATE STATISTICS nasty.of_sales (ndistinct) ON region, at FROM nasty.sales;

-- == What Connect owns, and inside of its schema ==
CREATE INDEX hc_idx_account_name_lower ON salesforce.account (lower(name));
CREATE INDEX "Mine; ""x""" ON salesforce.account (name COLLATE "C" DESC NULLS LAST) INCLUDE (sfid) WHERE NOT isdeleted;
CREATE INDEX account_trigrams ON salesforce.account USING gin (name "Ext ""S""".gin_trgm_ops);
CREATE INDEX contact_mail ON salesforce.contact USING hash (email);
CREATE INDEX log_by_table ON salesforce._trigger_log (table_name, sfid);
ALTER TABLE salesforce.account ADD CONSTRAINT "account; 'unique'" UNIQUE (extid__c) DEFERRABLE;
ALTER TABLE salesforce.account ADD CONSTRAINT "name ""ok""" CHECK (name <> E'it\'s \\ ;');
ALTER TABLE salesforce.account ADD CONSTRAINT slug_ok CHECK (nasty.slug(name) <> 'no') NOT VALID;
ALTER TABLE salesforce.contact ADD CONSTRAINT one_mail EXCLUDE USING gist (email WITH =) WHERE (email = 'only@once');
CREATE STATISTICS nasty.of_account ON name, isdeleted FROM salesforce.account;
CREATE SEQUENCE salesforce.of_accounts OWNED BY salesforce.account.extid__c;
CREATE FUNCTION salesforce.hc_account_logger(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION salesforce.accounts_of(salesforce.account) RETURNS SETOF salesforce.account LANGUAGE sql STABLE AS 'SELECT $1';
CREATE TABLE salesforce."my Own__c" (id serial PRIMARY KEY, sfid varchar(18) REFERENCES salesforce.account (sfid) ON DELETE CASCADE, raw jsonb);
CREATE INDEX hc_idx_photo_sfid ON salesforce."my Own__c" (sfid);
CREATE VIEW salesforce.account_names WITH (security_barrier) AS SELECT sfid, name FROM salesforce.account WHERE NOT isdeleted;
CREATE VIEW nasty.waiting AS SELECT table_name, state, count(*) AS n FROM salesforce._trigger_log GROUP BY 1, 2;

ALTER TABLE salesforce.account SET (autovacuum_vacuum_scale_factor = 0.01, fillfactor = 70, toast.autovacuum_enabled = false);
ALTER TABLE salesforce.account ALTER name SET STATISTICS 1000, ALTER name SET STORAGE EXTERNAL, ALTER name SET (n_distinct = 5);
ALTER TABLE salesforce.account CLUSTER ON hc_idx_account_systemmodstamp;
ALTER TABLE salesforce.account REPLICA IDENTITY FULL;
ALTER TABLE salesforce.contact CLUSTER ON contact_pkey;
ALTER TABLE salesforce.contact REPLICA IDENTITY USING INDEX contact_pkey;

-- == Views ==
CREATE RECURSIVE VIEW nasty.counting (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM counting WHERE n < 5;
CREATE VIEW nasty.moods WITH (security_invoker = true, check_option = cascaded) AS SELECT a, b, g FROM nasty.indexed WHERE g >= 'sad';
CREATE VIEW nasty.sad WITH (security_barrier) AS SELECT a, b AS "it's; b" FROM nasty.moods WHERE g = 'sad' WITH LOCAL CHECK OPTION;
ALTER VIEW nasty.sad ALTER a SET DEFAULT 12;
-- Grouped by a key alone: depends on the primary key's constraint.
CREATE VIEW nasty.by_key WITH (security_barrier) AS SELECT m.id, m.name, m.slug, count(*) FROM nasty.made m JOIN nasty.indexed i ON i.a = m.id GROUP BY m.id;
CREATE VIEW nasty.over_by_key AS SELECT id, name FROM nasty.by_key;
CREATE FUNCTION nasty.by_key_too() RETURNS SETOF text LANGUAGE sql BEGIN ATOMIC SELECT name || ';' FROM nasty.made GROUP BY id; END;
CREATE VIEW nasty.over_function AS SELECT * FROM nasty.by_key_too() AS f (word);
CREATE VIEW nasty.accounts AS SELECT c.email, a.name, s.amount FROM salesforce.account_names a
  LEFT JOIN nasty.sales s ON s.account_sfid = a.sfid LEFT JOIN salesforce.contact c USING (sfid);
CREATE VIEW nasty.lateral AS WITH m AS MATERIALIZED (SELECT 1 AS one) SELECT x.*, 'it''s; \' AS text FROM m, LATERAL (SELECT m.one, $$;$$ AS q) x
  WHERE EXISTS (SELECT FROM nasty.made TABLESAMPLE system (10) WHERE slug LIKE '%\_' ESCAPE '\') ORDER BY 1 DESC NULLS LAST LIMIT 5;
CREATE VIEW nasty.no_columns AS SELECT FROM nasty.made;

CREATE MATERIALIZED VIEW nasty.zz_first WITH (fillfactor = 75) AS SELECT region, sum(amount) AS total FROM nasty.sales GROUP BY region;
CREATE UNIQUE INDEX zz_first_region ON nasty.zz_first (region);
ALTER MATERIALIZED VIEW nasty.zz_first CLUSTER ON zz_first_region;
ALTER MATERIALIZED VIEW nasty.zz_first ALTER region SET STATISTICS 50;
CREATE VIEW nasty.mm_between AS SELECT total * 2 AS twice FROM nasty.zz_first;
CREATE MATERIALIZED VIEW nasty.cc_third AS SELECT sum(twice) AS s FROM nasty.mm_between;
CREATE MATERIALIZED VIEW nasty.aa_fourth AS SELECT s, (SELECT count(*) FROM nasty.zz_first) AS n FROM nasty.cc_third;
CREATE INDEX ON nasty.aa_fourth (s, (n + 1));
CREATE MATERIALIZED VIEW nasty.bb_by_key AS SELECT m.id, m.name, count(*) FROM nasty.made m GROUP BY m.id;
CREATE INDEX bb_by_key_name ON nasty.bb_by_key (name);
CREATE MATERIALIZED VIEW nasty.never_filled AS SELECT sfid FROM salesforce.account WITH NO DATA;
CREATE MATERIALIZED VIEW nasty.shouting AS SELECT nasty.shout(a) AS loud FROM nasty.by_path WITH NO DATA;

-- == Rules ==
CREATE VIEW nasty.door AS SELECT a, b FROM nasty.full_identity;
CREATE RULE come AS ON INSERT TO nasty.door DO INSTEAD INSERT INTO nasty.full_identity VALUES (NEW.a, NEW.b || ';') RETURNING a, b;
CREATE RULE "go; away" AS ON DELETE TO nasty.door DO INSTEAD (DELETE FROM nasty.full_identity WHERE a = OLD.a; NOTIFY gone, 'it''s');
CREATE RULE change AS ON UPDATE TO nasty.door WHERE OLD.a > 5 DO INSTEAD NOTHING;
CREATE RULE otherwise AS ON UPDATE TO nasty.door DO INSTEAD NOTHING;
CREATE RULE keep AS ON DELETE TO nasty.full_identity WHERE OLD.a < 0 DO INSTEAD NOTHING;
CREATE RULE also AS ON INSERT TO nasty.full_identity DO ALSO UPDATE nasty.no_identity SET a = a WHERE a = NEW.a;
ALTER TABLE nasty.full_identity DISABLE RULE keep;
ALTER TABLE nasty.full_identity ENABLE ALWAYS RULE also;
CREATE RULE never AS ON DELETE TO salesforce.contact WHERE false DO ALSO SELECT 'it''s;' AS never;

-- == Triggers ==
CREATE TABLE nasty.fired (what text, at timestamptz DEFAULT '2024-01-01');
CREATE FUNCTION nasty.fire() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO nasty.fired (what) VALUES (TG_TABLE_NAME || ' ' || TG_NAME || ' ' || coalesce(TG_ARGV[0], '')); RETURN COALESCE(NEW, OLD); END $$;
CREATE FUNCTION nasty.fire_all() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO nasty.fired (what) SELECT TG_NAME || count(*) FROM fresh; RETURN NULL; END $$;
CREATE TRIGGER before_row BEFORE INSERT OR UPDATE OF price, name ON nasty.made FOR EACH ROW WHEN (NEW.price > 1 AND NEW.name <> 'it''s;')
  EXECUTE FUNCTION nasty.fire('it''s; \ "x"', E'two\nlines', '', '12');
CREATE TRIGGER after_change AFTER UPDATE ON nasty.made FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION nasty.fire();
CREATE TRIGGER with_rows AFTER INSERT ON nasty.made REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nasty.fire_all();
CREATE TRIGGER with_both AFTER UPDATE ON nasty.made REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH ROW EXECUTE FUNCTION nasty.fire_all();
CREATE TRIGGER emptied BEFORE TRUNCATE ON nasty.made FOR EACH STATEMENT EXECUTE FUNCTION nasty.fire();
CREATE CONSTRAINT TRIGGER at_the_end AFTER INSERT OR DELETE ON nasty.children FROM nasty.parents DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (true) EXECUTE FUNCTION nasty.fire();
CREATE CONSTRAINT TRIGGER at_once AFTER UPDATE ON nasty.children NOT DEFERRABLE FOR EACH ROW EXECUTE FUNCTION nasty.fire();
CREATE TRIGGER is_off AFTER INSERT ON nasty.children FOR EACH ROW EXECUTE FUNCTION nasty.fire();
CREATE TRIGGER "is; replica" AFTER INSERT ON nasty.children FOR EACH ROW EXECUTE FUNCTION nasty.fire();
CREATE TRIGGER is_always AFTER DELETE ON nasty.children FOR EACH ROW EXECUTE FUNCTION nasty.fire();
ALTER TABLE nasty.children DISABLE TRIGGER is_off, ENABLE REPLICA TRIGGER "is; replica", ENABLE ALWAYS TRIGGER is_always;
CREATE TRIGGER on_all AFTER INSERT ON nasty.sales FOR EACH ROW EXECUTE FUNCTION nasty.fire('sales');
CREATE TRIGGER on_statement AFTER INSERT ON nasty.sales REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nasty.fire_all();
CREATE TRIGGER off_below AFTER DELETE ON nasty.sales FOR EACH ROW EXECUTE FUNCTION nasty.fire();
ALTER TABLE nasty.sales_us DISABLE TRIGGER on_all;
ALTER TABLE nasty.sales_eu_2024_0 ENABLE ALWAYS TRIGGER on_all;
ALTER TABLE nasty.sales DISABLE TRIGGER off_below;
ALTER TABLE nasty.sales_other ENABLE TRIGGER off_below;
CREATE TRIGGER us_alone BEFORE INSERT ON nasty.sales_us FOR EACH ROW EXECUTE FUNCTION nasty.fire();
CREATE TRIGGER instead INSTEAD OF INSERT OR UPDATE OR DELETE ON nasty.accounts FOR EACH ROW EXECUTE FUNCTION nasty.fire();
CREATE TRIGGER view_statement AFTER INSERT ON nasty.sad FOR EACH STATEMENT EXECUTE FUNCTION nasty.fire();
CREATE TRIGGER hc_account_own AFTER UPDATE OF name ON salesforce.account FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION nasty.fire();
CREATE TRIGGER "off; here" BEFORE DELETE ON salesforce.account FOR EACH ROW EXECUTE FUNCTION nasty.fire();
ALTER TABLE salesforce.account DISABLE TRIGGER "off; here";
CREATE CONSTRAINT TRIGGER contact_late AFTER INSERT ON salesforce.contact DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nasty.fire();
CREATE TRIGGER log_watch AFTER INSERT ON salesforce._trigger_log FOR EACH STATEMENT EXECUTE FUNCTION nasty.fire();

-- == Row-level security ==
CREATE TABLE nasty.secret (a int, owner name DEFAULT CURRENT_USER, b text);
CREATE POLICY everyone ON nasty.secret USING (owner = CURRENT_USER OR a > 0) WITH CHECK (b <> 'it''s;');
CREATE POLICY "readers; only" ON nasty.secret AS RESTRICTIVE FOR SELECT TO "nasty reader", "Nasty""Writer", pg_monitor USING (EXISTS (SELECT FROM nasty.made WHERE id = a));
CREATE POLICY writers ON nasty.secret AS PERMISSIVE FOR INSERT TO "Nasty""Writer" WITH CHECK (a < 10);
CREATE POLICY changers ON nasty.secret FOR UPDATE TO CURRENT_USER USING (true);
ALTER TABLE nasty.secret ENABLE ROW LEVEL SECURITY;
-- Forced, but not enabled.
CREATE TABLE nasty.forced_only (a int);
ALTER TABLE nasty.forced_only FORCE ROW LEVEL SECURITY;
CREATE POLICY account_policy ON salesforce.contact FOR SELECT TO "nasty reader" USING (NOT isdeleted);
ALTER TABLE salesforce.contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_sales ON nasty.sales USING (amount > 0);
ALTER TABLE nasty.sales ENABLE ROW LEVEL SECURITY;

-- == Comments ==
COMMENT ON SCHEMA nasty IS E'it''s; \\ "x"\n-- Name: fake; Type: COMMENT';
COMMENT ON TABLE nasty.made IS 'made; -- it''s';
COMMENT ON COLUMN nasty.made.slug IS E'two\nlines \\ é漢';
COMMENT ON COLUMN nasty.pair."a""b" IS 'of a type';
COMMENT ON TYPE nasty.pair IS 'a pair';
COMMENT ON TYPE nasty.mood IS 'an enum';
COMMENT ON TYPE nasty.time_range IS 'a range';
COMMENT ON DOMAIN nasty.code IS 'a domain';
COMMENT ON CONSTRAINT short ON DOMAIN nasty.code IS 'of a domain';
COMMENT ON CONSTRAINT late ON DOMAIN nasty.code IS 'of a domain, not valid';
COMMENT ON COLLATION nasty.german IS 'a collation';
COMMENT ON CONVERSION nasty.latin IS 'a conversion';
COMMENT ON TEXT SEARCH CONFIGURATION nasty.words IS 'a configuration';
COMMENT ON TEXT SEARCH DICTIONARY nasty."Simple; Words" IS 'a dictionary';
COMMENT ON FUNCTION nasty.plus(int, int, text) IS 'a function';
COMMENT ON FUNCTION nasty.by_key_too() IS 'a late function';
COMMENT ON PROCEDURE nasty.proc IS 'a procedure';
COMMENT ON AGGREGATE nasty.how_many(*) IS 'an aggregate';
COMMENT ON AGGREGATE nasty.nth(int ORDER BY text) IS 'an ordered aggregate';
COMMENT ON OPERATOR nasty.===(nasty.pair, nasty.pair) IS 'an operator';
COMMENT ON OPERATOR nasty.@#@(NONE, bigint) IS 'a prefix operator';
COMMENT ON CAST (nasty.mood AS int) IS 'a cast';
COMMENT ON SEQUENCE nasty.small IS 'a sequence';
COMMENT ON SEQUENCE nasty."odd; identity" IS 'of an identity column';
COMMENT ON INDEX nasty."expr; 'x'" IS 'an index';
COMMENT ON INDEX nasty.sales_note IS 'of a partitioned table';
COMMENT ON INDEX nasty.us_alone IS 'of a partition';
COMMENT ON INDEX salesforce.hc_idx_account_name_lower IS 'the customer''s';
COMMENT ON CONSTRAINT made_id ON nasty.made IS 'a primary key';
COMMENT ON INDEX nasty.made_id IS 'and its index';
COMMENT ON CONSTRAINT "is; 'odd'" ON nasty.parents IS 'a check';
COMMENT ON CONSTRAINT no_overlap ON nasty.rooms IS 'an exclusion';
COMMENT ON CONSTRAINT to_child ON nasty.parents IS 'a foreign key';
COMMENT ON CONSTRAINT sale_of_account ON nasty.sales IS 'of a partitioned table';
COMMENT ON CONSTRAINT positive ON nasty.unclean IS 'not valid';
COMMENT ON CONSTRAINT "name ""ok""" ON salesforce.account IS 'on a managed table';
COMMENT ON CONSTRAINT "account; 'unique'" ON salesforce.account IS 'unique, on a managed table';
COMMENT ON STATISTICS nasty."st;ats" IS 'statistics';
COMMENT ON VIEW nasty.sad IS 'a view';
COMMENT ON COLUMN nasty.sad."it's; b" IS 'of a view';
COMMENT ON VIEW nasty.by_key IS 'a late view';
COMMENT ON COLUMN nasty.by_key.id IS 'of a late view';
COMMENT ON MATERIALIZED VIEW nasty.zz_first IS 'a materialized view';
COMMENT ON COLUMN nasty.zz_first.total IS 'of a materialized view';
COMMENT ON MATERIALIZED VIEW nasty.bb_by_key IS 'a late materialized view';
COMMENT ON RULE come ON nasty.door IS 'a rule';
COMMENT ON RULE never ON salesforce.contact IS 'a rule on a managed table';
COMMENT ON TRIGGER before_row ON nasty.made IS 'a trigger';
COMMENT ON TRIGGER on_all ON nasty.sales IS 'of a partitioned table';
COMMENT ON TRIGGER hc_account_own ON salesforce.account IS 'on a managed table';
COMMENT ON POLICY everyone ON nasty.secret IS 'a policy';
COMMENT ON TABLE salesforce.account IS 'Salesforce''s; accounts';
COMMENT ON COLUMN salesforce.account.name IS 'its name';
COMMENT ON SCHEMA salesforce IS 'Connect''s; schema';
COMMENT ON INDEX salesforce.hc_idx_account_systemmodstamp IS 'Connect''s index';
COMMENT ON CONSTRAINT account_pkey ON salesforce.account IS 'Connect''s key';
COMMENT ON FUNCTION salesforce.hc_account_logger() IS 'Connect''s function';
COMMENT ON TRIGGER hc_account_logtrigger ON salesforce.account IS 'Connect''s trigger';
COMMENT ON TABLE salesforce._trigger_log IS 'Connect''s log';
COMMENT ON COLUMN nasty.sales_us.note IS 'of a partition';
COMMENT ON TABLE nasty.sales_eu_2024_1 IS 'a partition';

-- == Privileges ==
GRANT USAGE ON SCHEMA nasty TO "nasty reader", PUBLIC;
GRANT CREATE ON SCHEMA nasty TO "Nasty""Writer" WITH GRANT OPTION;
GRANT USAGE ON SCHEMA salesforce TO "nasty reader";
GRANT CREATE ON SCHEMA public TO "nasty reader" WITH GRANT OPTION;
GRANT USAGE ON SEQUENCE salesforce.account_id_seq TO "nasty reader";
GRANT SELECT ON salesforce._trigger_log TO "nasty reader";
REVOKE ALL ON FUNCTION salesforce.hc_account_logger() FROM PUBLIC;
GRANT SELECT ON nasty.made, nasty.sales, nasty.zz_first, nasty.sad, nasty.by_key, nasty.bb_by_key, nasty.heir TO "nasty reader", PUBLIC;
GRANT ALL ON nasty.made, nasty.sales_us TO "Nasty""Writer" WITH GRANT OPTION;
GRANT SELECT (a, "it's; b"), UPDATE (a) ON nasty.sad TO PUBLIC;
GRANT SELECT (id, name), INSERT (name), REFERENCES (id) ON nasty.made TO "nasty reader";
GRANT UPDATE (name) ON nasty.made TO "Nasty""Writer" WITH GRANT OPTION;
GRANT TRUNCATE, REFERENCES, TRIGGER ON nasty.stored TO PUBLIC;
GRANT SELECT ON salesforce.account TO "nasty reader";
GRANT UPDATE (name) ON salesforce.account TO "Nasty""Writer";
GRANT SELECT ON SEQUENCE nasty.small, nasty."odd; identity" TO "nasty reader";
GRANT ALL ON SEQUENCE salesforce."my Own__c_id_seq" TO "Nasty""Writer";
REVOKE ALL ON FUNCTION nasty.plus(int, int, text), nasty.quotes(), nasty.plus(text, VARIADIC text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION nasty.plus(numeric, nasty.pair, VARIADIC int[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION nasty.plus(numeric, nasty.pair, VARIADIC int[]), nasty.by_key_too() TO "Nasty""Writer" WITH GRANT OPTION;
REVOKE ALL ON PROCEDURE nasty.proc FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE nasty.proc TO "nasty reader";
REVOKE ALL ON FUNCTION nasty.nth(int, text), nasty.how_many() FROM PUBLIC;
REVOKE ALL ON TYPE nasty.pair, nasty.mood, nasty.time_range FROM PUBLIC;
REVOKE ALL ON DOMAIN nasty.code FROM PUBLIC;
GRANT USAGE ON TYPE nasty.pair TO "nasty reader";
GRANT USAGE ON DOMAIN nasty.price TO "Nasty""Writer";

-- == Rows ==
INSERT INTO nasty.made (price, amount, name) VALUES (1.50, 2, 'It''s  \ a Name'), (99999999.99, NULL, ''), (NULL, 0, NULL), (0.01, -5, E'tab\tnew\nline');
INSERT INTO nasty.stored (e, a, b, c, d, f) VALUES
  (1, (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 32768) i), repeat('é漢\', 200000), '\x00ff5c0a', 12345.678900, '{"a": null}'),
  (2, '', E'\\N', '', 'NaN', 'null'), (3, NULL, NULL, NULL, 'Infinity', NULL), (4, E'\\.', E'a\r\n\tb\b\f\v', NULL, 1e100, '"\u0001"'),
  (5, E'\u0001\u007f\uFFFD\U0001F600', 'NULL', '\x', -0.000, '[1, 1.0, 1e2]');
INSERT INTO nasty.full_identity VALUES (-1, 'kept'), (NULL, NULL);
INSERT INTO nasty.no_identity VALUES (1), (-2147483648), (2147483647);
INSERT INTO nasty.index_identity VALUES (2, 'b'), (1, 'a');
INSERT INTO nasty.constraint_identity VALUES (3), (1);
INSERT INTO nasty.cache (v) SELECT 'v' || i FROM generate_series(1, 50) i;
INSERT INTO nasty.points VALUES (0, '-0', 'NaN', 'x'), ('Infinity', '-Infinity', 1e-300, NULL), (0.1, 0.30000000000000004, 1e308, 'it''s');
INSERT INTO nasty.nothing DEFAULT VALUES;
INSERT INTO nasty.nothing DEFAULT VALUES;
INSERT INTO nasty.all_gone DEFAULT VALUES;
INSERT INTO nasty.base_a VALUES (5, NULL), (DEFAULT, DEFAULT);
INSERT INTO nasty.base_b VALUES (NULL, 'b');
INSERT INTO nasty.heir (own) VALUES ('y'), (NULL);
INSERT INTO nasty.grandchild (a, note, own, extra) VALUES (NULL, 'g', 'o', 1);
INSERT INTO nasty.adopted VALUES ('x', DEFAULT, 3);
INSERT INTO nasty.rooms VALUES (1, '[2024-01-01, 2024-01-02)', 'x'), (1, '[2024-01-02, infinity)', 'x'), (1, '(,)', 'shared'), (2, 'empty', NULL);
INSERT INTO nasty.parents VALUES (1, 1, NULL, 5), (3, 2, 10, NULL), (5, 3, 11, 5);
INSERT INTO nasty.children VALUES (10, 1, 1, NULL, NULL), (11, 3, 2, 10, 10), (12, NULL, 9, NULL, 12);
INSERT INTO nasty.indexed SELECT i, 'Word ' || i, chr(64 + i % 26), ARRAY['a', NULL, i::text], point(i, -i), int4range(i, i + 3), 'sad', 'Ci' || i,
  'quick brown fox'::tsvector, 'a=>1, b=>NULL'::public.hstore FROM generate_series(1, 200) i;
INSERT INTO nasty.indexed (a, d, f, i, j) VALUES (NULL, '{}', 'empty', '', ''), (-1, '[2:3]={x,y}', '(,5]', NULL, '"it''s \" \\"=>"=>"');
INSERT INTO nasty.fired VALUES ('before', '-infinity'), (NULL, 'infinity'), ('bc', '0044-03-15 12:00:00.123456+00 BC');
INSERT INTO nasty.secret VALUES (1, DEFAULT, 'a'), (-1, 'someone', NULL);
INSERT INTO nasty.forced_only VALUES (1);
INSERT INTO nasty.by_number VALUES ('\x00', 10), ('\xff', 19), (NULL, NULL);
SET LOCAL xmlbinary = 'hex';
INSERT INTO salesforce.account (sfid, name, isdeleted) VALUES ('001A', 'Acme', false), ('001B', 'it''s', true);
INSERT INTO salesforce.contact (sfid, email, isdeleted) VALUES ('003A', 'a@b', false);
SET LOCAL xmlbinary = 'base64';
INSERT INTO salesforce."my Own__c" (id, sfid, raw) VALUES (1000, '001A', '{"b": 1, "a": [1.50, "é"]}'), (DEFAULT, NULL, 'null');
INSERT INTO nasty.sales (region, at, amount, account_sfid, note)
  SELECT (ARRAY['eu', 'uk''s', 'us', 'elsewhere'])[i % 4 + 1], date '2023-06-01' + i * 10, i / 3.0, (ARRAY['001A', '001B', NULL])[i % 3 + 1], 'n' || i
  FROM generate_series(1, 80) i;
INSERT INTO nasty.sale_notes SELECT id, region, at, '001A' FROM nasty.sales WHERE id % 9 = 0;

CREATE TABLE nasty.everything (
  n int PRIMARY KEY, a bool, b smallint[], c bigint, d numeric, e float4, f float8, g money, h text, i varchar(5), j char(5), k bytea, l "char", m name,
  o date, p time, q timetz(2), r timestamp, s timestamptz, t interval, u uuid, v json, w jsonb, x jsonpath, y xml, z inet,
  ca cidr, cb macaddr, cc macaddr8, cd bit(3), ce bit varying, cf tsvector, cg tsquery, ch point, ci line, cj lseg, ck box, cl path, cm polygon, cn circle,
  co int4range, cp nummultirange, cq tstzrange, cr daterange[], cs pg_lsn, ct oid, cu regclass, cv regproc, cw int2vector, cx oidvector, cy xid8, cz tid,
  da nasty.mood, db nasty.mood[], dc nasty.pair, dd nasty.pair[], de nasty.codes, df nasty.dear, dg nasty.time_range, dh nasty."Many Times",
  di nasty.text_range, dj public.citext, dk public.citext[], dl public.hstore, dm nasty.made, dn text[][], "do" timestamp[], dp pg_snapshot, dq interval[]);
INSERT INTO nasty.everything (n) VALUES (1);
INSERT INTO nasty.everything VALUES (2, true, '{1,NULL,-32768}', -9223372036854775808, '-0.00000000000000000001', 'NaN', '-Infinity', '-92233720368547758.08', '', '', '',
  '', '', '', '4713-01-01 BC', '24:00', '00:00:00+15:59', '-infinity', 'infinity', '-178000000 years', '00000000-0000-0000-0000-000000000000',
  '{"b":1, "a" : 2,  "b":3}', '{"b":1, "a" : 2,  "b":3}', '$.a[*] ? (@.b > 1)', '<a b="it''s">&lt;é</a>', '::1/64',
  '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', B'101', B'', '''it''''s'':3A \\:1', '!''a;'' & b:*', '(NaN,-0)', '{1,2,3}', '[(0,0),(1,1)]',
  '(2,2),(0,0)', '[(0,0),(1,1),(2,0)]', '((0,0),(1,1),(2,0))', '<(0,0),1e-10>',
  'empty', '{[1,2.5),(7,)}', '[-infinity,infinity]', '{empty,"[2024-01-01,)",NULL}', '16/B374D848', 4294967295, 'nasty.made', 'nasty.slug', '1 -2', '1 2', '5', '(0,1)',
  '', '{"","it''s ok","new
line",NULL,"back\\slash"}', '(1,"b, ""x"" \\",c,"{1.5,NULL}",sad)', '{"(,,c,,)",NULL}', '{a,"b c","\"",""}', 10.01, '[10:00,12:00)', '{[01:00,02:00),(03:00,)}',
  '["a ,b",)', 'CiText', '{A,a}', '"a b"=>"c,d", e=>NULL', ROW(1, 2, 3.5, 4, 5, 'n', 's', '2024-01-01')::nasty.made, '{{a,b},{NULL,"NULL"}}', '[0:1]={epoch,"0001-01-01 BC"}',
  '10:20:10,14,15', '{"1 mon -1 days +00:00:00.000001",-00:00:01}');
INSERT INTO nasty.everything (n, d, f, h, v, w, b, cp, t) VALUES
  (3, repeat('9', 1000)::numeric, 2.2250738585072014e-308, repeat('x', 1048576), '"\u00e9 \\ "', '{}', '{}', '{}', '1 year -2 mons +3 days -04:05:06.789');
INSERT INTO nasty.everything (n, k, h) SELECT 4, decode(repeat('00ff5c', 349525), 'hex'), string_agg(chr(1 + i % 55000), '') FROM generate_series(1, 54999) i;

DO $$ BEGIN
  SET LOCAL search_path = public;
  INSERT INTO nasty.by_path (a) VALUES ('x'), (NULL);
  REFRESH MATERIALIZED VIEW nasty.shouting;
END $$;
REFRESH MATERIALIZED VIEW nasty.zz_first;
REFRESH MATERIALIZED VIEW nasty.cc_third;
REFRESH MATERIALIZED VIEW nasty.aa_fourth;
REFRESH MATERIALIZED VIEW nasty.bb_by_key;

-- == Publications ==
CREATE PUBLICATION "pub; it's" FOR TABLE nasty.made (id, name), nasty.index_identity WHERE (a > 1 AND b <> 'it''s'), nasty.sales
  WITH (publish = 'insert, delete', publish_via_partition_root = true);
CREATE PUBLICATION nothing;
COMMENT ON PUBLICATION nothing IS 'a publication';

-- == Default privileges ==
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC, "nasty reader";
ALTER DEFAULT PRIVILEGES IN SCHEMA nasty GRANT EXECUTE ON FUNCTIONS TO "Nasty""Writer" WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;

-- == Large objects ==
CREATE TABLE nasty.documents (id int PRIMARY KEY, content oid);
INSERT INTO nasty.documents VALUES (1, lo_from_bytea(0, '\x00ff5c')), (2, lo_from_bytea(0, decode(repeat('ab', 300000), 'hex'))), (3, NULL);
DO $$ DECLARE o oid; BEGIN
  FOR o IN SELECT content FROM nasty.documents WHERE content IS NOT NULL LOOP
    EXECUTE format('COMMENT ON LARGE OBJECT %s IS %L', o, 'it''s;');
    EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO "nasty reader"', o);
  END LOOP;
END $$;

-- == Forced row-level security ==
CREATE TABLE nasty.forced (a int);
INSERT INTO nasty.forced VALUES (1), (2);
CREATE POLICY "some" ON nasty.forced USING (a > 1);
ALTER TABLE nasty.forced ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

