//! Trouble after the promotion: the run stops with exact commands, and leads on from there, or back
//! as long as no dyno has started on the new database.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect_swap_engine::{Event, Injection, Level, Where};
use connect_swap_heroku::AttachmentName;
use connect_swap_postgres::{DatabaseUrl, Purpose, Session, connect};
use connect_swap_sandbox::connect::ConnectionState;
use connect_swap_sandbox::{ReleaseOutcome, ReleasePhase};
use connect_swap_swap::{ExitCode, Operator, commands};
use connect_swap_tests::{AppState, AtConsent, AtStep, Scene, ended, put_forward, says_app_is};

async fn ready(scene: &Scene) {
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
}

/// A session to what is `DATABASE` now.
async fn session(scene: &Scene) -> Session {
    let vars = scene.sandbox.config_vars(&scene.app);
    let url = DatabaseUrl::parse(&vars["DATABASE_URL"]).unwrap();
    connect(&url, Purpose::Work, "somebody").await.unwrap()
}

async fn nothing_lost(scene: &Scene) {
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0, "the app wrote nothing");
    assert!(audit.is_clean(), "{audit:#?}");
    let overlaps = scene.sandbox.connect().overlaps();
    assert!(overlaps.is_empty(), "{overlaps:#?}");
}

fn phase(outcome: ReleaseOutcome) -> ReleasePhase {
    ReleasePhase {
        takes: Duration::from_secs(5),
        outcome,
    }
}

/// A release phase that fails from the promotion on.
fn failing_release(scene: &Scene) -> Operator {
    let (sandbox, app) = (scene.sandbox, scene.app.clone());
    let gate = AtConsent::new("promote", move || {
        sandbox
            .set_release_phase(&app, phase(ReleaseOutcome::Fails))
            .unwrap();
        async {}
    });
    Operator {
        gate: Arc::new(gate),
        ..scene.operator()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_release_phase_is_mended_and_gone_on_from() {
    let scene = Scene::with(|options| options.release_phase = true).await;
    ready(&scene).await;
    let report = commands::cutover(&failing_release(&scene), &scene.cutover_args()).await;
    ended(
        &report,
        ExitCode::Stuck,
        &[
            "stuck at release-phase",
            "failed",
            "heroku releases:output",
            "heroku releases:retry",
            "heroku connect:swap:cutover",
            "heroku connect:swap:rollback",
        ],
    );
    says_app_is(&report, "on");
    assert_eq!(report.state, "promoted");
    // Still failing: the same words, nothing worse.
    let again = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&again, ExitCode::Stuck, &["stuck at release-phase"]);
    let sandbox = scene.sandbox;
    sandbox
        .set_release_phase(&scene.app, phase(ReleaseOutcome::Succeeds))
        .unwrap();
    // A new release is what `heroku releases:retry` makes, too.
    let retry = BTreeMap::from([("RETRY".to_owned(), Some("1".to_owned()))]);
    sandbox.set_config_vars(&scene.app, &retry).unwrap();
    let report = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(report.state, "swapped");
    nothing_lost(&scene).await;
}

/// A release command that does not end is waited for as long as Heroku lets it run, and no longer.
#[tokio::test(flavor = "multi_thread")]
async fn a_release_phase_that_does_not_end_is_told_and_gone_on_from() {
    let scene = Scene::with(|options| options.release_phase = true).await;
    ready(&scene).await;
    let (sandbox, app) = (scene.sandbox, scene.app.clone());
    let gate = AtConsent::new("promote", move || {
        let slow = ReleasePhase {
            takes: Duration::from_secs(900),
            outcome: ReleaseOutcome::Succeeds,
        };
        sandbox.set_release_phase(&app, slow).unwrap();
        async {}
    });
    let operator = Operator {
        gate: Arc::new(gate),
        ..put_forward(scene.operator(), "release-phase", Duration::from_secs(3600))
    };
    let report = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(
        &report,
        ExitCode::Stuck,
        &[
            "stuck at release-phase",
            "waited 1h",
            "heroku releases:output",
            "heroku connect:swap:cutover",
        ],
    );
    says_app_is(&report, "on");
    assert_eq!(report.state, "promoted");
    let report = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&report, ExitCode::Ok, &[]);
    nothing_lost(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_release_phase_can_be_rolled_back() {
    let scene = Scene::with(|options| options.release_phase = true).await;
    ready(&scene).await;
    let start = AppState::of(&scene).await;
    let report = commands::cutover(&failing_release(&scene), &scene.cutover_args()).await;
    ended(&report, ExitCode::Stuck, &[]);
    scene
        .sandbox
        .set_release_phase(&scene.app, phase(ReleaseOutcome::Succeeds))
        .unwrap();
    let report = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(report.state, "ready");
    assert_eq!(AppState::of(&scene).await, start);
    nothing_lost(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rollback_leads_back_until_dynos_start_and_the_next_cutover_succeeds() {
    let scene = Scene::new().await;
    ready(&scene).await;
    let start = AppState::of(&scene).await;
    let mut operator = scene.operator();
    operator.injection = Injection {
        fail_before: Where::Step("restore-formation".into()),
        ..Injection::default()
    };
    let report = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&report, ExitCode::Stuck, &["stuck at restore-formation"]);
    says_app_is(&report, "on");
    assert!(!report.error.as_ref().unwrap().by_hand.is_empty());
    let rollback = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&rollback, ExitCode::Ok, &[]);
    assert_eq!(rollback.state, "ready");
    assert_eq!(AppState::of(&scene).await, start);
    nothing_lost(&scene).await;
    let nothing = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&nothing, ExitCode::Blocked, &["nothing to go back from"]);
    let report = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&report, ExitCode::Ok, &[]);
    nothing_lost(&scene).await;
    let refused = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&refused, ExitCode::Blocked, &["would lose its writes"]);
    says_app_is(&refused, "off");
}

