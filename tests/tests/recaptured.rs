//! What happens to the capture and the schema between prep and cutover: cutover copies anew what it
//! has to, before its window.

use connect_swap_postgres::{DatabaseUrl, Purpose, Session, connect, is_captured, remove_capture};
use connect_swap_swap::{ExitCode, commands};
use connect_swap_tests::{Scene, ended};

async fn database(scene: &Scene) -> Session {
    let vars = scene.sandbox.config_vars(&scene.app);
    let url = DatabaseUrl::parse(&vars["DATABASE_URL"]).unwrap();
    connect(&url, Purpose::AsApp, "app").await.unwrap()
}

async fn number(session: &Session, sql: &str) -> i64 {
    session.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_that_somebody_took_away_is_begun_anew() {
    let scene = Scene::new().await;
    let operator = scene.operator();
    let prep = commands::prep(&operator, &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    let old = database(&scene).await;
    remove_capture(&old, |_| {}).await.unwrap();
    assert!(!is_captured(&old).await.unwrap());
    let cutover = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Ok, &[]);
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.is_clean(), "{audit:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deployed_since_prep_comes_along_with_its_rows() {
    let scene = Scene::new().await;
    let operator = scene.operator();
    let old = database(&scene).await;
    old.batch_execute(
        "CREATE TABLE public.visits (at date NOT NULL, id int, PRIMARY KEY (id, at)) PARTITION BY RANGE (at); \
         CREATE TABLE public.visits_1 PARTITION OF public.visits FOR VALUES FROM ('2020-01-01') TO ('2021-01-01'); \
         INSERT INTO public.visits VALUES ('2020-05-05', 1); \
         CREATE TABLE public.lines (text text); INSERT INTO public.lines VALUES ('a'), ('a')",
    )
    .await
    .unwrap();
    let prep = commands::prep(&operator, &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    old.batch_execute(
        "CREATE TABLE public.deployed (id int PRIMARY KEY); INSERT INTO public.deployed SELECT generate_series(1, 100); \
         CREATE TABLE public.visits_2 PARTITION OF public.visits FOR VALUES FROM ('2021-01-01') TO ('2022-01-01'); \
         INSERT INTO public.visits_2 VALUES ('2021-05-05', 2); \
         CREATE INDEX visits_at ON public.visits (at); \
         ALTER TABLE public.orders DISABLE TRIGGER USER; ALTER TABLE public.orders ENABLE TRIGGER USER; \
         INSERT INTO public.lines VALUES ('a')",
    )
    .await
    .unwrap();
    let cutover = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Ok, &[]);
    let new = database(&scene).await;
    assert_eq!(
        number(&new, "SELECT count(*) FROM public.deployed").await,
        100
    );
    assert_eq!(
        number(&new, "SELECT count(*) FROM public.visits_2").await,
        1
    );
    assert_eq!(number(&new, "SELECT count(*) FROM public.visits").await, 2);
    assert_eq!(number(&new, "SELECT count(*) FROM public.lines").await, 3);
    let index = "SELECT count(*) FROM pg_indexes WHERE indexname = 'visits_at'";
    assert_eq!(number(&new, index).await, 1);
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.is_clean(), "{audit:#?}");
}
