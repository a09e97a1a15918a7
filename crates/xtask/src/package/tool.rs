//! The programs that do the work.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::PackageError;

/// Runs a program to its end, its errors shown as they come, and returns what it printed.
pub(super) fn run(command: &mut Command) -> Result<String, PackageError> {
    let failed = |command: &Command, why: String| PackageError::Tool {
        program: command.get_program().to_string_lossy().into_owned(),
        why,
    };
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| failed(command, error.to_string()))?;
    if !output.status.success() {
        return Err(failed(command, output.status.to_string()));
    }
    String::from_utf8(output.stdout).map_err(|error| failed(command, error.to_string()))
}

/// npm, as it is called here.
pub(super) fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// cargo, without what it told this program of its own package (The Cargo Book, "Environment
/// Variables"): build scripts look at these, and would be run again at every change.
pub(super) fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        }) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Where cargo puts what it builds.
pub(super) fn target_directory(root: &Path) -> Result<PathBuf, PackageError> {
    let metadata = run(cargo(root).args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&metadata)
        .map_err(|error| PackageError::Unexpected(format!("cargo metadata: {error}")))?;
    let directory = metadata["target_directory"].as_str();
    let directory = directory.map(PathBuf::from);
    directory.ok_or_else(|| PackageError::Unexpected("cargo names no target directory".to_owned()))
}
