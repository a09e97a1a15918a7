//! The binary as it is called: what the environment and the flags mean, and what a program reads
//! whatever goes wrong.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use connect_swap_cli::args::examples;
use connect_swap_tests::{Scene, Terminal, binary, interrupt, signal};
use portable_pty::CommandBuilder;
use serde_json::Value;

/// The binary with nothing in its environment but this.
fn alone(arguments: &[&str], env: &[(&str, &str)]) -> Output {
    Command::new(binary())
        .args(arguments)
        .env_clear()
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts")
}

/// The last object on stdout, which is the only document of `--json`.
fn document(output: &Output, form: &str) -> Value {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let last = match form {
        "--json" => text.as_str(),
        _ => text.lines().last().unwrap_or_default(),
    };
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn the_version_is_shown() {
    for flag in ["-V", "--version"] {
        let output = alone(&[flag], &[]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with("connect-swap 0."), "{text}");
    }
}

#[test]
fn a_program_hears_of_a_wrong_command_line() {
    for form in ["--json", "--events"] {
        let output = alone(&["cutover", form, "--max-downtime", "soon"], &[]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let document = document(&output, form);
        assert_eq!(document["command"], "cutover");
        let message = document["error"]["message"].as_str().unwrap();
        assert!(message.contains("--max-downtime"), "{message}");
        if form == "--events" {
            assert_eq!(document["type"], "summary");
        }
        assert!(String::from_utf8_lossy(&output.stderr).contains("--max-downtime"));
    }
    // Nobody asked for a document.
    assert!(alone(&["cutover", "--no-such-flag"], &[]).stdout.is_empty());
    let help = alone(&["cutover", "--json", "--help"], &[]);
    assert!(String::from_utf8_lossy(&help.stdout).contains("Examples:"));
}

#[test]
fn an_empty_app_is_none_and_a_malformed_one_is_named() {
    for (app, words) in [("", "no app was named"), ("No App", "HEROKU_APP")] {
        let output = alone(&["status", "--json"], &[("HEROKU_APP", app)]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let message = document(&output, "--json")["error"]["message"].to_string();
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_password_in_a_host_is_not_printed() {
    let host = ("HEROKU_HOST", "https://user:hush@api.example.com");
    let output = alone(&["status", "-a", "demo", "--json"], &[host]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let shown = format!("{output:?}");
    assert!(!shown.contains("hush"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_looks_needs_no_home_and_the_bare_command_lists() {
    let scene = Scene::new().await;
    let app = scene.app.as_str();
    tokio::task::block_in_place(|| {
        let run = |arguments: &[&str]| {
            let mut command = scene.command(arguments);
            command.env_remove("HOME").output().unwrap()
        };
        let add = "Account.Industry";
        for (arguments, name) in [
            (vec!["-a", app, "--json"], "list"),
            (vec!["status", "-a", app, "--json"], "status"),
            (vec!["plan", "-a", app, "--add", add, "--json"], "plan"),
        ] {
            let output = run(&arguments);
            assert_eq!(output.status.code(), Some(0), "{name}: {output:?}");
            assert_eq!(document(&output, "--json")["command"], name);
        }
        let prep = run(&["prep", "-a", app, "--add", add, "--yes"]);
        let told = String::from_utf8_lossy(&prep.stderr);
        assert_eq!(prep.status.code(), Some(2), "{told}");
        assert!(told.contains("HOME"), "{told}");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_ctrl_c_ends_has_a_summary() {
    let scene = Scene::new().await;
    tokio::task::block_in_place(|| {
        let arguments = ["status", "-a", &scene.app, "--watch", "--events"];
        let mut child = scene
            .command(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut types = Vec::new();
        for line in stdout.lines() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            assert_eq!(line["command"], "status");
            types.push(line["type"].as_str().unwrap().to_owned());
            if types.len() == 2 {
                interrupt(&child);
            }
        }
        assert_eq!(child.wait().unwrap().code(), Some(130));
        let last = types.pop();
        assert_eq!(last.as_deref(), Some("summary"));
        assert!(types.len() >= 2 && types.iter().all(|one| one == "report"));
    });
}

/// The examples of the help that nobody is asked in, as they stand there.
#[tokio::test(flavor = "multi_thread")]
async fn unattended_examples_do_what_they_say() {
    let scene = Scene::new().await;
    let (app, old) = (scene.target().app, scene.old_connect().await);
    let addons = scene.somebody().platform().addons(&app).await.unwrap();
    let database = addons.iter().find(|addon| addon.name != *old).unwrap();
    let database = database.name.to_string();
    let names = BTreeMap::from([
        ("example-app", scene.app.as_str()),
        // Ten minutes of the sandbox are five seconds here.
        ("10m", "5h"),
        ("postgresql-example-12345", database.as_str()),
        ("herokuconnect-example-12345", old.as_str()),
    ]);
    tokio::task::block_in_place(|| {
        let browser = scene.allowing_browser();
        for command in ["prep", "cutover", "cleanup"] {
            let example = examples(Some(command)).last().unwrap();
            assert!(example.what.contains("without a terminal"), "{example:?}");
            let words = example.args.split_whitespace();
            let words = words.map(|word| names.get(word).copied().unwrap_or(word));
            let mut arguments: Vec<&str> = std::iter::once(command).chain(words).collect();
            if command == "cutover" {
                // The sandbox's connections differ in flags that no API carries.
                arguments.extend(["--ack", "feature-flags-differ"]);
            }
            let output = scene.run(&arguments, &[("BROWSER", &browser)]);
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{arguments:?}\n{told}");
        }
    });
}

/// `prep` without `--add` on a terminal: lists to pick from.
fn picking(scene: &Scene) -> Terminal {
    let mut command = CommandBuilder::new(binary());
    command.args(["prep", "-a", &scene.app, "--plain"]);
    command.env_clear();
    for (name, value) in scene.sandbox.environment() {
        command.env(name, value);
    }
    command.env("HOME", scene.files());
    command.env("TERM", "xterm-256color");
    let mut terminal = Terminal::start(command);
    terminal.wait_for("Mapping to add columns to");
    terminal
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_to_pick_from_leaves_the_terminal_as_it_was() {
    let scene = Scene::new().await;
    tokio::task::block_in_place(|| {
        let mut terminal = picking(&scene);
        terminal.ctrl_c();
        assert_eq!(terminal.end(), 4, "{}", terminal.seen());
        assert!(terminal.shows_cursor(), "{}", terminal.seen());
        assert!(terminal.is_cooked());
        let mut terminal = picking(&scene);
        signal(terminal.process(), "TERM");
        assert_eq!(terminal.end(), 4, "{}", terminal.seen());
        assert!(terminal.shows_cursor(), "{}", terminal.seen());
        assert!(terminal.is_cooked());
        assert_eq!(scene.mutations(), Vec::<String>::new());
    });
}
