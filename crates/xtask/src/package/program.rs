//! The package of one platform: the program and nothing that runs at installation.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::platform::Platform;
use super::{PackageError, VERSION, copy, empty_directory, tool, write_json};

/// Bytes that it may have packed.
pub(super) const BOUND: u64 = 12_000_000;

/// What is built.
pub(super) struct Program<'a> {
    pub(super) root: &'a Path,
    pub(super) platform: &'a Platform,
    pub(super) target: Option<&'a str>,
    pub(super) profile: &'a str,
    /// The program, where it is built already.
    pub(super) built: Option<&'a Path>,
}

impl Program<'_> {
    /// Builds the program and puts its package together below `out`.
    pub(super) fn stage(&self, out: &Path, plugin: &Value) -> Result<PathBuf, PackageError> {
        let built = match self.built {
            Some(built) => built.to_owned(),
            None => self.build()?,
        };
        let stage = out.join(self.platform.package());
        empty_directory(&stage)?;
        copy(&built, &stage.join(self.platform.file()))?;
        copy(&self.root.join("LICENSE"), &stage.join("LICENSE"))?;
        write_json(&stage.join("package.json"), &self.manifest(plugin))?;
        Ok(stage)
    }

    /// Builds it and returns where it is.
    fn build(&self) -> Result<PathBuf, PackageError> {
        self.run_cargo()?;
        // cargo calls the profile dev's directory debug (The Cargo Book, "Build Cache").
        let profile = match self.profile {
            "dev" => "debug",
            other => other,
        };
        let mut built = tool::target_directory(self.root)?;
        built.extend(self.target);
        Ok(built.join(profile).join(self.platform.file()))
    }

    fn run_cargo(&self) -> Result<(), PackageError> {
        let mut cargo = tool::cargo(self.root);
        cargo.args([
            "build",
            "--locked",
            "--package",
            "connect-swap-cli",
            "--profile",
            self.profile,
        ]);
        if let Some(target) = self.target {
            cargo.args(["--target", target]);
        }
        if !self.platform.rehearses() {
            cargo.arg("--no-default-features");
        }
        tool::run(&mut cargo).map(drop)
    }

    fn manifest(&self, plugin: &Value) -> Value {
        let Platform { os, cpu, .. } = self.platform;
        let mut manifest = json!({
            "name": self.platform.package(),
            "version": VERSION,
            "description": format!("the program of {} for {os} {cpu}", super::NAME),
            "license": plugin["license"],
            "os": [os],
            "cpu": [cpu],
            "files": [self.platform.file()],
            // Package managers that keep packages in archives have to take the program out.
            "preferUnplugged": true,
            "publishConfig": {"access": "public", "provenance": true},
        });
        // Provenance names the repository that a package was built from.
        if let Some(repository) = plugin.get("repository") {
            manifest["repository"] = repository.clone();
        }
        manifest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_for_one_platform_and_runs_nothing() {
        let platform = Platform::of(Some("x86_64-pc-windows-msvc")).unwrap();
        let program = Program {
            root: Path::new("."),
            platform: &platform,
            target: None,
            profile: "dev",
            built: None,
        };
        let plugin = json!({"license": "Apache-2.0", "repository": "github:somebody/somewhere"});
        let manifest = program.manifest(&plugin);
        assert_eq!(manifest["os"], json!(["win32"]));
        assert_eq!(manifest["cpu"], json!(["x64"]));
        assert_eq!(manifest["files"], json!(["connect-swap.exe"]));
        assert_eq!(manifest["repository"], plugin["repository"]);
        for absent in ["scripts", "dependencies", "bin"] {
            assert!(manifest.get(absent).is_none(), "{absent}");
        }
    }
}
