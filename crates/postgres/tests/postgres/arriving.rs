//! What an app wrote lately, and whether the new database shows it.

use std::time::Duration;

use connect_swap_postgres::{LatestWrite, have_arrived, latest_writes};

use crate::scene::Scene;

const HOUR: Duration = Duration::from_secs(3600);

/// An entry of the log's archive.
fn archived(id: i32, sent: &str, rest: &str) -> String {
    format!(
        "INSERT INTO salesforce._trigger_log_archive \
         (id, created_at, processed_at, table_name, state, action, record_id, sfid, \"values\") \
         VALUES ({id}, now() - interval '{sent}', now() - interval '{sent}', 'account', {rest});"
    )
}

/// Rows of the account table, as Connect writes them.
fn synced(rows: &str) -> String {
    format!(
        "SET xmlbinary = 'hex'; INSERT INTO salesforce.account (id, sfid, name, extid__c) VALUES {rows}; \
         RESET xmlbinary"
    )
}

async fn writes(scene: &Scene) -> Vec<LatestWrite> {
    let found = latest_writes(&scene.old, "salesforce", HOUR).await.unwrap();
    found.unwrap().writes
}

async fn arrived(scene: &Scene) -> bool {
    let writes = writes(scene).await;
    let writes: Vec<_> = writes.iter().collect();
    have_arrived(&scene.old, &scene.new, "salesforce", "account", &writes)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_columns_that_were_written_lately_are_read_from_the_log() {
    let scene = Scene::connect_only().await;
    let entries = [
        archived(
            -1,
            "1 minute",
            r#"'SUCCESS', 'INSERT', 1, NULL, '"id"=>"1", "name"=>"a", "extid__c"=>NULL'"#,
        ),
        archived(
            -2,
            "2 minutes",
            r#"'MERGED', 'UPDATE', 2, 's2', '"name"=>NULL, "_hc_err"=>"x"'"#,
        ),
        archived(-3, "3 minutes", "'SUCCESS', 'DELETE', 3, 's3', NULL"),
        archived(
            -4,
            "2 hours",
            r#"'SUCCESS', 'UPDATE', 4, 's4', '"name"=>"d"'"#,
        ),
        archived(
            -5,
            "1 minute",
            r#"'FAILED', 'UPDATE', 5, 's5', '"name"=>"e"'"#,
        ),
        archived(
            -6,
            "1 minute",
            r#"'READONLY', 'UPDATE', 6, 's6', '"name"=>"f"'"#,
        ),
    ];
    scene.old.batch_execute(&entries.concat()).await.unwrap();
    let waiting = "INSERT INTO salesforce._trigger_log (table_name, state, action, record_id, \"values\") \
                   VALUES ('contact', 'NEW', 'INSERT', 7, '\"email\"=>\"g\"')";
    scene.old.batch_execute(waiting).await.unwrap();
    let found = latest_writes(&scene.old, "salesforce", HOUR).await.unwrap();
    let found = found.unwrap();
    assert_eq!(found.reach, None);
    let mut seen: Vec<_> = found
        .writes
        .iter()
        .map(|write| {
            let columns = write.columns.join(",");
            (write.record_id.unwrap(), write.sfid.as_deref(), columns)
        })
        .collect();
    seen.sort();
    assert_eq!(
        seen,
        [
            (1, None, "name".to_owned()),
            (2, Some("s2"), "name".to_owned()),
            (3, Some("s3"), String::new()),
            (7, None, "email".to_owned()),
        ]
    );
    let sent = |id| {
        found
            .writes
            .iter()
            .find(|write| write.record_id == Some(id))
    };
    assert_eq!(sent(2).unwrap().sent.as_secs(), 120);
    assert_eq!(sent(7).unwrap().sent.as_secs(), 0);
}

#[tokio::test]
async fn a_log_with_more_changes_tells_how_far_back_it_was_read() {
    let scene = Scene::connect_only().await;
    let many = "INSERT INTO salesforce._trigger_log_archive (id, created_at, table_name) \
                SELECT -n, now() - n * interval '1 second', 'account' FROM generate_series(1, 20001) n";
    scene.old.batch_execute(many).await.unwrap();
    let found = latest_writes(&scene.old, "salesforce", HOUR).await.unwrap();
    let reach = found.unwrap().reach.unwrap().as_secs();
    assert_eq!(reach, 20_000);
}

#[tokio::test]
async fn a_log_that_is_not_as_expected_tells_nothing() {
    let scene = Scene::connect_only().await;
    let nowhere = latest_writes(&scene.old, "nowhere", HOUR).await.unwrap();
    assert_eq!(nowhere, None);
    let entry = archived(-1, "1 minute", "'SUCCESS', 'UPDATE', 1, 's1', 'no hstore'");
    scene.old.batch_execute(&entry).await.unwrap();
    assert!(latest_writes(&scene.old, "salesforce", HOUR).await.is_err());
}

#[tokio::test]
async fn a_write_has_arrived_where_the_new_row_shows_its_columns() {
    let scene = Scene::connect_only().await;
    let entries = [
        archived(
            -1,
            "1 minute",
            r#"'SUCCESS', 'INSERT', 1, NULL, '"name"=>"a"'"#,
        ),
        archived(
            -2,
            "1 minute",
            r#"'SUCCESS', 'UPDATE', 2, 's2', '"name"=>"b"'"#,
        ),
        archived(-3, "1 minute", "'SUCCESS', 'DELETE', 3, 's3', NULL"),
    ];
    scene.old.batch_execute(&entries.concat()).await.unwrap();
    let rows = synced("(1, 's1', 'a', 'x'), (2, 's2', 'b', 'x')");
    scene.old.batch_execute(&rows).await.unwrap();
    assert!(!arrived(&scene).await, "no row is there");
    let rows = synced("(11, 's1', 'a', 'y'), (12, 's2', 'before', 'y'), (13, 's3', 'c', 'y')");
    scene.new.batch_execute(&rows).await.unwrap();
    assert!(!arrived(&scene).await, "one is old, one is still there");
    let written = "UPDATE salesforce.account SET name = 'b' WHERE sfid = 's2'";
    scene.new.batch_execute(written).await.unwrap();
    assert!(!arrived(&scene).await, "one is still there");
    let deleted = "DELETE FROM salesforce.account WHERE sfid = 's3'";
    scene.new.batch_execute(deleted).await.unwrap();
    assert!(
        arrived(&scene).await,
        "what the app did not write may differ"
    );
}

#[tokio::test]
async fn what_cannot_be_told_has_not_arrived() {
    let scene = Scene::connect_only().await;
    let entry = archived(
        -1,
        "1 minute",
        r#"'SUCCESS', 'INSERT', 1, NULL, '"name"=>"a"'"#,
    );
    scene.old.batch_execute(&entry).await.unwrap();
    assert!(!arrived(&scene).await, "a row that is gone, of no record");
    let row = synced("(1, NULL, 'a', 'x')");
    scene.old.batch_execute(&row).await.unwrap();
    assert!(!arrived(&scene).await, "a row of no record");
    let record = "UPDATE salesforce.account SET sfid = 's1'";
    scene.old.batch_execute(record).await.unwrap();
    let row = synced("(11, 's1', 'a', 'x')");
    scene.new.batch_execute(&row).await.unwrap();
    assert!(arrived(&scene).await);
    let nobodys = archived(
        -2,
        "1 minute",
        r#"'SUCCESS', 'UPDATE', NULL, 's1', '"name"=>"a"'"#,
    );
    scene.old.batch_execute(&nobodys).await.unwrap();
    assert!(!arrived(&scene).await, "a change of no row");
}
