//! The whole swap through the real clients against the sandbox, while its app writes.

use connect_swap_swap::{ExitCode, Report, commands};
use connect_swap_tests::Scene;

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
