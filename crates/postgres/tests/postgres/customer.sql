-- An application's own objects, nasty enough.
CREATE EXTENSION citext SCHEMA public;
CREATE SCHEMA "App Data; --";
CREATE TYPE public.mood AS ENUM ('sad', 'it''s ok', 'happy');
CREATE TYPE public.pair AS (a int, b text);
CREATE DOMAIN public.positive AS int CHECK (VALUE > 0);
CREATE SEQUENCE public.standalone INCREMENT BY 10 START 100;
CREATE SEQUENCE public.countdown INCREMENT BY -1 START -1;

-- The body names a table that is made later, and holds what looks like SQL.
SET check_function_bodies = off;
CREATE FUNCTION public.later() RETURNS bigint LANGUAGE sql AS
  'SELECT count(*) FROM public.users; -- ; $$ \restrict';
CREATE FUNCTION public.shout(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $body$
BEGIN
  -- Name: fake; Type: TABLE; Schema: public; Owner: -
  RETURN upper(t) || ';';
END $body$;
CREATE FUNCTION public.atomic(a int) RETURNS int LANGUAGE sql
  BEGIN ATOMIC SELECT CASE WHEN a > 0 THEN 1 ELSE 2 END; END;
CREATE PROCEDURE public.nothing() LANGUAGE plpgsql AS 'BEGIN NULL; END';
CREATE AGGREGATE public.longest(text) (SFUNC = text_larger, STYPE = text);
CREATE FUNCTION public.as_words(public.pair) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT ($1).a || ' ' || ($1).b $$;
CREATE CAST (public.pair AS text) WITH FUNCTION public.as_words(public.pair) AS ASSIGNMENT;

CREATE TABLE public.users (
  id bigserial PRIMARY KEY,
  email public.citext NOT NULL UNIQUE,
  state public.mood DEFAULT 'sad',
  tags text[] DEFAULT '{}',
  "both" public.pair,
  age public.positive,
  shouted text GENERATED ALWAYS AS (public.shout(email::text)) STORED,
  account_sfid varchar(18),
  at timestamptz DEFAULT now(),
  score float8,
  raw bytea,
  CONSTRAINT "odd ""name""" CHECK (age < 200)
);
CREATE INDEX users_shout ON public.users (public.shout(email::text)) WHERE state = 'sad';
COMMENT ON TABLE public.users IS 'It''s us; -- users';
COMMENT ON COLUMN public.users.age IS 'years';
CREATE TABLE "App Data; --"."Select" (
  "Order" int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "user id" bigint REFERENCES public.users (id) ON DELETE CASCADE DEFERRABLE,
  "weird""col" jsonb, dropped int);
ALTER TABLE "App Data; --"."Select" DROP COLUMN dropped;
CREATE TABLE public.plain (a int, b text, c numeric, d interval, e int4range, f uuid, g regclass);
CREATE TABLE public.events (at date NOT NULL, note text, id int) PARTITION BY RANGE (at);
CREATE TABLE public.events_2024 PARTITION OF public.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE public.events_rest PARTITION OF public.events DEFAULT;
CREATE INDEX events_at ON public.events (at);
CREATE TABLE public.parent (a int);
CREATE TABLE public.child (b int) INHERITS (public.parent);
CREATE UNLOGGED TABLE public.cache (k text PRIMARY KEY, v text);
CREATE TABLE public.none ();
CREATE TABLE public.backwards (n int PRIMARY KEY DEFAULT nextval('public.countdown'));
ALTER SEQUENCE public.countdown OWNED BY public.backwards.n;
ALTER TABLE public.plain ADD CONSTRAINT late CHECK (a < 1000000) NOT VALID;
CREATE STATISTICS public.plain_stats ON a, b FROM public.plain;

CREATE VIEW public.accounts AS SELECT sfid, name FROM salesforce.account WHERE NOT isdeleted;
CREATE VIEW public.accounts_of_users AS SELECT u.id, a.name FROM public.users u JOIN public.accounts a ON a.sfid = u.account_sfid;
CREATE MATERIALIZED VIEW public.zz_first AS SELECT state, count(*) AS n FROM public.users GROUP BY state;
CREATE MATERIALIZED VIEW public.aa_second AS SELECT sum(n) AS n FROM public.zz_first;
CREATE UNIQUE INDEX zz_first_state ON public.zz_first (state);
CREATE MATERIALIZED VIEW public.empty_one AS SELECT 1 AS one WITH NO DATA;

-- On what Connect owns, and inside of its schema.
CREATE INDEX hc_idx_contact_email ON salesforce.contact (email);
CREATE INDEX account_name_lower ON salesforce.account (lower(name));
ALTER TABLE salesforce.account ADD CONSTRAINT name_not_empty CHECK (name <> '');
COMMENT ON TABLE salesforce.account IS 'from Salesforce';
CREATE TABLE salesforce.photo (id serial PRIMARY KEY, sfid varchar(18) REFERENCES salesforce.account (sfid), url text);
CREATE TABLE salesforce._trigger_log_2023 (LIKE salesforce._trigger_log);
CREATE TABLE public.touched (what text, at timestamptz DEFAULT now());
CREATE FUNCTION salesforce.touch() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO public.touched (what) VALUES (TG_TABLE_NAME || ' ' || TG_NAME); RETURN NULL; END $$;
CREATE TRIGGER account_touch AFTER UPDATE ON salesforce.account FOR EACH ROW EXECUTE FUNCTION salesforce.touch();
CREATE TRIGGER users_touch AFTER INSERT ON public.users FOR EACH ROW EXECUTE FUNCTION salesforce.touch();
CREATE TRIGGER users_off AFTER DELETE ON public.users FOR EACH ROW EXECUTE FUNCTION salesforce.touch();
ALTER TABLE public.users DISABLE TRIGGER users_off;
CREATE TRIGGER users_always AFTER UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION salesforce.touch();
ALTER TABLE public.users ENABLE ALWAYS TRIGGER users_always;
CREATE TRIGGER events_touch AFTER INSERT ON public.events FOR EACH ROW EXECUTE FUNCTION salesforce.touch();
ALTER TABLE public.events_2024 DISABLE TRIGGER events_touch;
CREATE RULE no_cache_delete AS ON DELETE TO public.cache DO INSTEAD (SELECT 1; SELECT 2);
ALTER TABLE public.plain ENABLE ROW LEVEL SECURITY;
CREATE POLICY plain_all ON public.plain USING (a > 0);
ALTER TABLE salesforce.contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE salesforce.contact FORCE ROW LEVEL SECURITY;
CREATE POLICY own_contacts ON salesforce.contact USING (email LIKE '%@example.com');
GRANT SELECT ON public.users TO PUBLIC;
REVOKE ALL ON FUNCTION public.shout(text) FROM PUBLIC;

ALTER TABLE public.users DISABLE TRIGGER users_touch;
INSERT INTO public.users (email, state, tags, "both", age, account_sfid, score, raw)
  SELECT 'User' || i || '@example.com', 'it''s ok', ARRAY['a', NULL, 'c;' || i], ROW(i, E'x\ty\\z')::public.pair, i % 90 + 1,
         'sf' || i, sqrt(i), decode(md5(i::text), 'hex')
  FROM generate_series(1, 500) i;
ALTER TABLE public.users ENABLE TRIGGER users_touch;
INSERT INTO "App Data; --"."Select" ("user id", "weird""col") SELECT i, jsonb_build_object('k', i) FROM generate_series(1, 50) i;
INSERT INTO public.plain SELECT i, repeat('x', 3000), i / 7.0, make_interval(mins => i), int4range(i, i + 2), md5(i::text)::uuid, 'public.users'
  FROM generate_series(1, 2000) i;
INSERT INTO public.events_rest SELECT '2030-01-01', 'n' || i, i FROM generate_series(1, 20) i;
INSERT INTO public.events_2024 SELECT '2024-05-05', 'n' || i, i FROM generate_series(1, 30) i;
INSERT INTO public.parent VALUES (1), (2);
INSERT INTO public.child VALUES (3, 4);
INSERT INTO public.backwards SELECT FROM generate_series(1, 5);
INSERT INTO public.touched (what) VALUES ('before');
INSERT INTO salesforce._trigger_log_2023 (id, state) VALUES (1, 'SUCCESS');
INSERT INTO salesforce.photo (url) VALUES ('http://a'), ('http://b');
SELECT setval('public.standalone', 500);
REFRESH MATERIALIZED VIEW public.zz_first;
REFRESH MATERIALIZED VIEW public.aa_second;
