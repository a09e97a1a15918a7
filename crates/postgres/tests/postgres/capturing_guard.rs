//! What keeps the capture from failing the app's statements or filling its disk, as sessions see it that have
//! planned it before.

use crate::capturing::{LIMIT, all, followed, install, is_equal, round, scene, seed_all};
use crate::scene::{Scene, value};

/// Bytes that every log may have, whatever the limit is.
const LEAST: u64 = 1 << 20;

/// The tables that a round finds not followed any more.
async fn stale(scene: &Scene) -> Vec<String> {
    let stale = round(scene).await.stale.into_iter();
    stale.map(|(table, _)| table.name).collect()
}

async fn number(scene: &Scene, table: &str) -> i32 {
    let units = all(scene).await;
    let unit = units.iter().find(|unit| unit.unit.table.name == table);
    unit.unwrap().number
}

/// Bytes of a table's log.
async fn logged(scene: &Scene, table: &str) -> u64 {
    let number = number(scene, table).await;
    let size = format!("SELECT pg_relation_size('connect_swap.log_{number}')");
    value(&scene.old, &size).await.parse().unwrap()
}

#[tokio::test]
async fn a_session_that_has_logged_before_sees_what_others_change() {
    let scene = followed().await;
    let app = scene.databases.old_session().await;
    let writes = [
        ("plain", "UPDATE followed.plain SET note = note || '+'"),
        ("owner", "UPDATE followed.owner SET id = -id"),
        ("measure", "UPDATE followed.measure SET v = v + 1"),
        ("animal", "UPDATE followed.animal SET name = name || '+'"),
        ("keyless", "UPDATE followed.keyless SET b = b || '+'"),
    ];
    // Often enough that the server keeps its plans.
    for (_, write) in writes.iter().cycle().take(8 * writes.len()) {
        app.batch_execute(write).await.unwrap();
    }
    assert_eq!(stale(&scene).await, [""; 0]);
    is_equal(&scene).await;
    let (owner, keyless) = (
        number(&scene, "owner").await,
        number(&scene, "keyless").await,
    );
    let changes = [
        "ALTER TABLE followed.plain RENAME id TO number".to_owned(),
        format!("DROP TABLE connect_swap.log_{owner}"),
        "ALTER TABLE followed.measure RENAME id TO number".to_owned(),
        "ALTER TABLE followed.animal RENAME id TO number".to_owned(),
        format!("DROP SEQUENCE connect_swap.full_{keyless}"),
    ];
    for ((table, write), change) in writes.iter().zip(&changes) {
        scene.old.batch_execute(change).await.unwrap();
        app.batch_execute(write).await.unwrap();
        let marks = format!(
            "SELECT count(*) FROM connect_swap.capture_mark WHERE kind = 'stopped' AND unit = {}",
            number(&scene, table).await
        );
        assert_ne!(value(&scene.old, &marks).await, "0", "{table}");
    }
}

#[tokio::test]
async fn a_definition_that_is_taken_back_is_followed_on() {
    let scene = followed().await;
    let statements = [
        "UPDATE followed.plain SET note = 'a' WHERE id = 1",
        "BEGIN; ALTER TABLE followed.plain RENAME id TO number; \
         UPDATE followed.plain SET note = 'b' WHERE number = 2; ROLLBACK",
        "UPDATE followed.plain SET note = 'c' WHERE id = 3",
    ];
    for statement in statements {
        scene.old.batch_execute(statement).await.unwrap();
    }
    let report = round(&scene).await;
    assert_eq!((report.keys(), report.stale), (2, vec![]));
    is_equal(&scene).await;
}

#[tokio::test]
async fn single_rows_fill_a_log_to_its_limit_and_hardly_more() {
    let scene = scene().await;
    install(&scene, 0).await;
    seed_all(&scene).await;
    let app = scene.databases.old_session().await;
    app.batch_execute(
        "DO $$ BEGIN FOR n IN 1..45000 LOOP INSERT INTO followed.plain (note) VALUES ('single ' || n); END LOOP; END $$",
    )
    .await
    .unwrap();
    let full = logged(&scene, "plain").await;
    assert!((LEAST..LEAST * 11 / 10).contains(&full), "{full}");
    // Another session is told, too.
    let another = scene.databases.old_session().await;
    another
        .batch_execute(
            "INSERT INTO followed.plain (note) SELECT 'many ' || g FROM generate_series(1, 9000) g",
        )
        .await
        .unwrap();
    assert_eq!(logged(&scene, "plain").await, full);
    assert_eq!(stale(&scene).await, ["plain"]);
}

#[tokio::test]
async fn a_full_log_stays_full_when_what_filled_it_is_taken_back() {
    let scene = scene().await;
    install(&scene, 0).await;
    seed_all(&scene).await;
    scene
        .old
        .batch_execute(
            "BEGIN; INSERT INTO followed.plain (note) SELECT 'many ' || g FROM generate_series(1, 40000) g; ROLLBACK",
        )
        .await
        .unwrap();
    // Nothing that was not logged has happened.
    assert_eq!(stale(&scene).await, [""; 0]);
    is_equal(&scene).await;
    let untold = [
        "BEGIN; UPDATE followed.plain SET note = 'never' WHERE id = 1; ROLLBACK",
        "UPDATE followed.plain SET note = 'not logged' WHERE id = 2",
    ];
    for statements in untold {
        scene.old.batch_execute(statements).await.unwrap();
    }
    assert_eq!(stale(&scene).await, ["plain"]);
    install(&scene, LIMIT).await;
    seed_all(&scene).await;
    is_equal(&scene).await;
}

#[tokio::test]
async fn the_app_sees_no_number_of_ours() {
    let scene = followed().await;
    scene
        .old
        .batch_execute("INSERT INTO followed.plain (note) VALUES ('mine')")
        .await
        .unwrap();
    let last = value(&scene.old, "SELECT max(id) FROM followed.plain").await;
    assert_eq!(value(&scene.old, "SELECT lastval()").await, last);
}
