//! `follow` beside an app that writes: it brings changes over between prep and cutover, stands in
//! nobody's way, and ends when the swap goes on.

use std::sync::Arc;
use std::time::Duration;

use connect_swap_engine::{Event, Interruption};
use connect_swap_postgres::{DatabaseUrl, Purpose, Session, connect};
use connect_swap_swap::{ExitCode, FollowArgs, Operator, Report, commands};
use connect_swap_tests::{AtConsent, Recorder, Scene, ended, told};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

async fn prepared() -> Scene {
    let scene = Scene::new().await;
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    scene
}

fn args(scene: &Scene, once: bool) -> FollowArgs {
    FollowArgs {
        target: scene.target(),
        // Of the sandbox's fast time.
        every: Duration::from_secs(30),
        once,
    }
}

/// An operator of its own, and what it is told.
fn follower(scene: &Scene) -> (Operator, Arc<Recorder>) {
    let heard = Arc::new(Recorder::default());
    let mut operator = scene.operator();
    operator.sink = heard.clone();
    (operator, heard)
}

fn started(scene: &Scene, operator: &Operator) -> JoinHandle<Report> {
    let (operator, args) = (operator.clone(), args(scene, false));
    tokio::spawn(async move { commands::follow(&operator, &args).await })
}

fn notices(heard: &Recorder) -> Vec<String> {
    let text = |event| match event {
        Event::Notice { text, .. } => Some(text),
        _ => None,
    };
    heard.all().into_iter().filter_map(text).collect()
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    assert!(waited.is_ok(), "waited in vain for {what}");
}

async fn heard_of(heard: &Recorder, words: &str) {
    until(words, async || {
        notices(heard).iter().any(|text| text.contains(words))
    })
    .await;
}

fn url(scene: &Scene, attachment: &str) -> DatabaseUrl {
    let vars = scene.sandbox.config_vars(&scene.app);
    DatabaseUrl::parse(&vars[&format!("{attachment}_URL")]).unwrap()
}

async fn session(scene: &Scene, attachment: &str) -> Session {
    let url = url(scene, attachment);
    connect(&url, Purpose::Work, "test").await.unwrap()
}

async fn count(session: &Session, sql: &str) -> i64 {
    session.query_one(sql, &[]).await.unwrap().get(0)
}

