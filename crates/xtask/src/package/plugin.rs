//! The plugin's package: the shim, its metadata, and the names of the platforms' packages.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::platform::PLATFORMS;
use super::{NAME, PackageError, VERSION, copy, empty_directory, oclif, tool, write_json};

/// Bytes that it may have packed.
pub(super) const BOUND: u64 = 100_000;

/// What stands in the package as it stands in the repository.
const FILES: [&str; 3] = ["README.md", "LICENSE", "plugin/src/metadata.json"];

/// Builds the shim and puts its package together below `out`.
pub(super) fn stage(root: &Path, out: &Path, source: Value) -> Result<PathBuf, PackageError> {
    // What was built of a file that is gone is no part of it.
    empty_directory(&root.join("plugin/dist"))?;
    let mut npm = tool::npm();
    tool::run(npm.current_dir(root).args(["run", "--silent", "build"]))?;
    let stage = out.join(NAME);
    empty_directory(&stage)?;
    for file in FILES {
        copy(&root.join(file), &stage.join(file))?;
    }
    copy_tree(&root.join("plugin/dist"), &stage.join("plugin/dist"))?;
    write_json(
        &stage.join("oclif.manifest.json"),
        &oclif::manifest(VERSION),
    )?;
    write_json(&stage.join("package.json"), &published(source)?)?;
    Ok(stage)
}

/// The repository's manifest without what only a checkout needs, with the platforms' packages.
fn published(mut source: Value) -> Result<Value, PackageError> {
    let manifest = source
        .as_object_mut()
        .ok_or_else(|| PackageError::Unexpected("package.json holds no object".to_owned()))?;
    for only_in_a_checkout in ["scripts", "devDependencies"] {
        manifest.shift_remove(only_in_a_checkout);
    }
    let programs = PLATFORMS.map(|platform| (platform.package(), json!(VERSION)));
    let programs: Map<String, Value> = programs.into_iter().collect();
    manifest.insert("optionalDependencies".to_owned(), programs.into());
    manifest.insert(
        "publishConfig".to_owned(),
        json!({"access": "public", "provenance": true}),
    );
    Ok(source)
}

fn copy_tree(from: &Path, to: &Path) -> Result<(), PackageError> {
    for entry in std::fs::read_dir(from).map_err(super::file_error(from))? {
        let entry = entry.map_err(super::file_error(from))?;
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            copy_tree(&path, &to.join(name))?;
        } else {
            copy(&path, &to.join(name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_installs_without_a_script() {
        let source = json!({
            "name": NAME,
            "scripts": {"prepare": "npm run build"},
            "devDependencies": {"typescript": "5"},
            "peerDependencies": {"@heroku-cli/command": "^13"},
        });
        let manifest = published(source).unwrap();
        assert!(manifest.get("scripts").is_none() && manifest.get("devDependencies").is_none());
        assert!(manifest.get("peerDependencies").is_some());
        let programs = manifest["optionalDependencies"].as_object().unwrap();
        assert_eq!(programs.len(), PLATFORMS.len());
        assert!(
            programs.values().all(|version| version == VERSION),
            "exactly this version"
        );
        assert!(programs.contains_key("heroku-connect-swap-win32-arm64"));
    }
}
