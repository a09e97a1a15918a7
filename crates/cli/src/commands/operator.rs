//! What the domain works with: client, gate, sinks, clock, files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use connect_swap_engine::Sink;
use connect_swap_heroku::{Access, AppName, Heroku, Settings};
use connect_swap_swap::{Browser, Operator, WaitSettings};

use crate::args::Global;
use crate::env::Environment;
use crate::error::CliError;
use crate::frame::Frame;
use crate::gate::{Consents, Gatekeeper};
use crate::identity::identity;
use crate::log_file::LogFile;
use crate::redact::Redactor;
use crate::retries::Retries;
use crate::sinks::Sinks;
use crate::state_dir::{make_private, state_dir};

/// What the domain works with, and the log of it.
pub(crate) struct Workplace {
    pub(crate) operator: Operator,
    log: Option<Arc<LogFile>>,
}

impl Workplace {
    /// Where the log is, where one was written.
    pub(crate) fn log(&self) -> Option<PathBuf> {
        self.log.as_ref().and_then(|log| log.path())
    }
}

/// Puts it together for one command on one app. A command that only looks keeps no log, and needs
/// no place for files.
///
/// # Errors
/// No token, no place for files, or no client.
pub(crate) fn workplace(
    frame: &Frame,
    global: &Global,
    environment: Environment,
    app: &AppName,
    command: Command,
    browser: Arc<dyn Browser>,
) -> Result<Workplace, CliError> {
    let token = environment.token.ok_or(CliError::NoToken)?;
    let redactor = Redactor::new(Some(token.clone()));
    frame.ui.keep_back(redactor.clone());
    let files = match state_dir(crate::env::process) {
        Some(files) => files,
        // What only looks keeps no files.
        None if command.read_only => PathBuf::new(),
        None => return Err(CliError::NoStateDirectory),
    };
    let log = (!command.read_only)
        .then(|| log(frame, &files, command.name, app, redactor))
        .transpose()?;
    let heroku = Heroku::new(Settings {
        hosts: environment.hosts,
        token,
        user_agent: format!("connect-swap/{}", env!("CARGO_PKG_VERSION")),
        clock_speed: environment.clock_speed,
        access: if command.read_only {
            Access::ReadOnly
        } else {
            Access::ReadWrite
        },
    })
    .map_err(CliError::Client)?;
    let gate = Gatekeeper {
        app: app.to_string(),
        consents: Consents {
            yes: global.yes,
            confirm: global.confirm.clone(),
        },
        answers: frame.answers.clone(),
        ui: frame.ui.clone(),
        control: frame.control.clone(),
        presses: frame.presses.clone(),
    };
    let screen = Some(frame.ui.clone() as Arc<dyn Sink>);
    let logged = log.clone().map(|log| log as Arc<dyn Sink>);
    let sinks = [screen, frame.stream(), logged]
        .into_iter()
        .flatten()
        .collect();
    let sink: Arc<dyn Sink> = Arc::new(Sinks(sinks));
    let retries = Retries {
        sink: sink.clone(),
        control: frame.control.clone(),
        ui: frame.ui.clone(),
    };
    let operator = Operator {
        heroku: heroku.watched_by(Arc::new(retries)),
        gate: Arc::new(gate),
        sink,
        clock: frame.clock.clone(),
        control: frame.control.clone(),
        browser,
        identity: identity(crate::env::process),
        files,
        injection: environment.injection,
        wait: WaitSettings {
            interval: Duration::from_secs(global.wait_interval),
        },
        kill_at: environment.kill_at,
    };
    Ok(Workplace { operator, log })
}

/// Which command it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Command {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether it changes nothing anywhere.
    pub(crate) read_only: bool,
}

fn log(
    frame: &Frame,
    files: &Path,
    command: &str,
    app: &AppName,
    redactor: Redactor,
) -> Result<Arc<LogFile>, CliError> {
    make_private(files).map_err(|source| CliError::StateDirectory {
        path: files.display().to_string(),
        source,
    })?;
    let clock = frame.clock.clone();
    Ok(Arc::new(LogFile::new(
        files,
        command,
        app.as_str(),
        clock,
        redactor,
    )))
}
