//! From the command line to the exit code.

use std::ffi::OsString;
use std::sync::Arc;

use clap::FromArgMatches;
use connect_swap_engine::SystemClock;
use connect_swap_heroku::AppName;
use connect_swap_swap::{Report, Target};
use tokio::runtime::Builder;

use crate::args::{Cli, Command, Global, command, command_line};
use crate::browser::SystemBrowser;
use crate::commands::{self, AppCommand};
use crate::env::{self, Environment};
use crate::error::CliError;
use crate::frame::Frame;
use crate::signals::Stopping;
use crate::usage;

/// Parses the arguments, runs the command, and returns the process's exit code.
///
/// The codes are those of [`connect_swap_swap::ExitCode`]. A run that was paused by a signal ends
/// with 5; only one that was stopped at once ends with 130, 143 or 129.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> i32 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let parsed = command()
        .try_get_matches_from(&arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Where help cannot be printed there is nobody to read it.
            let _ = error.print();
            usage::tell_program(&error, &arguments);
            return error.exit_code();
        }
    };
    let runtime = match runtime(&cli).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return no_runtime(&error),
    };
    let code = runtime.block_on(dispatch(cli));
    // A thread may still wait for a line at the terminal; nobody waits for it.
    runtime.shutdown_background();
    code
}

/// What drives the command. Relaying rows is little work between long waits: on one thread it costs
/// half the processor time that it does where each message changes threads. Servers that are played
/// need more than that.
fn runtime(cli: &Cli) -> Builder {
    match cli.command {
        Some(Command::Rehearse(_) | Command::Sandbox(_)) => Builder::new_multi_thread(),
        _ => Builder::new_current_thread(),
    }
}

async fn dispatch(cli: Cli) -> i32 {
    match cli.command {
        Some(Command::Rehearse(args)) => crate::rehearsal::rehearse(cli.global, args).await,
        Some(Command::Sandbox(args)) => crate::rehearsal::sandbox(cli.global, args).await,
        command => against_app(cli.global, command).await,
    }
}

async fn against_app(global: Global, command: Option<Command>) -> i32 {
    let environment = Environment::read(env::process);
    let clock = environment
        .as_ref()
        .map_or_else(|_| SystemClock::new(1.0), Environment::clock);
    let frame = Frame::on_clock(&global, Arc::new(clock));
    let name = command.as_ref().map(Command::name);
    let read_only = command.as_ref().is_none_or(Command::is_read_only);
    let which = commands::Command {
        name: name.unwrap_or("list"),
        read_only,
    };
    let stopping = stopping(command.as_ref());
    let _listener = frame.listen(stopping);
    frame.start_ticking();
    let prepared = environment.map_err(CliError::from).and_then(|environment| {
        let target = target(&global)?;
        let browser = Arc::new(SystemBrowser::new(environment.browser.clone()));
        let app = &target.app;
        let place = commands::workplace(&frame, &global, environment, app, which, browser)?;
        Ok((place, target))
    });
    let (workplace, target) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            let app = app_named(&global).ok().flatten();
            let app = app.as_ref().map(AppName::as_str).unwrap_or_default();
            return frame.finish(&error.report(which.name, app, &again(name, app)), None);
        }
    };
    frame.say_what_is_looked_at(target.app.as_str());
    let context = AppCommand {
        workplace: &workplace,
        frame: &frame,
        global: &global,
        target,
    };
    let report: Option<Report> = commands::run(&context, command).await;
    // Rehearsals were taken out by the caller.
    let code = report.map_or(1, |report| {
        frame.finish(&report, workplace.log().as_deref())
    });
    match stopping {
        Stopping::InOrder => frame.presses.exit_code().unwrap_or(code),
        Stopping::AtOnce | Stopping::AfterTheStep => code,
    }
}

/// How a command takes signals. One that watches ends with its last look as the result, one that
/// follows after the round that is under way.
fn stopping(command: Option<&Command>) -> Stopping {
    match command {
        Some(Command::Status(args)) if args.watch => Stopping::InOrder,
        Some(Command::Follow(_)) => Stopping::InOrder,
        Some(command) if !command.is_read_only() => Stopping::AfterTheStep,
        Some(_) | None => Stopping::AtOnce,
    }
}

/// The app of the command line, else that of the environment.
fn app_named(global: &Global) -> Result<Option<AppName>, CliError> {
    match &global.app {
        Some(app) => Ok(Some(app.clone())),
        None => Ok(env::app(env::process)?),
    }
}

/// The app that is meant.
fn target(global: &Global) -> Result<Target, CliError> {
    let app = match (app_named(global)?, &global.remote) {
        (Some(app), _) => app,
        // The plugin hands the raw arguments on, and the app that it resolved in the environment.
        (None, Some(remote)) => return Err(CliError::Remote(remote.clone())),
        (None, None) => return Err(CliError::NoApp),
    };
    Ok(Target {
        app,
        resource: global.resource.clone(),
    })
}

/// The same command once more.
pub(crate) fn again(command: Option<&str>, app: &str) -> String {
    let app = if app.is_empty() { "example-app" } else { app };
    command_line(command, &format!("--app {app}"))
}

#[expect(clippy::print_stderr, reason = "there is no screen yet")]
fn no_runtime(error: &std::io::Error) -> i32 {
    eprintln!("Error: the program could not start: {error}");
    1
}
