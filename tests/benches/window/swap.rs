//! The whole swap in the sandbox, its app writing all the time.

use std::sync::Arc;
use std::time::Duration;

use connect_swap_engine::Sink;
use connect_swap_swap::{ExitCode, Report, commands};
use connect_swap_tests::{Scene, told};

use crate::report::Window;
use crate::shared::cluster::Cluster;
use crate::shared::programs::Programs;
use crate::shared::{Result, say};
use crate::stopwatch::Stopwatch;
use crate::{bulk, by_hand};

/// How many columns, customers and orders the app has besides is of no matter.
const MANAGED_ROWS: u64 = 2000;

/// Makes an app with so much data, copies that by hand, then swaps.
pub(crate) async fn measure(gigabytes: f64, new: &Cluster, programs: &Programs) -> Result<Window> {
    let scene = Scene::with(|options| options.large = MANAGED_ROWS).await;
    let (sandbox, app) = (scene.sandbox, scene.app.as_str());
    let database = sandbox.database(app, "DATABASE").ok_or("no database")?;
    let bytes = bulk::fill(&database, gigabytes).await?;
    say(&format!("  {bytes} bytes of unmanaged data"));
    let by_hand = by_hand::copy(sandbox, app, new, programs).await?;
    say(&format!("  by hand: {:.1} s", by_hand.as_secs_f64()));
    let stopwatch = Arc::new(Stopwatch::default());
    let mut operator = scene.operator();
    ended(&commands::prep(&operator, &scene.prep_args()).await)?;
    operator.sink = Arc::clone(&stopwatch) as Arc<dyn Sink>;
    ended(&commands::cutover(&operator, &scene.cutover_args()).await)?;
    // The next app is not to share the servers with this one's writes.
    for process in ["web", "worker"] {
        sandbox.scale(app, process, 0)?;
    }
    let audit = sandbox.audit(app).await?;
    if audit.acknowledged == 0 || !audit.is_clean() {
        return Err(format!("the audit is not clean: {audit:?}").into());
    }
    let times = stopwatch.times();
    let window = Window {
        gigabytes,
        bytes,
        by_hand,
        wall: times.window.ok_or("the window did not close")?,
        told: Duration::try_from_secs_f64(times.told)?,
        steps: times.steps,
    };
    say(&format!(
        "  connect-swap: database part {:.2} s, window {:.2} s",
        window.database().as_secs_f64(),
        window.wall.as_secs_f64()
    ));
    Ok(window)
}

fn ended(report: &Report) -> Result<()> {
    if report.exit == ExitCode::Ok {
        return Ok(());
    }
    Err(format!(
        "{} failed: {} {:?}",
        report.command,
        told(report),
        report.findings
    )
    .into())
}
