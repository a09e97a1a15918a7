//! The window as one does it by hand: the app is stopped, and `pg_dump` is
//! piped into `psql`.

use std::time::{Duration, Instant};

use connect_swap_sandbox::Sandbox;
use connect_swap_sandbox::servers::Database;
use secrecy::ExposeSecret;

use crate::bulk;
use crate::shared::Result;
use crate::shared::cluster::Cluster;
use crate::shared::measure;
use crate::shared::programs::Programs;

const TARGET: &str = "by_hand";
const PROCESSES: [(&str, u32); 2] = [("web", 2), ("worker", 1)];
const STOPS_WITHIN: Duration = Duration::from_secs(60);

/// Before the clock starts: what Connect has loaded by then. Triggers of the
/// customer's on it fail for want of their functions, and come later.
const MANAGED: &str = "\
PGPASSWORD=$OLD_PASSWORD pg_dump --no-owner --no-acl --schema=salesforce \"$OLD\" | psql -X -q -o /dev/null \"$NEW\" 2>/dev/null";

/// `pg_dump` must not be able to fail unseen in the pipe.
const UNMANAGED: &str = "\
{ PGPASSWORD=$OLD_PASSWORD pg_dump --no-owner --no-acl --exclude-schema=salesforce --exclude-schema=connect_swap \"$OLD\" \
|| echo 'pg_dump failed;'; } | psql -X -q -v ON_ERROR_STOP=1 -o /dev/null \"$NEW\"";

const SESSIONS: &str = "\
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'app %'";

/// Copies everything that Connect does not, while the app is stopped, into a
/// server of its own. Gives the time that `pg_dump` and `psql` took.
pub(crate) async fn copy(
    sandbox: &Sandbox,
    app: &str,
    new: &Cluster,
    programs: &Programs,
) -> Result<Duration> {
    let old = sandbox.database(app, "DATABASE").ok_or("no database")?;
    for (process, _) in PROCESSES {
        sandbox.scale(app, process, 0)?;
    }
    let copied = match stopped(&old).await {
        Ok(()) => pipe(&old, new, programs).await,
        Err(error) => Err(error),
    };
    new.discard(TARGET).await?;
    for (process, quantity) in PROCESSES {
        sandbox.scale(app, process, quantity)?;
    }
    copied
}

async fn stopped(old: &Database) -> Result<()> {
    let session = old.connect("bench").await?;
    let until = Instant::now() + STOPS_WITHIN;
    while session
        .query_one(SESSIONS, &[])
        .await?
        .try_get::<_, i64>(0)?
        > 0
    {
        if Instant::now() > until {
            return Err("the app does not stop".into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

async fn pipe(old: &Database, new: &Cluster, programs: &Programs) -> Result<Duration> {
    new.create(TARGET).await?;
    let to = new.place(TARGET).uri();
    run(programs, MANAGED, old, &to).await?;
    old.server
        .admin("postgres")
        .await?
        .batch_execute("CHECKPOINT")
        .await?;
    new.settle().await?;
    let wall = run(programs, UNMANAGED, old, &to).await?;
    let want = bulk::sums(&old.connect("bench").await?).await?;
    let have = bulk::sums(&new.owner(TARGET).await?).await?;
    if want == have {
        return Ok(wall);
    }
    Err(format!("by hand: {have} instead of {want}").into())
}

async fn run(programs: &Programs, script: &str, old: &Database, to: &str) -> Result<Duration> {
    let (role, port, name) = (&old.role, old.server.port(), &old.name);
    let from = format!("postgres://{role}@127.0.0.1:{port}/{name}");
    let mut command = programs.shell(script, &from, to);
    command.env("OLD_PASSWORD", old.password.expose_secret());
    let (figures, _) = tokio::task::spawn_blocking(move || measure::run(vec![command])).await??;
    Ok(figures.wall)
}
