//! Materialized views are filled while the app runs, and again when what they
//! read has changed.

use std::collections::BTreeSet;

use connect_swap_postgres::{AppIs, Part, TableRef, ViewsRefreshed, fill_views, refresh_views};

use crate::scene::{Scene, spawnable, value};

const VIEWS: &str = "
CREATE TABLE public.written (a int);
CREATE TABLE public.quiet (a int);
CREATE TABLE public.parted (a int) PARTITION BY LIST (a);
CREATE TABLE public.parted_one PARTITION OF public.parted FOR VALUES IN (1);
CREATE SEQUENCE public.counter;
INSERT INTO public.written VALUES (1);
INSERT INTO public.quiet VALUES (1);
INSERT INTO public.parted VALUES (1);
CREATE SCHEMA \"it's; \"\"v\"\"\";
CREATE VIEW public.between AS SELECT a FROM public.written;
CREATE MATERIALIZED VIEW \"it's; \"\"v\"\"\".\"zz 'first\" AS SELECT count(*) AS n FROM public.between;
CREATE MATERIALIZED VIEW \"it's; \"\"v\"\"\".\"aa; second\" AS SELECT n FROM \"it's; \"\"v\"\"\".\"zz 'first\";
CREATE UNIQUE INDEX \"u; \"\"\" ON \"it's; \"\"v\"\"\".\"aa; second\" (n);
CREATE MATERIALIZED VIEW public.of_quiet AS SELECT count(*) AS n FROM public.quiet;
CREATE MATERIALIZED VIEW public.of_account AS SELECT sfid FROM salesforce.account;
CREATE MATERIALIZED VIEW public.of_part AS SELECT count(*) AS n FROM public.parted;
CREATE MATERIALIZED VIEW public.of_counter AS SELECT last_value FROM public.counter;
CREATE FUNCTION public.unknown() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM public.quiet';
CREATE FUNCTION public.parsed() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) FROM public.quiet; END;
CREATE FUNCTION public.twice(n bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 2 * n; END';
CREATE MATERIALIZED VIEW public.of_unknown AS SELECT public.unknown() AS n;
CREATE MATERIALIZED VIEW public.of_parsed AS SELECT public.twice(public.parsed()) AS n;
CREATE MATERIALIZED VIEW public.never AS SELECT 1 AS one WITH NO DATA;
";

const POPULATED: &str = "SELECT string_agg(c.relname, ', ' ORDER BY c.relname) FROM pg_class c WHERE relkind = 'm' AND relispopulated";

async fn carried(sql: &str) -> Scene {
    let scene = Scene::connect_only().await;
    scene.old.batch_execute(sql).await.unwrap();
    assert_eq!(scene.carry(Part::BeforeWindow).await.differing, []);
    scene
}

async fn fill(scene: &Scene) -> ViewsRefreshed {
    let (inventory, new) = (scene.inventory().await, &scene.databases.new);
    spawnable(fill_views(&scene.old, new, &inventory, |_, _, _| {}))
        .await
        .unwrap()
}

async fn refresh(scene: &Scene, changed: &[(&str, &str)], app: AppIs) -> ViewsRefreshed {
    let (inventory, new) = (scene.inventory().await, &scene.databases.new);
    let changed: BTreeSet<TableRef> = changed
        .iter()
        .map(|(schema, name)| TableRef::new(*schema, *name))
        .collect();
    spawnable(refresh_views(
        &scene.old,
        new,
        &inventory,
        &changed,
        app,
        |_, _, _| {},
    ))
    .await
    .unwrap()
}

#[tokio::test]
async fn views_are_filled_before_the_window_and_stay_so() {
    let scene = carried(VIEWS).await;
    let _ = scene.load().await;
    for _ in 0..2 {
        let filled = fill(&scene).await;
        assert_eq!(filled.left, []);
        assert_eq!(filled.refreshed.len(), 8);
        let place = |name: &str| filled.refreshed.iter().position(|one| one.contains(name));
        assert!(place("zz 'first") < place("aa; second"), "{filled:#?}");
        assert_eq!(
            value(&scene.new, POPULATED).await,
            value(&scene.old, POPULATED).await
        );
    }
    let window = scene.carry(Part::InWindow).await;
    assert_eq!(window.refreshed, Vec::<String>::new());
    assert_eq!(
        value(&scene.new, "SELECT n FROM public.of_parsed").await,
        "2"
    );
}

#[tokio::test]
async fn what_reads_something_that_changed_is_refreshed_and_nothing_else() {
    let scene = carried(VIEWS).await;
    let _ = scene.load().await;
    let _ = fill(&scene).await;
    let always = [
        "public.of_account",
        "public.of_counter",
        "public.of_unknown",
    ];
    let refreshed = |done: ViewsRefreshed| {
        assert_eq!(done.left, []);
        let mut names = done.refreshed;
        names.sort();
        names
    };
    assert_eq!(refreshed(refresh(&scene, &[], AppIs::Up).await), always);
    let quiet = refresh(&scene, &[("public", "quiet")], AppIs::Down).await;
    let of_quiet = ["public.of_parsed", "public.of_quiet"];
    let mut expected = [&always[..], &of_quiet].concat();
    expected.sort_unstable();
    assert_eq!(refreshed(quiet), expected);
    let part = refresh(&scene, &[("public", "parted_one")], AppIs::Up).await;
    assert!(refreshed(part).contains(&"public.of_part".to_owned()));

    scene
        .new
        .batch_execute("INSERT INTO public.written VALUES (2)")
        .await
        .unwrap();
    // The app reads one that has a unique index.
    let reader = scene.databases.new_session().await;
    let second = "SELECT n FROM \"it's; \"\"v\"\"\".\"aa; second\"";
    reader
        .batch_execute(&format!("BEGIN; {second}"))
        .await
        .unwrap();
    let written = refresh(&scene, &[("public", "written")], AppIs::Up).await;
    assert_eq!(refreshed(written).len(), 5);
    reader.batch_execute("COMMIT").await.unwrap();
    assert_eq!(value(&scene.new, second).await, "2");
}

/// What comes only in the window, or hides rows from there on, does not stop
/// what comes before it.
#[tokio::test]
async fn a_view_that_cannot_be_filled_yet_is_filled_in_the_window() {
    let scene = carried(
        "CREATE TABLE public.t (a int); INSERT INTO public.t VALUES (1), (2); \
         CREATE TABLE public.secret (a int); INSERT INTO public.secret VALUES (1), (2); \
         CREATE MATERIALIZED VIEW public.of_secret AS SELECT a FROM public.secret; \
         ALTER TABLE public.secret ENABLE ROW LEVEL SECURITY; ALTER TABLE public.secret FORCE ROW LEVEL SECURITY; \
         CREATE POLICY half ON public.secret USING (a > 1); \
         REFRESH MATERIALIZED VIEW public.of_secret; \
         CREATE MATERIALIZED VIEW public.share AS SELECT 1 / count(*) AS of_all FROM public.t; \
         CREATE MATERIALIZED VIEW public.above AS SELECT of_all FROM public.share; \
         CREATE MATERIALIZED VIEW public.fine AS SELECT count(*) AS n FROM public.t",
    )
    .await;
    for _ in 0..2 {
        let filled = fill(&scene).await;
        assert_eq!(filled.refreshed, ["public.fine"]);
        let left: Vec<&str> = filled.left.iter().map(|one| one.object.as_str()).collect();
        assert_eq!(
            left,
            [
                "materialized view public.of_secret",
                "materialized view public.share",
                "materialized view public.above"
            ]
        );
        assert!(
            filled.left[1].why.contains("division by zero"),
            "{filled:#?}"
        );
        assert_eq!(value(&scene.new, POPULATED).await, "fine");
        let _ = scene.load().await;
        let window = scene.carry(Part::InWindow).await;
        assert_eq!(window.differing, []);
        assert_eq!(window.refreshed.len(), 3, "{window:#?}");
        let shown = "SELECT string_agg(a::text, ',') FROM public.of_secret";
        assert_eq!(value(&scene.new, shown).await, "2");
        // The window was gone back from: all of it once more.
        let inventory = scene.inventory().await;
        connect_swap_postgres::retract_window(&scene.new, &inventory)
            .await
            .unwrap();
        scene
            .new
            .batch_execute("ALTER TABLE public.secret NO FORCE ROW LEVEL SECURITY; TRUNCATE public.t, public.secret; ALTER TABLE public.secret FORCE ROW LEVEL SECURITY")
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_view_that_cannot_be_refreshed_afterwards_keeps_what_it_shows() {
    let scene = carried(
        "CREATE TABLE public.t (a int); INSERT INTO public.t VALUES (1); \
         CREATE MATERIALIZED VIEW public.share AS SELECT 1 / count(*) AS of_all FROM public.t; \
         CREATE MATERIALIZED VIEW public.dropped AS SELECT 1 FROM public.t",
    )
    .await;
    let _ = scene.load().await;
    assert_eq!(fill(&scene).await.left, []);
    scene
        .new
        .batch_execute("DELETE FROM public.t; DROP MATERIALIZED VIEW public.dropped")
        .await
        .unwrap();
    let done = refresh(&scene, &[("public", "t")], AppIs::Up).await;
    assert_eq!(done.refreshed, Vec::<String>::new());
    assert_eq!(done.left.len(), 1, "{done:#?}");
    assert_eq!(done.left[0].sql, "REFRESH MATERIALIZED VIEW public.share");
    assert_eq!(
        value(&scene.new, "SELECT of_all FROM public.share").await,
        "1"
    );
}
