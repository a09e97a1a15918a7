//! What is left of the account's requests for everything else that its owner runs.

use connect_swap_sandbox::LoggedRequest;
use connect_swap_swap::{ExitCode, commands};
use connect_swap_tests::{Scene, ended};

/// The Platform API's budget an hour (Platform API reference, "Rate limits").
const HOURLY: usize = 4500;

/// Requests of the Platform API; Connect's and the Data API's have limits of their own.
fn is_of_platform(request: &LoggedRequest) -> bool {
    let others = ["/api/v3/", "/connections", "/auth/", "/client/"];
    !others.iter().any(|prefix| request.path.starts_with(prefix))
}

/// The busiest hour of these requests.
fn busiest_hour(requests: &[LoggedRequest]) -> usize {
    let within_an_hour = |from: &LoggedRequest| {
        let later = requests.iter().filter(|one| one.at >= from.at);
        later
            .filter(|one| one.at.duration_since(from.at).as_secs() < 3600)
            .count()
    };
    requests.iter().map(within_an_hour).max().unwrap_or(0)
}

/// A load of two hours is waited for as one of a day: at the slowest pace after some minutes.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_prep_takes_a_tenth_of_the_requests_at_the_most() {
    let scene = Scene::new().await;
    let connect = scene.sandbox.connect();
    connect.change_behaviour(&scene.app, |app| app.load_rows_per_second = 0.05);
    let report = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&report, ExitCode::Ok, &[]);
    let load = report.steps.iter().find(|step| step.id == "wait-load");
    let seconds = load.and_then(|step| step.seconds).expect("it was timed");
    assert!(seconds > 3600.0, "the load took {seconds} s only");
    let all = scene.requests();
    let platform: Vec<_> = all
        .iter()
        .filter(|one| is_of_platform(one))
        .cloned()
        .collect();
    let others: Vec<_> = all
        .iter()
        .filter(|one| !is_of_platform(one))
        .cloned()
        .collect();
    let busiest = busiest_hour(&platform);
    println!(
        "a prep with a load of {seconds:.0} s: {} requests of the Platform API, {busiest} in its busiest hour; \
         {} of Connect and the Data API, {} in the busiest hour",
        platform.len(),
        others.len(),
        busiest_hour(&others)
    );
    assert!(
        busiest > 0 && busiest <= HOURLY / 10,
        "{busiest} requests in an hour"
    );
}
