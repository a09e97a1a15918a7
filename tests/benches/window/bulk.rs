//! The unmanaged data of the app: narrow rows that refer to others, and wide
//! ones. The app writes to both, as a trigger on what it writes anyway does.

use connect_swap_sandbox::servers::Database;

use crate::shared::Result;

/// What a row takes with its part of the indexes, about.
const NARROW_BYTES: f64 = 125.0;
/// See [`NARROW_BYTES`].
const WIDE_BYTES: f64 = 1380.0;
/// The part of all bytes that narrow rows are.
const NARROW_PART: f64 = 0.25;

const TABLES: &str = "\
CREATE TABLE accounts (id integer PRIMARY KEY, label text NOT NULL);
CREATE TABLE events (id bigint NOT NULL, account_id integer NOT NULL, amount double precision NOT NULL, \
happened_at timestamptz NOT NULL);
CREATE TABLE documents (id bigint NOT NULL, account_id integer NOT NULL, body text NOT NULL, changes integer NOT NULL)";

const KEYS: &str = "\
ALTER TABLE events ADD PRIMARY KEY (id); CREATE INDEX ON events (account_id);
ALTER TABLE events ADD FOREIGN KEY (account_id) REFERENCES accounts (id);
ALTER TABLE documents ADD PRIMARY KEY (id); CREATE INDEX ON documents (account_id);
ALTER TABLE documents ADD FOREIGN KEY (account_id) REFERENCES accounts (id)";

const SIZE: &str = "\
SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class \
WHERE relname IN ('accounts', 'events', 'documents') AND relnamespace = 'public'::regnamespace";

/// Counts and sums of the rows that nobody changes while it is asked.
const SUMS: &str = "\
SELECT (SELECT count(*) || ' ' || sum(amount) FROM events) || ' ' || \
(SELECT count(*) || ' ' || sum(hashtext(body)::bigint + changes) FROM documents)";

/// Fills the app's database, and gives the bytes that it takes.
pub(crate) async fn fill(database: &Database, gigabytes: f64) -> Result<i64> {
    let bytes = gigabytes * 1e9;
    let narrow = (bytes * NARROW_PART / NARROW_BYTES).round();
    let wide = (bytes * (1.0 - NARROW_PART) / WIDE_BYTES).round();
    let client = database.connect("migrations").await?;
    let rows = format!(
        "INSERT INTO accounts SELECT n, 'account ' || n FROM generate_series(1, 10000) n; \
         INSERT INTO events SELECT n, 1 + n % 10000, (hashint8extended(n, 1) & 65535) / 4.0, \
         timestamptz '2020-01-01 00:00:00+00' + n * interval '7 seconds' FROM generate_series(1, {narrow}::bigint) n; \
         INSERT INTO documents SELECT n, 1 + n % 10000, \
         repeat(md5(n::text) || md5((n + 1)::text) || md5((n + 2)::text) || md5((n + 3)::text), 10), 0 \
         FROM generate_series(1, {wide}::bigint) n"
    );
    let writes = format!(
        "CREATE FUNCTION write_elsewhere() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         UPDATE public.events SET amount = amount + 1 WHERE id = 1 + NEW.id * 7919 % {narrow}; \
         UPDATE public.documents SET changes = changes + 1 WHERE id = 1 + NEW.id * 7919 % {wide}; \
         RETURN NULL; END $$; \
         CREATE TRIGGER write_elsewhere AFTER INSERT OR UPDATE ON public.orders \
         FOR EACH ROW EXECUTE FUNCTION write_elsewhere()"
    );
    for sql in [TABLES, &rows, KEYS, &writes, "VACUUM (ANALYZE)"] {
        client.batch_execute(sql).await?;
    }
    Ok(client.query_one(SIZE, &[]).await?.try_get(0)?)
}

/// What a copy must have brought over, in one text.
pub(crate) async fn sums(client: &tokio_postgres::Client) -> Result<String> {
    Ok(client.query_one(SUMS, &[]).await?.try_get(0)?)
}
