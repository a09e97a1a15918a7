-- What Heroku Connect makes in a database, in the shape of public dumps.
CREATE EXTENSION IF NOT EXISTS hstore SCHEMA public;
CREATE FUNCTION public.get_xmlbinary() RETURNS varchar LANGUAGE sql STABLE AS
  $$ SELECT setting::varchar FROM pg_catalog.pg_settings WHERE name = 'xmlbinary' $$;
CREATE SCHEMA salesforce;
CREATE TABLE salesforce._hcmeta (id serial PRIMARY KEY, hcver int, org_id varchar(50), details text);
CREATE TABLE salesforce._sf_event_log (id serial PRIMARY KEY, table_name varchar(128), action varchar(7),
  synced_at timestamptz DEFAULT now(), sf_timestamp timestamptz, sfid varchar(20), record text, processed bool);
CREATE INDEX idx__sf_event_log_comp_key ON salesforce._sf_event_log (table_name, synced_at);
CREATE INDEX idx__sf_event_log_sfid ON salesforce._sf_event_log (sfid);
CREATE TABLE salesforce._trigger_log (id serial PRIMARY KEY, txid bigint, created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now(), processed_at timestamptz, processed_tx bigint, state varchar(8), action varchar(7),
  table_name varchar(128), record_id int, sfid varchar(18), old text, values text, sf_result int, sf_message text);
CREATE TABLE salesforce._trigger_log_archive (id int PRIMARY KEY, txid bigint, created_at timestamptz,
  updated_at timestamptz, processed_at timestamptz, processed_tx bigint, state varchar(8), action varchar(7),
  table_name varchar(128), record_id int, sfid varchar(18), old text, values text, sf_result int, sf_message text);
CREATE INDEX _trigger_log_idx_created_at ON salesforce._trigger_log (created_at);
CREATE INDEX _trigger_log_idx_state_id ON salesforce._trigger_log (state, id);
CREATE INDEX _trigger_log_idx_state_table_name ON salesforce._trigger_log (state, table_name) WHERE state IN ('NEW', 'PENDING');
CREATE INDEX _trigger_log_archive_idx_created_at ON salesforce._trigger_log_archive (created_at);
CREATE FUNCTION salesforce.tlog_notify_trigger() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM pg_notify('salesforce.hc_trigger_log', 'ping'); RETURN new; END $$;
CREATE TRIGGER tlog_insert_trigger AFTER INSERT ON salesforce._trigger_log
  FOR EACH ROW EXECUTE FUNCTION salesforce.tlog_notify_trigger();
CREATE FUNCTION salesforce.hc_capture_insert_from_row(source_row public.hstore, table_name varchar, excluded_cols text[] DEFAULT '{}')
  RETURNS int LANGUAGE sql AS $$ SELECT 0 $$;
CREATE FUNCTION salesforce.hc_capture_update_from_row(source_row public.hstore, table_name varchar, columns_to_include text[] DEFAULT '{}')
  RETURNS int LANGUAGE sql AS $$ SELECT 0 $$;

CREATE TABLE salesforce.account (id serial PRIMARY KEY, sfid varchar(18) COLLATE ucs_basic, name varchar(255),
  systemmodstamp timestamp, isdeleted bool, extid__c varchar(36), _hc_lastop varchar(32), _hc_err text);
CREATE INDEX hc_idx_account_systemmodstamp ON salesforce.account (systemmodstamp);
CREATE UNIQUE INDEX hcu_idx_account_sfid ON salesforce.account (sfid);
CREATE FUNCTION salesforce.hc_account_logger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO "salesforce"."_trigger_log" (action, state, table_name, record_id, sfid)
      VALUES ('DELETE', 'NEW', 'account', OLD.id, OLD.sfid);
    RETURN OLD;
  END IF;
  INSERT INTO "salesforce"."_trigger_log" (action, state, table_name, record_id, sfid)
    VALUES (TG_OP, 'NEW', 'account', NEW.id, NEW.sfid);
  RETURN NEW;
END $$;
CREATE FUNCTION salesforce.hc_account_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF public.get_xmlbinary()::text = 'base64' THEN NEW._hc_lastop := 'PENDING'; NEW._hc_err := NULL;
  ELSE NEW._hc_lastop := 'SYNCED'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER hc_account_logtrigger AFTER INSERT OR UPDATE OR DELETE ON salesforce.account
  FOR EACH ROW WHEN (public.get_xmlbinary()::text = 'base64') EXECUTE FUNCTION salesforce.hc_account_logger();
CREATE TRIGGER hc_account_status_trigger BEFORE INSERT OR UPDATE ON salesforce.account
  FOR EACH ROW EXECUTE FUNCTION salesforce.hc_account_status();
CREATE TABLE salesforce.contact (id serial PRIMARY KEY, sfid varchar(18) COLLATE ucs_basic, email varchar(80),
  systemmodstamp timestamp, isdeleted bool, _hc_lastop varchar(32), _hc_err text);
CREATE UNIQUE INDEX hcu_idx_contact_sfid ON salesforce.contact (sfid);
