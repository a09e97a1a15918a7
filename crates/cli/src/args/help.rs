//! The finished model: arguments, help and examples together.

use clap::CommandFactory;

use super::{Cli, examples};

/// How a command is typed: through the Heroku CLI for an app, directly for a rehearsal's servers.
///
/// `sandbox` is no command of the plugin: it needs neither the Heroku CLI's login nor its app.
pub fn command_line(command: Option<&str>, args: &str) -> String {
    let start = match command {
        None => "heroku connect:swap".to_owned(),
        Some("sandbox") => "connect-swap sandbox".to_owned(),
        Some(name) => format!("heroku connect:swap:{name}"),
    };
    format!("{start} {args}").trim_end().to_owned()
}

/// The model of the whole command line, with the examples in its help.
pub fn command() -> clap::Command {
    let mut command = Cli::command().after_help(examples_text(None));
    let names: Vec<String> = command
        .get_subcommands()
        .map(|c| c.get_name().to_owned())
        .collect();
    for name in names {
        let text = examples_text(Some(&name));
        command = command.mut_subcommand(name, |sub| sub.after_help(text));
    }
    command
}

fn examples_text(command: Option<&str>) -> String {
    let lines = examples(command).iter().map(|example| {
        format!(
            "  # {}\n  $ {}",
            example.what,
            command_line(command, example.args)
        )
    });
    format!("Examples:\n{}", lines.collect::<Vec<_>>().join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help_of(name: &str) -> String {
        let mut command = command();
        command.build();
        let sub = command
            .find_subcommand_mut(name)
            .expect("a command of the model");
        sub.render_long_help().to_string()
    }

    #[test]
    fn the_model_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn every_command_has_examples_that_parse() {
        let names: Vec<_> = command()
            .get_subcommands()
            .map(|c| c.get_name().to_owned())
            .collect();
        for name in names {
            assert!(!examples(Some(&name)).is_empty(), "{name}");
            for example in examples(Some(&name)) {
                let line = format!("connect-swap {name} {}", example.args);
                let parsed = command().try_get_matches_from(line.split_whitespace());
                assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
            }
        }
    }

    #[test]
    fn help_is_in_the_house_style() {
        let mut command = command();
        command.build();
        for sub in command.get_subcommands() {
            let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
            assert_style(sub.get_name(), &about);
            for arg in sub.get_arguments() {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                assert_style(arg.get_id().as_str(), &help);
            }
        }
    }

    fn assert_style(what: &str, text: &str) {
        assert!(
            text.starts_with(|c: char| c.is_lowercase()),
            "{what}: {text:?}"
        );
        assert!(!text.ends_with('.'), "{what}: {text:?}");
    }

    macro_rules! help_snapshots {
        ($($name:ident),*) => {$(
            #[test]
            fn $name() {
                insta::assert_snapshot!(concat!("help_", stringify!($name)), help_of(stringify!($name)));
            }
        )*};
    }

    help_snapshots!(
        plan, prep, follow, status, cutover, verify, rollback, cleanup, report, rehearse, sandbox
    );

    #[test]
    fn bare() {
        insta::assert_snapshot!("help", command().render_long_help().to_string());
    }
}
