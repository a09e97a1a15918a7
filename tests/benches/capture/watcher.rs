//! Who takes note of changes while the app is measured.

use crate::load::Load;
use crate::replication::Replication;
use crate::shared::Result;
use crate::shared::cluster::Cluster;
use crate::stage::{DATABASE, Stage};
use crate::{ours, row_triggers};

/// A way to know which rows have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watcher {
    /// Nobody.
    Nothing,
    /// Ours: triggers by statement.
    Ours,
    /// Triggers by row that log the same keys.
    RowTriggers,
    /// PostgreSQL's logical replication to a second server.
    Replication,
}

impl Watcher {
    /// All of them, in the order of the table.
    pub(crate) const ALL: [Self; 4] = [
        Self::Nothing,
        Self::Ours,
        Self::RowTriggers,
        Self::Replication,
    ];

    /// What it is, for the table.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Ours => "connect-swap",
            Self::RowTriggers => "triggers for each row",
            Self::Replication => "logical replication",
        }
    }

    /// Where the app runs.
    pub(crate) fn server(self, stage: &Stage) -> &Cluster {
        match self {
            Self::Replication => &stage.publisher,
            _ => &stage.old,
        }
    }

    /// Begins to take note. Replication is always on, on a server of its own.
    pub(crate) async fn begin(self, load: Load, stage: &Stage) -> Result<()> {
        match self {
            Self::Ours => ours::install(&stage.old.place(DATABASE)).await,
            Self::RowTriggers => row_triggers::install(load, &stage.old).await,
            Self::Nothing | Self::Replication => Ok(()),
        }
    }

    /// Proves that note was taken, and ends it.
    pub(crate) async fn end(self, load: Load, stage: &Stage) -> Result<()> {
        match self {
            Self::Ours => ours::remove(&stage.old.place(DATABASE)).await,
            Self::RowTriggers => row_triggers::remove(load, &stage.old).await,
            Self::Replication => Replication::caught_up(&stage.publisher).await,
            Self::Nothing => Ok(()),
        }
    }
}
