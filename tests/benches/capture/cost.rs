//! What it costs the app that note is taken of its changes.

use crate::load::Load;
use crate::options::Options;
use crate::replication::Replication;
use crate::report::Results;
use crate::shared::programs::Programs;
use crate::shared::{Result, say};
use crate::stage::Stage;
use crate::watcher::Watcher;

/// Runs the app under every watcher in turns; each turn begins with another.
pub(crate) async fn measure(
    load: Load,
    stage: &Stage,
    programs: &Programs,
    options: &Options,
    results: &mut Results,
) -> Result<()> {
    let bin = &programs.installation.bin;
    for cluster in stage.all() {
        load.make(cluster, bin, options.scale).await?;
    }
    Replication::subscribe(stage, true).await?;
    for turn in 0..options.repeat {
        let mut watchers = Watcher::ALL;
        watchers.rotate_left(turn % Watcher::ALL.len());
        for watcher in watchers {
            let server = watcher.server(stage);
            load.reset(server, options.scale).await?;
            if watcher == Watcher::Replication {
                Replication::caught_up(&stage.publisher).await?;
            }
            watcher.begin(load, stage).await?;
            stage.settle().await?;
            let rate = load.run(server, bin, options.run).await?;
            watcher.end(load, stage).await?;
            say(&format!("  {}: {rate:.0} transactions/s", watcher.words()));
            results.costs.push((load, watcher, rate));
        }
    }
    Ok(())
}
