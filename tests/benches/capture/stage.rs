//! The servers.

use crate::shared::cluster::Cluster;
use crate::shared::programs::Programs;
use crate::shared::{Result, say};

/// The one database on each server that something is measured in.
pub(crate) const DATABASE: &str = "shop";

/// Three of them: one kept as servers are by default, one that writes its log
/// for logical replication, and one that changes are brought to.
pub(crate) struct Stage {
    pub(crate) old: Cluster,
    pub(crate) publisher: Cluster,
    pub(crate) new: Cluster,
    /// The circumstances, in words.
    pub(crate) about: String,
}

impl Stage {
    /// Starts them.
    pub(crate) async fn set(programs: &Programs) -> Result<Self> {
        let bin = &programs.installation.bin;
        say("starting three servers");
        let (old, publisher, new) = tokio::try_join!(
            Cluster::start(bin),
            Cluster::start_with(bin, &["wal_level=logical"]),
            Cluster::start(bin)
        )?;
        let session = old.admin("postgres").await?;
        let row = session.query_one("SHOW server_version", &[]).await?;
        let version: String = row.try_get(0)?;
        let processors = std::thread::available_parallelism()?;
        Ok(Self {
            old,
            publisher,
            new,
            about: format!("PostgreSQL {version}, {processors} processors"),
        })
    }

    /// All of them.
    pub(crate) fn all(&self) -> [&Cluster; 3] {
        [&self.old, &self.publisher, &self.new]
    }

    /// Writes everything out, so that what is measured next writes its own
    /// pages alone.
    pub(crate) async fn settle(&self) -> Result<()> {
        for cluster in self.all() {
            cluster.settle().await?;
        }
        Ok(())
    }

    /// Drops what a measurement has made, in whatever way it ended.
    pub(crate) async fn clear(&self) -> Result<()> {
        // A database with a subscription, and one with its slot, cannot be dropped.
        crate::replication::forget(self).await?;
        for cluster in self.all() {
            cluster.discard(DATABASE).await?;
        }
        Ok(())
    }
}
