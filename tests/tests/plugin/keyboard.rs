//! A whole swap by keyboard, with slips and Ctrl-C, as somebody at a terminal makes it.

use connect_swap_tests::Scene;

use crate::cli::{Cli, said};

const ACKS: [&str; 4] = ["--ack", "manual-settings", "--ack", "feature-flags-differ"];

fn mutating(scene: &Scene) -> Vec<String> {
    let requests = scene.sandbox.requests();
    let of_app = requests
        .iter()
        .filter(|request| request.path.contains(&scene.app));
    let mutating = of_app.filter(|request| request.method != "GET");
    mutating
        .map(|request| format!("{} {}", request.method, request.path))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_swap_by_keyboard_in_the_real_cli() {
    let Some(cli) = Cli::with_plugin().await else {
        return;
    };
    let scene = Scene::new().await;
    let cli = cli.at(&scene);
    tokio::task::block_in_place(|| {
        without_a_terminal(&cli, &scene);
        prep_by_keyboard(&cli, &scene);
        stopped_in_the_window(&cli, &scene);
        cutover_by_keyboard(&cli, &scene);
        let again = cli.run(&["connect:swap:rollback", "-a", &scene.app, "--yes"]);
        assert_eq!(again.status.code(), Some(3), "{}", said(&again));
    });
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0 && audit.is_clean(), "{audit:#?}");
}

fn without_a_terminal(cli: &Cli, scene: &Scene) {
    let app = scene.app.as_str();
    let output = cli.run(&["connect:swap:prep", "-a", app, "--add", "Account.Industry"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{told}");
    assert!(told.contains("--yes"), "{told}");
    assert_eq!(mutating(scene), Vec::<String>::new());
}

fn prep_by_keyboard(cli: &Cli, scene: &Scene) {
    let app = scene.app.as_str();
    let arguments = ["connect:swap:prep", "-a", app, "--add", "Account.Industry"];
    // First with a mistake: Ctrl-C at the first prompt.
    let mut terminal = cli.terminal(&arguments);
    terminal.wait_for("Go ahead?");
    terminal.ctrl_c();
    assert_eq!(terminal.end(), 4, "{}", terminal.seen());
    assert!(terminal.shows_cursor());
    assert_eq!(mutating(scene), Vec::<String>::new());
    let mut terminal = cli.terminal(&arguments);
    // What can be put back, the database, the add-on: the latter two with their prices.
    terminal.wait_for("Go ahead?");
    terminal.type_line("?");
    terminal.wait_for("CREATE SCHEMA");
    terminal.type_line("y");
    terminal.wait_for("costs $50.00 a month");
    terminal.wait_for("Go ahead?");
    terminal.type_line("y");
    // Then Ctrl-C at work: the step is finished, and the same command goes on.
    terminal.wait_for("create a heroku-postgresql");
    terminal.ctrl_c();
    terminal.wait_for("the same command goes on");
    assert_eq!(terminal.end(), 5, "{}", terminal.seen());
    assert!(terminal.shows_cursor() && terminal.is_cooked());
    // What was agreed to and done is not asked again; what was not done yet is.
    let mut terminal = cli.terminal(&arguments);
    terminal.wait_for("costs what your contract says");
    terminal.wait_for("Go ahead?");
    terminal.type_line("y");
    terminal.wait_for("This can be put back");
    terminal.wait_for("Go ahead?");
    terminal.type_line("y");
    terminal.wait_for("next:");
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
    assert!(terminal.shows_cursor());
}

/// Ctrl-C in the window asks what to do; going back leaves the app up on the old pair.
fn stopped_in_the_window(cli: &Cli, scene: &Scene) {
    let app = scene.app.as_str();
    let arguments = [&["connect:swap:cutover", "-a", app], &ACKS[..]].concat();
    let mut terminal = cli.terminal(&arguments);
    terminal.wait_for("Go ahead?");
    terminal.type_line("y");
    terminal.wait_for("To proceed, type");
    terminal.type_line(app);
    terminal.wait_for("downtime begins");
    terminal.ctrl_c();
    terminal.wait_for("then asking what to do");
    terminal.wait_for("roll back");
    terminal.type_line("r");
    assert_eq!(terminal.end(), 7, "{}", terminal.seen());
    assert!(terminal.shows_cursor() && terminal.is_cooked());
}

fn cutover_by_keyboard(cli: &Cli, scene: &Scene) {
    let app = scene.app.as_str();
    let arguments = [&["connect:swap:cutover", "-a", app], &ACKS[..]].concat();
    let mut terminal = cli.terminal(&arguments);
    terminal.wait_for("Go ahead?");
    terminal.type_line("y");
    terminal.wait_for("To proceed, type");
    terminal.type_line(app);
    terminal.wait_for("nothing goes back by itself");
    terminal.wait_for("To proceed, type");
    terminal.type_line("a-slip");
    terminal.wait_for("did not match");
    terminal.wait_for("To proceed, type");
    terminal.type_line(app);
    terminal.wait_for("next:");
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
    assert!(terminal.shows_cursor());
}
