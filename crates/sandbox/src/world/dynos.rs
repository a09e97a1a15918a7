//! The life of a dyno: starting, up, stopping, gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::app::{App, Dyno, DynoState};
use super::names;
use super::state::World;
use crate::workload::{DynoRun, Workload};

impl World {
    /// Brings the dynos in line with the formation and the current release: superfluous and
    /// outdated ones are told to stop, missing ones are started. A replacement waits until its
    /// predecessor is gone.
    pub(crate) fn reconcile(&self, app: Uuid) {
        let now = self.now();
        let started = self.with(|state| {
            let rng = &mut state.rng;
            let Some(app) = state.apps.get_mut(&app).filter(|app| app.launched) else {
                return Vec::new();
            };
            app.stop_superfluous();
            let missing = app.missing();
            let started = missing
                .into_iter()
                .map(|(process, number)| app.new_dyno(&process, number, names::uuid(rng), now))
                .collect::<Vec<_>>();
            app.dynos.extend(started.iter().cloned());
            started
        });
        for dyno in started {
            self.start(app, dyno);
        }
    }

    pub(super) fn start(&self, app: Uuid, dyno: Dyno) {
        let environment = self.with(|state| state.environment(app));
        let world = self.clone();
        self.spawn(async move {
            world.live(app, &dyno, environment).await;
            world.with(|state| {
                if let Some(app) = state.apps.get_mut(&app) {
                    app.dynos.retain(|each| each.id != dyno.id);
                }
            });
            world.reconcile(app);
        });
    }

    async fn live(&self, app: Uuid, dyno: &Dyno, environment: BTreeMap<String, String>) {
        let Some((delays, workload, name)) = self.with(|state| {
            let app = state.apps.get(&app)?;
            Some((app.delays, app.workload.clone(), app.name.clone()))
        }) else {
            return;
        };
        tokio::select! {
            () = self.clock().sleep(delays.start) => {}
            () = dyno.stop.cancelled() => return,
        }
        let crashes = self.with(|state| {
            let app = state.apps.get(&app);
            app.is_some_and(|app| app.crashes_at_boot && !dyno.one_off)
        });
        let url = environment.get("DATABASE_URL").filter(|_| !crashes);
        let Some(url) = url else {
            self.set_state(app, dyno.id, DynoState::Crashed);
            return dyno.stop.cancelled().await;
        };
        self.set_state(app, dyno.id, DynoState::Up);
        let killed = CancellationToken::new();
        let work = self.work(&name, dyno, url, workload, killed.clone());
        let stopping = async {
            dyno.stop.cancelled().await;
            // It has been told to stop, and works on until it really does.
            let stop = self.with(|state| state.apps.get(&app).map(|app| app.delays.stop));
            self.clock().sleep(stop.unwrap_or(delays.stop)).await;
            killed.cancel();
        };
        tokio::join!(work, stopping);
    }

    async fn work(
        &self,
        app: &str,
        dyno: &Dyno,
        url: &str,
        workload: Option<Arc<Workload>>,
        killed: CancellationToken,
    ) {
        let Some(workload) = workload else {
            return killed.cancelled().await;
        };
        let run = DynoRun {
            app: app.to_owned(),
            dyno: dyno.name.clone(),
            seed: dyno.id.as_u64_pair().0,
            url: url.to_owned(),
            clock: self.clock().clone(),
            ledger: self.ledger().clone(),
            killed,
        };
        workload.run(run).await;
    }

    fn set_state(&self, app: Uuid, dyno: Uuid, state: DynoState) {
        let now = self.now();
        self.with(|world| {
            let dynos = world.apps.get_mut(&app).map(|app| &mut app.dynos);
            if let Some(dyno) = dynos.and_then(|all| all.iter_mut().find(|each| each.id == dyno)) {
                dyno.state = state;
                dyno.updated_at = now;
            }
        });
    }
}

impl App {
    fn stop_superfluous(&self) {
        let version = self.current_version();
        for dyno in self.dynos.iter().filter(|dyno| !dyno.one_off) {
            let wanted = self.formation.get(&dyno.process_type);
            let superfluous = wanted
                .is_none_or(|process| dyno.number > process.quantity || dyno.size != process.size);
            if superfluous || dyno.release_version < version || dyno.restarts < self.restarts {
                dyno.stop.cancel();
            }
        }
    }

    fn missing(&self) -> Vec<(String, u32)> {
        self.formation
            .values()
            .filter(|process| process.name != "release")
            .flat_map(|process| (1..=process.quantity).map(|number| (process.name.clone(), number)))
            .filter(|(process, number)| {
                let name = format!("{process}.{number}");
                !self.dynos.iter().any(|dyno| dyno.name == name)
            })
            .collect()
    }

    fn new_dyno(&self, process: &str, number: u32, id: Uuid, now: jiff::Timestamp) -> Dyno {
        let wanted = self.formation.get(process);
        Dyno {
            id,
            name: format!("{process}.{number}"),
            process_type: process.to_owned(),
            number,
            size: wanted.map_or("Standard-1X", |wanted| wanted.size),
            command: wanted
                .map(|wanted| wanted.command.clone())
                .unwrap_or_default(),
            state: DynoState::Starting,
            release_id: self.current_release().map_or(self.id, |release| release.id),
            release_version: self.current_version(),
            restarts: self.restarts,
            created_at: now,
            updated_at: now,
            stop: CancellationToken::new(),
            one_off: false,
        }
    }
}
