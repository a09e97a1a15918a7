//! What a server loses after its rows were copied is noticed: by rounds, and by the proof after the
//! last one.

use connect_swap_postgres::{
    Rounds, Standing, changed_since, distrust_all, failed_over, lost_rows, moment,
};

use crate::capturing::{LIMIT, all, followed, install, is_equal, round, seed_all};
use crate::scene::{Scene, value};

/// The tables that have to be copied anew, and why.
async fn distrusted(scene: &Scene) -> Vec<(String, String)> {
    let units = all(scene).await.into_iter();
    units
        .filter_map(|unit| match unit.standing {
            Standing::Stale(why) => Some((unit.unit.table.name, why)),
            _ => None,
        })
        .collect()
}

async fn seeded(scene: &Scene) -> usize {
    let units = all(scene).await;
    let seeded = units
        .iter()
        .filter(|unit| unit.standing != Standing::NotSeeded);
    seeded.count()
}

/// As if the rows had been copied before a failover of this side's server.
async fn fail_over(scene: &Scene, side: &str, table: &str) {
    scene
        .old
        .batch_execute(&format!(
            "UPDATE connect_swap.capture SET {side}_timeline = '00000000' WHERE definition -> 'table' ->> 'name' = '{table}'"
        ))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_failover_makes_what_was_copied_before_it_stale() {
    let scene = followed().await;
    let known = "SELECT count(*) FROM connect_swap.capture WHERE seeded_at IS NOT NULL \
                 AND old_timeline ~ '^[0-9A-F]{8}$' AND new_timeline ~ '^[0-9A-F]{8}$'";
    assert_eq!(
        value(&scene.old, known).await,
        seeded(&scene).await.to_string()
    );
    // A role without any membership may ask.
    for function in ["pg_walfile_name(pg_lsn)", "pg_current_wal_lsn()"] {
        let may =
            format!("SELECT has_function_privilege('public', 'pg_catalog.{function}', 'EXECUTE')");
        assert_eq!(value(&scene.old, &may).await, "true");
    }
    let units = all(&scene).await;
    assert_eq!(lost_rows(&scene.old, &scene.new, &units).await.unwrap(), []);
    fail_over(&scene, "new", "pet").await;
    fail_over(&scene, "old", "keyless").await;
    // Between the last round and the promotion, when no round looks.
    let units = all(&scene).await;
    let lost = lost_rows(&scene.old, &scene.new, &units).await.unwrap();
    assert_eq!(lost.len(), 2, "{lost:?}");
    let why = failed_over(&scene.old, &scene.new, &units).await.unwrap();
    assert!(why.unwrap().contains("failed over"));
    let _ = round(&scene).await;
    let stale = distrusted(&scene).await;
    let why = |side| format!("the {side} database's server has failed over since it was copied");
    assert_eq!(
        stale,
        [
            ("keyless".to_owned(), why("old")),
            ("pet".to_owned(), why("new"))
        ]
    );
    install(&scene, LIMIT).await;
    seed_all(&scene).await;
    is_equal(&scene).await;
    assert_eq!(distrusted(&scene).await, []);
}

#[tokio::test]
async fn a_state_of_an_earlier_version_is_read_and_completed() {
    let scene = followed().await;
    scene
        .old
        .batch_execute(
            "ALTER TABLE connect_swap.capture DROP COLUMN old_timeline, DROP COLUMN new_timeline, DROP COLUMN changed_at; \
             DELETE FROM followed.plain WHERE id = 1",
        )
        .await
        .unwrap();
    assert!(seeded(&scene).await > 10);
    assert_eq!(round(&scene).await.keys(), 1);
    assert_eq!(distrusted(&scene).await, []);
    is_equal(&scene).await;
}

#[tokio::test]
async fn an_unlogged_table_that_is_emptied_after_the_last_round_is_noticed() {
    let scene = followed().await;
    scene
        .old
        .batch_execute(
            "CREATE UNLOGGED TABLE followed.scratch (v text); INSERT INTO followed.scratch VALUES ('a')",
        )
        .await
        .unwrap();
    let _ = scene.carry(connect_swap_postgres::Part::BeforeWindow).await;
    install(&scene, LIMIT).await;
    seed_all(&scene).await;
    assert_eq!(
        value(&scene.new, "SELECT count(*) FROM followed.scratch").await,
        "1"
    );
    scene
        .new
        .batch_execute("TRUNCATE followed.scratch, followed.fleeting")
        .await
        .unwrap();
    let units = all(&scene).await;
    let lost = lost_rows(&scene.old, &scene.new, &units);
    let lost: Vec<String> = lost
        .await
        .unwrap()
        .into_iter()
        .map(|(table, _)| table.name)
        .collect();
    assert_eq!(lost, ["fleeting", "scratch"]);
    let _ = round(&scene).await;
    let stale: Vec<String> = distrusted(&scene)
        .await
        .into_iter()
        .map(|(table, _)| table)
        .collect();
    assert_eq!(stale, ["fleeting", "scratch"]);
    install(&scene, LIMIT).await;
    seed_all(&scene).await;
    assert_eq!(
        value(&scene.new, "SELECT count(*) FROM followed.scratch").await,
        "1"
    );
}

#[tokio::test]
async fn what_others_may_have_written_to_is_copied_anew() {
    let scene = followed().await;
    scene
        .new
        .batch_execute("UPDATE followed.plain SET note = 'theirs' WHERE id = 5")
        .await
        .unwrap();
    for _ in 0..2 {
        distrust_all(&scene.old, "somebody may have written to it")
            .await
            .unwrap();
    }
    assert_eq!(distrusted(&scene).await.len(), seeded(&scene).await);
    install(&scene, LIMIT).await;
    seed_all(&scene).await;
    is_equal(&scene).await;
    assert_eq!(distrusted(&scene).await, []);
}

#[tokio::test]
async fn what_a_round_has_changed_is_known_also_where_its_answer_was_lost() {
    let scene = followed().await;
    let before = moment(&scene.old).await.unwrap();
    let changed = async |moment: &str| {
        let tables = changed_since(&scene.old, moment).await.unwrap().into_iter();
        tables.map(|table| table.name).collect::<Vec<_>>()
    };
    assert_eq!(changed(&before).await, [] as [&str; 0]);
    scene
        .old
        .batch_execute(
            "UPDATE followed.owner SET id = 77 WHERE id = 7; DELETE FROM followed.measure_1 WHERE id = 9; \
             TRUNCATE followed.fleeting",
        )
        .await
        .unwrap();
    let (old, new) = (&scene.databases.old, &scene.databases.new);
    // The new side has it, the old one not yet: the next round finds it once more.
    let mut rounds = Rounds::open(old, new).await.unwrap();
    drop(rounds.begin().await.unwrap());
    drop(rounds);
    let _ = round(&scene).await;
    // Foreign keys pass the change on.
    let tables = [
        "fleeting",
        "measure",
        "measure_1",
        "measure_2",
        "owner",
        "pet",
    ];
    assert_eq!(changed(&before).await, tables);
    let after = moment(&scene.old).await.unwrap();
    let _ = round(&scene).await;
    assert_eq!(changed(&after).await, [] as [&str; 0]);
    assert!(changed("-infinity").await.len() > 10);
}
