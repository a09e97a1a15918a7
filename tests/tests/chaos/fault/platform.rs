//! Heroku's own work that goes wrong.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect_swap_sandbox::{
    Delays, Provisioning, ProvisioningOutcome, ReleaseOutcome, ReleasePhase,
};

use reqwest::Method;

use crate::stage::Stage;
use crate::start::{ask, summary};

/// How often a pending release is looked at, in all some seconds.
const LOOKS: usize = 60;

#[derive(Clone, Copy, Debug)]
pub(crate) enum PlatformFault {
    /// The release command fails; only seen where the app has one.
    ReleaseFails,
    /// The release command never ends.
    ReleaseHangs,
    /// The next add-on cannot be made.
    Deprovisioned,
    /// The next add-on takes an hour.
    SlowProvisioning,
    /// Dynos take three minutes to stop.
    SlowStop,
    /// Dynos take half an hour to start.
    SlowBoot,
    /// Dynos crash when they start.
    CrashAtBoot,
}

impl PlatformFault {
    pub(crate) fn any(rng: &mut fastrand::Rng) -> Self {
        [
            Self::ReleaseFails,
            Self::ReleaseHangs,
            Self::Deprovisioned,
            Self::SlowProvisioning,
            Self::SlowStop,
            Self::SlowBoot,
            Self::CrashAtBoot,
        ][rng.usize(0..7)]
    }

    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::ReleaseFails => "release phase fails",
            Self::ReleaseHangs => "release phase never ends",
            Self::Deprovisioned => "add-on ends deprovisioned",
            Self::SlowProvisioning => "add-on takes an hour",
            Self::SlowStop => "dynos stop slowly",
            Self::SlowBoot => "dynos boot slowly",
            Self::CrashAtBoot => "dynos crash at boot",
        }
    }

    pub(crate) async fn strike(self, stage: &Arc<Stage>) {
        let (sandbox, app) = (&stage.servers.sandbox, stage.app.as_str());
        let done = match self {
            Self::ReleaseFails => sandbox.set_release_phase(app, phase(ReleaseOutcome::Fails)),
            Self::ReleaseHangs => sandbox.set_release_phase(app, phase(ReleaseOutcome::Hangs)),
            Self::Deprovisioned => {
                sandbox.set_provisioning(app, provisioning(20, ProvisioningOutcome::Fails))
            }
            Self::SlowProvisioning => {
                sandbox.set_provisioning(app, provisioning(3600, ProvisioningOutcome::Succeeds))
            }
            Self::SlowStop => delays(stage, 6, 180),
            Self::SlowBoot => delays(stage, 1800, 5),
            Self::CrashAtBoot => sandbox.set_boot_crashes(app, true),
        };
        done.expect("the app is there");
    }

    pub(crate) async fn amend(self, stage: &Arc<Stage>) {
        let (sandbox, app) = (&stage.servers.sandbox, stage.app.as_str());
        let done = match self {
            Self::ReleaseFails | Self::ReleaseHangs => {
                sandbox.set_release_phase(app, phase(ReleaseOutcome::Succeeds))
            }
            Self::Deprovisioned | Self::SlowProvisioning => {
                sandbox.set_provisioning(app, provisioning(20, ProvisioningOutcome::Succeeds))
            }
            Self::CrashAtBoot => {
                let done = sandbox.set_boot_crashes(app, false);
                ask(stage, Method::DELETE, &format!("/apps/{app}/dynos"), None).await;
                done
            }
            Self::SlowStop | Self::SlowBoot => {
                let usual = Delays::default();
                sandbox.set_dyno_delays(app, usual.dyno_start, usual.dyno_stop)
            }
        };
        done.expect("the app is there");
    }
}

/// Another release where the last one failed, as a person makes one who has mended the command.
pub(crate) async fn retry_release(stage: &Arc<Stage>) {
    for _ in 0..LOOKS {
        let shown = summary(&stage.servers.sandbox, &stage.app).await;
        let releases = shown["releases"].as_array().cloned().unwrap_or_default();
        let status = releases.last().map(|release| release["status"].clone());
        if status.as_ref().is_some_and(|status| status == "pending") {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        if status.is_some_and(|status| status == "failed") {
            let change = BTreeMap::from([("MENDED".to_owned(), Some("yes".to_owned()))]);
            let _ = stage.servers.sandbox.set_config_vars(&stage.app, &change);
        }
        return;
    }
}

fn phase(outcome: ReleaseOutcome) -> ReleasePhase {
    ReleasePhase {
        takes: Duration::from_secs(10),
        outcome,
    }
}

fn provisioning(seconds: u64, outcome: ProvisioningOutcome) -> Provisioning {
    Provisioning {
        seconds: Some(seconds),
        outcome,
    }
}

fn delays(
    stage: &Arc<Stage>,
    start: u64,
    stop: u64,
) -> Result<(), connect_swap_sandbox::ControlError> {
    let seconds = Duration::from_secs;
    stage
        .servers
        .sandbox
        .set_dyno_delays(&stage.app, seconds(start), seconds(stop))
}
