//! One app of its own in a sandbox that the tests of a binary share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use connect_swap_engine::{Control, Event, Injection, Sink, SystemClock};
use connect_swap_heroku::{Access, AppName, AttachmentName, Heroku, Hosts, Settings};
use connect_swap_sandbox::{DemoOptions, Sandbox, SandboxOptions};
use connect_swap_swap::{
    Browser, CutoverArgs, Identity, Operator, Overrides, Pace, PrepArgs, Target, WaitSettings,
};
use secrecy::SecretString;
use tokio::sync::OnceCell;

use crate::http::local_client;
use crate::operator::{ScriptedGate, consenting};

/// How much faster than real time the tests' sandbox and operators live.
const SPEED: f64 = 120.0;

static SANDBOX: OnceCell<Sandbox> = OnceCell::const_new();
static APPS: AtomicU32 = AtomicU32::new(1);

/// The sandbox of this test binary.
///
/// # Panics
/// When it cannot be started: without PostgreSQL nothing here can be tested.
pub async fn shared_sandbox() -> &'static Sandbox {
    shared_sandbox_with(|_| {}).await
}

/// The same, started with other options where it is not started yet.
///
/// # Panics
/// When it cannot be started.
pub async fn shared_sandbox_with(change: impl FnOnce(&mut SandboxOptions)) -> &'static Sandbox {
    SANDBOX
        .get_or_init(|| async {
            let mut options = SandboxOptions {
                speed: SPEED,
                ..SandboxOptions::default()
            };
            change(&mut options);
            Sandbox::start(options).await.expect("the sandbox starts")
        })
        .await
}

/// An app in the shared sandbox and a place for its operator's files.
pub struct Scene {
    /// The sandbox.
    pub sandbox: &'static Sandbox,
    /// The app's name.
    pub app: String,
    files: tempfile::TempDir,
    /// What the operator was told.
    pub events: Arc<Recorder>,
}

impl Scene {
    /// A small app with its old pair, its dynos running.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A small app, made differently.
    pub async fn with(change: impl FnOnce(&mut DemoOptions)) -> Self {
        let sandbox = shared_sandbox().await;
        let number = APPS.fetch_add(1, Ordering::Relaxed);
        let mut options = DemoOptions::small(&format!("app-{number}"));
        change(&mut options);
        let app = options.app.clone();
        sandbox
            .seed_demo(&options)
            .await
            .expect("the app can be made");
        let files = tempfile::tempdir().expect("a directory");
        Self {
            sandbox,
            app,
            files,
            events: Arc::new(Recorder::default()),
        }
    }

    /// The app and no add-on chosen.
    pub fn target(&self) -> Target {
        Target {
            app: AppName::try_from(self.app.as_str()).expect("a name"),
            resource: None,
        }
    }

    /// An operator who consents to everything.
    pub fn operator(&self) -> Operator {
        self.operator_with(consenting())
    }

    /// An operator with a gate of its own.
    pub fn operator_with(&self, gate: ScriptedGate) -> Operator {
        Operator {
            heroku: self.heroku(Access::ReadWrite),
            gate: Arc::new(gate),
            sink: Arc::clone(&self.events) as Arc<dyn Sink>,
            clock: Arc::new(SystemClock::new(SPEED)),
            control: Control::default(),
            browser: Arc::new(AllowingBrowser),
            identity: Identity {
                user: "tester".into(),
                host: "bench".into(),
                version: "0".into(),
            },
            files: self.files.path().to_owned(),
            injection: Injection::default(),
            wait: WaitSettings {
                interval: Duration::from_secs(5),
            },
            kill_at: None,
        }
    }

    /// Clients of this sandbox.
    pub fn heroku(&self, access: Access) -> Heroku {
        self.heroku_of(&self.user_agent(), self.token(), access)
    }

    /// Clients with another token.
    pub fn heroku_with(&self, token: &str) -> Heroku {
        let token = SecretString::from(token);
        self.heroku_of(&self.user_agent(), token, Access::ReadWrite)
    }

    /// Clients of somebody else with access to the app.
    pub fn somebody(&self) -> Heroku {
        self.heroku_of("somebody", self.token(), Access::ReadWrite)
    }

    /// How this app's operators call themselves in the sandbox's log.
    pub fn user_agent(&self) -> String {
        format!("connect-swap-tests {}", self.app)
    }

    fn token(&self) -> SecretString {
        let mut env = self.sandbox.environment().into_iter();
        let token = env.find(|(name, _)| name == "HEROKU_API_KEY");
        SecretString::from(token.expect("the sandbox has a token").1)
    }

    fn heroku_of(&self, user_agent: &str, token: SecretString, access: Access) -> Heroku {
        let env: BTreeMap<String, String> = self.sandbox.environment().into_iter().collect();
        let hosts = Hosts::from_lookup(|name| env.get(name).cloned()).expect("loopback hosts");
        Heroku::new(Settings {
            hosts,
            token,
            user_agent: user_agent.into(),
            clock_speed: SPEED,
            access,
        })
        .expect("clients")
    }

    /// The name of the old Connect add-on, before prep has made a second one.
    ///
    /// # Panics
    /// When the sandbox does not answer or the app has none.
    pub async fn old_connect(&self) -> String {
        let heroku = self.heroku(Access::ReadOnly);
        let addons = heroku
            .platform()
            .addons(&self.target().app)
            .await
            .expect("add-ons");
        let connect = addons
            .iter()
            .find(|addon| addon.service.name == "herokuconnect");
        connect.expect("a Connect add-on").name.to_string()
    }

    /// What prep is asked for in most tests: a column that is not mapped yet.
    pub fn prep_args(&self) -> PrepArgs {
        PrepArgs {
            target: self.target(),
            add: vec!["Account.Industry".into()],
            index: Vec::new(),
            mappings: None,
            attach_as: AttachmentName::try_from("NEW_DATABASE").expect("a name"),
            plan: None,
            overrides: Overrides::default(),
            acks: Vec::new(),
            pace: Pace::default(),
            picker: None,
        }
    }

    /// Cutover with what no API carries acknowledged.
    pub fn cutover_args(&self) -> CutoverArgs {
        CutoverArgs {
            target: self.target(),
            acks: vec!["manual-settings".into(), "feature-flags-differ".into()],
            max_downtime: None,
            refresh_in_window: false,
            pace: Pace::default(),
        }
    }

    /// Where the operator's files are.
    pub fn files(&self) -> PathBuf {
        self.files.path().to_owned()
    }
}

/// Keeps every event.
#[derive(Default)]
pub struct Recorder {
    events: std::sync::Mutex<Vec<Event>>,
}

impl Recorder {
    /// Every event so far.
    pub fn all(&self) -> Vec<Event> {
        self.events
            .lock()
            .expect("no panic while recording")
            .clone()
    }
}

impl Sink for Recorder {
    fn emit(&self, event: Event) {
        self.events
            .lock()
            .expect("no panic while recording")
            .push(event);
    }
}

/// Presses "Allow" on the sandbox's login page.
struct AllowingBrowser;

impl Browser for AllowingBrowser {
    fn open(&self, url: &str) -> bool {
        tokio::spawn(local_client().get(format!("{url}/allow")).send());
        true
    }
}
