//! What a database's owner at Heroku can do to it, as statements of its superuser.

use connect_swap_sandbox::servers::Database;

/// Every definition of others is refused as a server refuses it whose disk is full (PostgreSQL manual,
/// "PostgreSQL Error Codes", class 53).
pub const FILL_DISK: &str = "
    CREATE OR REPLACE FUNCTION pg_catalog.disk_is_full() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RAISE 'could not extend file \"base/1/2\": No space left on device' USING ERRCODE = '53100';
      END IF; END $$;
    CREATE EVENT TRIGGER disk_is_full ON ddl_command_start EXECUTE FUNCTION pg_catalog.disk_is_full()";

/// The end of [`FILL_DISK`].
pub const EMPTY_DISK: &str =
    "DROP EVENT TRIGGER IF EXISTS disk_is_full; DROP FUNCTION IF EXISTS pg_catalog.disk_is_full()";

/// The journal of a swap is refused what is new as by a server whose disk is full. Where there is no
/// journal yet, this fails.
pub const FILL_DISK_UNDER_JOURNAL: &str = "
    CREATE OR REPLACE FUNCTION pg_catalog.journal_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE 'could not extend file \"base/1/2\": No space left on device' USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER is_full BEFORE INSERT ON connect_swap.journal
      FOR EACH ROW EXECUTE FUNCTION pg_catalog.journal_is_full()";

/// The end of [`FILL_DISK_UNDER_JOURNAL`].
pub const EMPTY_DISK_UNDER_JOURNAL: &str =
    "DROP FUNCTION IF EXISTS pg_catalog.journal_is_full() CASCADE";

/// Lets so many others in, and everybody with -1.
pub fn limit_connections(database: &Database, limit: i32) -> String {
    format!("ALTER DATABASE {} CONNECTION LIMIT {limit}", database.name)
}

/// Ends the sessions whose application name begins so.
pub fn end_sessions(database: &Database, application: &str) -> String {
    format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = '{}' AND starts_with(application_name, '{application}')",
        database.name
    )
}
