//! The whole swap through the real clients against the sandbox, while its app writes.

use connect_swap_engine::{Event, Level};
use connect_swap_postgres::{DatabaseUrl, Purpose, Session, connect};
use connect_swap_swap::{CutoverArgs, ExitCode, Report, commands};
use connect_swap_tests::Scene;
use serde_json::Value;

fn expect(report: &Report, exit: ExitCode) {
    assert_eq!(
        report.exit,
        exit,
        "{}",
        serde_json::to_string_pretty(report).unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn prep_and_cutover_lose_nothing_and_double_nothing() {
    let scene = Scene::new().await;
    let operator = scene.operator();
    let prep = commands::prep(&operator, &scene.prep_args()).await;
    expect(&prep, ExitCode::Ok);
    assert_eq!(prep.state, "ready");
    let cutover = commands::cutover(&operator, &scene.cutover_args()).await;
    expect(&cutover, ExitCode::Ok);
    assert_eq!(cutover.state, "swapped");
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0, "the app wrote nothing");
    assert!(audit.is_clean(), "{audit:#?}");
    assert!(scene.sandbox.connect().overlaps().is_empty());
}

/// A key whose rows break it, made as no superuser is needed for: a cascade that a trigger swallows.
const BROKEN_KEY: &str = "
CREATE TABLE public.folders (id int PRIMARY KEY);
CREATE TABLE public.notes (folder int CONSTRAINT in_folder REFERENCES public.folders (id) ON DELETE CASCADE);
CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
INSERT INTO public.folders VALUES (1), (2);
INSERT INTO public.notes VALUES (1), (2);
CREATE TRIGGER keep BEFORE DELETE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.keep();
DELETE FROM public.folders WHERE id = 2;
CREATE TABLE public.guarded (id int PRIMARY KEY);
INSERT INTO public.guarded VALUES (1), (2);
ALTER TABLE public.guarded ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY all_of_it ON public.guarded USING (true);
CREATE MATERIALIZED VIEW public.note_share AS SELECT 1 / count(*) AS share FROM public.guarded;
";

/// The database that the app is on.
async fn database(scene: &Scene) -> Session {
    let vars = scene.sandbox.config_vars(&scene.app);
    let url = DatabaseUrl::parse(&vars["DATABASE_URL"]).unwrap();
    connect(&url, Purpose::Work, "customer").await.unwrap()
}

async fn output(scene: &Scene, step: &str) -> Value {
    let report = commands::report(&scene.operator(), &scene.target()).await;
    let entries = report.details["journal"].as_array().unwrap().clone();
    let of_step = |entry: &&Value| entry.to_string().contains(&format!("\"{step}\""));
    let outputs = entries.iter().filter(of_step).cloned().collect();
    Value::Array(outputs)
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_break_a_key_do_not_keep_the_swap_from_its_end() {
    let scene = Scene::new().await;
    database(&scene)
        .await
        .batch_execute(BROKEN_KEY)
        .await
        .unwrap();
    let operator = scene.operator();
    expect(
        &commands::prep(&operator, &scene.prep_args()).await,
        ExitCode::Ok,
    );
    let cutover = commands::cutover(&operator, &scene.cutover_args()).await;
    expect(&cutover, ExitCode::Ok);
    let ids: Vec<&str> = cutover.steps.iter().map(|step| step.id.as_str()).collect();
    let place = |id: &str| ids.iter().position(|one| *one == id).unwrap();
    assert!(place("fill-views") < place("maintenance-on"), "{ids:?}");
    assert!(place("maintenance-off") < place("validate-keys"), "{ids:?}");
    assert!(place("validate-keys") < place("refresh-views"), "{ids:?}");
    let told: Vec<String> = scene
        .events
        .all()
        .into_iter()
        .filter_map(|event| match event {
            Event::Notice {
                level: Level::Warning,
                text,
            } => Some(text),
            _ => None,
        })
        .collect();
    let said = |words: &[&str]| {
        told.iter()
            .any(|text| words.iter().all(|word| text.contains(word)))
    };
    assert!(
        said(&[
            "in_folder",
            "stays NOT VALID",
            "heroku pg:psql",
            "VALIDATE CONSTRAINT"
        ]),
        "{told:#?}"
    );
    // Before the window it has no rows to divide by.
    assert!(
        said(&["note_share", "cannot be filled before the window"]),
        "{told:#?}"
    );
    let kept = output(&scene, "validate-keys").await.to_string();
    assert!(kept.contains("in_folder on public.notes"), "{kept}");
    let new = database(&scene).await;
    let shown = "SELECT share::text, (SELECT count(*) > 0 FROM reporting.daily_totals) FROM public.note_share";
    let row = new.query_one(shown, &[]).await.unwrap();
    assert_eq!((row.get(0), row.get(1)), ("0".to_owned(), true));

    let verify = commands::verify(&operator, &scene.target()).await;
    assert_ne!(verify.exit, ExitCode::Ok);
    let causes = verify.error.unwrap().causes;
    assert_eq!(
        causes,
        ["foreign key in_folder on public.notes is NOT VALID on the new side"]
    );
    new.batch_execute("INSERT INTO public.folders VALUES (2); ALTER TABLE public.notes VALIDATE CONSTRAINT in_folder")
        .await
        .unwrap();
    expect(
        &commands::verify(&operator, &scene.target()).await,
        ExitCode::Ok,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn stale_views_are_refreshed_in_the_window_where_that_is_asked_for() {
    let scene = Scene::new().await;
    let operator = scene.operator();
    expect(
        &commands::prep(&operator, &scene.prep_args()).await,
        ExitCode::Ok,
    );
    let args = CutoverArgs {
        refresh_in_window: true,
        ..scene.cutover_args()
    };
    expect(&commands::cutover(&operator, &args).await, ExitCode::Ok);
    let carried = output(&scene, "carry-window-schema").await.to_string();
    assert!(
        carried.contains(r#""views_refreshed":["reporting.daily_totals""#),
        "{carried}"
    );
    let after = output(&scene, "refresh-views").await.to_string();
    assert!(after.contains("in_the_window"), "{after}");
}
