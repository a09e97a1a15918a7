//! Sessions of an app that run random transactions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use connect_swap_postgres::Session;
use fastrand::Rng;
use futures_util::SinkExt;
use tokio::sync::Notify;

use crate::statements::{Step, step};
use crate::world::{World, again};

const BEGIN: [&str; 5] = [
    "BEGIN",
    "BEGIN",
    "BEGIN ISOLATION LEVEL REPEATABLE READ",
    "BEGIN ISOLATION LEVEL SERIALIZABLE",
    "SET synchronous_commit = off; BEGIN",
];

/// What the traffic is told, and tells.
#[derive(Default)]
pub(crate) struct Control {
    pub(crate) stop: AtomicBool,
    /// One word a transaction.
    pub(crate) ended: Notify,
    pub(crate) transactions: AtomicUsize,
}

/// Runs transactions until it is told to stop. What fails, fails: the old
/// database is the model.
pub(crate) async fn session(world: Arc<World>, mut rng: Rng, number: usize, control: Arc<Control>) {
    let gid = format!("{} {number}", world.databases.old.database());
    let mut session = world.app().await;
    while !control.stop.load(Ordering::Relaxed) {
        if session.is_closed() {
            session = world.app().await;
            settle(&world, &gid).await;
        }
        let ended = transaction(&session, &mut rng, &gid).await;
        if ended.is_err() && !session.is_closed() {
            let _ = session.batch_execute("ROLLBACK").await;
        }
        control.transactions.fetch_add(1, Ordering::Relaxed);
        control.ended.notify_one();
    }
    settle(&world, &gid).await;
}

/// Ends what was prepared when the session was lost.
async fn settle(world: &World, gid: &str) {
    again(async || {
        let session = world.app().await;
        let left = "SELECT FROM pg_catalog.pg_prepared_xacts WHERE gid = $1";
        if session.query(left, &[&gid]).await.ok()?.is_empty() {
            return Some(());
        }
        let _ = session
            .batch_execute(&format!("ROLLBACK PREPARED '{gid}'"))
            .await;
        None
    })
    .await;
}

type Ended = Result<(), tokio_postgres::Error>;

async fn transaction(session: &Session, rng: &mut Rng, gid: &str) -> Ended {
    if rng.u8(..5) == 0 {
        return run(session, &step(rng)).await;
    }
    session.batch_execute(rng.choice(BEGIN).unwrap()).await?;
    for _ in 0..rng.u8(1..5) {
        if rng.u8(..3) == 0 {
            within_savepoint(session, rng).await?;
        } else {
            run(session, &step(rng)).await?;
        }
    }
    match rng.u8(..12) {
        0 => session.batch_execute("ROLLBACK").await,
        1 => {
            session
                .batch_execute(&format!("PREPARE TRANSACTION '{gid}'"))
                .await?;
            let end = rng.choice(["COMMIT", "COMMIT", "ROLLBACK"]).unwrap();
            session
                .batch_execute(&format!("{end} PREPARED '{gid}'"))
                .await
        }
        _ => session.batch_execute("COMMIT").await,
    }
}

async fn within_savepoint(session: &Session, rng: &mut Rng) -> Ended {
    session.batch_execute("SAVEPOINT s").await?;
    let ended = run(session, &step(rng)).await;
    if session.is_closed() {
        return ended;
    }
    let end = if ended.is_err() || rng.bool() {
        "ROLLBACK TO s"
    } else {
        "RELEASE s"
    };
    session.batch_execute(end).await
}

async fn run(session: &Session, step: &Step) -> Ended {
    match step {
        Step::Sql(sql) => session.batch_execute(sql).await,
        Step::Copy(sql, rows) => {
            let sink = session.copy_in::<_, Bytes>(sql).await?;
            futures_util::pin_mut!(sink);
            sink.send(Bytes::from(rows.clone())).await?;
            sink.finish().await.map(drop)
        }
    }
}
