//! PostgreSQL's own logical replication, from the publisher to the new server
//! (PostgreSQL manual, "Logical Replication").

use std::time::{Duration, Instant};

use crate::shared::Result;
use crate::shared::cluster::Cluster;
use crate::stage::{DATABASE, Stage};

/// Of the publication, the subscription and its slot.
const NAME: &str = "bench";
/// How long it may take until everything is applied.
const WITHIN: Duration = Duration::from_secs(1800);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The slot's position is at least where the server's log is when this is
/// asked.
const POSITION: &str = "SELECT pg_current_wal_flush_lsn()::text";
const CONFIRMED: &str = "\
SELECT confirmed_flush_lsn >= $1::text::pg_lsn FROM pg_replication_slots WHERE slot_name = 'bench'";

/// A subscription to all tables of the publisher's database; both sides have
/// the same rows when it is made.
pub(crate) struct Replication;

impl Replication {
    /// Subscribes; changes from now on are sent, once it is enabled.
    pub(crate) async fn subscribe(stage: &Stage, enabled: bool) -> Result<()> {
        let publisher = stage.publisher.admin(DATABASE).await?;
        let publish = format!("CREATE PUBLICATION {NAME} FOR ALL TABLES");
        publisher.batch_execute(&publish).await?;
        let subscribe = format!(
            "CREATE SUBSCRIPTION {NAME} CONNECTION '{}' PUBLICATION {NAME} \
             WITH (copy_data = false, enabled = {enabled})",
            stage.publisher.conninfo(DATABASE)
        );
        let new = stage.new.admin(DATABASE).await?;
        Ok(new.batch_execute(&subscribe).await?)
    }

    /// Begins to apply.
    pub(crate) async fn enable(stage: &Stage) -> Result<()> {
        let new = stage.new.admin(DATABASE).await?;
        let enable = format!("ALTER SUBSCRIPTION {NAME} ENABLE");
        Ok(new.batch_execute(&enable).await?)
    }

    /// Waits until the subscriber has told the publisher that it has all.
    pub(crate) async fn caught_up(publisher: &Cluster) -> Result<()> {
        let session = publisher.admin(DATABASE).await?;
        let position: String = session.query_one(POSITION, &[]).await?.try_get(0)?;
        let until = Instant::now() + WITHIN;
        loop {
            let row = session.query_opt(CONFIRMED, &[&position]).await?;
            let row = row.ok_or("the replication slot is gone")?;
            if row.try_get(0)? {
                return Ok(());
            }
            pause(until).await?;
        }
    }

    /// Waits until a query about the new database is answered with true.
    pub(crate) async fn applied(stage: &Stage, query: &str) -> Result<()> {
        let session = stage.new.admin(DATABASE).await?;
        let until = Instant::now() + WITHIN;
        while !session.query_one(query, &[]).await?.try_get::<_, bool>(0)? {
            pause(until).await?;
        }
        Ok(())
    }
}

async fn pause(until: Instant) -> Result<()> {
    if Instant::now() > until {
        return Err("logical replication does not come to an end".into());
    }
    tokio::time::sleep(LOOK_EVERY).await;
    Ok(())
}

/// Drops the subscription with its slot, where there is one.
pub(crate) async fn forget(stage: &Stage) -> Result<()> {
    let admin = stage.new.admin("postgres").await?;
    let subscribed = "SELECT EXISTS (SELECT FROM pg_subscription WHERE subname = 'bench')";
    if admin.query_one(subscribed, &[]).await?.try_get(0)? {
        let new = stage.new.admin(DATABASE).await?;
        new.batch_execute(&format!("DROP SUBSCRIPTION {NAME}"))
            .await?;
    }
    Ok(())
}
