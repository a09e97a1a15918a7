//! Rows on their way in both directions.

use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Bench, all_synced, export, number, until_true};
use connect_swap_sandbox::salesforce::{Source, Values, WriteAction};
use connect_swap_sandbox::servers::Generation;

#[tokio::test(flavor = "multi_thread")]
async fn what_the_app_writes_reaches_salesforce_once() {
    let bench = Bench::start().await;
    let database = bench.database("DATABASE_URL", Generation::Old).await;
    let id = bench.seeded("herokuconnect-old-1", &export(), 50).await;
    let client = database.connect("app").await.unwrap();
    client
        .batch_execute(
            "INSERT INTO salesforce.account (name, accountnumber) VALUES ('New', 'N-1');
             UPDATE salesforce.account SET name = 'Newer' WHERE accountnumber = 'N-1';
             UPDATE salesforce.account SET name = 'Changed' WHERE accountnumber = 'ACCOUNT-0000007';
             DELETE FROM salesforce.account WHERE accountnumber = 'ACCOUNT-0000008';
             UPDATE salesforce.product2 SET name = 'Not allowed' WHERE sfid IS NOT NULL AND id = 1",
        )
        .await
        .unwrap();
    until_true(
        &client,
        "SELECT count(*) = 0 FROM salesforce._trigger_log WHERE state IN ('NEW', 'PENDING')",
    )
    .await;
    until_true(
        &client,
        "SELECT sfid IS NOT NULL FROM salesforce.account WHERE accountnumber = 'N-1'",
    )
    .await;
    bench
        .until(&id, "nothing pending", |body| {
            body["mappings"][0]["counts"]["pending"] == 0
        })
        .await;

    let organisation = bench.connect.organisation("demo").unwrap();
    let new = organisation.find("Account", "AccountNumber", "N-1");
    assert_eq!(new.len(), 1);
    assert_eq!(new[0].values["Name"].as_deref(), Some("Newer"));
    let changed = organisation.find("Account", "AccountNumber", "ACCOUNT-0000007");
    assert_eq!(changed[0].values["Name"].as_deref(), Some("Changed"));
    assert_eq!(organisation.count("Account"), 50);
    assert!(
        bench
            .connect
            .doubled("demo", "Account", "AccountNumber")
            .is_empty()
    );

    let writes = bench.connect.writes("demo");
    let actions: Vec<_> = writes.iter().map(|write| write.action).collect();
    use WriteAction::{Delete, Update, Upsert};
    assert_eq!(
        actions,
        [Upsert, Update, Update, Delete],
        "in the log's order, no echo"
    );
    assert!(writes.iter().all(|write| matches!(&write.source, Source::Connection { resource_name, .. } if resource_name == "herokuconnect-old-1")));
    let readonly = "SELECT count(*) FROM (SELECT state FROM salesforce._trigger_log UNION ALL SELECT state FROM \
        salesforce._trigger_log_archive) AS l WHERE state = 'READONLY'";
    assert_eq!(number(&client, readonly).await, 1);
    // What comes back from Salesforce makes no second row.
    until_true(
        &client,
        "SELECT systemmodstamp IS NOT NULL FROM salesforce.account WHERE accountnumber = 'N-1'",
    )
    .await;
    assert_eq!(
        number(&client, "SELECT count(*) FROM salesforce.account").await,
        50
    );
    assert_eq!(bench.connect.writes("demo").len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_write_is_failed_in_row_log_and_api() {
    let bench = Bench::start().await;
    let database = bench.database("DATABASE_URL", Generation::Old).await;
    let id = bench.seeded("herokuconnect-old-1", &export(), 5).await;
    let client = database.connect("app").await.unwrap();
    client
        .batch_execute("INSERT INTO salesforce.account (accountnumber) VALUES ('N-1')")
        .await
        .unwrap();
    let failed = "SELECT coalesce(_hc_lastop = 'FAILED' AND _hc_err LIKE 'REQUIRED_FIELD_MISSING%', false) \
        FROM salesforce.account WHERE accountnumber = 'N-1'";
    until_true(&client, failed).await;
    until_true(
        &client,
        "SELECT EXISTS (SELECT FROM salesforce._trigger_log WHERE state = 'FAILED' AND sf_message IS NOT NULL) \
         OR EXISTS (SELECT FROM salesforce._trigger_log_archive WHERE state = 'FAILED' AND sf_message IS NOT NULL)",
    )
    .await;
    let body = bench
        .until(&id, "an error", |body| {
            body["mappings"][0]["counts"]["errors"] == 1
        })
        .await;
    let mapping = body["mappings"][0]["id"].as_str().unwrap();
    let errors = bench
        .get(&format!("/api/v3/mappings/{mapping}/errors"))
        .await
        .json;
    assert_eq!(errors["results"][0]["table_name"], "Account");
    // Once corrected by the app it goes through.
    client
        .batch_execute("UPDATE salesforce.account SET name = 'Now' WHERE accountnumber = 'N-1'")
        .await
        .unwrap();
    until_true(
        &client,
        "SELECT _hc_err IS NULL FROM salesforce.account WHERE accountnumber = 'N-1'",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_change_in_salesforce_arrives_and_is_not_captured() {
    let bench = Bench::start().await;
    let database = bench.database("DATABASE_URL", Generation::Old).await;
    bench.seeded("herokuconnect-old-1", &export(), 20).await;
    let client = database.connect("app").await.unwrap();
    let organisation = bench.connect.organisation("demo").unwrap();
    let record = organisation
        .find("Account", "AccountNumber", "ACCOUNT-0000003")
        .remove(0);
    let values = |name: &str| Values::from([("Name".to_owned(), Some(name.to_owned()))]);
    bench
        .connect
        .change_in_salesforce(
            "demo",
            "Account",
            Some(&record.id),
            &values("It's \"new\"\\"),
        )
        .unwrap();
    let created = bench
        .connect
        .change_in_salesforce("demo", "Account", None, &values("Created"))
        .unwrap();
    let gone = organisation
        .find("Account", "AccountNumber", "ACCOUNT-0000004")
        .remove(0);
    organisation
        .delete(&Source::User("x".to_owned()), "Account", &gone.id)
        .unwrap();

    until_true(
        &client,
        &format!(
            "SELECT name = E'It\\'s \"new\"\\\\' FROM salesforce.account WHERE sfid = '{}'",
            record.id
        ),
    )
    .await;
    until_true(
        &client,
        &format!("SELECT count(*) = 1 FROM salesforce.account WHERE sfid = '{created}'"),
    )
    .await;
    until_true(
        &client,
        &format!(
            "SELECT count(*) = 0 FROM salesforce.account WHERE sfid = '{}'",
            gone.id
        ),
    )
    .await;
    let captured = "SELECT (SELECT count(*) FROM salesforce._trigger_log) + (SELECT count(*) FROM salesforce._trigger_log_archive)";
    assert_eq!(number(&client, captured).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_added_field_is_altered_in_and_filled_row_by_row() {
    let bench = Bench::start().await;
    let database = bench.database("DATABASE_URL", Generation::Old).await;
    let id = bench.seeded("herokuconnect-old-1", &export(), 500).await;
    bench
        .connect
        .change_behaviour("demo", |behaviour| behaviour.load_rows_per_second = 25.0);
    let body = bench.deep(&id).await;
    let mapping = &body["mappings"][0];
    let path = format!("/api/v3/mappings/{}", mapping["id"].as_str().unwrap());
    let schema = bench
        .get(&format!("/api/v3/connections/{id}/schemas/account"))
        .await
        .json;
    assert!(
        schema["fields"]
            .as_array()
            .unwrap()
            .iter()
            .any(|field| field["name"] == "Industry")
    );

    let mut config = mapping["config"].clone();
    config["fields"]["Industry"] = json!({});
    config["indexes"]["Industry"] = json!({"unique": false});
    let mut stale = config.clone();
    stale["revision"] = json!(config["revision"].as_u64().unwrap() - 1);
    let put = |config: Value| {
        bench.send(
            Method::PUT,
            &path,
            json!({"object_name": "Account", "config": config}),
        )
    };
    assert_eq!(put(stale).await.status, 409);
    let answer = put(config.clone()).await;
    assert_eq!(answer.status, 200);
    assert!(answer.json["config"]["revision"].as_u64() > config["revision"].as_u64());

    // A resync fills a page at a time: rows appear while the state says so.
    bench
        .until(&id, "resyncing", |body| {
            body["mappings"][0]["state"] == "RESYNC"
        })
        .await;
    let client = database.connect("test").await.unwrap();
    bench.until(&id, "synced again", all_synced).await;
    assert_eq!(
        number(
            &client,
            "SELECT count(*) FROM salesforce.account WHERE industry IS NOT NULL"
        )
        .await,
        500
    );
    assert_eq!(
        number(
            &client,
            "SELECT count(*) FROM pg_indexes WHERE indexname = 'hc_idx_account_industry'"
        )
        .await,
        1
    );
    assert_eq!(
        number(&client, "SELECT count(*) FROM salesforce._trigger_log").await,
        0
    );
    let captured = bench.connect.writes("demo");
    assert!(captured.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_have_other_ids_in_another_database() {
    let bench = Bench::start().await;
    let old = bench.database("DATABASE_URL", Generation::Old).await;
    let new = bench.database("NEW_DATABASE_URL", Generation::New).await;
    let old_id = bench.seeded("herokuconnect-old-1", &export(), 200).await;
    let id = bench
        .authorised("herokuconnect-new-1", "enterprise", "NEW_DATABASE_URL")
        .await;
    let exported = bench
        .get(&format!("/api/v3/connections/{old_id}/actions/export"))
        .await
        .json;
    bench
        .post(
            &format!("/api/v3/connections/{id}/actions/import"),
            exported,
        )
        .await;
    bench.until(&id, "loaded", all_synced).await;
    let pairs =
        "SELECT coalesce(string_agg(id || sfid, ',' ORDER BY id), '') FROM salesforce.account";
    let read = async |client: tokio_postgres::Client| -> String {
        client.query_one(pairs, &[]).await.unwrap().get(0)
    };
    let (old, new) = (
        read(old.connect("t").await.unwrap()).await,
        read(new.connect("t").await.unwrap()).await,
    );
    assert_eq!(old.len(), new.len());
    assert_ne!(old, new);
    let organisations = [bench.deep(&old_id).await, bench.deep(&id).await]
        .map(|body| body["organization_id"].clone());
    assert_eq!(organisations[0], organisations[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_mapping_drops_its_table_and_reloading_keeps_unsent_rows() {
    let bench = Bench::start().await;
    let database = bench.database("DATABASE_URL", Generation::Old).await;
    let id = bench.seeded("herokuconnect-old-1", &export(), 30).await;
    let client = database.connect("test").await.unwrap();
    let body = bench.deep(&id).await;
    let path = |n: usize| {
        format!(
            "/api/v3/mappings/{}",
            body["mappings"][n]["id"].as_str().unwrap()
        )
    };
    assert_eq!(
        bench
            .send(Method::DELETE, &path(1), Value::Null)
            .await
            .status,
        204
    );
    until_true(&client, "SELECT to_regclass('salesforce.product2') IS NULL").await;
    assert_eq!(bench.get(&path(1)).await.status, 404);

    client
        .batch_execute(
            "SET xmlbinary = 'hex'; INSERT INTO salesforce.account (name) VALUES ('unsent')",
        )
        .await
        .unwrap();
    assert_eq!(
        bench
            .post(&format!("{}/actions/reload", path(0)), Value::Null)
            .await
            .status,
        202
    );
    bench
        .until(&id, "reloading", |body| !all_synced(body))
        .await;
    bench.until(&id, "synced again", all_synced).await;
    assert_eq!(
        number(&client, "SELECT count(*) FROM salesforce.account").await,
        31
    );
}
