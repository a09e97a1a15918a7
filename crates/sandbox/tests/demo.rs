//! The demo app, and an audit that tells the truth about it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use connect_swap_sandbox::{AppSpec, DemoOptions, ManagedWrites, Reason, Workload};
use reqwest::Method;
use serde_json::{Value, json};
use support::{app, get, new_database, patch, post, sandbox, schemas, send, until};

/// How often the mapping is edited.
const EDITS: u32 = 4;

async fn acknowledged(app: &str, count: usize) {
    until("the app has written", async || {
        (sandbox().audit(app).await.unwrap().acknowledged >= count).then_some(())
    })
    .await;
}

/// Stops the app and waits until its last dyno is gone.
async fn stop(app: &str) {
    sandbox().scale(app, "web", 0).unwrap();
    sandbox().scale(app, "worker", 0).unwrap();
    until("no dyno is left", async || {
        let dynos = get(&format!("/apps/{app}/dynos")).await;
        dynos.as_array().unwrap().is_empty().then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_demo_app_writes_and_nothing_is_lost() {
    let app = sandbox()
        .seed_demo(&DemoOptions::small("demo-seeded"))
        .await
        .unwrap();
    acknowledged(&app, 150).await;
    stop(&app).await;
    let audit = sandbox().audit(&app).await.unwrap();
    assert!(audit.is_clean(), "{audit:#?}");
    assert_eq!((audit.refused, audit.last_refusal), (0, None));
    assert_eq!(
        sandbox().config_vars(&app)["HEROKUCONNECT_URL"],
        "DATABASE_URL:salesforce"
    );

    let client = sandbox()
        .database(&app, "DATABASE")
        .unwrap()
        .connect("test")
        .await
        .unwrap();
    let rows = client
        .query_one(
            "SELECT (SELECT count(*) FROM salesforce.account), \
             (SELECT count(*) FROM reporting.customer_orders), \
             (SELECT count(*) FROM public.customers WHERE account_sfid IS NOT NULL)",
            &[],
        )
        .await
        .unwrap();
    assert!(rows.get::<_, i64>(0) >= 200);
    assert!(rows.get::<_, i64>(1) > 0 && rows.get::<_, i64>(2) > 0);
}

#[tokio::test]
async fn the_apps_writes_reach_salesforce_once() {
    let app = sandbox()
        .seed_demo(&DemoOptions::small("demo-writes"))
        .await
        .unwrap();
    until("Connect has sent something", async || {
        let sent = sandbox().connect().writes(&app);
        (sent.len() >= 5).then_some(())
    })
    .await;
    stop(&app).await;
    let sent = sandbox().connect().writes(&app);
    assert!(sent.iter().all(|write| write.error.is_none()), "{sent:#?}");
    assert_eq!(
        sandbox()
            .connect()
            .doubled(&app, "Account", "AccountNumber"),
        Vec::new()
    );
}

/// Connect's answer; `path` may carry an address of its own.
async fn connect(method: Method, path: &str, body: Option<Value>) -> Value {
    send(method, path, body, &[]).await.json
}

/// Where the mapping of Account is, and the mapping.
async fn mapping_of_account(app: &str) -> (String, Value) {
    connect(Method::POST, &format!("/auth/{app}"), Some(json!({}))).await;
    let found = connect(Method::GET, &format!("/connections?app={app}"), None).await;
    let id = found["results"][0]["id"].as_str().unwrap();
    let path = format!("/api/v3/connections/{id}?deep=true");
    let shown = connect(Method::GET, &path, None).await;
    let mappings = shown["mappings"].as_array().unwrap();
    let of_account = |mapping: &&Value| mapping["object_name"] == "Account";
    let id = mappings.iter().find(of_account).unwrap()["id"].clone();
    let path = format!("/api/v3/mappings/{}", id.as_str().unwrap());
    let whole = connect(Method::GET, &path, None).await;
    (path, whole)
}

#[tokio::test]
async fn a_mapping_that_is_edited_under_load_loses_nothing() {
    let app = sandbox()
        .seed_demo(&DemoOptions::small("demo-edited"))
        .await
        .unwrap();
    for turn in 0..EDITS {
        let (path, mut mapping) = mapping_of_account(&app).await;
        let fields = mapping["config"]["fields"].as_object_mut().unwrap();
        if fields.remove("Rating").is_none() {
            fields.insert("Rating".to_owned(), json!({}));
        }
        connect(Method::PUT, &path, Some(mapping)).await;
        until("the mapping is in step again", async || {
            let (_, mapping) = mapping_of_account(&app).await;
            ["DATA_SYNCED", "POLLING_SF_CHANGES"]
                .contains(&mapping["state"].as_str().unwrap())
                .then_some(())
        })
        .await;
        until(&format!("edit {turn}: nothing is lost"), async || {
            sandbox()
                .audit(&app)
                .await
                .unwrap()
                .is_clean()
                .then_some(())
        })
        .await;
    }
}

/// A poll brings the value of before over a write that Connect has not sent yet: the write is on its way.
#[tokio::test]
async fn a_write_that_waits_in_connects_log_is_not_lost() {
    let app = sandbox()
        .seed_demo(&DemoOptions::small("demo-waiting"))
        .await
        .unwrap();
    let (path, mut mapping) = mapping_of_account(&app).await;
    mapping["config"]["fields"]["NotThere__c"] = json!({});
    connect(Method::PUT, &path, Some(mapping)).await;
    until("the mapping has stopped", async || {
        let (_, mapping) = mapping_of_account(&app).await;
        (mapping["state"] == "BAD_CONFIG").then_some(())
    })
    .await;
    let database = sandbox().database(&app, "DATABASE").unwrap();
    let client = database.connect("test").await.unwrap();
    until("the app has changed an account", async || {
        let waiting = "SELECT count(*) FROM salesforce._trigger_log WHERE table_name = 'account' AND state = 'NEW'";
        let waiting = client.query_one(waiting, &[]).await.unwrap();
        (waiting.get::<_, i64>(0) > 0).then_some(())
    })
    .await;
    stop(&app).await;
    let as_connect =
        "SET xmlbinary = 'hex'; UPDATE salesforce.account SET name = 'before' WHERE sfid IS NULL";
    client.batch_execute(as_connect).await.unwrap();
    let audit = sandbox().audit(&app).await.unwrap();
    assert!(audit.lost.is_empty(), "{:#?}", audit.lost);
    assert!(!audit.waiting.is_empty() && !audit.is_clean());
    let told = &audit.waiting[0].history;
    assert!(
        told.iter().any(|line| line.contains("NEW INSERT")),
        "{told:?}"
    );

    let forget = "DELETE FROM salesforce._trigger_log WHERE state = 'NEW'";
    client.batch_execute(forget).await.unwrap();
    let audit = sandbox().audit(&app).await.unwrap();
    assert!(audit.waiting.is_empty());
    let told = &audit.lost[0].history;
    assert!(
        told.is_empty(),
        "the log is gone, and nothing was sent: {told:?}"
    );
}

#[tokio::test]
async fn real_exports_make_an_app_too() {
    let Some(directory) = schemas() else {
        eprintln!("skipped: the exports are not at hand");
        return;
    };
    let exports = directory.join("connect/exports");
    let mut count = 0;
    for entry in exports.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let export = serde_json::from_slice::<Value>(&std::fs::read(&path).unwrap()).unwrap();
        let name = format!("demo-export-{count}");
        let options = DemoOptions {
            export: Some(export),
            ..DemoOptions::small(&name)
        };
        let app = sandbox().seed_demo(&options).await.unwrap();
        acknowledged(&app, 20).await;
        stop(&app).await;
        let audit = sandbox().audit(&app).await.unwrap();
        assert!(audit.is_clean(), "{}: {audit:#?}", path.display());
        assert_eq!(audit.last_refusal, None, "{}", path.display());
        count += 1;
    }
    assert!(count > 0);
}

#[tokio::test]
async fn a_vanished_and_a_repeated_row_are_found() {
    let app = app().await;
    acknowledged(&app, 100).await;
    stop(&app).await;
    let client = sandbox()
        .database(&app, "DATABASE")
        .unwrap()
        .connect("test")
        .await
        .unwrap();
    let delete = "DELETE FROM public.audit_log WHERE id = (SELECT min(id) FROM public.audit_log) \
                  RETURNING reference";
    let lost = client
        .query_one(delete, &[])
        .await
        .unwrap()
        .get::<_, String>(0);
    let repeat = "INSERT INTO public.order_items (order_id, reference, quantity) \
                  SELECT order_id, reference, quantity FROM public.order_items \
                  ORDER BY id LIMIT 1 RETURNING reference";
    let doubled = client
        .query_one(repeat, &[])
        .await
        .unwrap()
        .get::<_, String>(0);

    let audit = sandbox().audit(&app).await.unwrap();
    let keys = |findings: &[connect_swap_sandbox::Finding]| {
        findings
            .iter()
            .map(|finding| finding.write.key.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&audit.lost), [lost]);
    assert_eq!(keys(&audit.doubled), [doubled]);
}

#[tokio::test]
async fn writes_left_in_the_old_database_are_lost() {
    let app = app().await;
    acknowledged(&app, 50).await;
    let new = new_database(&app, "NEW_DATABASE").await;
    let old =
        get(&format!("/apps/{app}/addon-attachments/DATABASE")).await["addon"]["name"].clone();
    post("/addon-attachments", json!({ "addon": old, "app": app })).await;
    let promote = json!({ "addon": new["name"], "app": app, "confirm": app, "name": "DATABASE" });
    post("/addon-attachments", promote).await;
    let audit = sandbox().audit(&app).await.unwrap();
    assert!(
        audit.lost.len() > 20,
        "promotion alone carries nothing over"
    );
}

#[tokio::test]
async fn a_broken_commit_is_unknown_and_not_repeated() {
    let app = app().await;
    acknowledged(&app, 20).await;
    let database = sandbox().database(&app, "DATABASE").unwrap();
    let admin = database.admin().await.unwrap();
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name LIKE 'app %'";
    for _ in 0..5 {
        admin.query_one(end, &[]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let before = sandbox().audit(&app).await.unwrap().acknowledged;
    acknowledged(&app, before + 20).await;
    stop(&app).await;
    assert!(sandbox().audit(&app).await.unwrap().is_clean());
}

#[tokio::test]
async fn downtime_is_what_users_saw() {
    let app = app().await;
    until("the app is up", async || {
        let dynos = get(&format!("/apps/{app}/dynos")).await;
        let up = |dyno: &Value| dyno["state"] == "up";
        (dynos
            .as_array()
            .unwrap()
            .iter()
            .filter(|dyno| up(dyno))
            .count()
            == 3)
            .then_some(())
    })
    .await;
    let path = format!("/apps/{app}");
    assert_eq!(sandbox().audit(&app).await.unwrap().downtime_seconds, 0.0);
    patch(&path, json!({ "maintenance": true })).await;
    sandbox().clock().sleep(Duration::from_secs(30)).await;
    patch(&path, json!({ "maintenance": false })).await;
    let audit = sandbox().audit(&app).await.unwrap();
    assert!(audit.downtime_seconds >= 30.0, "{}", audit.downtime_seconds);
    let worst = audit
        .turned_away
        .iter()
        .find(|time| time.is_downtime())
        .unwrap();
    assert_eq!(worst.reason, Reason::Maintenance);
    assert!(worst.until.is_some());
}

#[tokio::test]
async fn a_dyno_keeps_the_database_it_started_with() {
    let app = app().await;
    acknowledged(&app, 20).await;
    sandbox().run_one_off(&app, "scheduler").unwrap();
    let old = sandbox().database(&app, "DATABASE").unwrap();
    let new = new_database(&app, "NEW_DATABASE").await;
    let holder = get(&format!("/apps/{app}/addon-attachments/DATABASE")).await;
    post(
        "/addon-attachments",
        json!({ "addon": holder["addon"]["name"], "app": app }),
    )
    .await;
    let promote = json!({ "addon": new["name"], "app": app, "confirm": app, "name": "DATABASE" });
    post("/addon-attachments", promote).await;
    let admin = old.admin().await.unwrap();
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE $1 \
                    AND datname = current_database()";
    until("the formation's dynos have left", async || {
        let left = admin.query_one(sessions, &[&"app web%"]).await.unwrap();
        (left.get::<_, i64>(0) == 0).then_some(())
    })
    .await;
    let one_off = admin
        .query_one(sessions, &[&"app scheduler%"])
        .await
        .unwrap();
    assert_eq!(
        one_off.get::<_, i64>(0),
        1,
        "it writes to the old database still"
    );
}

#[tokio::test]
async fn a_managed_row_counts_where_the_database_has_it() {
    // Without a connection nothing reaches an organisation: the database alone must do.
    let managed = ManagedWrites {
        schema: "public".into(),
        table: "account".into(),
        object: "Account".into(),
        key_column: "accountnumber".into(),
        key_field: "AccountNumber".into(),
        value_column: "name".into(),
        value_field: "Name".into(),
        fixed: vec![("site".into(), "it's here".into())],
    };
    let workload = Workload {
        orders: false,
        managed: vec![managed],
        ..Workload::default()
    };
    let spec = AppSpec {
        workload: Some(workload),
        launch: false,
        connect: None,
        ..AppSpec::default()
    };
    let app = sandbox().create_app(spec).await.unwrap();
    let client = sandbox()
        .database(&app, "DATABASE")
        .unwrap()
        .connect("test")
        .await
        .unwrap();
    client
        .batch_execute(
            "CREATE TABLE account (accountnumber varchar(40), name varchar(255), site text)",
        )
        .await
        .unwrap();
    sandbox().launch(&app).unwrap();
    acknowledged(&app, 30).await;
    stop(&app).await;
    assert!(sandbox().audit(&app).await.unwrap().is_clean());
    client
        .batch_execute("UPDATE account SET name = 'stale'")
        .await
        .unwrap();
    assert!(!sandbox().audit(&app).await.unwrap().lost.is_empty());
}