/// Once dynos run on the new database, going back is refused: what they wrote would be lost.
#[tokio::test(flavor = "multi_thread")]
async fn rollback_is_refused_once_dynos_have_started() {
    let scene = Scene::new().await;
    ready(&scene).await;
    let mut operator = scene.operator();
    operator.injection = Injection {
        fail_before: Where::Step("maintenance-off".into()),
        ..Injection::default()
    };
    let report = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(
        &report,
        ExitCode::Stuck,
        &["stuck at maintenance-off", "heroku maintenance:off"],
    );
    let before = AppState::of(&scene).await;
    let refused = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(
        &refused,
        ExitCode::Blocked,
        &["would lose writes", "dynos were started"],
    );
    assert_eq!(AppState::of(&scene).await, before);
    let report = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&report, ExitCode::Ok, &[]);
    nothing_lost(&scene).await;
}

/// Stops the rollback when the app is up again, and counts what is sent to the app from then on.
#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_run_again_does_not_take_the_app_down_again() {
    let scene = Scene::new().await;
    ready(&scene).await;
    let start = AppState::of(&scene).await;
    let failing_at = |step: &str| {
        let mut operator = scene.operator();
        operator.injection = Injection {
            fail_before: Where::Step(step.into()),
            ..Injection::default()
        };
        operator
    };
    let cutover = failing_at("restore-formation");
    let report = commands::cutover(&cutover, &scene.cutover_args()).await;
    ended(&report, ExitCode::Stuck, &[]);
    let report = commands::rollback(&failing_at("retract-window"), &scene.target()).await;
    ended(&report, ExitCode::Stuck, &["stuck at retract-window"]);
    says_app_is(&report, "off");
    let sent = scene.mutations().len();
    let to_the_app = || {
        let sent = scene.mutations().split_off(sent);
        let app = format!("PATCH /apps/{}", scene.app);
        sent.into_iter().filter(|one| one.starts_with(&app)).count()
    };
    let report = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(report.state, "ready");
    assert_eq!(to_the_app(), 0, "the app was touched again");
    assert_eq!(AppState::of(&scene).await, start);

    // The process ends between the rollback's last entry and the cutover's.
    let database = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let admin = database.admin().await.unwrap();
    admin
        .batch_execute(
            "DELETE FROM connect_swap.journal
             WHERE seq = (SELECT max(seq) FROM connect_swap.journal)",
        )
        .await
        .unwrap();
    drop(admin);
    let status = commands::status(&scene.operator(), &scene.target()).await;
    assert_eq!(status.state, "rolling-back");
    let report = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(report.state, "ready");
    assert_eq!(to_the_app(), 0, "the app was touched again");
    nothing_lost(&scene).await;
}

