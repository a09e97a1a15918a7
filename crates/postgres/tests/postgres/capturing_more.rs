//! What could make the capture miss a change, or a round bring over a wrong one.

use connect_swap_postgres::{
    CaptureLimit, Error, Purpose, Rounds, Session, connect, install_capture, units,
};

use crate::capturing::{
    LIMIT, RUN, all, app, followed, install, is_equal, round, scene, seed_all, try_round,
};
use crate::cluster::pair;
use crate::scene::{Scene, spawnable, value};

/// The tables that a round finds stale.
async fn stale(scene: &Scene) -> Vec<String> {
    let stale = round(scene).await.stale;
    stale.into_iter().map(|(table, _)| table.name).collect()
}

async fn on_both(scene: &Scene, sql: &str) {
    scene.old.batch_execute(sql).await.unwrap();
    scene.new.batch_execute(sql).await.unwrap();
}

/// A session of the server's superuser in the old database.
async fn boss(scene: &Scene) -> Session {
    let database = scene.databases.old.database();
    pair().0.superuser(database).await
}

#[tokio::test]
async fn a_column_that_is_written_anew_under_its_type_is_noticed() {
    let scene = followed().await;
    scene
        .old
        .batch_execute("ALTER TABLE followed.plain ALTER note TYPE text USING note || ' again'")
        .await
        .unwrap();
    assert_eq!(stale(&scene).await, ["plain"]);
    install(&scene, LIMIT).await;
    seed_all(&scene).await;
    is_equal(&scene).await;
}

#[tokio::test]
async fn schemas_that_exchange_their_names_are_noticed() {
    let scene = scene().await;
    on_both(
        &scene,
        "CREATE SCHEMA blue; CREATE TABLE blue.t (id int PRIMARY KEY); \
         CREATE SCHEMA green; CREATE TABLE green.t (id int PRIMARY KEY)",
    )
    .await;
    install(&scene, LIMIT).await;
    seed_all(&scene).await;
    scene
        .old
        .batch_execute(
            "INSERT INTO blue.t VALUES (1); ALTER SCHEMA blue RENAME TO red; \
             ALTER SCHEMA green RENAME TO blue; ALTER SCHEMA red RENAME TO green",
        )
        .await
        .unwrap();
    assert_eq!(stale(&scene).await, ["t", "t"]);
}

#[tokio::test]
async fn a_table_that_is_made_again_under_its_name_is_noticed() {
    let scene = followed().await;
    scene
        .old
        .batch_execute(
            "CREATE TABLE followed.copy (LIKE followed.fleeting INCLUDING ALL); \
             INSERT INTO followed.copy VALUES (7, 'unseen'); DROP TABLE followed.fleeting; \
             ALTER TABLE followed.copy RENAME TO fleeting",
        )
        .await
        .unwrap();
    assert_eq!(stale(&scene).await, ["fleeting"]);
}

#[tokio::test]
async fn a_partition_that_comes_between_the_look_and_the_install_is_noticed() {
    let scene = scene().await;
    let inventory = scene.inventory().await;
    let units = units(&scene.old, &inventory).await.unwrap();
    scene
        .old
        .batch_execute(
            "CREATE TABLE followed.measure_3 PARTITION OF followed.measure FOR VALUES FROM ('2022-01-01') TO ('2023-01-01')",
        )
        .await
        .unwrap();
    let limit = CaptureLimit::bytes(LIMIT);
    let installing = install_capture(&scene.old, &units, RUN, limit, |_| {});
    let error = spawnable(installing).await.unwrap_err();
    assert!(matches!(error, Error::Changed { .. }), "{error:?}");
    assert!(error.to_string().contains("measure_3"), "{error}");
    install(&scene, LIMIT).await;
    assert!(
        all(&scene)
            .await
            .iter()
            .any(|unit| unit.unit.watched.len() == 4)
    );
}

