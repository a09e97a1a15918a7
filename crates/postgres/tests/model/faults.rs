//! What happens to this tool's work at a random moment.

use std::future::poll_fn;
use std::process::Command;
use std::task::Poll;

use connect_swap_postgres::Session;
use fastrand::Rng;

use crate::world::{Side, World, again};

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The work is given up: its future is dropped.
    Abandon,
    /// Its sessions on one side are ended.
    Kill(Side),
    /// A server crashes.
    Crash(Side),
}

impl Fault {
    /// A random fault, or none; crashes only where they are asked for.
    pub(crate) fn draw(rng: &mut Rng, crashes: bool) -> Option<Self> {
        let side = if rng.bool() { Side::Old } else { Side::New };
        match rng.u8(..10) {
            0..=2 => Some(Self::Abandon),
            3 | 4 => Some(Self::Kill(side)),
            5 if crashes => Some(Self::Crash(side)),
            _ => None,
        }
    }
}

impl World {
    /// Runs something until it has been woken so many times; then the fault
    /// happens. `None` where it was abandoned.
    pub(crate) async fn meets<T>(
        &self,
        work: impl Future<Output = T>,
        fault: Option<Fault>,
        wakes: usize,
    ) -> Option<T> {
        let mut work = Box::pin(work);
        let Some(fault) = fault else {
            return Some(work.await);
        };
        let mut left = wakes;
        let early = poll_fn(|context| {
            if left == 0 {
                return Poll::Ready(None);
            }
            left -= 1;
            work.as_mut().poll(context).map(Some)
        });
        if let Some(ended) = early.await {
            return Some(ended);
        }
        match fault {
            Fault::Abandon => return None,
            Fault::Kill(side) => self.kill(side).await,
            Fault::Crash(side) => crash(side).await,
        }
        Some(work.await)
    }

    /// Ends all sessions of this tool but the app's.
    async fn kill(&self, side: Side) {
        let boss = boss(side).await;
        boss.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 \
             AND application_name LIKE 'connect-swap%' AND application_name <> 'connect-swap app'",
            &[&self.url(side).database()],
        )
        .await
        .unwrap();
    }

    /// Waits until no session of this tool's work is left, as after one that was
    /// abandoned.
    pub(crate) async fn is_quiet(&self) {
        for side in [Side::Old, Side::New] {
            let boss = boss(side).await;
            again(async || {
                let left = boss
                    .query(
                        "SELECT FROM pg_stat_activity WHERE datname = $1 \
                         AND application_name LIKE 'connect-swap%' AND application_name <> 'connect-swap app'",
                        &[&self.url(side).database()],
                    )
                    .await
                    .unwrap();
                left.is_empty().then_some(())
            })
            .await;
        }
    }
}

/// A superuser's session, as soon as there can be one: work that crashed the server may have been
/// given up before it was back.
async fn boss(side: Side) -> Session {
    again(async || side.server().try_superuser("postgres").await.ok()).await
}

/// Ends one of the server's processes by force: it ends all others, forgets
/// what was not written, and recovers (PostgreSQL manual,
/// "restart_after_crash").
pub(crate) async fn crash(side: Side) {
    let server = side.server();
    let (victim, witness) = (boss(side).await, boss(side).await);
    let pid: i32 = victim
        .query_one("SELECT pg_backend_pid()", &[])
        .await
        .unwrap()
        .get(0);
    let killed = Command::new("kill")
        .args(["-KILL", &pid.to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    // The server has noticed when it has ended somebody else; until then it takes new sessions.
    again(async || witness.is_closed().then_some(())).await;
    again(async || server.try_superuser("postgres").await.ok()).await;
}