/// Somebody loses patience and promotes the old database by hand: the rest is still to be put back.
#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_taken_back_by_hand_is_rolled_back_to_the_end() {
    let scene = Scene::new().await;
    ready(&scene).await;
    let start = AppState::of(&scene).await;
    let mut operator = scene.operator();
    operator.injection = Injection {
        fail_before: Where::Step("restore-formation".into()),
        ..Injection::default()
    };
    let report = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&report, ExitCode::Stuck, &[]);
    let new = session(&scene).await;
    let (heroku, app) = (scene.somebody(), scene.target().app);
    let platform = heroku.platform();
    let addons = platform.addons(&app).await.unwrap();
    let old = addons
        .iter()
        .find(|addon| {
            addon.service.name == "heroku-postgresql" && !addon.name.as_str().contains("-swap-")
        })
        .unwrap();
    let database = AttachmentName::try_from("DATABASE").unwrap();
    platform
        .attach(&app, &old.name, Some(&database), None, true)
        .await
        .unwrap();
    let report = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(
        &report,
        ExitCode::Stuck,
        &["promote", "no longer in effect", "connect:swap:rollback"],
    );
    says_app_is(&report, "on");
    let by_hand = report.error.map(|error| error.by_hand).unwrap_or_default();
    assert!(
        by_hand.iter().any(|line| line.contains("--as DATABASE")),
        "{by_hand:#?}"
    );
    let old = session(&scene).await;
    let name = old.query_one("SELECT quote_ident(current_database())", &[]);
    let name: String = name.await.unwrap().get(0);
    old.batch_execute(&format!(
        "ALTER DATABASE {name} RESET default_transaction_read_only"
    ))
    .await
    .unwrap();
    // A table that Connect does not own: no trigger log tells of it.
    let first = "SELECT total FROM public.orders ORDER BY id LIMIT 1";
    let total: i32 = old.query_one(first, &[]).await.unwrap().get(0);
    let other =
        "UPDATE public.orders SET total = $1 + 1 WHERE id = (SELECT min(id) FROM public.orders)";
    new.execute(other, &[&total]).await.unwrap();
    let report = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(report.state, "ready");
    assert_eq!(AppState::of(&scene).await, start);
    nothing_lost(&scene).await;
    let report = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&report, ExitCode::Ok, &[]);
    let new = session(&scene).await;
    assert_eq!(
        new.query_one(first, &[]).await.unwrap().get::<_, i32>(0),
        total
    );
    nothing_lost(&scene).await;
}

