//! Releases: one for every change of config vars or attachments, with the release phase.

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::app::{App, Dyno, DynoState, Release, ReleaseOutcome, ReleasePhase, ReleaseStatus};
use super::names;
use super::refusal::Refusal;
use super::state::World;
use crate::workload::migrate;

impl World {
    /// Makes a release. Without a release phase it is current at once and the dynos restart; with
    /// one it waits for the release command, after those of earlier releases.
    pub(crate) fn release(&self, app: Uuid, description: impl Into<String>) -> Option<Uuid> {
        let (id, phase) = self.push_release(app, description.into())?;
        if phase {
            let world = self.clone();
            self.spawn(async move { world.run_release_phase(app, id).await });
        } else {
            self.reconcile(app);
        }
        Some(id)
    }

    fn push_release(&self, app: Uuid, description: String) -> Option<(Uuid, bool)> {
        let now = self.now();
        self.with(|state| {
            let addon_plans = state
                .attachments
                .iter()
                .filter(|each| each.app == app)
                .filter_map(|each| state.addons.get(&each.addon))
                .map(|addon| addon.plan.name)
                .collect();
            let config = state.config_vars(app);
            let id = names::uuid(&mut state.rng);
            let app = state.apps.get_mut(&app)?;
            let had_phase = app.has_release_phase();
            let status = if had_phase {
                ReleaseStatus::Pending
            } else {
                ReleaseStatus::Succeeded
            };
            app.releases.push(Release {
                id,
                version: app.releases.last().map_or(1, |last| last.version + 1),
                description,
                status,
                addon_plans,
                created_at: now,
                updated_at: now,
                had_phase,
                config,
            });
            Some((id, had_phase))
        })
    }

    /// A release of the app's past: current, and nothing restarts for it.
    pub(super) fn push_first_release(&self, app: Uuid, description: &str) {
        if let Some((id, true)) = self.push_release(app, description.to_owned()) {
            self.with(|state| {
                let releases = state.apps.get_mut(&app).map(|app| &mut app.releases);
                if let Some(last) = releases.and_then(|all| all.last_mut())
                    && last.id == id
                {
                    last.status = ReleaseStatus::Succeeded;
                }
            });
        }
    }

    async fn run_release_phase(&self, app: Uuid, release: Uuid) {
        let Some(queue) =
            self.with(|state| state.apps.get(&app).map(|app| app.release_queue.clone()))
        else {
            return;
        };
        let _turn = queue.lock().await;
        let Some((phase, dyno, stop)) = self.start_release_dyno(app, release) else {
            return;
        };
        let runs = async {
            self.clock().sleep(phase.takes).await;
            match phase.outcome {
                ReleaseOutcome::Succeeds => ReleaseStatus::Succeeded,
                ReleaseOutcome::Fails => ReleaseStatus::Failed,
                ReleaseOutcome::Hangs => std::future::pending().await,
                ReleaseOutcome::Writes => match self.migrates(app, release).await {
                    true => ReleaseStatus::Succeeded,
                    false => ReleaseStatus::Failed,
                },
            }
        };
        let status = tokio::select! {
            status = runs => status,
            // Somebody stops its dyno (`heroku ps:stop release.1234`).
            () = stop.cancelled() => ReleaseStatus::Failed,
        };
        self.finish_release_phase(app, release, dyno, status);
        self.reconcile(app);
    }

    /// Whether the release command could write to the database of its release.
    async fn migrates(&self, app: Uuid, release: Uuid) -> bool {
        let url = self.with(|state| {
            let releases = &state.apps.get(&app)?.releases;
            let release = releases.iter().find(|each| each.id == release)?;
            release.config.get("DATABASE_URL").cloned()
        });
        match url {
            Some(url) => migrate(&url).await.is_ok(),
            None => false,
        }
    }

    fn start_release_dyno(
        &self,
        app: Uuid,
        release: Uuid,
    ) -> Option<(ReleasePhase, Uuid, CancellationToken)> {
        let now = self.now();
        let stop = CancellationToken::new();
        self.with(|state| {
            let (id, number) = (names::uuid(&mut state.rng), state.rng.u32(1_000..10_000));
            let app = state.apps.get_mut(&app)?;
            let process = app.formation.get("release")?;
            let version = app.releases.iter().find(|each| each.id == release)?.version;
            let dyno = Dyno {
                id,
                name: format!("release.{number}"),
                process_type: "release".to_owned(),
                number,
                size: process.size,
                command: process.command.clone(),
                state: DynoState::Up,
                release_id: release,
                release_version: version,
                restarts: app.restarts,
                created_at: now,
                updated_at: now,
                stop: stop.clone(),
                one_off: true,
            };
            app.dynos.push(dyno);
            Some((app.release_phase, id, stop))
        })
    }

    fn finish_release_phase(&self, app: Uuid, release: Uuid, dyno: Uuid, status: ReleaseStatus) {
        let now = self.now();
        self.with(|state| {
            let Some(app) = state.apps.get_mut(&app) else {
                return;
            };
            app.dynos.retain(|each| each.id != dyno);
            if let Some(release) = app.releases.iter_mut().find(|each| each.id == release) {
                release.status = status;
                release.updated_at = now;
            }
        });
    }

    /// `releases:rollback`: a new release with the slug and the config vars of an old one.
    /// Attachments stay as they are.
    pub(crate) fn rollback(&self, app: &str, release: &str) -> Result<Uuid, Refusal> {
        let (id, version) = self.with(|state| {
            let attached = {
                let id = state.app(app)?.id;
                state
                    .attachments_of(id)
                    .map(|each| format!("{}_URL", each.name))
                    .collect::<Vec<_>>()
            };
            let app = state.app_mut(app)?;
            let old = app
                .release(release)
                .ok_or_else(|| Refusal::not_found("release"))?;
            let (version, mut config) = (old.version, old.config.clone());
            config.retain(|name, _| !attached.contains(name));
            app.config = config;
            Ok((app.id, version))
        })?;
        self.release(id, format!("Rollback to v{version}"))
            .ok_or_else(|| Refusal::not_found("app"))
    }
}

impl App {
    /// The version that is current, 0 before the first release.
    pub(crate) fn current_version(&self) -> u64 {
        self.current_release().map_or(0, |release| release.version)
    }
}
