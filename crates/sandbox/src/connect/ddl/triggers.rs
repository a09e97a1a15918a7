//! The two functions and triggers of each mapped table.

use super::ident::{literal, quote};

/// Makes `hc_<table>_logger` and `hc_<table>_status` with their triggers.
///
/// The log trigger fires for sessions with the default `xmlbinary` only. Read-only mappings are
/// logged too, as READONLY. A user's write sets `_hc_lastop` to PENDING; Connect's own sets what
/// it says, or SYNCED.
pub(super) fn make_triggers(schema: &str, table: &str, read_only: bool) -> String {
    let s = quote(schema);
    let t = format!("{s}.{}", quote(table));
    let logger = format!("{s}.{}", quote(&format!("hc_{table}_logger")));
    let status = format!("{s}.{}", quote(&format!("hc_{table}_status")));
    let log_trigger = quote(&format!("hc_{table}_logtrigger"));
    let status_trigger = quote(&format!("hc_{table}_status_trigger"));
    let state = literal(if read_only { "READONLY" } else { "NEW" });
    format!(
        r#"
CREATE OR REPLACE FUNCTION {logger}() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
  entry {s}."_trigger_log";
  excluded_cols text[] := ARRAY['_hc_lastop', '_hc_err']::text[];
BEGIN
  entry.id := nextval('{s}."_trigger_log_id_seq"');
  entry.action := TG_OP::text;
  entry.table_name := TG_TABLE_NAME::text;
  entry.txid := txid_current();
  entry.created_at := clock_timestamp();
  entry.updated_at := entry.created_at;
  entry.state := {state};
  IF (TG_OP = 'DELETE') THEN
    entry.record_id := OLD.id;
    entry.sfid := OLD.sfid;
    entry.old := (hstore(OLD.*) - excluded_cols)::text;
  ELSIF (TG_OP = 'INSERT') THEN
    entry.record_id := NEW.id;
    entry.sfid := NEW.sfid;
    entry.values := (hstore(NEW.*) - excluded_cols)::text;
  ELSE
    entry.record_id := NEW.id;
    entry.sfid := NEW.sfid;
    entry.old := (hstore(OLD.*) - excluded_cols)::text;
    entry.values := ((hstore(NEW.*) - hstore(OLD.*)) - excluded_cols)::text;
  END IF;
  INSERT INTO {s}."_trigger_log" VALUES (entry.*);
  RETURN NULL;
END;
$body$;

CREATE OR REPLACE FUNCTION {status}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF (public.get_xmlbinary() = 'base64') THEN
    NEW._hc_lastop := 'PENDING';
    NEW._hc_err := NULL;
  ELSIF (TG_OP = 'UPDATE' AND NEW._hc_lastop IS DISTINCT FROM OLD._hc_lastop) THEN
    RETURN NEW;
  ELSE
    NEW._hc_lastop := 'SYNCED';
    NEW._hc_err := NULL;
  END IF;
  RETURN NEW;
END;
$body$;

DROP TRIGGER IF EXISTS {log_trigger} ON {t};
CREATE TRIGGER {log_trigger} AFTER INSERT OR UPDATE OR DELETE ON {t}
  FOR EACH ROW WHEN (((public.get_xmlbinary())::text = 'base64'::text)) EXECUTE FUNCTION {logger}();
DROP TRIGGER IF EXISTS {status_trigger} ON {t};
CREATE TRIGGER {status_trigger} BEFORE INSERT OR UPDATE ON {t} FOR EACH ROW EXECUTE FUNCTION {status}();
"#
    )
}
