//! The real `heroku` CLI against the sandbox: it knows nothing of this project.
//!
//! Needs the CLI of npm's package `heroku` 11: set `CONNECT_SWAP_HEROKU_CLI` to its `bin/run.js`,
//! or to any `heroku` program. Skipped, saying so, where that is not set. It runs with a home
//! directory of its own and never with the caller's login.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::Path;
use std::process::Stdio;

use connect_swap_sandbox::{AppSpec, Workload};
use support::{app_of, releases, sandbox};

/// What the CLI did.
struct Run {
    code: Option<i32>,
    output: String,
}

/// Runs one command without a terminal; both streams are kept together.
async fn heroku(program: &str, home: &Path, arguments: &[&str]) -> Run {
    let mut command = if Path::new(program)
        .extension()
        .is_some_and(|extension| extension == "js")
    {
        let mut node = tokio::process::Command::new("node");
        node.arg(program);
        node
    } else {
        tokio::process::Command::new(program)
    };
    let output = command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("CI", "true")
        .envs(sandbox().environment())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let limit = std::time::Duration::from_secs(60);
    let output = tokio::time::timeout(limit, output)
        .await
        .expect("the CLI ends")
        .unwrap();
    let both = [output.stdout, output.stderr].concat();
    Run {
        code: output.status.code(),
        output: String::from_utf8_lossy(&both).into_owned(),
    }
}

#[tokio::test]
async fn the_real_cli_works_the_sandbox() {
    let Ok(program) = std::env::var("CONNECT_SWAP_HEROKU_CLI") else {
        eprintln!("skipped: CONNECT_SWAP_HEROKU_CLI is not set");
        return;
    };
    let app = app_of(AppSpec {
        workload: Some(Workload::default()),
        ..AppSpec::default()
    })
    .await;
    let home = tempfile::tempdir().unwrap();
    let run = async |arguments: &[&str], expected: &str| {
        let all = [arguments, &["--app", &app]].concat();
        let done = heroku(&program, home.path(), &all).await;
        assert_eq!(done.code, Some(0), "{arguments:?}: {}", done.output);
        assert!(
            done.output.contains(expected),
            "{arguments:?}: {}",
            done.output
        );
    };
    let plan = "heroku-postgresql:standard-0";
    run(&["addons"], "as DATABASE").await;
    run(
        &[
            "addons:create",
            plan,
            "--as",
            "NEW_DATABASE",
            "--name",
            "cli-database",
            "--wait",
        ],
        "as NEW_DATABASE_URL",
    )
    .await;
    run(&["pg:wait", "NEW_DATABASE", "--wait-interval", "1"], "").await;
    run(&["pg:info", "NEW_DATABASE"], "Available").await;
    run(&["addons:info", "NEW_DATABASE"], "NEW_DATABASE").await;
    run(
        &["addons:attach", "cli-database", "--as", "ALSO"],
        "Setting ALSO config vars",
    )
    .await;
    run(&["addons:detach", "ALSO"], "Unsetting ALSO config vars").await;
    run(&["maintenance:on"], "done").await;
    run(&["ps:scale", "web=0", "worker=0"], "web at 0").await;
    run(&["pg:promote", "NEW_DATABASE"], "done").await;
    let made = releases(&app).await;
    assert!(
        made.last().unwrap().starts_with("Attach DATABASE (@ref:"),
        "{made:?}"
    );
    run(&["ps:scale", "web=2", "worker=1"], "web at 2").await;
    run(&["maintenance:off"], "done").await;
    run(&["ps:wait"], "").await;
    run(&["ps"], "web.1").await;
    run(&["releases"], "Attach DATABASE").await;
    run(&["config"], "NEW_DATABASE_URL").await;
    run(
        &[
            "addons:create",
            "herokuconnect:enterprise",
            "--name",
            "cli-connect",
            "--wait",
        ],
        "Created",
    )
    .await;
    run(
        &["addons:destroy", "cli-connect", "--confirm", &app],
        "done",
    )
    .await;
    let gone = heroku(
        &program,
        home.path(),
        &["addons:info", "cli-connect", "--app", &app],
    )
    .await;
    assert_eq!(gone.code, Some(2), "{}", gone.output);
}
