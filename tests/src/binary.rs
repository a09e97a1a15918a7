//! The binary itself, built once for a test run.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use crate::Scene;

static BINARY: OnceLock<PathBuf> = OnceLock::new();

/// The built binary: that of `CONNECT_SWAP_BINARY`, or else one that is built now.
///
/// # Panics
/// When it cannot be built.
pub fn binary() -> &'static Path {
    BINARY.get_or_init(|| {
        // A run of all tests has built it with them. By itself it has other features of its
        // dependencies, and they would be compiled a second time.
        if let Some(built) = std::env::var_os("CONNECT_SWAP_BINARY") {
            return built.into();
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let mut cargo = Command::new(cargo);
        // What cargo told this test of its own package (The Cargo Book, "Environment Variables"): build
        // scripts look at it, and everything that stands on them would be compiled again.
        for (name, _) in std::env::vars_os() {
            let told = name.to_str().is_some_and(|name| {
                name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
            });
            if told {
                cargo.env_remove(name);
            }
        }
        let built = cargo
            .args([
                "build",
                "--quiet",
                "--package",
                "connect-swap-cli",
                "--bin",
                "connect-swap",
            ])
            .arg("--manifest-path")
            .arg(manifest)
            .status()
            .expect("cargo runs");
        assert!(built.success(), "the binary cannot be built");
        let test = std::env::current_exe().expect("a path");
        let profile = test.ancestors().nth(2).expect("target/PROFILE/deps/TEST");
        profile.join(format!("connect-swap{}", std::env::consts::EXE_SUFFIX))
    })
}

/// Presses Ctrl-C, as far as a program without a terminal can tell.
///
/// # Panics
/// When it is gone already.
pub fn interrupt(child: &Child) {
    signal(child.id(), "INT");
}

/// Sends a signal to a process that was started here.
///
/// # Panics
/// When it is gone already.
pub fn signal(process: u32, name: &str) {
    assert!(try_signal(process, name), "the process is gone");
}

/// Sends a signal to a process that was started here; false where it has ended by itself.
///
/// # Panics
/// When no signal can be sent at all.
pub fn try_signal(process: u32, name: &str) -> bool {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &process.to_string()])
        .stderr(Stdio::null())
        .status();
    sent.expect("kill runs").success()
}

/// A program for `BROWSER`, made in this directory, that presses "Allow" on the sandbox's login page.
///
/// # Panics
/// When it cannot be written.
pub fn allowing_browser(directory: &Path) -> String {
    const SCRIPT: &str = "#!/bin/bash
rest=${1#http://}; host=${rest%%/*}; path=/${rest#*/}
exec 3<>/dev/tcp/${host%:*}/${host##*:}
printf 'GET %s/allow HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' \"$path\" \"$host\" >&3
cat <&3 >/dev/null
";
    let path = directory.join("browser");
    // A program that is running is not written to.
    if !path.exists() {
        std::fs::write(&path, SCRIPT).expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&path, mode).expect("permissions");
    }
    path.display().to_string()
}

impl Scene {
    /// The binary with the sandbox's environment and a HOME of its own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.files())
            .envs(self.sandbox.environment())
            .stdin(Stdio::null());
        command
    }

    /// A program for `BROWSER` that presses "Allow" on the sandbox's login page.
    pub fn allowing_browser(&self) -> String {
        allowing_browser(&self.files())
    }

    /// Runs the binary to its end.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn run(&self, arguments: &[&str], env: &[(&str, &str)]) -> Output {
        let mut command = self.command(arguments);
        command.envs(env.iter().copied());
        command.output().expect("the binary starts")
    }
}
