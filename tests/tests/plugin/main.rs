//! The plugin in the real Heroku CLI, on a pseudo-terminal and without one.
//!
//! Needs npm's package `heroku` 11: `CONNECT_SWAP_HEROKU_CLI` names its `bin/run.js`; skipped,
//! saying so, where it is not set. The plugin must be built (`npm run build`).

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use connect_swap_tests::{Scene, Terminal, binary};
use portable_pty::CommandBuilder;

/// The CLI with a HOME of its own and the plugin linked.
struct Cli {
    program: String,
    environment: Vec<(String, String)>,
}

impl Cli {
    fn new(scene: &Scene) -> Option<Self> {
        let Ok(program) = std::env::var("CONNECT_SWAP_HEROKU_CLI") else {
            println!("skipped: CONNECT_SWAP_HEROKU_CLI is not set");
            return None;
        };
        let path = |name: &str| scene.files().join(name).display().to_string();
        let mut environment: Vec<(String, String)> = scene.sandbox.environment();
        let of_its_own = [
            ("HOME", scene.files().display().to_string()),
            ("XDG_DATA_HOME", path("data")),
            ("XDG_CONFIG_HOME", path("config")),
            ("XDG_CACHE_HOME", path("cache")),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("TERM", "xterm-256color".to_owned()),
            ("BROWSER", scene.allowing_browser()),
            ("HEROKU_CONNECT_SWAP_BINARY", binary().display().to_string()),
        ];
        environment.extend(of_its_own.map(|(name, value)| (name.to_owned(), value)));
        let cli = Self {
            program,
            environment,
        };
        let linked = cli.run(&[
            "plugins:link",
            "--no-install",
            &root().display().to_string(),
        ]);
        assert!(linked.status.success(), "{linked:?}");
        Some(cli)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new("node")
            .arg(&self.program)
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .output()
            .expect("node runs")
    }

    fn terminal(&self, arguments: &[&str]) -> Terminal {
        let mut command = CommandBuilder::new("node");
        command.arg(&self.program);
        command.args(arguments);
        command.env_clear();
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        Terminal::start(command)
    }
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = root.canonicalize().expect("the checkout");
    assert!(
        root.join("plugin/dist").is_dir(),
        "build the plugin first: npm run build"
    );
    root
}

fn mutating(scene: &Scene) -> Vec<String> {
    let requests = scene.sandbox.requests();
    let of_app = requests
        .iter()
        .filter(|request| request.path.contains(&scene.app));
    let mutating = of_app.filter(|request| request.method != "GET");
    mutating
        .map(|request| format!("{} {}", request.method, request.path))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_swap_by_keyboard_in_the_real_cli() {
    let scene = Scene::new().await;
    let scene = &scene;
    tokio::task::block_in_place(|| {
        let Some(cli) = Cli::new(scene) else { return };
        without_a_terminal(&cli, scene);
        prep_by_keyboard(&cli, scene);
        cutover_by_keyboard(&cli, scene);
    });
    if std::env::var_os("CONNECT_SWAP_HEROKU_CLI").is_some() {
        let audit = scene.sandbox.audit(&scene.app).await.unwrap();
        assert!(audit.acknowledged > 0 && audit.is_clean(), "{audit:#?}");
    }
}

fn without_a_terminal(cli: &Cli, scene: &Scene) {
    let app = scene.app.as_str();
    let output = cli.run(&["connect:swap:prep", "-a", app, "--add", "Account.Industry"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{told}");
    assert!(told.contains("--yes"), "{told}");
    assert_eq!(mutating(scene), Vec::<String>::new());
}

fn prep_by_keyboard(cli: &Cli, scene: &Scene) {
    let app = scene.app.as_str();
    let arguments = ["connect:swap:prep", "-a", app, "--add", "Account.Industry"];
    // First with a mistake: Ctrl-C at the first prompt.
    let mut terminal = cli.terminal(&arguments);
    terminal.wait_for("Go ahead?");
    terminal.ctrl_c();
    assert_eq!(terminal.end(), 4, "{}", terminal.seen());
    assert!(terminal.shows_cursor());
    assert_eq!(mutating(scene), Vec::<String>::new());
    let mut terminal = cli.terminal(&arguments);
    // What can be put back, the database, the add-on: the latter two with their prices.
    terminal.wait_for("Go ahead?");
    terminal.type_line("?");
    terminal.wait_for("CREATE SCHEMA");
    terminal.type_line("y");
    terminal.wait_for("costs $50.00 a month");
    terminal.wait_for("Go ahead?");
    terminal.type_line("y");
    terminal.wait_for("costs what your contract says");
    terminal.wait_for("Go ahead?");
    terminal.type_line("y");
    terminal.wait_for("next:");
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
    assert!(terminal.shows_cursor());
}

fn cutover_by_keyboard(cli: &Cli, scene: &Scene) {
    let app = scene.app.as_str();
    let acks = ["--ack", "manual-settings", "--ack", "feature-flags-differ"];
    let arguments = [&["connect:swap:cutover", "-a", app], &acks[..]].concat();
    let mut terminal = cli.terminal(&arguments);
    terminal.wait_for("Go ahead?");
    terminal.type_line("y");
    terminal.wait_for("To proceed, type");
    terminal.type_line(app);
    terminal.wait_for("nothing goes back by itself");
    terminal.wait_for("To proceed, type");
    terminal.type_line("a-slip");
    terminal.wait_for("did not match");
    terminal.wait_for("To proceed, type");
    terminal.type_line(app);
    terminal.wait_for("next:");
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
    assert!(terminal.shows_cursor());
}
