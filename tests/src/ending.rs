//! What a report must say, however it ended.

use connect_swap_swap::{ExitCode, Report};

/// Everything a person reads of what went wrong, in one text.
pub fn told(report: &Report) -> String {
    let Some(error) = &report.error else {
        return String::new();
    };
    let lines = [&error.causes, &error.hints, &error.by_hand];
    let lines = lines.into_iter().flatten().map(String::as_str);
    std::iter::once(error.message.as_str())
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Checks how a command ended, that every one of `words` stands in what a person is told, and that
/// a failure always says in what state the app is and what to run next.
///
/// # Panics
/// When it did not.
#[track_caller]
pub fn ended(report: &Report, exit: ExitCode, words: &[&str]) {
    let shown = || serde_json::to_string_pretty(&(&report.error, &report.findings));
    assert_eq!(report.exit, exit, "{}", shown().expect("JSON"));
    let told = told(report);
    for word in words {
        assert!(told.contains(word), "“{word}” is missing in:\n{told}");
    }
    if exit != ExitCode::Ok {
        let state = report.error.as_ref().map(|error| error.app_state.as_str());
        assert!(
            state.is_some_and(|state| !state.is_empty()),
            "the app's state is missing in:\n{told}"
        );
    }
    assert!(!report.next.is_empty(), "nothing is said to run next");
}

/// Checks that the report says where the app is: on which database, in maintenance or not.
///
/// # Panics
/// When it does not.
#[track_caller]
pub fn says_app_is(report: &Report, maintenance: &str) {
    let state = &report.error.as_ref().expect("an error").app_state;
    let wanted = format!("maintenance mode is {maintenance}");
    assert!(
        state.contains(&report.app) && state.contains("is on database") && state.contains(&wanted),
        "{state}"
    );
}
