//! One command of the binary: started, its steps heard, its end understood.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use connect_swap_tests::{allowing_browser, binary};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use crate::script::During;
use crate::stage::Stage;

/// Longer than any wait of a command is bounded to at this speed; past it the command is silent.
const SILENCE: Duration = Duration::from_secs(240);

/// What to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Prep,
    Cutover,
    Rollback,
    Cleanup,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) command: Command,
    /// The exit code; none where a signal ended it, or where it did not end.
    pub(crate) code: Option<i32>,
    pub(crate) silent: bool,
    /// The last line of its events.
    pub(crate) summary: Option<Value>,
    pub(crate) stderr: String,
}

impl Command {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Prep => "prep",
            Self::Cutover => "cutover",
            Self::Rollback => "rollback",
            Self::Cleanup => "cleanup",
        }
    }

    fn during(self) -> During {
        match self {
            Self::Prep => During::Prep,
            Self::Cutover => During::Cutover,
            Self::Rollback | Self::Cleanup => During::After,
        }
    }

    fn arguments(self, stage: &Stage, addons: &[String]) -> Vec<String> {
        let app = stage.app.as_str();
        let further: &[&str] = match self {
            Self::Prep => &["--add", "Account.Industry"],
            Self::Cutover => &["--ack", "manual-settings", "--ack", "feature-flags-differ"],
            Self::Rollback | Self::Cleanup => &[],
        };
        let of_all = [
            self.name(),
            "-a",
            app,
            "--events",
            "--yes",
            "--confirm",
            app,
        ];
        let mut arguments: Vec<String> = of_all.iter().chain(further).map(|&a| a.into()).collect();
        if self == Self::Cleanup {
            for addon in addons {
                arguments.extend(["--confirm".into(), addon.clone()]);
            }
        }
        arguments
    }
}

/// Runs a command to its end; where the script wants it, a second one beside it.
pub(crate) async fn run(stage: &Arc<Stage>, command: Command, addons: &[String]) -> Ending {
    let arguments = command.arguments(stage, addons);
    let ending = on_machine(stage, 0, command, &arguments).await;
    stage.note(ending.words());
    stage.hear(&ending.stderr);
    ending
}

async fn on_machine(
    stage: &Arc<Stage>,
    machine: usize,
    command: Command,
    arguments: &[String],
) -> Ending {
    let mut child = start(stage, machine, arguments);
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut stderr = child.stderr.take().expect("a pipe");
    let errors = tokio::spawn(async move {
        let mut text = String::new();
        let _ = stderr.read_to_string(&mut text).await;
        text
    });
    let is_first = machine == 0;
    if is_first {
        stage
            .process
            .store(child.id().unwrap_or(0), Ordering::SeqCst);
    }
    let mut summary = None;
    let mut second = None;
    let heard = tokio::time::timeout(SILENCE, async {
        while let Ok(Some(line)) = lines.next_line().await {
            let Ok(event) = serde_json::from_str::<Value>(&line) else {
                continue;
            };
            match event["type"].as_str() {
                Some("step-started") if is_first => stage.step_begins(command.during()).await,
                Some("summary") => summary = Some(event),
                _ => {}
            }
            if is_first && second.is_none() && stage.second.swap(false, Ordering::SeqCst) {
                second = Some(beside(stage, command, arguments));
            }
        }
    })
    .await;
    if is_first {
        stage.process.store(0, Ordering::SeqCst);
    }
    if heard.is_err() {
        // Only the process that was started here.
        let _ = child.kill().await;
    }
    let status = child.wait().await.expect("the command ends");
    if let Some(second) = second {
        let ending = second.await.expect("no panic");
        stage.note(format!("beside it: {}", ending.words()));
    }
    Ending {
        command,
        code: status.code(),
        silent: heard.is_err(),
        summary,
        stderr: errors.await.unwrap_or_default(),
    }
}

/// The same command of another operator, on a machine of its own.
fn beside(
    stage: &Arc<Stage>,
    command: Command,
    arguments: &[String],
) -> tokio::task::JoinHandle<Ending> {
    let (stage, arguments) = (Arc::clone(stage), arguments.to_vec());
    tokio::spawn(async move { Box::pin(on_machine(&stage, 1, command, &arguments)).await })
}

fn start(stage: &Arc<Stage>, machine: usize, arguments: &[String]) -> tokio::process::Child {
    let home = stage.homes[machine].path();
    let mut command = tokio::process::Command::new(binary());
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("BROWSER", allowing_browser(home))
        .envs(stage.servers.sandbox.environment())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let off = stage.clock_off.load(Ordering::SeqCst);
    if off != 0 {
        let right = stage.servers.sandbox.clock().origin();
        let wrong = right.checked_add(Duration::from_secs(off.unsigned_abs()));
        let wrong = if off < 0 {
            right.checked_sub(Duration::from_secs(off.unsigned_abs()))
        } else {
            wrong
        };
        command.env(
            "CONNECT_SWAP_CLOCK_ORIGIN",
            wrong.expect("a moment").to_string(),
        );
    }
    command.spawn().expect("the binary starts")
}

impl Ending {
    /// A text of the summary.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        let found = self
            .summary
            .as_ref()
            .and_then(|summary| summary.pointer(pointer));
        found.and_then(Value::as_str).unwrap_or_default()
    }

    /// The names that it asks to be given with `--confirm`.
    pub(crate) fn wanted_confirmations(&self) -> Vec<String> {
        let hints = self
            .summary
            .as_ref()
            .and_then(|summary| summary.pointer("/error/hints"));
        let hints = hints.and_then(Value::as_array).into_iter().flatten();
        hints
            .filter_map(|hint| hint.as_str()?.split("--confirm ").nth(1))
            .filter_map(|rest| rest.split_whitespace().next())
            .map(str::to_owned)
            .collect()
    }

    /// In one line.
    pub(crate) fn words(&self) -> String {
        let code = match self.code {
            _ if self.silent => "silent".to_owned(),
            Some(code) => code.to_string(),
            None => "signal".to_owned(),
        };
        let message = self.text("/error/message");
        let codes: Vec<&str> = self
            .summary
            .iter()
            .flat_map(|summary| summary["findings"].as_array().into_iter().flatten())
            .filter(|finding| finding["severity"] == "block" && finding["acknowledged"] != true)
            .filter_map(|finding| finding["code"].as_str())
            .collect();
        let blocked = if self.code == Some(3) {
            codes.join(", ")
        } else {
            String::new()
        };
        let said = [message, &blocked]
            .into_iter()
            .filter(|text| !text.is_empty());
        let said: Vec<&str> = said.collect();
        format!("{} {code} {}", self.command.name(), said.join("; "))
    }
}