/// What somebody had paused before the window is paused after the way back.
#[tokio::test(flavor = "multi_thread")]
async fn rollback_leaves_paused_what_was_paused_before() {
    let scene = Scene::new().await;
    let old = scene.old_connect().await;
    ready(&scene).await;
    let connect = scene.sandbox.connect();
    let addons = scene
        .somebody()
        .platform()
        .addons(&scene.target().app)
        .await;
    let new = addons
        .unwrap()
        .into_iter()
        .find(|addon| addon.service.name == "herokuconnect" && addon.name != *old)
        .unwrap()
        .name
        .to_string();
    connect.set_state(&new, ConnectionState::Paused).unwrap();
    connect.set_state(&old, ConnectionState::Paused).unwrap();
    let start = AppState::of(&scene).await;
    // Writes that nobody sends would block the window: so the old one is paused after the checks.
    connect.unpause(&old).unwrap();
    let paused = old.clone();
    let gate = AtConsent::new("refresh-schema", move || {
        connect.set_state(&paused, ConnectionState::Paused).unwrap();
        async {}
    });
    let mut operator = scene.operator();
    operator.gate = Arc::new(gate);
    operator.injection = Injection {
        fail_before: Where::Step("restore-formation".into()),
        ..Injection::default()
    };
    let report = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&report, ExitCode::Stuck, &["stuck at restore-formation"]);
    let report = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(AppState::of(&scene).await, start);
}

/// Dynos that never come up are told; the maintenance page does not stay up for them.
#[tokio::test(flavor = "multi_thread")]
async fn dynos_that_do_not_boot_do_not_keep_the_app_in_maintenance() {
    let scene = Scene::new().await;
    ready(&scene).await;
    let (sandbox, app) = (scene.sandbox, scene.app.clone());
    let operator = scene.operator();
    let operator = Operator {
        sink: Arc::new(AtStep::new(
            "restore-formation",
            operator.sink.clone(),
            move || {
                let (never, soon) = (Duration::from_secs(90_000), Duration::from_secs(1));
                sandbox.set_dyno_delays(&app, never, soon).unwrap();
            },
        )),
        ..operator
    };
    let report = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&report, ExitCode::Ok, &[]);
    let told = scene.events.all().into_iter().any(|event| {
        matches!(event, Event::Notice { level: Level::Warning, text }
            if text.contains("not up yet: web 0 of 2, worker 0 of 1"))
    });
    assert!(told, "nobody was told");
    let heroku = scene.somebody();
    let app = heroku.platform().app(&scene.target().app).await.unwrap();
    assert!(!app.maintenance);
}

/// Dynos that crash are told by name; the maintenance page does not stay up for them either.
#[tokio::test(flavor = "multi_thread")]
async fn dynos_that_crash_at_boot_are_named() {
    let scene = Scene::new().await;
    ready(&scene).await;
    let (sandbox, app) = (scene.sandbox, scene.app.clone());
    let operator = scene.operator();
    let sink = AtStep::new("restore-formation", operator.sink.clone(), move || {
        sandbox.set_boot_crashes(&app, true).unwrap();
    });
    let operator = Operator {
        sink: Arc::new(sink),
        ..operator
    };
    let report = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&report, ExitCode::Ok, &[]);
    let told = scene.events.all().into_iter().any(|event| {
        matches!(event, Event::Notice { level: Level::Warning, text }
            if text.contains("web 0 of 2 (crashed: web.1, web.2)"))
    });
    assert!(told, "nobody was told");
    let heroku = scene.somebody();
    let app = heroku.platform().app(&scene.target().app).await.unwrap();
    assert!(!app.maintenance);
}

/// A cutover that stopped after its window is finished days later: the app is left as it is then.
#[tokio::test(flavor = "multi_thread")]
async fn finishing_later_does_not_scale_an_app_that_is_up() {
    let scene = Scene::new().await;
    ready(&scene).await;
    let mut operator = scene.operator();
    operator.injection = Injection {
        fail_before: Where::Step("verify-arrival".into()),
        ..Injection::default()
    };
    let report = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&report, ExitCode::Stuck, &["stuck at verify-arrival"]);
    says_app_is(&report, "off");
    scene.sandbox.scale(&scene.app, "web", 5).unwrap();
    let before = AppState::of(&scene).await;
    let report = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(AppState::of(&scene).await, before);
    nothing_lost(&scene).await;
}
