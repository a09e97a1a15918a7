//! The npm packages: the plugin's own, and one for each platform that holds the program.
//!
//! The plugin's package names the others as optional dependencies of exactly its own version, with
//! `os` and `cpu`, so that npm brings the one that fits and no script has to run at installation
//! (npm Docs, "package.json", `optionalDependencies`, `os`, `cpu`).

mod oclif;
mod platform;
mod plugin;
mod program;
mod tarball;
mod tool;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::Value;

use platform::Platform;
use tarball::Tarball;

/// The version of every package, and of the program.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The name of the plugin's package; the platforms' begin with it.
const NAME: &str = "heroku-connect-swap";

/// What is asked for.
#[derive(Args)]
pub(crate) struct Arguments {
    /// platform to build for, as Rust names it (default: this machine)
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// cargo's profile; sizes are bounded for release only
    #[arg(long, value_name = "NAME", default_value = "release")]
    profile: String,
    /// take this program instead of building one; sizes are not bounded then
    #[arg(long, value_name = "FILE", conflicts_with = "profile")]
    program: Option<PathBuf>,
    /// make one of the two only
    #[arg(long, value_name = "PART")]
    only: Option<Part>,
    /// where the packages are put (default: target/package)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// One kind of package.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// the plugin, for every platform
    Plugin,
    /// the program, for one platform
    Program,
}

/// Why there are no packages.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackageError {
    /// No package is made for this platform.
    #[error("no package is made for {0}; there are: {list}", list = platform::triples())]
    Platform(String),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A program failed.
    #[error("{program} failed: {why}")]
    Tool {
        /// The program.
        program: String,
        /// Why.
        why: String,
    },
    /// Two files disagree on the version.
    #[error("package.json is of version {0}, Cargo.toml of {VERSION}")]
    Version(String),
    /// Something is not what it must be.
    #[error("{0}")]
    Unexpected(String),
    /// A package has grown too large.
    #[error("{name} is {bytes} bytes packed, more than {bound}")]
    Size {
        /// The package.
        name: String,
        /// What it is.
        bytes: u64,
        /// What it may be.
        bound: u64,
    },
}

/// Makes the packages, and returns what to say about them.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<String, PackageError> {
    let manifest = manifest(root)?;
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => tool::target_directory(root)?.join("package"),
    };
    // npm runs in another directory.
    let out = std::path::absolute(&out).map_err(file_error(&out))?;
    let mut made = Vec::new();
    if arguments.only != Some(Part::Plugin) {
        let platform = Platform::of(arguments.target.as_deref())?;
        let program = program::Program {
            root,
            platform: &platform,
            target: arguments.target.as_deref(),
            profile: &arguments.profile,
            built: arguments.program.as_deref(),
        };
        let stage = program.stage(&out, &manifest)?;
        made.push((tarball::pack(&stage, &out)?, program::BOUND));
    }
    if arguments.only != Some(Part::Program) {
        let stage = plugin::stage(root, &out, manifest)?;
        made.push((tarball::pack(&stage, &out)?, plugin::BOUND));
    }
    if arguments.profile == "release" && arguments.program.is_none() {
        for (tarball, bound) in &made {
            tarball.bounded(*bound)?;
        }
    }
    Ok(told(made.iter().map(|(tarball, _)| tarball)))
}

fn told<'a>(tarballs: impl Iterator<Item = &'a Tarball>) -> String {
    let lines = tarballs.map(|tarball| format!("{tarball}\n"));
    lines.collect()
}

/// The repository's `package.json`, of the version of everything else.
fn manifest(root: &Path) -> Result<Value, PackageError> {
    let path = root.join("package.json");
    let text = std::fs::read_to_string(&path).map_err(file_error(&path))?;
    let manifest: Value = serde_json::from_str(&text)
        .map_err(|error| PackageError::Unexpected(format!("{}: {error}", path.display())))?;
    match manifest["version"].as_str() {
        Some(VERSION) => Ok(manifest),
        other => Err(PackageError::Version(other.unwrap_or("none").to_owned())),
    }
}

fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> PackageError {
    let path = path.to_owned();
    move |source| PackageError::File { path, source }
}

/// An empty directory for what a package holds.
fn empty_directory(path: &Path) -> Result<(), PackageError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(file_error(path)(error));
        }
        _ => {}
    }
    std::fs::create_dir_all(path).map_err(file_error(path))
}

fn write_json(path: &Path, value: &Value) -> Result<(), PackageError> {
    std::fs::write(path, format!("{value:#}\n")).map_err(file_error(path))
}

fn copy(from: &Path, to: &Path) -> Result<(), PackageError> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(file_error(folder))?;
    }
    std::fs::copy(from, to).map_err(file_error(from))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_of_one_version() {
        manifest(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("package.json"), r#"{"version":"9.9.9"}"#).unwrap();
        assert!(matches!(manifest(root.path()), Err(PackageError::Version(v)) if v == "9.9.9"));
    }
}
