//! The process is ended with SIGKILL at every journal write of every step, and run again to the end.

use std::os::unix::process::ExitStatusExt;
use std::process::Output;

use connect_swap_swap::plans;
use connect_swap_tests::Scene;

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

#[tokio::test(flavor = "multi_thread")]
async fn a_swap_survives_a_kill_at_every_journal_write() {
    let scene = Scene::new().await;
    scene
        .sandbox
        .connect()
        .change_behaviour(&scene.app, |app| app.load_rows_per_second = 1.0);
    let scene = &scene;
    tokio::task::block_in_place(|| {
        killed_everywhere(&plans::prep().unwrap().ids(), |point| prep(scene, point));
        succeeded(&prep(scene, None), "prep, run to its end");
        killed_everywhere(&plans::cutover().unwrap().ids(), |point| {
            cutover(scene, point)
        });
        succeeded(&cutover(scene, None), "cutover, run to its end");
    });
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0, "the app wrote nothing");
    assert!(audit.is_clean(), "{audit:#?}");
    assert!(scene.sandbox.connect().overlaps().is_empty());
}