#[tokio::test]
async fn a_round_that_was_given_up_is_never_committed_by_the_next() {
    let scene = followed().await;
    scene
        .old
        .batch_execute("UPDATE followed.plain SET note = 'given up' WHERE id = 3")
        .await
        .unwrap();
    let (old, new) = (&scene.databases.old, &scene.databases.new);
    let mut rounds = Rounds::open(old, new).await.unwrap();
    // Somebody's row on the new side keeps the rows from being equal.
    scene
        .new
        .batch_execute("UPDATE followed.plain SET note = 'given up' WHERE id = 4")
        .await
        .unwrap();
    assert!(rounds.round().await.is_err());
    let error = rounds.round().await.unwrap_err();
    assert!(error.to_string().contains("not finished"), "{error}");
    drop(rounds);
    scene
        .new
        .batch_execute("UPDATE followed.plain SET note = 'note 4' WHERE id = 4")
        .await
        .unwrap();
    let mut rounds = Rounds::open(old, new).await.unwrap();
    drop(rounds.begin().await.unwrap());
    assert!(rounds.round().await.is_err());
    drop(rounds);
    assert_eq!(round(&scene).await.keys(), 1);
    is_equal(&scene).await;
}

#[tokio::test]
async fn an_unlogged_table_that_a_crash_has_emptied_is_noticed() {
    let scene = followed().await;
    scene
        .new
        .batch_execute("TRUNCATE followed.fleeting")
        .await
        .unwrap();
    assert_eq!(stale(&scene).await, [] as [&str; 0]);
    let standing: Vec<String> =
        connect_swap_postgres::capture_sizes(&scene.old, &all(&scene).await)
            .await
            .unwrap()
            .stale
            .into_iter()
            .map(|(table, _)| table.name)
            .collect();
    assert_eq!(standing, ["fleeting"]);
    install(&scene, LIMIT).await;
    seed_all(&scene).await;
    is_equal(&scene).await;
}

#[tokio::test]
async fn a_temporary_child_of_a_session_is_nobody_elses() {
    let scene = followed().await;
    let session = app(&scene).await;
    session
        .batch_execute(
            "CREATE TEMPORARY TABLE mine (PRIMARY KEY (id)) INHERITS (followed.animal); \
             INSERT INTO mine VALUES (1000, 'mine'); UPDATE followed.animal SET name = 'all'",
        )
        .await
        .unwrap();
    let (report, inventory) = (round(&scene).await, scene.inventory().await);
    assert_eq!(report.stale, []);
    let units = units(&scene.old, &inventory).await.unwrap();
    let animal = units.iter().find(|unit| unit.table.name == "animal");
    assert_eq!(animal.unwrap().whole, None);
    is_equal(&scene).await;
}

