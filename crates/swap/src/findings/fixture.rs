//! A healthy app for the checks' tests: what the APIs answer, written out, and a quiet database.

use connect_swap_heroku::connect::{Connection, ConnectionState};
use connect_swap_heroku::platform::{Addon, Attachment, Dyno, Formation};
use connect_swap_postgres::{
    Access, Extension, ManagedIndex, ManagedSpec, ManagedTable, OtherSession, ServerInfo, Tools,
    TriggerLog,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::topology::{DatabaseView, Snapshot, Subject};

const ORGANISATION: &str = "00D000000000001";

/// An app with its old pair, in good order, before prep.
pub(crate) fn healthy() -> Snapshot {
    let old_database = addon(
        "db-old",
        "postgresql-flat-1",
        "heroku-postgresql:standard-0",
        &["DATABASE_URL"],
    );
    let old_connect = addon(
        "hc-old",
        "herokuconnect-round-1",
        "herokuconnect:enterprise",
        &["HEROKUCONNECT_URL"],
    );
    let database = attachment("at-1", "DATABASE", &old_database);
    let alias = attachment("at-2", "HEROKU_POSTGRESQL_PINK", &old_database);
    let connect = attachment("at-3", "HEROKUCONNECT", &old_connect);
    Snapshot {
        account: of(json!({"id": "account-1", "email": "operator@example.com"})),
        app: of(json!({"id": "app-1", "name": "demo", "maintenance": false,
            "generation": {"id": "g", "name": "cedar"}, "region": {"id": "r", "name": "us"},
            "team": null, "space": null})),
        addons: vec![old_database.clone(), old_connect.clone()],
        attachments: vec![database.clone(), alias.clone(), connect],
        formation: vec![
            formation("web", 2, "bin/web"),
            formation("worker", 1, "bin/work"),
        ],
        dynos: vec![
            dyno("web.1", "web", "up"),
            dyno("web.2", "web", "up"),
            dyno("worker.1", "worker", "up"),
        ],
        releases: Vec::new(),
        subject: subject(),
        old_attachments: vec![database, alias],
        old_info: Some(of(
            json!({"addon_id": "db-old", "name": "postgresql-flat-1",
            "plan": "standard-0", "waiting?": false, "following": null, "num_bytes": 1_000_000,
            "info": [{"name": "PG Version", "values": ["16.4"]},
                     {"name": "Followers", "values": []}]}),
        )),
        connection: connection("c-old", "herokuconnect-round-1", "DATABASE_URL"),
        write_errors: Vec::new(),
        managed: managed(),
        others: Default::default(),
        database: quiet_database(),
        tools: Ok(Tools {
            pg_dump: "/usr/bin/pg_dump".into(),
            pg_restore: "/usr/bin/pg_restore".into(),
            major: 16,
        }),
        database_price: None,
        connect_price: None,
        new: Default::default(),
        old_database,
        old_connect,
    }
}

/// The same app when prep is done.
pub(crate) fn healthy_with_new_pair() -> Snapshot {
    let mut snapshot = healthy();
    let database = addon(
        "db-new",
        "postgresql-new-1",
        "heroku-postgresql:standard-0",
        &["NEW_DATABASE_URL"],
    );
    let connect = addon(
        "hc-new",
        "herokuconnect-new-1",
        "herokuconnect:enterprise",
        &["HEROKUCONNECT_BLUE_URL"],
    );
    snapshot
        .attachments
        .push(attachment("at-4", "NEW_DATABASE", &database));
    snapshot
        .attachments
        .push(attachment("at-5", "HEROKUCONNECT_BLUE", &connect));
    snapshot.addons.extend([database.clone(), connect.clone()]);
    snapshot.new.database = Some(database);
    snapshot.new.connect = Some(connect);
    snapshot.new.connection = Some(connection(
        "c-new",
        "herokuconnect-new-1",
        "NEW_DATABASE_URL",
    ));
    snapshot
}

/// An attachment of an add-on to the app.
pub(crate) fn attachment(id: &str, name: &str, addon: &Addon) -> Attachment {
    of(
        json!({"id": id, "name": name, "app": {"id": "app-1", "name": "demo"}, "namespace": null,
        "addon": {"id": addon.id, "name": addon.name, "app": {"id": "app-1", "name": "demo"}}}),
    )
}

/// A process type of the formation.
pub(crate) fn formation(kind: &str, quantity: u32, command: &str) -> Formation {
    of(
        json!({"type": kind, "quantity": quantity, "command": command,
        "dyno_size": {"id": "s", "name": "Standard-1X"}}),
    )
}

/// A dyno.
pub(crate) fn dyno(name: &str, kind: &str, state: &str) -> Dyno {
    of(
        json!({"id": format!("dyno-{name}"), "name": name, "type": kind, "state": state,
        "size": "Standard-1X", "command": "bash", "release": {"id": "r", "version": 7},
        "updated_at": "2025-07-16T20:12:43Z"}),
    )
}

/// A session of another program.
pub(crate) fn session(pid: i32, program: &str) -> OtherSession {
    OtherSession {
        pid,
        user: Some("u1".into()),
        application_name: program.into(),
        client: Some("10.0.0.9".into()),
        state: Some("idle".into()),
        backend_start: None,
        xact_age: None,
    }
}

fn of<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn addon(id: &str, name: &str, plan: &str, vars: &[&str]) -> Addon {
    let service = plan.split(':').next().unwrap();
    of(
        json!({"id": id, "name": name, "app": {"id": "app-1", "name": "demo"},
        "addon_service": {"id": "s", "name": service}, "plan": {"id": "p", "name": plan},
        "state": "provisioned", "config_vars": vars, "billed_price": null}),
    )
}

/// A connection that runs, with one mapping that reads and one that also writes.
fn connection(id: &str, resource: &str, db_key: &str) -> Connection {
    let features = json!({"poll_db_no_merge": true, "poll_external_ids": false,
        "rest_count_only": false, "use_assignment_rules": false});
    Connection {
        id: id.try_into().unwrap(),
        resource_name: resource.try_into().unwrap(),
        addon_id: None,
        app_name: "demo".try_into().unwrap(),
        name: None,
        schema_name: Some("salesforce".into()),
        db_key: Some(db_key.try_into().unwrap()),
        database: None,
        state: ConnectionState::Idle,
        organization_id: Some(ORGANISATION.into()),
        sf_info: of(
            json!({"username": "user@example.com", "organization_id": ORGANISATION,
            "environment": "production", "domain": "https://login.salesforce.com",
            "api_version": "64.0"}),
        ),
        plan: Some("enterprise".into()),
        features: of(features),
        logplex_log_enabled: Some(false),
        odata: false,
        last_write_activity_time: None,
        mappings: vec![
            of(mapping("m-1", "Account", "read_only")),
            of(mapping("m-2", "Contact", "read_write")),
        ],
        region_url: "https://connect-3-virginia.heroku.com".parse().unwrap(),
        detail_url: format!("https://connect-3-virginia.heroku.com/api/v3/connections/{id}")
            .parse()
            .unwrap(),
    }
}

fn mapping(id: &str, object: &str, access: &str) -> Value {
    json!({"id": id, "object_name": object, "state": "DATA_SYNCED", "state_description": "OK",
        "config": {"access": access, "sf_notify_enabled": false, "sf_polling_seconds": 600,
            "sf_max_daily_api_calls": 30000, "fields": {"Id": {}, "Name": {}},
            "indexes": {"Id": {"unique": true}}, "revision": 1},
        "counts": {"db": 1000, "sf": 1000, "pending": 0, "errors": 0},
        "actively_writing": false, "is_polling": false, "upsert_field": null,
        "times": {"sf_poll": "2025-07-16 20:12:43.734321+00:00", "sf_write": null,
            "db_poll": null, "db_write": null}})
}

fn subject() -> Subject {
    of(json!({
        "app_id": "app-1", "app": "demo",
        "old": {
            "database": {"id": "db-old", "name": "postgresql-flat-1",
                "plan": "heroku-postgresql:standard-0"},
            "connect": {"id": "hc-old", "name": "herokuconnect-round-1",
                "plan": "herokuconnect:enterprise"},
            "connection": "c-old", "schema_name": "salesforce", "db_key": "DATABASE_URL",
            "api_version": "64.0", "organization_id": ORGANISATION,
            "environment": "production", "domain": null, "major": 16,
        },
        "new": {"database": "postgresql-new-1", "attachment": "NEW_DATABASE",
            "connect": "herokuconnect-new-1"},
        "database_plan": "heroku-postgresql:standard-0",
        "wanted": {"request": {"fields": [["Account", "Industry"]], "indexes": []},
            "from_file": false, "original": "{}", "edited": "{}"},
    }))
}

fn managed() -> ManagedSpec {
    let table = |name: &str, access| ManagedTable {
        name: name.into(),
        columns: vec!["sfid".into(), "name".into()],
        indexes: vec![ManagedIndex {
            column: "sfid".into(),
            unique: true,
        }],
        access,
    };
    ManagedSpec {
        schema: "salesforce".into(),
        tables: vec![
            table("account", Access::ReadOnly),
            table("contact", Access::ReadWrite),
        ],
    }
}

fn quiet_database() -> DatabaseView {
    let extension = |name: &str, schema: &str| Extension {
        name: name.into(),
        version: "1.0".into(),
        schema: schema.into(),
    };
    DatabaseView {
        server: ServerInfo {
            version_num: 160_004,
            major: 16,
            in_recovery: false,
            size_bytes: 1_000_000,
            encoding: "UTF8".into(),
            collate: "en_US.UTF-8".into(),
            ctype: "en_US.UTF-8".into(),
            user: "u1".into(),
            is_superuser: false,
            max_connections: 120,
            role_connection_limit: None,
            connections_used: 5,
            read_only: false,
        },
        inventory: of(json!({"database": "d1", "version_num": 160_004,
            "connect_schema": "salesforce", "objects": []})),
        trigger_log: TriggerLog {
            present: true,
            max_id: 10,
            ..TriggerLog::default()
        },
        drain_history: Default::default(),
        failed: Vec::new(),
        unsynced: Vec::new(),
        id_references: Vec::new(),
        sessions: Vec::new(),
        unreadable_large_objects: 0,
        extensions: vec![
            extension("plpgsql", "pg_catalog"),
            extension("hstore", "public"),
        ],
        uncarriable: Vec::new(),
        copied_whole: Vec::new(),
        large_objects: Default::default(),
        locks: Default::default(),
    }
}
