//! The real Heroku CLI with a home of its own, and the plugin installed in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use connect_swap_tests::{Scene, Terminal, allowing_browser};
use portable_pty::CommandBuilder;

use crate::registry::Registry;

/// The name under which people install it.
pub(crate) const PLUGIN: &str = "heroku-connect-swap";

/// The CLI, with nothing of this machine's user in its environment.
pub(crate) struct Cli {
    program: String,
    home: tempfile::TempDir,
    environment: Vec<(String, String)>,
    _registry: Registry,
}

impl Cli {
    /// Empty, as it comes; `None` where it, or our packages, are not on this machine.
    pub(crate) async fn empty() -> Option<Self> {
        let program = given("CONNECT_SWAP_HEROKU_CLI")?;
        let packages = given("CONNECT_SWAP_PACKAGES")?;
        let registry = Registry::of(Path::new(&packages)).await;
        let home = tempfile::tempdir().expect("a directory");
        let path = |name: &str| home.path().join(name).display().to_string();
        let environment = [
            ("HOME", home.path().display().to_string()),
            ("XDG_DATA_HOME", path("data")),
            ("XDG_CONFIG_HOME", path("config")),
            ("XDG_CACHE_HOME", path("cache")),
            ("XDG_STATE_HOME", path("state")),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("TERM", "xterm-256color".to_owned()),
            ("DISABLE_TELEMETRY", "true".to_owned()),
            ("HEROKU_SKIP_NEW_VERSION_CHECK", "true".to_owned()),
            ("HEROKU_NPM_REGISTRY", registry.url.clone()),
            ("npm_config_registry", registry.url.clone()),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value));
        Some(Self {
            program,
            home,
            environment: environment.into(),
            _registry: registry,
        })
    }

    /// With the plugin, installed as people install it.
    pub(crate) async fn with_plugin() -> Option<Self> {
        let cli = Self::empty().await?;
        let installed = tokio::task::block_in_place(|| cli.run(&["plugins:install", PLUGIN]));
        assert!(installed.status.success(), "{installed:?}");
        Some(cli)
    }

    /// Logged in to a scene's sandbox.
    pub(crate) fn at(mut self, scene: &Scene) -> Self {
        for (name, value) in scene.sandbox.environment() {
            self = self.set(&name, &value);
        }
        let browser = allowing_browser(self.home.path());
        self.set("BROWSER", &browser)
    }

    /// With one variable more.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self = self.unset(name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With one variable less.
    pub(crate) fn unset(mut self, name: &str) -> Self {
        self.environment.retain(|(there, _)| there != name);
        self
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where the CLI keeps plugins.
    pub(crate) fn data(&self) -> PathBuf {
        self.home.path().join("data/heroku")
    }

    /// Runs it to its end, without a terminal.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_in(self.home.path(), arguments)
    }

    /// Runs it in another directory.
    pub(crate) fn run_in(&self, directory: &Path, arguments: &[&str]) -> Output {
        Command::new("node")
            .arg(&self.program)
            .args(arguments)
            .current_dir(directory)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .output()
            .expect("node runs")
    }

    /// Starts it on a terminal.
    pub(crate) fn terminal(&self, arguments: &[&str]) -> Terminal {
        let mut command = CommandBuilder::new("node");
        command.arg(&self.program);
        command.args(arguments);
        command.cwd(self.home.path());
        command.env_clear();
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        Terminal::start(command)
    }
}

/// Both streams of a command, as text.
pub(crate) fn said(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr];
    streams
        .map(|stream| String::from_utf8_lossy(stream).into_owned())
        .join("\n")
}

fn given(variable: &str) -> Option<String> {
    let value = std::env::var(variable).ok();
    if value.is_none() {
        println!("skipped: {variable} is not set");
    }
    value
}
