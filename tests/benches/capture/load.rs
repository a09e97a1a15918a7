//! What the app does while it is measured, by `pgbench`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::shared::cluster::{Cluster, PASSWORD};
use crate::shared::{Result, measure};
use crate::stage::DATABASE;

/// `pgbench`'s own scale at full size: two million accounts.
const TPCB_SCALE: f64 = 20.0;
/// Rows that are there when a run of inserts begins, at full size.
const ENTRIES: f64 = 500e3;
/// As many as this machine, and most small plans, have processors for.
const CLIENTS: &str = "2";

const ENTRIES_TABLE: &str = "\
CREATE TABLE entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account integer NOT NULL, \
kind text NOT NULL, amount double precision NOT NULL, happened_at timestamptz NOT NULL DEFAULT now()); \
CREATE INDEX ON entries (account); CREATE INDEX ON entries (happened_at)";

/// Five rows, each by a statement of its own, in one transaction.
const INSERTS: &str = "\
\\set account random(1, 100000)
\\set amount random(1, 100000)
BEGIN;
INSERT INTO entries (account, kind, amount) VALUES (:account, 'order', :amount);
INSERT INTO entries (account, kind, amount) VALUES (:account, 'item', :amount);
INSERT INTO entries (account, kind, amount) VALUES (:account, 'item', :amount);
INSERT INTO entries (account, kind, amount) VALUES (:account, 'payment', :amount);
INSERT INTO entries (account, kind, amount) VALUES (:account, 'note', :amount);
COMMIT;
";

/// A sort of app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Load {
    /// `pgbench`'s own, "TPC-B (sort of)": three updates, one insert.
    Tpcb,
    /// Single-row inserts.
    Inserts,
}

impl Load {
    pub(crate) const ALL: [Self; 2] = [Self::Tpcb, Self::Inserts];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tpcb => "tpcb",
            Self::Inserts => "inserts",
        }
    }

    /// Rows that a transaction writes.
    pub(crate) fn rows(self) -> f64 {
        match self {
            Self::Tpcb => 4.0,
            Self::Inserts => 5.0,
        }
    }

    /// Its tables, each with its key.
    pub(crate) fn tables(self) -> &'static [(&'static str, Option<&'static str>)] {
        match self {
            Self::Tpcb => &[
                ("pgbench_accounts", Some("aid")),
                ("pgbench_branches", Some("bid")),
                ("pgbench_tellers", Some("tid")),
                ("pgbench_history", None),
            ],
            Self::Inserts => &[("entries", Some("id"))],
        }
    }

    /// Makes the database and its tables, with their first rows.
    pub(crate) async fn make(self, cluster: &Cluster, bin: &Path, scale: f64) -> Result<()> {
        cluster.create(DATABASE).await?;
        match self {
            Self::Tpcb => {
                let mut command = pgbench(cluster, bin);
                let scale = (TPCB_SCALE * scale).round().max(1.0);
                command.args(["--initialize", "--quiet", "--scale", &scale.to_string()]);
                measured(command).await?;
            }
            Self::Inserts => {
                let owner = cluster.owner(DATABASE).await?;
                owner.batch_execute(ENTRIES_TABLE).await?;
            }
        }
        Ok(())
    }

    /// Brings the tables back to where every run begins.
    pub(crate) async fn reset(self, cluster: &Cluster, scale: f64) -> Result<()> {
        let owner = cluster.owner(DATABASE).await?;
        match self {
            Self::Tpcb => owner.batch_execute("TRUNCATE pgbench_history").await?,
            Self::Inserts => {
                let rows = (ENTRIES * scale).round().max(1000.0);
                let sql = format!(
                    "TRUNCATE entries RESTART IDENTITY; INSERT INTO entries (account, kind, amount) \
                     SELECT 1 + n % 100000, 'order', n FROM generate_series(1, {rows}) n"
                );
                owner.batch_execute(&sql).await?;
            }
        }
        Ok(owner.batch_execute("VACUUM (ANALYZE)").await?)
    }

    /// Runs the app, and gives its transactions a second.
    pub(crate) async fn run(self, cluster: &Cluster, bin: &Path, time: Duration) -> Result<f64> {
        let script = tempfile::NamedTempFile::new()?;
        std::fs::write(script.path(), INSERTS)?;
        let mut command = pgbench(cluster, bin);
        command.args(["--no-vacuum", "--protocol", "prepared"]);
        command.args(["--client", CLIENTS, "--jobs", CLIENTS]);
        command.args(["--time", &time.as_secs().to_string()]);
        if self == Self::Inserts {
            command.arg("--file").arg(script.path());
        }
        let output = measured(command).await?;
        tps(&output).ok_or_else(|| format!("pgbench gives no rate: {output}").into())
    }
}

fn pgbench(cluster: &Cluster, bin: &Path) -> Command {
    let mut command = Command::new(bin.join("pgbench"));
    command
        .env("PGPASSWORD", PASSWORD)
        .env("PGHOST", "127.0.0.1");
    command.env("PGPORT", cluster.port().to_string());
    command.env("PGUSER", crate::shared::cluster::OWNER);
    command.env("PGDATABASE", DATABASE);
    command
}

async fn measured(command: Command) -> Result<String> {
    let (_, output) = tokio::task::spawn_blocking(move || measure::run(vec![command])).await??;
    Ok(output)
}

/// Of the line `tps = 713.4 (without initial connection time)`.
fn tps(output: &str) -> Option<f64> {
    let line = output
        .lines()
        .find_map(|line| line.strip_prefix("tps = "))?;
    line.split_whitespace().next()?.parse().ok()
}
