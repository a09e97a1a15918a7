//! The rehearsal as a program runs it: unattended, its result on stdout.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use connect_swap_tests::{binary, interrupt};
use serde_json::Value;

/// How long a rehearsal may take. Longer than it should.
const BOUND: Duration = Duration::from_secs(300);

/// A rehearsal in an environment that is of no use to it: a proxy that leads nowhere and a name
/// that no app has.
fn rehearse(home: &tempfile::TempDir, arguments: &[&str]) -> Command {
    const NOWHERE: &str = "http://127.0.0.1:9";
    let mut command = Command::new(binary());
    command
        .args(["rehearse", "--speed", "120", "--rows", "300", "--plain"])
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("HEROKU_APP", "No App")
        .stdin(Stdio::null());
    for proxy in [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "all_proxy",
        "ALL_PROXY",
    ] {
        command.env(proxy, NOWHERE);
    }
    command
}

/// The lines of its stdout, as they come.
fn lines(child: &mut Child) -> Receiver<String> {
    let (sender, lines) = channel();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

#[test]
fn one_kept_for_a_program_tells_one_document() {
    let home = tempfile::tempdir().unwrap();
    let mut child = rehearse(&home, &["--yes", "--confirm", "demo", "--json", "--keep"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let told = std::thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).map(|_| text)
    });
    let lines = lines(&mut child);
    let mut text = String::new();
    while !text.ends_with("\n}\n") {
        let line = lines.recv_timeout(BOUND).expect("a document in time");
        text = format!("{text}{line}\n");
    }
    interrupt(&child);
    let status = child.wait().unwrap();
    let told = told.join().unwrap().unwrap();
    assert_eq!(status.code(), Some(0), "{text}\n{told}");
    assert_eq!(lines.iter().collect::<Vec<_>>(), Vec::<String>::new());
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["command"], "rehearse");
    assert_eq!(document["details"]["proven"], true, "{told}");
    assert!(document["details"]["environment"]["HEROKU_API_KEY"].is_string());
}

#[test]
fn one_that_ends_early_is_a_rehearsal_all_the_same() {
    let home = tempfile::tempdir().unwrap();
    let output = rehearse(&home, &["--events"]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{told}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let summaries: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["type"] == "summary")
        .collect();
    assert_eq!(summaries.len(), 1, "{stdout}");
    assert_eq!(summaries[0]["command"], "rehearse");
    assert!(stdout.lines().last().unwrap().contains("\"summary\""));
}