async fn nothing_lost(scene: &Scene) {
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0, "the app wrote nothing");
    assert!(audit.is_clean(), "{audit:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_round_brings_over_what_waits_and_is_told() {
    let scene = prepared().await;
    let old = session(&scene, "DATABASE").await;
    let insert = "INSERT INTO public.audit_log (reference, note) SELECT 'followed ' || g, 'x' FROM generate_series(1, 250) g";
    old.batch_execute(insert).await.unwrap();
    let sent = scene.mutations();
    let (operator, heard) = follower(&scene);
    let report = commands::follow(&operator, &args(&scene, true)).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(scene.mutations(), sent, "it changes nothing at Heroku");
    assert_eq!(report.state, "ready");
    assert!(report.next.contains("cutover"), "{}", report.next);
    let done = &report.details["follow"];
    assert_eq!(done["rounds"], 1);
    assert!(done["keys"].as_u64().unwrap() >= 250, "{done}");
    assert!(report.details["capture"]["followed"].as_u64().unwrap() > 3);
    heard_of(&heard, "changed keys of").await;
    let new = session(&scene, "NEW_DATABASE").await;
    let there = "SELECT count(*) FROM public.audit_log WHERE reference LIKE 'followed %'";
    assert_eq!(count(&new, there).await, 250);
    // No entry a round: the journal is that of prep.
    let report = commands::report(&scene.operator(), &scene.target()).await;
    let journal = report.details["journal"].to_string();
    assert!(!journal.contains("follow\""), "{journal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_round_brings_over_is_told_once() {
    let scene = Scene::new().await;
    let old = session(&scene, "DATABASE").await;
    let tables = "CREATE TABLE public.keyless (a int); CREATE TABLE public.altered (id int PRIMARY KEY, v text); \
                  INSERT INTO public.keyless VALUES (1)";
    old.batch_execute(tables).await.unwrap();
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    old.batch_execute(
        "INSERT INTO public.keyless VALUES (2); ALTER TABLE public.altered ADD COLUMN w int",
    )
    .await
    .unwrap();
    let (operator, heard) = follower(&scene);
    let running = started(&scene, &operator);
    heard_of(&heard, "public.keyless has no key and has changed").await;
    heard_of(&heard, "public.altered is copied anew before the window").await;
    let rounds = async || {
        notices(&heard)
            .iter()
            .filter(|text| text.contains("brought over"))
            .count()
            >= 3
    };
    until("three rounds", rounds).await;
    let status = commands::status(&scene.operator(), &scene.target()).await;
    ended(&status, ExitCode::Ok, &[]);
    let capture = &status.details["capture"];
    assert_eq!(capture["stale"][0]["table"]["name"], "altered", "{capture}");
    let whole = &capture["whole"][0];
    assert_eq!(
        (&whole["table"]["name"], &whole["changed"]),
        (&"keyless".into(), &true.into())
    );
    assert!(whole["why"].as_str().unwrap().contains("no primary key"));
    operator.control.interrupt(Interruption::Ask);
    let report = running.await.unwrap();
    ended(&report, ExitCode::Ok, &[]);
    assert!(report.details["follow"]["rounds"].as_u64().unwrap() >= 3);
    for words in ["keyless", "altered"] {
        let number = notices(&heard)
            .iter()
            .filter(|text| text.contains(words))
            .count();
        assert_eq!(number, 1, "{words}: {:#?}", notices(&heard));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cutover_goes_on_beside_it_and_ends_it() {
    let scene = prepared().await;
    let (operator, heard) = follower(&scene);
    let running = started(&scene, &operator);
    heard_of(&heard, "brought over").await;
    let cutover = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Ok, &[]);
    let report = tokio::time::timeout(PATIENCE, running)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(report.exit, ExitCode::Ok, "{}", told(&report));
    let lines = format!("{:?}", report.text);
    assert!(
        lines.contains("the window is open") || lines.contains("on the new pair"),
        "{lines}"
    );
    nothing_lost(&scene).await;
    // Begun again it has nothing to do, and says so.
    let again = commands::follow(&operator, &args(&scene, false)).await;
    ended(&again, ExitCode::Ok, &[]);
    assert_eq!(again.state, "swapped");
    assert!(format!("{:?}", again.text).contains("on the new pair"));
}

/// While somebody else holds the lock, it says so once and waits.
#[tokio::test(flavor = "multi_thread")]
async fn it_waits_while_another_run_is_at_work() {
    let scene = prepared().await;
    let (reached, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut first = scene.operator();
    first.gate = {
        let (reached, go_on) = (Arc::clone(&reached), Arc::clone(&go_on));
        Arc::new(AtConsent::new("maintenance-on", move || {
            let (reached, go_on) = (Arc::clone(&reached), Arc::clone(&go_on));
            async move {
                reached.notify_one();
                go_on.notified().await;
            }
        }))
    };
    let cutting = {
        let args = scene.cutover_args();
        tokio::spawn(async move { commands::cutover(&first, &args).await })
    };
    reached.notified().await;
    let (operator, heard) = follower(&scene);
    let once = commands::follow(&operator, &args(&scene, true)).await;
    ended(
        &once,
        ExitCode::Locked,
        &["another run is at work", "cutover tester@bench"],
    );
    let running = started(&scene, &operator);
    heard_of(&heard, "the next round waits for it").await;
    go_on.notify_one();
    let cutover = cutting.await.unwrap();
    assert_eq!(cutover.exit, ExitCode::Ok, "{}", told(&cutover));
    let report = tokio::time::timeout(PATIENCE, running)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(report.exit, ExitCode::Ok, "{}", told(&report));
    assert_eq!(report.details["follow"]["rounds"], 0);
    let waits = notices(&heard);
    let waits = waits.iter().filter(|text| text.contains("waits for it"));
    assert_eq!(waits.count(), 1);
    nothing_lost(&scene).await;
}

/// A round in the middle of which another command begins is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn a_round_under_way_refuses_nobody() {
    let scene = prepared().await;
    let old = session(&scene, "DATABASE").await;
    let new = session(&scene, "NEW_DATABASE").await;
    // A round waits for a table that somebody has locked in the new database.
    new.batch_execute("BEGIN; LOCK TABLE public.audit_log IN SHARE MODE")
        .await
        .unwrap();
    let insert = "INSERT INTO public.audit_log (reference, note) VALUES ('in the way', 'x')";
    old.batch_execute(insert).await.unwrap();
    let (operator, _) = follower(&scene);
    let running = started(&scene, &operator);
    let held = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
                WHERE l.locktype = 'advisory' AND l.granted AND a.application_name LIKE 'connect-swap follow %'";
    until("the round", async || count(&old, held).await == 1).await;
    let cutting = {
        let (operator, args) = (scene.operator(), scene.cutover_args());
        tokio::spawn(async move { commands::cutover(&operator, &args).await })
    };
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'connect-swap cutover %'";
    until("cutover", async || count(&old, waiting).await > 0).await;
    new.batch_execute("ROLLBACK").await.unwrap();
    let cutover = cutting.await.unwrap();
    assert_eq!(cutover.exit, ExitCode::Ok, "{}", told(&cutover));
    let report = tokio::time::timeout(PATIENCE, running)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(report.exit, ExitCode::Ok, "{}", told(&report));
    nothing_lost(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_prep_has_ended_it_says_what_to_do() {
    let scene = Scene::new().await;
    let (operator, _) = follower(&scene);
    let report = commands::follow(&operator, &args(&scene, false)).await;
    ended(
        &report,
        ExitCode::Blocked,
        &["no swap is under way", "prep"],
    );
}

/// A connection that is lost is opened again, and told once.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_ended_do_not_end_it() {
    let scene = prepared().await;
    let (operator, heard) = follower(&scene);
    let running = started(&scene, &operator);
    heard_of(&heard, "brought over").await;
    let old = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let admin = old.admin().await.unwrap();
    let ends = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                WHERE application_name = 'connect-swap round' OR application_name LIKE 'connect-swap follow %'";
    let lost = async || admin.query_one(ends, &[]).await.unwrap().get::<_, i64>(0) > 0;
    until("a session to end", lost).await;
    let before = notices(&heard)
        .iter()
        .filter(|text| text.contains("brought over"))
        .count();
    let more = async || {
        notices(&heard)
            .iter()
            .filter(|text| text.contains("brought over"))
            .count()
            > before + 1
    };
    until("rounds after that", more).await;
    operator.control.interrupt(Interruption::Pause);
    ended(&running.await.unwrap(), ExitCode::Ok, &[]);
}
