//! The app of one run and everything around it that faults may touch.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_swap_sandbox::{DemoOptions, Sandbox, SandboxOptions};
use tokio::task::JoinSet;

use crate::fault::Fault;
use crate::script::{During, Planned, Script};
use crate::start::{Look, addons};

/// How much faster than real time Heroku, Connect and the operator live.
pub(crate) const SPEED: f64 = 120.0;

/// A sandbox that several runs use one after the other.
pub(crate) struct Servers {
    pub(crate) sandbox: Sandbox,
}

impl Servers {
    /// # Panics
    /// Where it cannot be started: without PostgreSQL nothing here can be run.
    pub(crate) async fn start() -> Self {
        let options = SandboxOptions {
            speed: SPEED,
            // What was acknowledged must survive a crash of the server, as at Heroku.
            server_settings: vec!["synchronous_commit=on".into()],
            ..SandboxOptions::default()
        };
        let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
        Self { sandbox }
    }
}

/// One run's app.
pub(crate) struct Stage {
    pub(crate) servers: Arc<Servers>,
    pub(crate) app: String,
    /// The operator's machines: each has a HOME of its own.
    pub(crate) homes: [tempfile::TempDir; 2],
    /// The Connect add-on and the database that were there before.
    pub(crate) old: Pair,
    pub(crate) verbose: bool,
    /// The process of the command that is running, 0 where none is.
    pub(crate) process: AtomicU32,
    /// Whether somebody wants a second command beside the running one.
    pub(crate) second: AtomicBool,
    /// By how much the operator's clock is wrong, in seconds.
    pub(crate) clock_off: std::sync::atomic::AtomicI64,
    planned: Mutex<Vec<Planned>>,
    steps: Mutex<[u32; 3]>,
    struck: Mutex<Vec<Fault>>,
    happening: tokio::sync::Mutex<JoinSet<()>>,
    commands: Mutex<Vec<String>>,
    heard: Mutex<String>,
}

/// The names of a Connect add-on and its database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) connect: String,
    pub(crate) database: String,
}

impl Stage {
    /// Makes the app; its dynos write from now on.
    pub(crate) async fn set(servers: Arc<Servers>, script: &Script, verbose: bool) -> Self {
        let app = format!("chaos-{}", script.seed);
        let options = DemoOptions {
            release_phase: script.release_phase,
            pause: Duration::from_millis(50),
            ..DemoOptions::small(&app)
        };
        servers
            .sandbox
            .seed_demo(&options)
            .await
            .expect("the app can be made");
        if script.one_off {
            servers
                .sandbox
                .run_one_off(&app, "scheduler")
                .expect("a dyno");
        }
        let addons = addons(&servers.sandbox, &app).await;
        let of = |service: &str| {
            let found = addons.iter().find(|addon| addon.service == service);
            found.expect("the old pair").name.clone()
        };
        let old = Pair {
            connect: of("herokuconnect"),
            database: of("heroku-postgresql"),
        };
        let home = || tempfile::tempdir().expect("a directory");
        Self {
            servers,
            app,
            homes: [home(), home()],
            old,
            verbose,
            process: AtomicU32::new(0),
            second: AtomicBool::new(false),
            clock_off: std::sync::atomic::AtomicI64::new(0),
            planned: Mutex::new(script.planned.clone()),
            steps: Mutex::default(),
            struck: Mutex::default(),
            happening: tokio::sync::Mutex::default(),
            commands: Mutex::default(),
            heard: Mutex::default(),
        }
    }

    /// What everybody can see of the app.
    pub(crate) async fn look(&self) -> Look {
        Look::at(self).await
    }

    /// A step of a command begins: what was to go wrong then does.
    pub(crate) async fn step_begins(self: &Arc<Self>, during: During) {
        let due = {
            let mut steps = self.steps.lock().expect("no panic");
            steps[during as usize] += 1;
            let now = steps[during as usize];
            let mut planned = self.planned.lock().expect("no panic");
            let is_due = |one: &Planned| one.during == during && one.step == now;
            let due: Vec<_> = planned.iter().filter(|one| is_due(one)).cloned().collect();
            planned.retain(|one| !is_due(one));
            due
        };
        for one in due {
            let stage = Arc::clone(self);
            self.happening.lock().await.spawn(async move {
                tokio::time::sleep(one.delay).await;
                stage.say(&format!("fault: {:?}", one.fault));
                stage
                    .struck
                    .lock()
                    .expect("no panic")
                    .push(one.fault.clone());
                one.fault.strike(&stage).await;
            });
        }
    }

    /// Somebody looks after everything that went wrong: what lasts is ended, what others did is put
    /// back, and what has not come yet stays away.
    pub(crate) async fn amend(self: &Arc<Self>) {
        {
            let mut happening = self.happening.lock().await;
            happening.shutdown().await;
        }
        let struck = self.struck.lock().expect("no panic").clone();
        for fault in struck {
            fault.amend(self).await;
        }
        self.servers.sandbox.clear_faults();
        crate::fault::recover_connections(self).await;
        crate::fault::stop_one_off_dynos(self).await;
        crate::fault::retry_release(self).await;
        self.clock_off.store(0, Ordering::Relaxed);
    }

    /// What has gone wrong so far.
    pub(crate) fn struck(&self) -> Vec<&'static str> {
        let struck = self.struck.lock().expect("no panic");
        struck.iter().map(Fault::kind).collect()
    }

    /// Notes how a command ended.
    pub(crate) fn note(&self, ended: String) {
        self.say(&ended);
        self.commands.lock().expect("no panic").push(ended);
    }

    /// Every command so far and how it ended.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.commands.lock().expect("no panic").clone()
    }

    /// Keeps what a command has told its operator.
    pub(crate) fn hear(&self, stderr: &str) {
        self.say(stderr);
        stderr.clone_into(&mut self.heard.lock().expect("no panic"));
    }

    /// What the last command has told.
    pub(crate) fn heard(&self) -> String {
        self.heard.lock().expect("no panic").clone()
    }

    pub(crate) fn say(&self, text: &str) {
        if self.verbose {
            println!("  {}: {text}", self.app);
        }
    }

    /// The next run is not to share the servers with this one's writes.
    pub(crate) async fn end(&self) {
        for process in ["web", "worker"] {
            let _ = self.servers.sandbox.scale(&self.app, process, 0);
        }
        for addon in addons(&self.servers.sandbox, &self.app).await {
            if addon.service == "herokuconnect" {
                let stopped = connect_swap_sandbox::connect::ConnectionState::Paused;
                let _ = self
                    .servers
                    .sandbox
                    .connect()
                    .set_state(&addon.name, stopped);
            }
        }
    }
}
