//! The list of commands in the README, and the page that describes each of them.

use std::fmt::Write;

use clap::{Arg, Command};
use connect_swap_cli::args::{command, command_line, examples};

use crate::generate::{GenerateError, Generated};

/// Where the list of commands stands.
pub(crate) const README: &str = "README.md";
/// The marks that oclif puts around a list of commands in a README.
pub(crate) const START: &str = "<!-- commands -->";
pub(crate) const END: &str = "<!-- commandsstop -->";

const PAGE: &str = "docs/commands.md";

/// The README with the list between its marks.
pub(crate) fn in_readme(readme: &str) -> Result<Generated, GenerateError> {
    let unmarked = || GenerateError::Unmarked(README, START, END);
    let (before, rest) = readme.split_once(START).ok_or_else(unmarked)?;
    let (_, after) = rest.split_once(END).ok_or_else(unmarked)?;
    Ok(Generated {
        path: README.to_owned(),
        text: format!("{before}{START}\n{}{END}{after}", list()),
    })
}

fn list() -> String {
    let mut text = "| command | what it does |\n|---|---|\n".to_owned();
    for_each_command(|name, command| {
        let line = command_line(name, "");
        let anchor = line.replace([' ', ':'], "-");
        let about = about(command);
        let _ = writeln!(text, "| [`{line}`]({PAGE}#{anchor}) | {about} |");
    });
    text
}

/// The page with every command's flags and examples.
pub(crate) fn page() -> Generated {
    let mut text = "# Commands\n\n\
        Generated from the command line itself. The same text is shown by `--help`, and by \
        `heroku help connect:swap`.\n"
        .to_owned();
    for_each_command(|name, command| describe(&mut text, name, command));
    text.push_str(&shared());
    Generated {
        path: PAGE.to_owned(),
        text,
    }
}

fn for_each_command(mut tell: impl FnMut(Option<&str>, &Command)) {
    let mut model = command();
    model.build();
    tell(None, &model);
    for sub in model.get_subcommands() {
        tell(Some(sub.get_name()), sub);
    }
}

fn describe(text: &mut String, name: Option<&str>, command: &Command) {
    let line = command_line(name, "");
    let anchor = line.replace([' ', ':'], "-");
    // GitHub's own anchors leave the colons out.
    let _ = write!(text, "\n<a id=\"{anchor}\"></a>\n\n## `{line}`\n\n");
    let long = command.get_long_about().or(command.get_about());
    let _ = writeln!(
        text,
        "{}",
        long.map(ToString::to_string).unwrap_or_default()
    );
    let own: Vec<&Arg> = command
        .get_arguments()
        .filter(|arg| !arg.is_global_set() && is_shown(arg))
        .collect();
    flags(text, &own);
    text.push_str("\n```\n");
    for example in examples(name) {
        let _ = writeln!(text, "# {}", example.what);
        let _ = writeln!(text, "$ {}", command_line(name, example.args));
    }
    text.push_str("```\n");
}

/// The flags that every command takes.
fn shared() -> String {
    let mut text = "\n## Flags of every command\n".to_owned();
    let model = command();
    let global: Vec<&Arg> = model
        .get_arguments()
        .filter(|arg| arg.is_global_set() && is_shown(arg))
        .collect();
    flags(&mut text, &global);
    text
}

fn flags(text: &mut String, flags: &[&Arg]) {
    if flags.is_empty() {
        return;
    }
    text.push_str("\n| flag | |\n|---|---|\n");
    for flag in flags {
        let _ = writeln!(text, "| `{}` | {} |", spelled(flag), meaning(flag));
    }
}

/// As it is typed: `-a, --app APP`.
fn spelled(flag: &Arg) -> String {
    let short = flag.get_short().map(|short| format!("-{short}, "));
    let long = flag.get_long().map(|long| format!("--{long}"));
    let values = flag.get_value_names().unwrap_or_default();
    let value = values.first().filter(|_| flag.get_action().takes_values());
    [short, long, value.map(|value| format!(" {value}"))]
        .into_iter()
        .flatten()
        .collect()
}

fn meaning(flag: &Arg) -> String {
    let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
    let default = flag.get_default_values().first();
    let default = default.filter(|_| flag.get_action().takes_values());
    let default = default.map(|value| format!(" (default {})", value.to_string_lossy()));
    // A bar would end the table's cell.
    format!("{help}{}", default.unwrap_or_default()).replace('|', "\\|")
}

fn is_shown(arg: &Arg) -> bool {
    !arg.is_hide_set() && arg.get_long().is_some()
}

fn about(command: &Command) -> String {
    command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let readme = format!("# title\n\n{START}\nold\n{END}\n\n## rest\n");
        let text = in_readme(&readme).unwrap().text;
        assert!(text.starts_with("# title\n\n<!-- commands -->\n| command |"));
        assert!(text.ends_with("<!-- commandsstop -->\n\n## rest\n"));
        assert!(
            text.contains(
                "[`heroku connect:swap:prep`](docs/commands.md#heroku-connect-swap-prep)"
            )
        );
        assert!(!text.contains("old\n"));
        assert_eq!(in_readme(&text).unwrap().text, text);
    }

    #[test]
    fn every_flag_stands_on_the_page_once_for_its_command() {
        let text = page().text;
        for flag in [
            "`-a, --app APP`",
            "`--add OBJECT.FIELD[,FIELD...]`",
            "`--json`",
        ] {
            assert!(text.contains(flag), "{flag}");
        }
        assert_eq!(text.matches("`--json`").count(), 1);
        assert!(text.contains("(default NEW_DATABASE)"));
    }
}
