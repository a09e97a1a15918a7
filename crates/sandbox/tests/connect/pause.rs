//! Pausing, moving to another database, and what happens when two connections meet in one.

use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Bench, all_synced, export, number, until_true};
use connect_swap_sandbox::connect::PauseWhenBusy;
use connect_swap_sandbox::servers::Generation;

#[tokio::test(flavor = "multi_thread")]
async fn while_paused_the_log_fills_and_on_resume_it_drains() {
    let bench = Bench::start().await;
    let database = bench.database("DATABASE_URL", Generation::Old).await;
    let id = bench.seeded("herokuconnect-old-1", &export(), 10).await;
    bench.database("OTHER_URL", Generation::Old).await;
    let witness = bench
        .seeded_on("herokuconnect-witness-1", "OTHER_URL", &export(), 1)
        .await;
    bench.pause(&id).await;
    let client = database.connect("app").await.unwrap();
    client
        .batch_execute("INSERT INTO salesforce.account (name, accountnumber) VALUES ('A', 'N-1')")
        .await
        .unwrap();
    let polls = async || {
        let body = bench.deep(&witness).await;
        body["mappings"][0]["times"]["db_poll"].clone()
    };
    for _ in 0..2 {
        // Another connection's poll of its database shows that two minutes have gone by.
        let before = polls().await;
        bench
            .until(&witness, "polled again", |body| {
                body["mappings"][0]["times"]["db_poll"] != before
            })
            .await;
    }
    assert_eq!(
        number(
            &client,
            "SELECT count(*) FROM salesforce._trigger_log WHERE state = 'NEW'"
        )
        .await,
        1
    );
    assert_eq!(bench.connect.writes("demo").len(), 0);
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert_eq!(number(&client, sessions).await, 0);

    let again = bench
        .post(
            &format!("/api/v3/connections/{id}/actions/pause"),
            Value::Null,
        )
        .await;
    assert_eq!(again.status, 409);
    assert!(again.json["message"].as_str().unwrap().contains("PAUSED"));
    assert_eq!(
        bench
            .post(
                &format!("/api/v3/connections/{id}/actions/resume"),
                Value::Null
            )
            .await
            .status,
        202
    );
    until_true(
        &client,
        "SELECT sfid IS NOT NULL FROM salesforce.account WHERE accountnumber = 'N-1'",
    )
    .await;
    assert_eq!(bench.connect.writes("demo").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_refused_unless_idle_or_finishes_later_where_that_is_chosen() {
    let bench = Bench::start().await;
    bench.database("DATABASE_URL", Generation::Old).await;
    // Every poll of the database, the first one too, lasts long enough to be met.
    bench.connect.change_behaviour("demo", |behaviour| {
        behaviour.database_poll_takes = std::time::Duration::from_secs(1000);
        behaviour.database_poll = std::time::Duration::from_secs(1);
    });
    let id = bench.seeded("herokuconnect-old-1", &export(), 10).await;
    let pause = format!("/api/v3/connections/{id}/actions/pause");
    bench
        .connect
        .refuse_pauses("herokuconnect-old-1", 2)
        .unwrap();
    assert_eq!(bench.post(&pause, Value::Null).await.status, 409);
    assert_eq!(bench.post(&pause, Value::Null).await.status, 409);

    bench.until_state(&id, "POLLING_DB_CHANGES").await;
    assert_eq!(bench.post(&pause, Value::Null).await.status, 409);
    bench.connect.change_behaviour("demo", |behaviour| {
        behaviour.pause_when_busy = PauseWhenBusy::FinishLater
    });
    assert_eq!(bench.post(&pause, Value::Null).await.status, 202);
    assert_eq!(bench.deep(&id).await["state"], "POLLING_DB_CHANGES");
    bench.until_state(&id, "PAUSED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_unpauses_and_moves_the_connection() {
    let bench = Bench::start().await;
    bench.database("DATABASE_URL", Generation::Old).await;
    let other = bench.database("OTHER_URL", Generation::New).await;
    let id = bench.seeded("herokuconnect-old-1", &export(), 40).await;
    let path = format!("/api/v3/connections/{id}");
    bench.pause(&id).await;
    let refused = bench
        .send(Method::PATCH, &path, json!({"db_key": "NOTHING_URL"}))
        .await;
    assert_eq!(refused.status, 400);
    assert_eq!(bench.deep(&id).await["state"], "PAUSED");

    let answer = bench
        .send(Method::PATCH, &path, json!({"db_key": "OTHER_URL"}))
        .await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json["db_key"]),
        (200, &json!("OTHER_URL"))
    );
    assert_eq!(answer.json["state"], "IDLE");
    assert_eq!(
        format!(
            "127.0.0.1:{}/{}",
            answer.json["database"]["port"],
            answer.json["database"]["database"].as_str().unwrap()
        ),
        other.location()
    );
    // Its tables are not there: they are made and loaded.
    let client = other.connect("test").await.unwrap();
    until_true(
        &client,
        "SELECT to_regclass('salesforce.account') IS NOT NULL",
    )
    .await;
    bench.until(&id, "loaded", all_synced).await;
    assert_eq!(
        number(&client, "SELECT count(*) FROM salesforce.account").await,
        40
    );
    assert_eq!(bench.connect.runs().len(), 2);

    bench
        .connect
        .change_behaviour("demo", |behaviour| behaviour.patch_unpauses = false);
    bench.pause(&id).await;
    bench
        .send(Method::PATCH, &path, json!({"db_key": "DATABASE_URL"}))
        .await;
    assert_eq!(bench.deep(&id).await["state"], "PAUSED");
}

/// The hazard of a swap: the config var moves under a running connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_running_connection_follows_its_config_var_into_the_other_ones_database() {
    let bench = Bench::start().await;
    bench.database("DATABASE_URL", Generation::Old).await;
    let new = bench.database("NEW_DATABASE_URL", Generation::New).await;
    let old_id = bench.seeded("herokuconnect-old-1", &export(), 20).await;
    let new_id = bench
        .authorised("herokuconnect-new-1", "enterprise", "NEW_DATABASE_URL")
        .await;
    bench
        .post(
            &format!("/api/v3/connections/{new_id}/actions/import"),
            export(),
        )
        .await;
    bench.until(&new_id, "loaded", all_synced).await;
    assert_eq!(bench.connect.overlaps(), []);

    bench.pause(&old_id).await;
    bench.point("DATABASE_URL", &new);
    assert_eq!(bench.connect.overlaps(), []);
    bench.connect.unpause("herokuconnect-old-1").unwrap();
    let connect = &bench.connect;
    bench
        .until(&old_id, "running there", |_| !connect.overlaps().is_empty())
        .await;
    let overlaps = bench.connect.overlaps();
    assert_eq!(overlaps.len(), 1);
    assert_eq!(
        format!(
            "{}:{}/{}",
            overlaps[0].physical.host, overlaps[0].physical.port, overlaps[0].physical.database
        ),
        new.location()
    );
    let shown = bench.get("/_sandbox/connect/overlaps").await.json;
    assert_eq!(shown.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_under_way_outlives_the_pause_and_says_so() {
    let bench = Bench::start().await;
    bench.database("DATABASE_URL", Generation::Old).await;
    let mut export = export();
    export["mappings"][0]["config"]["sf_polling_seconds"] = json!(1);
    export["mappings"][0]["config"]["sf_notify_enabled"] = json!(false);
    bench.connect.change_behaviour("demo", |behaviour| {
        behaviour.salesforce_poll_takes = std::time::Duration::from_secs(60);
    });
    let id = bench.seeded("herokuconnect-old-1", &export, 10).await;
    bench
        .until(&id, "polling", |body| {
            body["mappings"][0]["is_polling"] == true && body["state"] == "IDLE"
        })
        .await;
    let pause = format!("/api/v3/connections/{id}/actions/pause");
    assert_eq!(bench.post(&pause, Value::Null).await.status, 202);
    let body = bench.until_state(&id, "PAUSED").await;
    assert_eq!(
        (
            &body["mappings"][0]["state"],
            &body["mappings"][0]["is_polling"]
        ),
        (&json!("POLLING_SF_CHANGES"), &json!(true))
    );
    bench
        .until(&id, "quiet", |body| {
            body["state"] == "PAUSED" && all_synced(body)
        })
        .await;
}
