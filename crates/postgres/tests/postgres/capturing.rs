//! What changes while tables are copied, and after it, arrives by rounds.

use connect_swap_postgres::{
    CaptureLimit, Captured, Error, Part, Purpose, RoundReport, Rounds, Session, Standing, Whole,
    captured, compare_rows_at, connect, install_capture, is_captured, remove_capture, seed, units,
};
use connect_swap_postgres::{CompareOptions, Forced};

use crate::dumped::Dumped;
use crate::scene::{COPY, Scene, spawnable, value};

pub(crate) const RUN: &str = "a run";
pub(crate) const LIMIT: u64 = 1 << 30;

/// Tables of every sort that the rounds must follow.
const TABLES: &str = r#"
CREATE SCHEMA followed;
CREATE TABLE followed.plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text UNIQUE, twice bigint GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE followed."Odd "" name" ("it's" text COLLATE "C", "B b" int NOT NULL DEFAULT 0, v jsonb, PRIMARY KEY ("it's", "B b"));
CREATE TABLE followed.unique_only (code uuid NOT NULL UNIQUE, v text);
CREATE TABLE followed.measure (at date NOT NULL, id int NOT NULL, v float8, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE followed.measure_1 PARTITION OF followed.measure FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE followed.measure_2 (v float8, id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at));
ALTER TABLE followed.measure ATTACH PARTITION followed.measure_2 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
CREATE TABLE followed.animal (id int PRIMARY KEY, name text);
CREATE TABLE followed.dog (PRIMARY KEY (id), breed text) INHERITS (followed.animal);
CREATE TABLE followed.owner (id int PRIMARY KEY);
CREATE TABLE followed.pet (id int PRIMARY KEY, owner int REFERENCES followed.owner ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE followed.keyless (a int, b text);
CREATE TABLE followed.guarded (id int PRIMARY KEY, v text);
ALTER TABLE followed.guarded ENABLE ROW LEVEL SECURITY;
ALTER TABLE followed.guarded FORCE ROW LEVEL SECURITY;
CREATE POLICY all_of_it ON followed.guarded USING (true);
CREATE UNLOGGED TABLE followed.fleeting (id int PRIMARY KEY, v text);
INSERT INTO followed.plain (note) SELECT 'note ' || g FROM generate_series(1, 500) g;
INSERT INTO followed."Odd "" name" SELECT 'k' || g, g, '{}' FROM generate_series(1, 50) g;
INSERT INTO followed.unique_only SELECT md5(g::text)::uuid, 'v' FROM generate_series(1, 50) g;
INSERT INTO followed.measure SELECT date '2020-01-01' + g, g, g FROM generate_series(1, 600) g;
INSERT INTO followed.animal SELECT g, 'a' FROM generate_series(1, 20) g;
INSERT INTO followed.dog SELECT g, 'd', 'b' FROM generate_series(100, 120) g;
INSERT INTO followed.owner SELECT generate_series(1, 20);
INSERT INTO followed.pet SELECT g, g % 20 + 1 FROM generate_series(1, 100) g;
INSERT INTO followed.keyless SELECT g, 'x' FROM generate_series(1, 10) g;
INSERT INTO followed.guarded VALUES (1, 'a');
INSERT INTO followed.fleeting VALUES (1, 'a');
"#;

/// Changes of every sort.
const CHANGES: &[&str] = &[
    "INSERT INTO followed.plain (note) VALUES ('new')",
    "UPDATE followed.plain SET note = 'changed' WHERE id = 7",
    // Two rows swap a value that is unique.
    "BEGIN; UPDATE followed.plain SET note = 'x' WHERE id = 1; UPDATE followed.plain SET note = 'note 1' WHERE id = 2; \
     UPDATE followed.plain SET note = 'note 2' WHERE id = 1; COMMIT",
    "DELETE FROM followed.plain WHERE id BETWEEN 100 AND 120",
    "INSERT INTO followed.plain (id, note) OVERRIDING SYSTEM VALUE VALUES (9000, 'note 300') ON CONFLICT (note) DO UPDATE SET note = 'taken'",
    "UPDATE followed.\"Odd \"\" name\" SET \"it's\" = \"it's\" || '''\"', \"B b\" = \"B b\" + 1000",
    "COPY followed.unique_only FROM PROGRAM 'true'",
    "UPDATE followed.unique_only SET code = md5(code::text)::uuid WHERE v = 'v'",
    // From one partition to the other, through the parent, and a partition by itself.
    "UPDATE followed.measure SET at = at + 365 WHERE id < 20",
    "UPDATE followed.measure_2 SET v = -1 WHERE id > 500; DELETE FROM followed.measure_1 WHERE id = 50",
    "UPDATE followed.animal SET name = 'by the parent'",
    "UPDATE followed.dog SET id = id + 1000, breed = 'own' WHERE id > 110; DELETE FROM ONLY followed.animal WHERE id = 3",
    "DELETE FROM followed.owner WHERE id = 3; UPDATE followed.owner SET id = 400 WHERE id = 4",
    "UPDATE followed.fleeting SET v = 'b'",
    // A savepoint that is given up, and a statement that fails.
    "BEGIN; INSERT INTO followed.owner VALUES (900); SAVEPOINT a; INSERT INTO followed.owner VALUES (901); ROLLBACK TO a; COMMIT",
];

/// An old database with these tables and a new one with their definitions.
pub(crate) async fn scene() -> Scene {
    let scene = Scene::full().await;
    scene.old.batch_execute(TABLES).await.unwrap();
    let _ = scene.carry(Part::BeforeWindow).await;
    scene
}

pub(crate) async fn install(scene: &Scene, limit: u64) {
    let inventory = scene.inventory().await;
    let units = units(&scene.old, &inventory).await.unwrap();
    let limit = CaptureLimit::bytes(limit);
    let started = install_capture(&scene.old, &units, RUN, limit, |_| {});
    let _ = spawnable(started).await.unwrap();
}

pub(crate) async fn all(scene: &Scene) -> Vec<Captured> {
    captured(&scene.old).await.unwrap().unwrap()
}

/// Those that wait for their rows and may be copied while the app runs.
pub(crate) async fn seed_all(scene: &Scene) {
    let (tools, inventory) = (scene.tools().await, scene.inventory().await);
    let waiting: Vec<Captured> = all(scene)
        .await
        .into_iter()
        .filter(|unit| unit.standing == Standing::NotSeeded)
        .filter(|unit| unit.unit.whole.is_none_or(Whole::can_be_seeded))
        .collect();
    let (old, new) = (&scene.databases.old, &scene.databases.new);
    let seeding = seed(&tools, old, new, &inventory, &waiting, COPY, |_| {});
    let _ = spawnable(seeding).await.unwrap();
}

pub(crate) async fn followed() -> Scene {
    let scene = scene().await;
    install(&scene, LIMIT).await;
    seed_all(&scene).await;
    scene
}

pub(crate) async fn round(scene: &Scene) -> RoundReport {
    try_round(scene).await.unwrap()
}

pub(crate) async fn try_round(scene: &Scene) -> Result<RoundReport, Error> {
    let (old, new) = (&scene.databases.old, &scene.databases.new);
    let mut rounds = Rounds::open(old, new).await?;
    spawnable(rounds.round()).await
}

/// Compares what a round keeps equal, as of the round's own snapshot.
pub(crate) async fn is_equal(scene: &Scene) {
    let (old, new) = (&scene.databases.old, &scene.databases.new);
    let mut rounds = Rounds::open(old, new).await.unwrap();
    let open = rounds.begin().await.unwrap();
    let tables = open.equal_tables();
    assert!(tables.len() > 10, "{tables:?}");
    let options = CompareOptions {
        workers: 2,
        forced: Forced::LeaveOut,
    };
    let compared = compare_rows_at(old, new, &tables, options, open.snapshot())
        .await
        .unwrap();
    assert!(
        compared.equal,
        "{:#?}",
        compared.differing().collect::<Vec<_>>()
    );
    let _ = open.finish().await.unwrap();
}

pub(crate) async fn app(scene: &Scene) -> Session {
    connect(&scene.databases.old, Purpose::AsApp, "app")
        .await
        .unwrap()
}

async fn change(scene: &Scene) {
    for statement in CHANGES {
        if statement.starts_with("COPY") {
            continue;
        }
        scene
            .old
            .batch_execute(statement)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    }
}

#[tokio::test]
async fn every_sort_of_change_arrives_and_is_equal() {
    let scene = followed().await;
    is_equal(&scene).await;
    change(&scene).await;
    let report = round(&scene).await;
    assert!(report.tables.len() >= 8, "{report:#?}");
    assert_eq!(report.stale, []);
    is_equal(&scene).await;
    assert_eq!(round(&scene).await, RoundReport::default());
}

#[tokio::test]
async fn what_changes_between_capture_and_seed_or_during_it_is_not_lost() {
    let scene = scene().await;
    install(&scene, LIMIT).await;
    change(&scene).await;
    seed_all(&scene).await;
    scene
        .old
        .batch_execute("UPDATE followed.animal SET name = 'late'")
        .await
        .unwrap();
    let _ = round(&scene).await;
    is_equal(&scene).await;
}

#[tokio::test]
async fn a_truncated_table_is_emptied_and_what_came_later_stays() {
    let scene = followed().await;
    scene
        .old
        .batch_execute(
            "UPDATE followed.plain SET note = 'gone soon' WHERE id = 5; TRUNCATE followed.plain RESTART IDENTITY; \
             INSERT INTO followed.plain (note) VALUES ('the first again'); TRUNCATE followed.measure_2; \
             INSERT INTO followed.measure VALUES ('2021-06-01', 1, 1); TRUNCATE followed.owner CASCADE",
        )
        .await
        .unwrap();
    let _ = round(&scene).await;
    is_equal(&scene).await;
    assert_eq!(
        value(&scene.new, "SELECT count(*) FROM followed.plain").await,
        "1"
    );
    assert_eq!(
        value(&scene.new, "SELECT count(*) FROM followed.measure_2").await,
        "1"
    );
    assert_eq!(
        value(&scene.new, "SELECT count(*) FROM followed.pet").await,
        "0"
    );
    assert_ne!(
        value(&scene.new, "SELECT count(*) FROM followed.measure_1").await,
        "0"
    );
}

#[tokio::test]
async fn a_table_without_a_key_is_known_to_have_changed() {
    let scene = followed().await;
    scene
        .old
        .batch_execute("UPDATE followed.keyless SET b = 'y' WHERE a = -1")
        .await
        .unwrap();
    assert!(round(&scene).await.changed_whole.is_empty());
    scene
        .old
        .batch_execute("UPDATE followed.keyless SET b = 'y' WHERE a = 1")
        .await
        .unwrap();
    let changed = round(&scene).await.changed_whole;
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].name, "keyless");
    let forced = all(&scene).await;
    let forced = forced
        .iter()
        .find(|unit| unit.unit.table.name == "guarded")
        .unwrap();
    assert_eq!(forced.unit.whole, Some(Whole::Forced));
    assert_eq!(forced.standing, Standing::NotSeeded);
}

