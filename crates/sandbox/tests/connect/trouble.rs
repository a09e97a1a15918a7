//! What goes wrong, and how it looks from outside.

use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Bench, export, number};
use connect_swap_sandbox::connect::{MappingFailure, MappingState, SettingsPatch};
use connect_swap_sandbox::salesforce::fit_export;
use connect_swap_sandbox::servers::Generation;

/// A new connection whose organisation has this many accounts.
async fn new_connection(bench: &Bench, plan: &str, accounts: u64) -> String {
    bench.database("DATABASE_URL", Generation::New).await;
    let organisation = bench.connect.organisation_or_new("demo");
    fit_export(&organisation, &export());
    organisation.seed("Account", accounts).unwrap();
    bench
        .authorised("herokuconnect-new-1", plan, "DATABASE_URL")
        .await
}

async fn import(bench: &Bench, id: &str, export: Value) {
    let answer = bench
        .post(&format!("/api/v3/connections/{id}/actions/import"), export)
        .await;
    assert_eq!(answer.status, 202, "an import is always accepted");
}

fn account(body: &Value) -> &Value {
    &body["mappings"][0]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_import_is_accepted_and_shows_later() {
    let bench = Bench::start().await;
    let id = new_connection(&bench, "enterprise", 5).await;
    let mut wrong = export();
    wrong["mappings"][0]["config"]["fields"]["Nope__c"] = json!({});
    wrong["mappings"][1]["object_name"] = json!("Nothing__c");
    import(&bench, &id, wrong).await;
    let stopped = |body: &Value| {
        body["mappings"]
            .as_array()
            .is_some_and(|all| all.len() == 2 && all.iter().all(|m| m["state"] == "BAD_CONFIG"))
    };
    let body = bench.until(&id, "bad", stopped).await;
    assert!(
        account(&body)["state_description"]
            .as_str()
            .unwrap()
            .contains("Nope__c")
    );
    assert_eq!(body["mappings_summary_state"], "BAD_CONFIG");
    // The right one heals it; the other mapping is left alone.
    let mut right = export();
    right["mappings"].as_array_mut().unwrap().truncate(1);
    import(&bench, &id, right).await;
    let body = bench
        .until(&id, "healed", |body| {
            account(body)["state"] == "DATA_SYNCED"
        })
        .await;
    assert_eq!(body["mappings"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_load_waits_for_bulk_and_can_be_aborted_in_the_middle() {
    let bench = Bench::start().await;
    let id = new_connection(&bench, "enterprise", 10_500).await;
    bench.connect.change_behaviour("demo", |behaviour| {
        behaviour.load_rows_per_second = 400.0;
        behaviour.bulk_wait = std::time::Duration::from_secs(60);
    });
    import(&bench, &id, export()).await;
    bench
        .until(&id, "waiting", |body| {
            account(body)["state"] == "WAIT_BULK_LOAD"
        })
        .await;
    bench
        .until(&id, "loading", |body| {
            account(body)["state"] == "LOADING_BULK_JOB"
        })
        .await;
    let failure = MappingFailure {
        state: MappingState::Aborted,
        message: "Aborted by somebody".to_owned(),
        after_rows: 4_000,
    };
    bench
        .connect
        .fail_mapping("herokuconnect-new-1", "Account", failure)
        .unwrap();
    let body = bench
        .until(&id, "aborted", |body| account(body)["state"] == "ABORTED")
        .await;
    let loaded = account(&body)["counts"]["db"].as_u64().unwrap();
    assert!((4_000..10_500).contains(&loaded), "{loaded}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_plan_stops_above_ten_thousand_rows() {
    let bench = Bench::start().await;
    let id = new_connection(&bench, "demo", 10_500).await;
    bench
        .connect
        .change_behaviour("demo", |behaviour| behaviour.load_rows_per_second = 5_000.0);
    import(&bench, &id, export()).await;
    bench.until_state(&id, "TOO_MANY_ROWS").await;
    let notes = bench
        .get(&format!("/api/v3/connections/{id}/notifications"))
        .await
        .json;
    assert_eq!(notes["count"], 1);
    let acknowledged = bench
        .post(
            &format!("/api/v3/connections/{id}/notifications/acknowledge"),
            Value::Null,
        )
        .await;
    assert_eq!(acknowledged.status, 204);
    assert_eq!(
        bench
            .get(&format!("/api/v3/connections/{id}/notifications"))
            .await
            .json["count"],
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_out_of_reach_or_read_only_stops_the_connection_until_resumed() {
    let bench = Bench::start().await;
    let database = bench.database("DATABASE_URL", Generation::Old).await;
    let id = bench.seeded("herokuconnect-old-1", &export(), 10).await;
    bench.unset("DATABASE_URL");
    bench.until_state(&id, "DB_UNAVAILABLE").await;
    bench.point("DATABASE_URL", &database);
    let resume = format!("/api/v3/connections/{id}/actions/resume");
    bench.post(&resume, Value::Null).await;
    bench
        .until(&id, "polled", |body| {
            account(body)["times"]["db_poll"].is_string()
        })
        .await;

    let client = database.connect("test").await.unwrap();
    let fence = |on: &str| {
        format!(
            "ALTER DATABASE {} SET default_transaction_read_only = {on}",
            database.location().rsplit('/').next().unwrap()
        )
    };
    client.batch_execute(&fence("on")).await.unwrap();
    let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    // Its session, where it has one at this moment: a setting of a database reaches new ones only.
    number(&client, others).await;
    bench.until_state(&id, "SYSTEM_ERROR").await;
    client.batch_execute(&fence("off")).await.unwrap();
    assert_eq!(
        bench
            .post(
                &format!("/api/v3/connections/{id}/actions/restart"),
                Value::Null
            )
            .await
            .status,
        202
    );
    bench.until_state(&id, "IDLE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_ignored_refused_or_applied_as_chosen() {
    let bench = Bench::start().await;
    bench.database("DATABASE_URL", Generation::Old).await;
    let id = bench.seeded("herokuconnect-old-1", &export(), 1).await;
    let path = format!("/api/v3/connections/{id}");
    for (choice, status, holds) in [
        (SettingsPatch::Ignored, 200, false),
        (SettingsPatch::Refused, 400, false),
        (SettingsPatch::Applied, 200, true),
    ] {
        bench
            .connect
            .change_behaviour("demo", |behaviour| behaviour.settings_patch = choice);
        let body = json!({"features": {"poll_db_no_merge": false}, "logplex_log_enabled": true});
        assert_eq!(
            bench.send(Method::PATCH, &path, body).await.status.as_u16(),
            status
        );
        let now = bench.deep(&id).await;
        assert_eq!(now["logplex_log_enabled"], holds);
        assert_eq!(now["features"]["poll_db_no_merge"], !holds);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn validations_come_late_and_name_what_is_wrong() {
    let bench = Bench::start().await;
    bench.database("DATABASE_URL", Generation::Old).await;
    let id = bench.seeded("herokuconnect-old-1", &export(), 1).await;
    bench
        .post(
            "/_sandbox/connect/herokuconnect-old-1/mappings/Account/fail",
            json!({"state": "SYSTEM_ERROR", "message": "broken"}),
        )
        .await;
    let started = bench
        .post(
            &format!("/api/v3/connections/{id}/validations"),
            Value::Null,
        )
        .await;
    assert_eq!(started.status, 202);
    let url = started.json["result_url"]
        .as_str()
        .unwrap()
        .strip_prefix(&bench.base)
        .unwrap()
        .to_owned();
    assert_eq!(bench.get(&url).await.status, 202);
    let result = bench.get(&url).await;
    assert_eq!(result.status, 200);
    assert_eq!(
        result.json["mappings"]["Account"]["errors"][0]["message"],
        "broken"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_rows_are_seeded_in_a_moment() {
    let bench = Bench::start().await;
    let database = bench.database("DATABASE_URL", Generation::Old).await;
    let began = std::time::Instant::now();
    bench.seeded("herokuconnect-old-1", &export(), 20_000).await;
    let took = began.elapsed();
    let client = database.connect("test").await.unwrap();
    assert_eq!(
        number(&client, "SELECT count(*) FROM salesforce.account").await,
        20_000
    );
    assert!(took < std::time::Duration::from_secs(10), "{took:?}");
    eprintln!("seeded 2 x 20,000 rows in {took:?}");
}
