//! The plugin's oclif manifest, from which the Heroku CLI knows the commands without loading them.
//!
//! The shape is what oclif writes itself (`oclif manifest`; `@oclif/core`, `Plugin.manifest`): the
//! tests compare it with what the real CLI finds in the command classes. Its version has to be the
//! package's, or Node prints a warning at every command of the user's.

use serde_json::{Map, Value, json};

use crate::metadata::metadata;

/// The manifest of this version of the plugin.
pub(super) fn manifest(version: &str) -> Value {
    let commands = metadata().into_iter().map(|(name, metadata)| {
        let id = match name.as_str() {
            "index" => "connect:swap".to_owned(),
            name => format!("connect:swap:{name}"),
        };
        let command = command(&id, &format!("{name}.js"), &metadata);
        (id, command)
    });
    json!({"commands": commands.collect::<Map<_, _>>(), "version": version})
}

fn command(id: &str, file: &str, metadata: &Value) -> Value {
    let needs_app = metadata["needsApp"] == true;
    let mut flags = if needs_app { target() } else { Map::new() };
    for (name, flag) in metadata["flags"].as_object().into_iter().flatten() {
        let mut flag = flag.clone();
        if flag["type"] == "option" {
            flag["hasDynamicHelp"] = false.into();
        }
        flags.insert(name.clone(), flag);
    }
    json!({
        "aliases": [],
        "args": {},
        "description": metadata["description"],
        "examples": metadata["examples"],
        "flags": flags,
        // The Heroku CLI's own flag for an app looks at git remotes.
        "hasDynamicHelp": needs_app,
        "hiddenAliases": [],
        "id": id,
        "pluginAlias": super::NAME,
        "pluginName": super::NAME,
        "pluginType": "user",
        "strict": false,
        "enableJsonFlag": false,
        "promptFlagActive": false,
        "isESM": true,
        "relativePath": ["plugin", "dist", "commands", "connect", "swap", file],
    })
}

/// The flags that come from the Heroku CLI's command library (`flags.app`, `flags.remote`).
fn target() -> Map<String, Value> {
    let flags = json!({
        "app": {
            "char": "a",
            "description": "app to run command against",
            "env": "HEROKU_APP",
            "name": "app",
            "required": true,
            "hasDynamicHelp": true,
            "multiple": false,
            "type": "option",
        },
        "remote": {
            "char": "r",
            "description": "git remote of app to use",
            "name": "remote",
            "hasDynamicHelp": false,
            "multiple": false,
            "type": "option",
        },
    });
    match flags {
        Value::Object(flags) => flags,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_with_its_flags_and_those_of_the_heroku_cli() {
        let manifest = manifest("1.2.3");
        assert_eq!(manifest["version"], "1.2.3");
        let commands = manifest["commands"].as_object().unwrap();
        assert_eq!(commands.len(), 11);
        assert!(commands.keys().all(|id| id.starts_with("connect:swap")));
        let prep = &commands["connect:swap:prep"];
        assert_eq!(prep["flags"]["app"]["char"], "a");
        assert_eq!(prep["flags"]["add"]["hasDynamicHelp"], false);
        assert_eq!(prep["relativePath"][5], "prep.js");
        assert!(
            commands["connect:swap:rehearse"]["flags"]
                .get("app")
                .is_none()
        );
    }
}
