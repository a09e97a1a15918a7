//! A command line that makes no sense, told to the program that wrote it.

use std::ffi::OsString;

use connect_swap_swap::{ExitCode, Problem, Report};

use crate::args::{Global, command, command_line};
use crate::frame::Frame;

/// Prints the document of `--json`, or the summary of `--events`, where one was asked for. What a
/// person reads is printed by the parser itself.
pub(crate) fn tell_program(error: &clap::Error, arguments: &[OsString]) {
    let global = form(arguments);
    // Help and version are no errors, and text.
    if error.use_stderr() && (global.json || global.events) {
        Frame::new(&global, 1.0).tell_result(&report(error, arguments));
    }
}

/// The form that was asked for, as far as it can be told.
fn form(arguments: &[OsString]) -> Global {
    let has = |flag: &str| words(arguments).any(|word| word == flag);
    let json = has("--json");
    Global {
        json,
        events: !json && has("--events"),
        ..Global::default()
    }
}

fn report(error: &clap::Error, arguments: &[OsString]) -> Report {
    let model = command();
    let name = words(arguments).find(|word| model.find_subcommand(word).is_some());
    let told = error.to_string();
    let message = told.lines().next().unwrap_or_default();
    let problem = Problem {
        message: message.trim_start_matches("error: ").to_owned(),
        causes: Vec::new(),
        app_state: "nothing was asked of Heroku, and nothing was changed".to_owned(),
        hints: vec!["look at the command's help, then mend the command line".to_owned()],
        by_hand: Vec::new(),
    };
    Report {
        state: "unknown".to_owned(),
        next: command_line(name, "--help"),
        error: Some(problem),
        exit: ExitCode::Usage,
        ..Report::new(name.unwrap_or("list"), "")
    }
}

/// The words after the program's name, up to `--`.
fn words(arguments: &[OsString]) -> impl Iterator<Item = &str> {
    let words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    words.take_while(|word| *word != "--")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn a_document_names_the_command_and_what_is_wrong() {
        let arguments = arguments("connect-swap cutover --json --max-downtime soon");
        assert!(form(&arguments).json);
        let error = command().try_get_matches_from(&arguments).unwrap_err();
        let report = report(&error, &arguments);
        assert_eq!(report.command, "cutover");
        assert_eq!(report.exit, ExitCode::Usage);
        assert_eq!(report.next, "heroku connect:swap:cutover --help");
        let message = report.error.unwrap().message;
        assert!(message.contains("--max-downtime"), "{message}");
        assert!(!message.starts_with("error"), "{message}");
    }

    #[test]
    fn what_stands_behind_two_dashes_is_no_flag() {
        assert!(!form(&arguments("connect-swap plan -- --json")).json);
        let both = form(&arguments("connect-swap --json --events"));
        assert!(both.json && !both.events);
    }
}
