//! Brings the servers and the demo app up.

use std::path::Path;

use connect_swap_sandbox::{DemoOptions, Sandbox, SandboxOptions, demo_export};
use serde_json::Value;

use crate::args::{Global, World};
use crate::error::{CliError, RehearsalError};

/// The app that is played.
pub(super) const APP: &str = "demo";

/// What is played.
pub(super) struct Stage {
    pub(super) sandbox: Sandbox,
    /// The configuration of the app's connection, in the form of an export.
    pub(super) export: Value,
}

/// Refuses what has no meaning for an app that is made here.
///
/// # Errors
/// An app, a git remote or an add-on was named on the command line.
pub(super) fn refuse_target(global: &Global) -> Result<(), CliError> {
    if global.app.is_some() || global.remote.is_some() || global.resource.is_some() {
        return Err(CliError::AppOfRehearsal);
    }
    Ok(())
}

/// Starts the servers and makes the app.
///
/// # Errors
/// An export that cannot be read or played, or servers that do not start.
pub(super) async fn start(world: &World) -> Result<Stage, RehearsalError> {
    let given = world.export.as_deref().map(read_export).transpose()?;
    let options = SandboxOptions {
        speed: world.speed,
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::start(options).await?;
    let defaults = DemoOptions::default();
    let demo = DemoOptions {
        app: APP.to_owned(),
        large: world.rows.unwrap_or(defaults.large),
        export: given.clone(),
        ..defaults
    };
    sandbox.seed_demo(&demo).await?;
    Ok(Stage {
        sandbox,
        export: given.unwrap_or_else(|| demo_export(APP)),
    })
}

fn read_export(path: &Path) -> Result<Value, RehearsalError> {
    let shown = path.display().to_string();
    let text =
        std::fs::read_to_string(path).map_err(|source| RehearsalError::ExportUnreadable {
            path: shown.clone(),
            source,
        })?;
    serde_json::from_str(&text).map_err(|source| RehearsalError::ExportMalformed {
        path: shown,
        source,
    })
}
