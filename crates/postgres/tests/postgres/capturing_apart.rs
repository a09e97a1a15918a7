//! Tables that leave their family while they are captured, names that print otherwise on the other
//! side, and what an error does not tell.

use connect_swap_postgres::{Error, Purpose, connect};

use crate::capturing::{LIMIT, install, is_equal, round, scene, seed_all};
use crate::scene::Scene;

async fn followed(definitions: &str) -> Scene {
    let scene = scene().await;
    for side in [&scene.old, &scene.new] {
        side.batch_execute(definitions).await.unwrap();
    }
    install(&scene, LIMIT).await;
    seed_all(&scene).await;
    scene
}

/// What the app writes is brought over.
async fn is_brought_over(scene: &Scene, sql: &str) {
    scene.old.batch_execute(sql).await.unwrap();
    assert!(round(scene).await.stale.is_empty());
    is_equal(scene).await;
}

/// The app's statement succeeds, whatever has become of the key's name.
async fn app_writes(scene: &Scene, sql: &str) {
    scene.old.batch_execute(sql).await.unwrap();
    let stale = round(scene).await.stale;
    assert!(!stale.is_empty(), "nothing is stale");
}

#[tokio::test]
async fn a_detached_partition_can_be_written_under_another_key() {
    let scene = followed(
        "CREATE TABLE public.happenings (id int, at int, PRIMARY KEY (id, at)) PARTITION BY RANGE (at); \
         CREATE TABLE public.happenings_1 PARTITION OF public.happenings FOR VALUES FROM (0) TO (10); \
         CREATE TABLE public.happenings_2 PARTITION OF public.happenings FOR VALUES FROM (10) TO (20)",
    )
    .await;
    is_brought_over(&scene, "INSERT INTO public.happenings VALUES (1, 1), (2, 11); INSERT INTO public.happenings_2 VALUES (3, 12)").await;
    app_writes(
        &scene,
        "ALTER TABLE public.happenings DETACH PARTITION public.happenings_2; \
         ALTER TABLE public.happenings_2 RENAME COLUMN id TO old_id; \
         INSERT INTO public.happenings_2 VALUES (4, 12); UPDATE public.happenings_2 SET at = 13; DELETE FROM public.happenings_2",
    )
    .await;
}

#[tokio::test]
async fn a_child_that_inherits_no_longer_can_be_written_under_another_key() {
    let scene = followed(
        "CREATE TABLE public.animals (id int PRIMARY KEY, name text); \
         CREATE TABLE public.dogs (PRIMARY KEY (id)) INHERITS (public.animals); \
         CREATE TABLE public.puppies (PRIMARY KEY (id)) INHERITS (public.dogs)",
    )
    .await;
    is_brought_over(
        &scene,
        "INSERT INTO public.animals VALUES (1, 'cat'); INSERT INTO public.dogs VALUES (2, 'dog')",
    )
    .await;
    app_writes(
        &scene,
        "ALTER TABLE public.dogs NO INHERIT public.animals; ALTER TABLE public.dogs RENAME COLUMN id TO tag; \
         INSERT INTO public.dogs (tag, name) VALUES (3, 'dog'); \
         INSERT INTO public.puppies (tag, name) VALUES (4, 'pup'); DELETE FROM public.dogs",
    )
    .await;
}

#[tokio::test]
async fn names_of_tables_in_rows_are_the_same_on_both_sides() {
    let scene =
        followed("CREATE TABLE public.audited (id int PRIMARY KEY, what regclass, how regtype)")
            .await;
    scene
        .old
        .batch_execute("INSERT INTO public.audited VALUES (1, 'public.audited', 'text'), (2, 'pg_class', 'public.audited')")
        .await
        .unwrap();
    assert_eq!(round(&scene).await.rows(), 2);
    is_equal(&scene).await;
}

#[tokio::test]
async fn an_error_does_not_tell_what_stands_in_rows() {
    let scene = scene().await;
    let session = connect(&scene.databases.old, Purpose::Work, "test")
        .await
        .unwrap();
    session
        .batch_execute(
            "CREATE TABLE public.people (email text PRIMARY KEY, age int CHECK (age > 0)); \
             INSERT INTO public.people VALUES ('jane@example.com', 7)",
        )
        .await
        .unwrap();
    for (statement, told) in [
        (
            "INSERT INTO public.people VALUES ('jane@example.com', 8)",
            "people_pkey",
        ),
        (
            "INSERT INTO public.people VALUES ('jane@example.com', -8)",
            "people_age_check",
        ),
        (
            "INSERT INTO public.people VALUES ('jane@example.com', 99999999999)",
            "out of range",
        ),
        (
            "SELECT 'jane'::int",
            "invalid input syntax for type integer",
        ),
    ] {
        let error = Error::from(session.batch_execute(statement).await.unwrap_err());
        let text = error.to_string();
        assert!(text.contains(told) && !text.contains("jane"), "{text}");
    }
}
