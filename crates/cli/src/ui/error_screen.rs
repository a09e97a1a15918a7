//! What a person reads when a command could not do what was asked.

use std::path::Path;

use connect_swap_swap::Report;

use super::escape::line;
use super::palette::{Paint, Palette};

/// What failed, why, the state of the app, what to do, and where the log is. Empty when nothing
/// failed.
pub(crate) fn error_screen(report: &Report, log: Option<&Path>, palette: Palette) -> String {
    let Some(error) = &report.error else {
        return String::new();
    };
    let mark = palette.paint(Paint::Bad, " ›");
    let mut lines = vec![format!(
        "{mark}   {} {}",
        palette.paint(Paint::Bad, "Error:"),
        line(&error.message)
    )];
    lines.extend(
        error
            .causes
            .iter()
            .map(|cause| format!("{mark}   why:   {}", line(cause))),
    );
    if !error.app_state.is_empty() {
        lines.push(format!("{mark}   state: {}", line(&error.app_state)));
    }
    let todo: Vec<_> = error.hints.iter().map(|hint| line(hint)).collect();
    lines.extend(numbered("what to do:", &todo));
    let by_hand: Vec<_> = error
        .by_hand
        .iter()
        .map(|typed| palette.paint(Paint::Command, &line(typed)))
        .collect();
    lines.extend(numbered("to put it right by hand:", &by_hand));
    if let Some(log) = log {
        lines.push(format!("     log: {}", line(&log.display().to_string())));
    }
    lines.join("\n")
}

fn numbered(title: &str, items: &[String]) -> Vec<String> {
    if items.is_empty() {
        return Vec::new();
    }
    let items = items
        .iter()
        .enumerate()
        .map(|(index, item)| format!("       {}. {item}", index + 1));
    std::iter::once(format!("     {title}"))
        .chain(items)
        .collect()
}

#[cfg(test)]
mod tests {
    use connect_swap_swap::{ExitCode, Problem};

    use super::*;
    use crate::ui::{fold, on_terminals};

    #[test]
    fn what_why_state_what_to_do_and_the_log() {
        let problem = Problem {
            message: "the new database could not be created".to_owned(),
            causes: vec![
                "POST /apps/example-app/addons: 422 invalid_params".to_owned(),
                "Heroku says: Please verify your account\u{1b}[31m (request id 0a1b)".to_owned(),
            ],
            app_state: "the app runs on its old pair, as before".to_owned(),
            hints: vec![
                "verify the account".to_owned(),
                "run the same command again".to_owned(),
            ],
            by_hand: vec!["heroku maintenance:off -a example-app".to_owned()],
        };
        let report = Report {
            error: Some(problem),
            exit: ExitCode::Paused,
            ..Report::new("prep", "example-app")
        };
        let log = Path::new("/home/ada/.local/state/connect-swap/logs/a.jsonl");
        let screen = error_screen(&report, Some(log), Palette::none());
        insta::assert_snapshot!(screen);
        let screens = on_terminals(|columns| fold(&screen, columns));
        insta::assert_snapshot!("an_error_on_terminals", screens);
    }

    #[test]
    fn nothing_failed_nothing_is_shown() {
        assert_eq!(
            error_screen(&Report::new("prep", "a"), None, Palette::none()),
            ""
        );
    }
}