#[tokio::test]
async fn the_app_never_sees_the_capture_fail() {
    let scene = followed().await;
    let stale = async |scene: &Scene, table: &str| {
        let report = round(scene).await;
        assert_eq!(report.stale.len(), 1, "{report:?}");
        assert_eq!(report.stale[0].0.name, table);
    };
    // The key is renamed, or gets another type, or goes.
    scene
        .old
        .batch_execute("ALTER TABLE followed.plain RENAME id TO number; UPDATE followed.plain SET note = 'after' WHERE number = 1")
        .await
        .unwrap();
    stale(&scene, "plain").await;
    scene
        .old
        .batch_execute("ALTER TABLE followed.owner ALTER id TYPE bigint; INSERT INTO followed.owner VALUES (5000000000)")
        .await
        .unwrap();
    stale(&scene, "owner").await;
    scene
        .old
        .batch_execute("ALTER TABLE followed.unique_only DROP COLUMN code; INSERT INTO followed.unique_only VALUES ('w')")
        .await
        .unwrap();
    stale(&scene, "unique_only").await;
    // Somebody drops our log.
    let pet = all(&scene).await;
    let pet = pet.iter().find(|unit| unit.unit.table.name == "pet");
    let pet = pet.unwrap().number;
    scene
        .old
        .batch_execute(&format!(
            "DROP TABLE connect_swap.log_{pet}; UPDATE followed.pet SET id = -id"
        ))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_log_at_its_limit_lets_the_app_write_and_the_table_go_stale() {
    let scene = scene().await;
    install(&scene, 0).await;
    seed_all(&scene).await;
    scene
        .old
        .batch_execute(
            "INSERT INTO followed.plain (note) SELECT 'many ' || g FROM generate_series(1, 40000) g; \
             UPDATE followed.plain SET note = note || '!' WHERE id < 30000; UPDATE followed.plain SET note = note || '?' WHERE id = 1",
        )
        .await
        .unwrap();
    let report = round(&scene).await;
    assert_eq!(report.stale.len(), 1, "{report:?}");
    assert_eq!(report.tables, []);
    let sizes = connect_swap_postgres::capture_sizes(&scene.old, &all(&scene).await)
        .await
        .unwrap();
    assert!(sizes.bytes < 8 << 20, "{sizes:?}");
    // Captured anew, it is copied anew and followed again.
    install(&scene, LIMIT).await;
    seed_all(&scene).await;
    scene
        .old
        .batch_execute("DELETE FROM followed.plain WHERE id = 2")
        .await
        .unwrap();
    let report = round(&scene).await;
    assert_eq!(report.keys(), 1);
    is_equal(&scene).await;
}

#[tokio::test]
async fn triggers_that_were_off_for_a_while_are_noticed() {
    let scene = followed().await;
    scene
        .old
        .batch_execute(
            "ALTER TABLE followed.animal DISABLE TRIGGER USER; UPDATE ONLY followed.animal SET name = 'unseen'; \
             ALTER TABLE followed.animal ENABLE TRIGGER USER; TRUNCATE connect_swap.capture_canary",
        )
        .await
        .unwrap();
    let stale: Vec<String> = round(&scene)
        .await
        .stale
        .into_iter()
        .map(|(table, _)| table.name)
        .collect();
    // As after a crash of the server, which empties unlogged tables.
    assert_eq!(stale, ["animal", "fleeting", "cache"]);
    install(&scene, LIMIT).await;
    seed_all(&scene).await;
    is_equal(&scene).await;
    assert_eq!(round(&scene).await.stale, []);
}

#[tokio::test]
async fn a_new_partition_makes_its_table_one_to_copy_anew() {
    let scene = followed().await;
    scene
        .old
        .batch_execute(
            "CREATE TABLE followed.measure_3 PARTITION OF followed.measure FOR VALUES FROM ('2022-01-01') TO ('2023-01-01'); \
             INSERT INTO followed.measure_3 VALUES ('2022-02-02', 1, 1)",
        )
        .await
        .unwrap();
    assert_eq!(round(&scene).await.stale[0].0.name, "measure");
    let _ = scene.carry(Part::BeforeWindow).await;
    install(&scene, LIMIT).await;
    seed_all(&scene).await;
    is_equal(&scene).await;
    assert_eq!(
        value(&scene.new, "SELECT count(*) FROM followed.measure_3").await,
        "1"
    );
}

#[tokio::test]
async fn writers_of_before_are_waited_for_and_snapshots_of_before_fire() {
    let scene = scene().await;
    let (writer, reader) = (app(&scene).await, app(&scene).await);
    writer
        .batch_execute("BEGIN; UPDATE followed.owner SET id = 77 WHERE id = 7")
        .await
        .unwrap();
    reader
        .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM followed.pet")
        .await
        .unwrap();
    let told = std::sync::Mutex::new(None);
    let inventory = scene.inventory().await;
    let units = units(&scene.old, &inventory).await.unwrap();
    let (waiting, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let install = install_capture(&scene.old, &units, RUN, CaptureLimit::bytes(LIMIT), |who| {
        *told.lock().unwrap() = Some(who.to_owned());
        let _ = waiting.send(());
    });
    let end = async {
        seen.recv().await.unwrap();
        writer.batch_execute("COMMIT").await.unwrap();
    };
    let (started, ()) = tokio::join!(install, end);
    let _ = started.unwrap();
    assert!(
        told.into_inner()
            .unwrap()
            .unwrap()
            .contains("connect-swap app")
    );
    seed_all(&scene).await;
    reader
        .batch_execute("UPDATE followed.owner SET id = 88 WHERE id = 8; COMMIT")
        .await
        .unwrap();
    assert!(round(&scene).await.keys() > 0);
    is_equal(&scene).await;
}

#[tokio::test]
async fn nothing_of_the_app_disturbs_the_capture() {
    let scene = followed().await;
    let session = app(&scene).await;
    // Operators and tables that would be found first by a search path.
    session
        .batch_execute(
            "CREATE SCHEMA evil; CREATE FUNCTION evil.never(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT false'; \
             CREATE OPERATOR evil.= (LEFTARG = int, RIGHTARG = int, FUNCTION = evil.never); \
             CREATE FUNCTION evil.never(bigint, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT false'; \
             CREATE OPERATOR evil.< (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = evil.never); \
             CREATE TABLE evil.new_rows (id int); CREATE TABLE evil.old_rows (id int); \
             SET search_path = evil, pg_catalog, followed; SET DateStyle = 'German'; SET statement_timeout = '5s'; \
             CREATE TEMPORARY TABLE new_rows (id int); \
             UPDATE followed.owner SET id = 555 WHERE id OPERATOR(pg_catalog.=) 5",
        )
        .await
        .unwrap();
    session
        .batch_execute(
            "BEGIN ISOLATION LEVEL SERIALIZABLE; INSERT INTO followed.owner VALUES (556); COMMIT",
        )
        .await
        .unwrap();
    let report = round(&scene).await;
    let owner = report
        .tables
        .iter()
        .find(|table| table.table.name == "owner")
        .unwrap();
    assert_eq!(owner.keys, 3);
    is_equal(&scene).await;
}

#[tokio::test]
async fn it_goes_without_a_trace() {
    let scene = scene().await;
    let dump = async || {
        Dumped::take(
            &scene.tools().await,
            &scene.databases.old,
            &["--schema-only"],
        )
        .await
    };
    let before = dump().await;
    install(&scene, LIMIT).await;
    assert!(is_captured(&scene.old).await.unwrap());
    let inventory = scene.inventory().await;
    assert!(
        inventory
            .unmanaged()
            .all(|object| !object.identity.contains("connect_swap")),
        "nothing of it is carried over"
    );
    remove_capture(&scene.old, |_| {}).await.unwrap();
    scene
        .old
        .batch_execute("DROP SCHEMA connect_swap")
        .await
        .unwrap();
    assert_eq!(dump().await.differences(&before), "");
    remove_capture(&scene.old, |_| {}).await.unwrap();
}