#[tokio::test]
async fn whoever_writes_and_however_is_captured() {
    let scene = scene().await;
    let other = format!("other_{}", scene.databases.old.database());
    let boss = boss(&scene).await;
    boss.batch_execute(&format!("CREATE ROLE {other}"))
        .await
        .unwrap();
    on_both(
        &scene,
        "CREATE TABLE followed.insert_only (id int PRIMARY KEY, v text); \
         CREATE TABLE followed.soft (id int PRIMARY KEY, gone boolean DEFAULT false)",
    )
    .await;
    scene
        .old
        .batch_execute(&format!(
            "ALTER TABLE followed.insert_only ENABLE ROW LEVEL SECURITY; \
             CREATE POLICY mine ON followed.insert_only USING (v = 'mine') WITH CHECK (true); \
             CREATE RULE soft AS ON DELETE TO followed.soft DO INSTEAD UPDATE followed.soft SET gone = true WHERE id = OLD.id; \
             CREATE FUNCTION followed.note(k int) RETURNS void LANGUAGE sql SECURITY DEFINER AS \
               'INSERT INTO followed.soft VALUES (k)'; \
             GRANT USAGE ON SCHEMA followed TO {other}; GRANT INSERT ON followed.insert_only TO {other}; \
             GRANT SELECT, UPDATE, DELETE, TRUNCATE ON followed.fleeting TO {other}"
        ))
        .await
        .unwrap();
    install(&scene, LIMIT).await;
    seed_all(&scene).await;
    // Another role without any right on our schema, through policies and functions of the owner.
    boss.batch_execute(&format!(
        "SET ROLE {other}; INSERT INTO followed.insert_only VALUES (1, 'not mine'), (2, 'mine'); \
         UPDATE followed.fleeting SET v = 'theirs'; SELECT followed.note(1), followed.note(2); \
         TRUNCATE followed.fleeting; RESET ROLE"
    ))
    .await
    .unwrap();
    // As a replica, which fires no ordinary triggers.
    boss.batch_execute(
        "SET session_replication_role = replica; UPDATE followed.owner SET id = 901 WHERE id = 1; RESET session_replication_role",
    )
    .await
    .unwrap();
    scene
        .old
        .batch_execute("DELETE FROM followed.soft WHERE id = 2")
        .await
        .unwrap();
    // Prepared, and committed by another session after a round.
    let (one, gid) = (app(&scene).await, scene.databases.old.database());
    one.batch_execute(&format!(
        "BEGIN; DELETE FROM followed.animal WHERE id = 4; PREPARE TRANSACTION '{gid}'"
    ))
    .await
    .unwrap();
    drop(one);
    let report = round(&scene).await;
    assert_eq!(report.stale, []);
    is_equal(&scene).await;
    scene
        .old
        .batch_execute(&format!("COMMIT PREPARED '{gid}'"))
        .await
        .unwrap();
    assert_eq!(round(&scene).await.keys(), 1);
    is_equal(&scene).await;
    let there = "SELECT string_agg(id || ' ' || gone, ',' ORDER BY id) FROM followed.soft";
    assert_eq!(value(&scene.new, there).await, "1 false,2 true");
    boss.batch_execute(&format!("DROP OWNED BY {other}; DROP ROLE {other}"))
        .await
        .unwrap();
}

#[tokio::test]
async fn rows_that_every_snapshot_sees_are_brought_over_once() {
    let scene = followed().await;
    let session = app(&scene).await;
    session
        .batch_execute("BEGIN; TRUNCATE followed.animal, followed.dog")
        .await
        .unwrap();
    let sink = session
        .copy_in::<_, bytes::Bytes>("COPY followed.animal FROM STDIN (FREEZE)")
        .await
        .unwrap();
    let mut sink = Box::pin(sink);
    futures_util::SinkExt::send(&mut sink, "1\tfrozen\n".into())
        .await
        .unwrap();
    sink.as_mut().finish().await.unwrap();
    // A round gives way to who holds the table.
    let error = try_round(&scene).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("55P03"));
    session.batch_execute("COMMIT").await.unwrap();
    let _ = round(&scene).await;
    is_equal(&scene).await;
    let rows = "SELECT count(*) FROM followed.animal";
    assert_eq!(value(&scene.new, rows).await, "1");
}

#[tokio::test]
async fn what_one_side_counts_on_is_on_the_others_disk() {
    let scene = followed().await;
    for side in [&scene.old, &scene.new] {
        side.batch_execute("ALTER ROLE CURRENT_USER SET synchronous_commit = off")
            .await
            .unwrap();
    }
    for url in [&scene.databases.old, &scene.databases.new] {
        let ours = connect(url, Purpose::Work, "test").await.unwrap();
        let setting = "SELECT current_setting('synchronous_commit')";
        assert_eq!(value(&ours, setting).await, "on");
    }
    app(&scene)
        .await
        .batch_execute("UPDATE followed.owner SET id = 77 WHERE id = 7")
        .await
        .unwrap();
    let end = value(&scene.old, "SELECT pg_current_wal_insert_lsn()").await;
    let mut rounds = Rounds::open(&scene.databases.old, &scene.databases.new)
        .await
        .unwrap();
    let open = rounds.begin().await.unwrap();
    let flushed = format!("SELECT pg_current_wal_flush_lsn() >= '{end}'");
    assert_eq!(value(&scene.old, &flushed).await, "true");
    let _ = open.finish().await.unwrap();
}
