//! The plugin's static metadata: what oclif's help and completion read.
//!
//! The shapes are those of oclif's command classes (`description`, `examples`, `flags`). `app` and
//! `remote` are left out: the plugin takes them from the Heroku CLI, which resolves them.

use clap::{Arg, ArgAction, Command};
use connect_swap_cli::args::{command, command_line, examples};
use serde_json::{Map, Value, json};

/// Arguments that the Heroku CLI brings itself.
const FROM_HEROKU: [&str; 4] = ["app", "remote", "help", "version"];
/// Commands that are no part of the plugin: they need no Heroku CLI.
const NOT_IN_PLUGIN: [&str; 1] = ["sandbox"];
/// Commands with an app of their own.
const WITHOUT_APP: [&str; 1] = ["rehearse"];

/// One entry for each command of the plugin; `index` is the command without a name.
pub(crate) fn metadata() -> Map<String, Value> {
    let mut model = command();
    model.build();
    let mut commands = Map::new();
    commands.insert("index".to_owned(), entry(None, &model));
    for sub in model.get_subcommands() {
        let name = sub.get_name();
        if !NOT_IN_PLUGIN.contains(&name) {
            commands.insert(name.to_owned(), entry(Some(name), sub));
        }
    }
    commands
}

fn entry(name: Option<&str>, command: &Command) -> Value {
    let needs_app = name.is_none_or(|name| !WITHOUT_APP.contains(&name));
    let examples = examples(name).iter().map(|example| {
        json!({
            "description": example.what,
            "command": command_line(name, example.args),
        })
    });
    json!({
        "description": description(command),
        "examples": examples.collect::<Vec<_>>(),
        "needsApp": needs_app,
        "flags": flags(command, needs_app),
    })
}

/// The first line is oclif's summary, the rest its description.
fn description(command: &Command) -> String {
    let text = command.get_long_about().or(command.get_about());
    text.map(ToString::to_string).unwrap_or_default()
}

fn flags(command: &Command, needs_app: bool) -> Map<String, Value> {
    let ours = command.get_arguments().filter(|arg| {
        let id = arg.get_id().as_str();
        !FROM_HEROKU.contains(&id) && !arg.is_hide_set() && (needs_app || id != "resource")
    });
    ours.filter_map(|arg| Some((arg.get_long()?.to_owned(), flag(arg))))
        .collect()
}

fn flag(arg: &Arg) -> Value {
    let takes_value = arg.get_action().takes_values();
    let mut flag = Map::new();
    let mut put = |key: &str, value: Value| flag.insert(key.to_owned(), value);
    put("name", json!(arg.get_long()));
    put(
        "type",
        json!(if takes_value { "option" } else { "boolean" }),
    );
    put(
        "description",
        json!(arg.get_help().map(ToString::to_string)),
    );
    if let Some(short) = arg.get_short() {
        put("char", json!(short.to_string()));
    }
    if takes_value {
        put(
            "multiple",
            json!(matches!(arg.get_action(), ArgAction::Append)),
        );
        let names = arg.get_value_names().unwrap_or_default();
        put("helpValue", json!(names.first().map(ToString::to_string)));
        if let Some(default) = arg.get_default_values().first() {
            put("default", json!(default.to_string_lossy()));
        }
    } else {
        put("allowNo", json!(false));
    }
    if let Some(heading) = arg.get_help_heading() {
        put("helpGroup", json!(heading.to_uppercase()));
    }
    Value::Object(flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_the_plugin_and_no_other() {
        let metadata = metadata();
        let names: Vec<_> = metadata.keys().cloned().collect();
        assert_eq!(
            names,
            [
                "index", "plan", "prep", "follow", "status", "cutover", "verify", "rollback",
                "cleanup", "report", "rehearse"
            ]
        );
    }

    #[test]
    fn flags_as_oclif_wants_them() {
        let metadata = metadata();
        let flags = &metadata["prep"]["flags"];
        assert_eq!(flags["add"]["type"], "option");
        assert_eq!(flags["add"]["multiple"], true);
        assert_eq!(flags["as"]["default"], "NEW_DATABASE");
        assert_eq!(flags["yes"]["type"], "boolean");
        assert_eq!(flags["json"]["helpGroup"], "OUTPUT");
        for left_out in ["app", "remote", "help"] {
            assert_eq!(flags[left_out], Value::Null, "{left_out}");
        }
        assert_eq!(metadata["rehearse"]["needsApp"], false);
        assert_eq!(metadata["rehearse"]["flags"]["resource"], Value::Null);
    }

    #[test]
    fn examples_go_through_the_heroku_cli() {
        let metadata = metadata();
        let first = &metadata["plan"]["examples"][0]["command"];
        assert_eq!(
            first,
            "heroku connect:swap:plan --app example-app --add Account.Industry"
        );
    }
}
