//! The operator's own bound of the window.

use std::time::Duration;

use connect_swap_swap::downtime::Phase;
use connect_swap_swap::{CutoverArgs, ExitCode, commands};
use connect_swap_tests::{AppState, AtConsent, ended};

use crate::{gated, nothing_lost, ready, went_back};

/// The operator has left the terminal: the question of the promotion does not keep the app down.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_nobody_answers_is_withdrawn_when_the_bound_is_reached() {
    let (scene, _) = ready().await;
    let start = AppState::of(&scene).await;
    let absent = AtConsent::new("promote", std::future::pending);
    let args = CutoverArgs {
        max_downtime: Some(Duration::from_secs(1500)),
        ..scene.cutover_args()
    };
    let report = commands::cutover(&gated(&scene, absent), &args).await;
    let words = [
        "rolled back because of promote",
        "--max-downtime 25m 00s cannot be kept",
    ];
    went_back(&scene, &report, &words, &start).await;
    nothing_lost(&scene).await;
}

/// The operator's own bound: kept by going back, and not in the way where it suffices.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_cannot_be_kept_short_enough_is_taken_back() {
    let (scene, _) = ready().await;
    let start = AppState::of(&scene).await;
    let within = |seconds| CutoverArgs {
        max_downtime: Some(Duration::from_secs(seconds)),
        ..scene.cutover_args()
    };
    let sent = scene.mutations();
    let report = commands::cutover(&scene.operator(), &within(3)).await;
    ended(&report, ExitCode::Blocked, &["is expected to last", "3s"]);
    assert_eq!(scene.mutations(), sent);

    let connect = scene.sandbox.connect();
    let hour = Duration::from_secs(3600);
    connect.change_behaviour(&scene.app, |app| app.pause_takes = hour);
    let report = commands::cutover(&scene.operator(), &within(1000)).await;
    let words = [
        "rolled back because of pause-old",
        "--max-downtime 16m 40s cannot be kept",
        "pause Connect took",
    ];
    went_back(&scene, &report, &words, &start).await;
    let phases = report.downtime_phases.iter().map(|took| took.phase);
    assert!(
        phases.clone().any(|phase| phase == Phase::WayBack),
        "{:?}",
        phases.collect::<Vec<_>>()
    );
    assert!(report.downtime_seconds.unwrap() > 900.0);

    let usual = Duration::from_secs(2);
    connect.change_behaviour(&scene.app, |app| app.pause_takes = usual);
    let report = commands::cutover(&scene.operator(), &within(6 * 3600)).await;
    ended(&report, ExitCode::Ok, &[]);
    let seconds: f64 = report.downtime_phases.iter().map(|took| took.seconds).sum();
    assert!((seconds - report.downtime_seconds.unwrap()).abs() < 0.001);
    let came: Vec<Phase> = report
        .downtime_phases
        .iter()
        .map(|took| took.phase)
        .collect();
    for phase in [Phase::Stop, Phase::Pause, Phase::Promotion, Phase::Boot] {
        assert!(came.contains(&phase), "{phase:?} is missing in {came:?}");
    }
    let expected = report.downtime_estimate.as_ref().unwrap();
    let drain = expected.phase(Phase::Drain).unwrap();
    assert!(drain.why.contains("of the last"), "{}", drain.why);
    let journal = commands::report(&scene.operator(), &scene.target()).await;
    let entries = journal.details["journal"].as_array().unwrap();
    let recorded = entries.iter().rev().find(|entry| {
        entry["record"]["entry"]["step"] == "record-state"
            && entry["record"]["entry"]["kind"] == "applied"
    });
    let kept = &recorded.unwrap()["record"]["entry"]["output"]["expected"];
    assert_eq!(*kept, serde_json::to_value(expected).unwrap());
    nothing_lost(&scene).await;
}
