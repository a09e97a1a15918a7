//! What stands once in each Connect schema, and once in each database.

use super::ident::{literal, quote};

/// Makes the schema with its logs and functions, and `hstore` and `get_xmlbinary()` in `public`.
/// Connect tells its own sessions from others by the setting `xmlbinary`, which is `base64` for
/// everyone who does not change it.
pub(crate) fn make_logs(schema: &str, organisation: &str) -> String {
    let s = quote(schema);
    let columns = "txid bigint, created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(), \
        processed_at timestamptz, processed_tx bigint, state varchar(8), action varchar(7), table_name varchar(128), \
        record_id integer, sfid varchar(18), old text, values text, sf_result integer, sf_message text";
    let notify = literal(&format!("{schema}.hc_trigger_log"));
    let organisation = literal(organisation);
    format!(
        r#"
CREATE SCHEMA IF NOT EXISTS {s};
CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;
CREATE OR REPLACE FUNCTION public.get_xmlbinary() RETURNS varchar LANGUAGE sql STABLE AS
  $body$ SELECT current_setting('xmlbinary')::varchar $body$;

CREATE TABLE IF NOT EXISTS {s}._hcmeta (id serial PRIMARY KEY, hcver integer, org_id varchar(50), details text);
INSERT INTO {s}._hcmeta (hcver, org_id, details) VALUES (4, {organisation}, NULL);
CREATE TABLE IF NOT EXISTS {s}._sf_event_log (id serial PRIMARY KEY, table_name varchar(128), action varchar(7),
  synced_at timestamptz DEFAULT now(), sf_timestamp timestamptz, sfid varchar(20), record text, processed boolean);
CREATE INDEX IF NOT EXISTS idx__sf_event_log_comp_key ON {s}._sf_event_log (table_name, synced_at);
CREATE INDEX IF NOT EXISTS idx__sf_event_log_sfid ON {s}._sf_event_log (sfid);

CREATE TABLE IF NOT EXISTS {s}._trigger_log (id serial PRIMARY KEY, {columns});
CREATE TABLE IF NOT EXISTS {s}._trigger_log_archive (id integer PRIMARY KEY, {columns});
CREATE INDEX IF NOT EXISTS _trigger_log_idx_created_at ON {s}._trigger_log (created_at);
CREATE INDEX IF NOT EXISTS _trigger_log_idx_state_id ON {s}._trigger_log (state, id);
CREATE INDEX IF NOT EXISTS _trigger_log_idx_state_table_name ON {s}._trigger_log (state, table_name)
  WHERE state IN ('NEW', 'PENDING');
CREATE INDEX IF NOT EXISTS _trigger_log_archive_idx_created_at ON {s}._trigger_log_archive (created_at);
CREATE INDEX IF NOT EXISTS _trigger_log_archive_idx_record_id ON {s}._trigger_log_archive (record_id);
CREATE INDEX IF NOT EXISTS _trigger_log_archive_idx_state_table_name ON {s}._trigger_log_archive (state, table_name)
  WHERE state = 'FAILED';

CREATE OR REPLACE FUNCTION {s}.hc_capture_insert_from_row(source_row hstore, table_name varchar, excluded_cols text[]
  DEFAULT ARRAY[]::text[]) RETURNS {s}._trigger_log LANGUAGE plpgsql AS $body$
DECLARE
  entry {s}._trigger_log;
BEGIN
  entry.id := nextval('{s}."_trigger_log_id_seq"');
  entry.action := 'INSERT';
  entry.table_name := table_name;
  entry.txid := txid_current();
  entry.created_at := clock_timestamp();
  entry.updated_at := entry.created_at;
  entry.state := 'NEW';
  entry.record_id := (source_row -> 'id')::integer;
  entry.values := (source_row - excluded_cols)::text;
  INSERT INTO {s}."_trigger_log" VALUES (entry.*);
  RETURN entry;
END;
$body$;

CREATE OR REPLACE FUNCTION {s}.hc_capture_update_from_row(source_row hstore, table_name varchar, columns_to_include
  text[] DEFAULT ARRAY[]::text[]) RETURNS {s}._trigger_log LANGUAGE plpgsql AS $body$
DECLARE
  entry {s}._trigger_log;
  excluded_cols text[] := ARRAY['_hc_lastop', '_hc_err'];
  included hstore := source_row - excluded_cols;
BEGIN
  IF array_length(columns_to_include, 1) > 0 THEN
    included := slice(source_row, columns_to_include);
  END IF;
  entry.id := nextval('{s}."_trigger_log_id_seq"');
  entry.action := 'UPDATE';
  entry.table_name := table_name;
  entry.txid := txid_current();
  entry.created_at := clock_timestamp();
  entry.updated_at := entry.created_at;
  entry.state := 'NEW';
  entry.record_id := (source_row -> 'id')::integer;
  entry.sfid := source_row -> 'sfid';
  entry.old := (source_row - excluded_cols)::text;
  entry.values := included::text;
  INSERT INTO {s}."_trigger_log" VALUES (entry.*);
  RETURN entry;
END;
$body$;

CREATE OR REPLACE FUNCTION {s}.tlog_notify_trigger() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  PERFORM pg_notify({notify}, 'ping');
  RETURN NEW;
END;
$body$;
DROP TRIGGER IF EXISTS tlog_insert_trigger ON {s}._trigger_log;
CREATE TRIGGER tlog_insert_trigger AFTER INSERT ON {s}._trigger_log
  FOR EACH ROW EXECUTE FUNCTION {s}.tlog_notify_trigger();
"#
    )
}
