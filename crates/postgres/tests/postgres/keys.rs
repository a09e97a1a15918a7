//! Foreign keys are made without a look at the rows, and held against them when
//! the app is up again.

use connect_swap_postgres::{
    Difference, DifferenceKind, KeyCheck, Part, compare_definitions, retract_window,
};

use crate::cluster;
use crate::scene::{Scene, value};

const KEYS: &str = "
CREATE SCHEMA \"it's; \"\"s\"\" NOT VALID\";
CREATE TABLE \"it's; \"\"s\"\" NOT VALID\".\"p; --\" (\"i'd\" int PRIMARY KEY);
CREATE TABLE \"it's; \"\"s\"\" NOT VALID\".\"c NOT VALID;\" (\"p\"\"d\" int,
  CONSTRAINT \"k\"\"; NOT VALID\" FOREIGN KEY (\"p\"\"d\") REFERENCES \"it's; \"\"s\"\" NOT VALID\".\"p; --\" (\"i'd\") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE public.parents (id int PRIMARY KEY);
CREATE TABLE public.children (parent int, other int, self int,
  CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES public.parents (id) ON DELETE CASCADE);
ALTER TABLE public.children ADD CONSTRAINT never_checked FOREIGN KEY (other) REFERENCES public.parents (id) NOT VALID;
CREATE TABLE public.ranges (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE public.ranges_low PARTITION OF public.ranges FOR VALUES FROM (0) TO (100);
CREATE TABLE public.to_ranges (r int CONSTRAINT to_partitioned REFERENCES public.ranges (id));
CREATE TABLE public.parted (id int, parent int, CONSTRAINT of_parted FOREIGN KEY (parent) REFERENCES public.parents (id)) PARTITION BY LIST (id);
CREATE TABLE public.parted_one PARTITION OF public.parted FOR VALUES IN (1);
CREATE TABLE public.secret (parent int CONSTRAINT of_secret REFERENCES public.parents (id));
INSERT INTO \"it's; \"\"s\"\" NOT VALID\".\"p; --\" VALUES (1);
INSERT INTO \"it's; \"\"s\"\" NOT VALID\".\"c NOT VALID;\" VALUES (1), (NULL);
INSERT INTO public.parents VALUES (1), (2);
INSERT INTO public.children VALUES (1, 1), (2, 2), (NULL, NULL);
INSERT INTO public.ranges VALUES (7);
INSERT INTO public.to_ranges VALUES (7);
INSERT INTO public.parted VALUES (1, 2);
INSERT INTO public.secret VALUES (1);
ALTER TABLE public.secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.secret FORCE ROW LEVEL SECURITY;
";

/// Before anything is validated: which keys of the new side are not.
const NOT_VALID: &str = "SELECT string_agg(conname, ', ' ORDER BY conname) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated AND conparentid = 0";

async fn in_window() -> Scene {
    let scene = Scene::connect_only().await;
    scene.old.batch_execute(KEYS).await.unwrap();
    assert_eq!(scene.carry(Part::BeforeWindow).await.differing, []);
    let _ = scene.load().await;
    assert_eq!(scene.carry(Part::InWindow).await.differing, []);
    scene
}

async fn differences(scene: &Scene, part: Part) -> Vec<Difference> {
    let inventory = scene.inventory().await;
    compare_definitions(&scene.old, &scene.new, &inventory, part)
        .await
        .unwrap()
}

#[tokio::test]
async fn keys_are_made_not_valid_and_validated_afterwards() {
    let scene = in_window().await;
    let inventory = scene.inventory().await;
    let when_made: Vec<&str> = inventory
        .unmanaged()
        .filter(|object| {
            matches!(
                object.key_check(inventory.version_num),
                Some(KeyCheck::WhenMade(_))
            )
        })
        .map(|object| object.name.as_str())
        .collect();
    assert_eq!(when_made, ["of_parted", "of_secret"]);
    assert_eq!(
        value(&scene.new, NOT_VALID).await,
        "k\"; NOT VALID, never_checked, of_parent, to_partitioned"
    );
    assert_eq!(differences(&scene, Part::InWindow).await, []);
    let strict = differences(&scene, Part::AfterWindow).await;
    assert_eq!(strict.len(), 3, "{strict:#?}");
    assert!(
        strict
            .iter()
            .all(|one| one.what == DifferenceKind::NotValid),
        "{strict:#?}"
    );

    let keys = scene.validate().await;
    assert_eq!((keys.validated.len(), keys.left), (3, vec![]));
    assert_eq!(value(&scene.new, NOT_VALID).await, "never_checked");
    assert_eq!(differences(&scene, Part::AfterWindow).await, []);
    assert_eq!(scene.validate().await.validated, Vec::<String>::new());

    // Gone from the new side since, by a deploy.
    scene
        .new
        .batch_execute("ALTER TABLE public.children DROP CONSTRAINT of_parent")
        .await
        .unwrap();
    assert_eq!(scene.validate().await, Default::default());
    retract_window(&scene.new, &inventory).await.unwrap();
    let left = "SELECT count(*) FROM pg_constraint WHERE contype = 'f'";
    assert_eq!(value(&scene.new, left).await, "0");
}

#[tokio::test]
async fn nothing_but_the_validity_of_such_a_key_may_differ_in_the_window() {
    let scene = in_window().await;
    scene
        .new
        .batch_execute(
            "ALTER TABLE public.children DROP CONSTRAINT of_parent, VALIDATE CONSTRAINT never_checked; \
             ALTER TABLE public.children ADD CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES public.parents (id) NOT VALID; \
             ALTER TABLE public.secret DROP CONSTRAINT of_secret; \
             ALTER TABLE public.secret ADD CONSTRAINT of_secret FOREIGN KEY (parent) REFERENCES public.parents (id) NOT VALID",
        )
        .await
        .unwrap();
    let found = differences(&scene, Part::InWindow).await;
    let named: Vec<&str> = found.iter().map(|one| one.object.as_str()).collect();
    assert_eq!(
        named,
        [
            "never_checked on public.children",
            "of_parent on public.children",
            "of_secret on public.secret"
        ],
        "{found:#?}"
    );
    assert_eq!(found[2].what, DifferenceKind::NotValid);
}

#[tokio::test]
async fn rows_that_break_a_key_leave_it_not_valid_and_named() {
    let scene = Scene::connect_only().await;
    scene.old.batch_execute(KEYS).await.unwrap();
    let (old, _) = cluster::pair();
    old.superuser(scene.databases.old.database())
        .await
        .batch_execute(
            "SET session_replication_role = replica; INSERT INTO public.children VALUES (99, NULL)",
        )
        .await
        .unwrap();
    let _ = scene.carry(Part::BeforeWindow).await;
    let _ = scene.load().await;
    assert_eq!(scene.carry(Part::InWindow).await.differing, []);
    for validated in [2, 0] {
        let keys = scene.validate().await;
        assert_eq!(keys.validated.len(), validated, "{keys:#?}");
        assert_eq!(keys.left.len(), 1, "{keys:#?}");
        let left = &keys.left[0];
        assert_eq!(left.object, "foreign key of_parent on public.children");
        assert!(left.why.contains("violates"), "{left:?}");
        assert_eq!(
            left.sql,
            "ALTER TABLE \"public\".\"children\" VALIDATE CONSTRAINT \"of_parent\""
        );
    }
    // It holds for what is written from now on.
    let refused = scene
        .new
        .batch_execute("INSERT INTO public.children VALUES (98, NULL)")
        .await
        .unwrap_err();
    assert_eq!(refused.code().unwrap().code(), "23503");
    let found = differences(&scene, Part::AfterWindow).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        found[0].to_string(),
        "foreign key of_parent on public.children is NOT VALID on the new side"
    );
    // Mended, the same call goes on.
    scene
        .new
        .batch_execute("DELETE FROM public.children WHERE parent = 99")
        .await
        .unwrap();
    assert_eq!(scene.validate().await.left, []);
    assert_eq!(differences(&scene, Part::AfterWindow).await, []);
}

/// The app goes on writing while a key is held against the rows.
#[tokio::test]
async fn a_key_is_validated_beside_writers() {
    let scene = in_window().await;
    let writer = scene.databases.new_session().await;
    writer
        .batch_execute(
            "BEGIN; INSERT INTO public.children VALUES (1, 1); UPDATE public.parents SET id = id",
        )
        .await
        .unwrap();
    let keys = scene.validate().await;
    assert_eq!((keys.validated.len(), keys.left), (3, vec![]));
    writer.batch_execute("COMMIT").await.unwrap();
}
