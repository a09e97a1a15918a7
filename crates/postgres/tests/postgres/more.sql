CREATE TABLE public.files (name text PRIMARY KEY, content oid);
INSERT INTO public.files VALUES ('short', lo_from_bytea(0, 'short')), ('empty', lo_create(0)),
  ('long', lo_from_bytea(0, decode(repeat('0123456789abcdef', 200000), 'hex')));

CREATE TABLE public.hidden (a int PRIMARY KEY, secret text);
INSERT INTO public.hidden SELECT i, md5(i::text) FROM generate_series(1, 50) i;
CREATE POLICY nobody ON public.hidden TO CURRENT_USER USING (false);
ALTER TABLE public.hidden ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.hidden FORCE ROW LEVEL SECURITY;

CREATE TABLE public.loose (a int PRIMARY KEY, b int, c int REFERENCES public.hidden (a));
INSERT INTO public.loose VALUES (1, -1), (2, 2);
CREATE DOMAIN public.small AS int;
ALTER TABLE public.loose ADD COLUMN d public.small;
UPDATE public.loose SET d = 500;
ALTER TABLE public.loose ADD CONSTRAINT positive CHECK (b > 0) NOT VALID;
ALTER DOMAIN public.small ADD CONSTRAINT "under ten" CHECK (VALUE < 10) NOT VALID;

CREATE PUBLICATION pub FOR TABLE public.loose, salesforce.account WITH (publish = 'insert, update');
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO pg_monitor WITH GRANT OPTION;

-- A view that leans on a key by functional dependency.
CREATE TABLE public.by_key (a int PRIMARY KEY, v text);
INSERT INTO public.by_key VALUES (1, 'one'), (2, 'two');
CREATE VIEW public.grouped AS SELECT a, v, count(*) FROM public.by_key GROUP BY a;
