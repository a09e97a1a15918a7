//! The process is ended with SIGKILL at every journal write of every step, and run again to the end.

use std::os::unix::process::ExitStatusExt;
use std::process::Output;

use connect_swap_swap::plans;
use connect_swap_swap::world::Side;
use connect_swap_tests::{AppState, Scene};

const SIGKILL: i32 = 9;
/// With the intent written and no effect (or, where the step is found done, before that is written);
/// after the effect with the outcome unknown; with the outcome written.
const WRITES: [&[&str]; 3] = [
    &["intent:after", "applied:before"],
    &["applied:before"],
    &["applied:after"],
];

fn was_killed(output: &Output) -> bool {
    output.status.signal() == Some(SIGKILL)
}

fn succeeded(output: &Output, what: &str) {
    assert!(
        output.status.success(),
        "{what} ended with {:?}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn prep(scene: &Scene, kill_at: Option<&str>) -> Output {
    let app = scene.app.as_str();
    let arguments = [
        "prep",
        "-a",
        app,
        "--add",
        "Account.Industry",
        "--yes",
        "--confirm",
        app,
        "--plain",
    ];
    with_kill(scene, &arguments, kill_at)
}

fn cutover(scene: &Scene, kill_at: Option<&str>) -> Output {
    let app = scene.app.as_str();
    let arguments = [
        "cutover",
        "-a",
        app,
        "--yes",
        "--confirm",
        app,
        "--plain",
        "--ack",
        "manual-settings",
        "--ack",
        "feature-flags-differ",
    ];
    with_kill(scene, &arguments, kill_at)
}

fn with_kill(scene: &Scene, arguments: &[&str], kill_at: Option<&str>) -> Output {
    let allow = scene.allowing_browser();
    let mut env = vec![("BROWSER", allow.as_str())];
    if let Some(point) = kill_at {
        env.push(("CONNECT_SWAP_TEST_KILL_AT", point));
    }
    scene.run(arguments, &env)
}

/// Kills `run` at every write of every step, each time going on with the next run.
fn killed_everywhere(ids: &[String], run: impl Fn(Option<&str>) -> Output) {
    for id in ids {
        for write in WRITES {
            let points: Vec<_> = write.iter().map(|write| format!("{id}:{write}")).collect();
            let point = points.join(",");
            let output = run(Some(&point));
            assert!(
                was_killed(&output),
                "{point} was not reached: {:?}\n{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}

fn rollback(scene: &Scene, kill_at: Option<&str>) -> Output {
    let app = scene.app.as_str();
    let arguments = ["rollback", "-a", app, "--yes", "--confirm", app, "--plain"];
    with_kill(scene, &arguments, kill_at)
}

fn cleanup(scene: &Scene, addons: &[String], kill_at: Option<&str>) -> Output {
    let app = scene.app.as_str();
    let mut arguments = vec!["cleanup", "-a", app, "--yes", "--plain"];
    for addon in addons {
        arguments.extend(["--confirm", addon.as_str()]);
    }
    with_kill(scene, &arguments, kill_at)
}

/// As everything else, but for the last step: once a run is closed no command takes it up again.
fn cleanup_killed_everywhere(scene: &Scene, addons: &[String], side: Side) {
    let mut ids = plans::cleanup(side).unwrap().ids();
    let last = ids.pop().unwrap();
    killed_everywhere(&ids, |point| cleanup(scene, addons, point));
    let point = format!("{last}:intent:after");
    assert!(was_killed(&cleanup(scene, addons, Some(&point))), "{point}");
    succeeded(&cleanup(scene, addons, None), "cleanup, run to its end");
}

async fn addons(scene: &Scene) -> Vec<String> {
    let heroku = scene.somebody();
    let addons = heroku.platform().addons(&scene.target().app).await.unwrap();
    let mut names: Vec<_> = addons.iter().map(|addon| addon.name.to_string()).collect();
    names.sort();
    names
}

async fn nothing_lost(scene: &Scene) {
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0, "the app wrote nothing");
    assert!(audit.is_clean(), "{audit:#?}");
    assert!(scene.sandbox.connect().overlaps().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swap_survives_a_kill_at_every_journal_write() {
    let scene = Scene::new().await;
    let old = addons(&scene).await;
    scene
        .sandbox
        .connect()
        .change_behaviour(&scene.app, |app| app.load_rows_per_second = 1.0);
    let there = &scene;
    tokio::task::block_in_place(|| {
        killed_everywhere(&plans::prep().unwrap().ids(), |point| prep(there, point));
        succeeded(&prep(there, None), "prep, run to its end");
        killed_everywhere(&plans::cutover().unwrap().ids(), |point| {
            cutover(there, point)
        });
        succeeded(&cutover(there, None), "cutover, run to its end");
    });
    nothing_lost(&scene).await;
    tokio::task::block_in_place(|| cleanup_killed_everywhere(&scene, &old, Side::Old));
    assert_eq!(addons(&scene).await.len(), 2);
    nothing_lost(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_survives_a_kill_at_every_journal_write() {
    let scene = Scene::new().await;
    scene.attach_pooler().await;
    let old = addons(&scene).await;
    let there = &scene;
    tokio::task::block_in_place(|| succeeded(&prep(there, None), "prep"));
    let start = AppState::of(&scene).await;
    tokio::task::block_in_place(|| {
        let promoted = cutover(there, Some("restore-formation:intent:before"));
        assert!(was_killed(&promoted), "cutover was not killed");
        let ids = plans::rollback().unwrap().ids();
        killed_everywhere(&ids, |point| rollback(there, point));
        succeeded(&rollback(there, None), "rollback, run to its end");
    });
    assert_eq!(AppState::of(&scene).await, start);
    nothing_lost(&scene).await;
    let mut new = addons(&scene).await;
    new.retain(|name| !old.contains(name));
    tokio::task::block_in_place(|| cleanup_killed_everywhere(&scene, &new, Side::New));
    assert_eq!(addons(&scene).await, old);
    nothing_lost(&scene).await;
}
