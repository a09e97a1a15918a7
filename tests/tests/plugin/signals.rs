//! Signals through the CLI, with its telemetry off and on: then it has handlers that end it at once.

use connect_swap_tests::{Scene, signal};

use crate::cli::{Cli, said};

/// A CLI whose telemetry is on, as most people have it, and reaches nobody.
fn with_telemetry(cli: Cli) -> Cli {
    let cli = cli.unset("DISABLE_TELEMETRY");
    // A port that nobody listens on; what is on this machine needs no proxy.
    cli.set("HTTPS_PROXY", "http://127.0.0.1:9")
        .set("NO_PROXY", "127.0.0.1,localhost")
        .set("HEROKU_ANALYTICS_URL", "http://127.0.0.1:9")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_prompt_comes_back_after_the_program_has_ended() {
    let Some(cli) = Cli::with_plugin().await else {
        return;
    };
    let scene = Scene::new().await;
    let mut cli = cli.at(&scene);
    for telemetry in [false, true] {
        if telemetry {
            cli = with_telemetry(cli);
        }
        tokio::task::block_in_place(|| {
            let watch = ["connect:swap:status", "-a", &scene.app, "--watch"];
            let mut terminal = cli.terminal(&watch);
            terminal.wait_for("no swap");
            terminal.ctrl_c();
            assert_eq!(terminal.end(), 130, "{}", terminal.seen());
            assert!(terminal.shows_cursor() && terminal.is_cooked());
            for (name, code) in [("TERM", 143), ("HUP", 129)] {
                let mut terminal = cli.terminal(&watch);
                terminal.wait_for("no swap");
                signal(terminal.process(), name);
                assert_eq!(
                    terminal.end(),
                    code,
                    "{name} {telemetry}: {}",
                    terminal.seen()
                );
            }
        });
    }
}

/// A terminal that is closed hangs up on the whole group in its foreground: on the CLI and the program.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_terminal_pauses_and_the_same_command_goes_on() {
    let Some(cli) = Cli::with_plugin().await else {
        return;
    };
    let scene = Scene::new().await;
    let cli = with_telemetry(cli.at(&scene));
    tokio::task::block_in_place(|| {
        let app = scene.app.as_str();
        let arguments = [
            "connect:swap:prep",
            "-a",
            app,
            "--add",
            "Account.Industry",
            "--yes",
        ];
        let mut terminal = cli.terminal(&arguments);
        terminal.wait_for("create");
        hang_up(terminal.process());
        assert_eq!(terminal.end(), 5, "{}", terminal.seen());
        let again = cli.run(&arguments);
        assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    });
}

/// The CLI leads the terminal's session, and so the group in its foreground.
fn hang_up(leader: u32) {
    let group = format!("-{leader}");
    let sent = std::process::Command::new("kill")
        .args(["-HUP", "--", &group])
        .status();
    assert!(sent.expect("kill runs").success());
}
