//! Random programs against the capture and the rounds: whatever the app does,
//! and whatever happens to this tool, in the end both sides are equal.
//!
//! A world is a pair of databases with tables of every sort (`tables.sql`), in
//! which several programs run one after the other. In each, sessions run random
//! transactions while the capture is installed and removed, tables are seeded
//! and rounds are made; all of that is given up at random moments, its sessions
//! are ended, and in some worlds servers crash. A statement that fails is fine:
//! the old database is the model. A row that is not the same in the end, or in
//! an open round as of its snapshot, is not.
//!
//! `CONNECT_SWAP_MODEL_SEED` and `CONNECT_SWAP_MODEL_WORLDS` show one world
//! again or run thousands, `CONNECT_SWAP_MODEL_SECONDS` bounds the time. The
//! seed decides everything but how sessions come between each other.
//!
//! The proof that it would notice. Three changes were made to the rounds, each
//! by itself, and taken back:
//!
//! - `round/keys.rs` only read the keys in the snapshot, and the session beside
//!   the round deleted the whole log right before the new side was committed.
//!   Seed 0, in the end: `"m.toy_0 (2,,v41067): 1 old, 0 new"`. Seed 1, in the
//!   end: `"m.deferred_key (-1,v93746): 0 old, 1 new"`, and seven more.
//! - `round/look.rs` began the transaction as READ COMMITTED, so that keys and
//!   rows were of different snapshots. Seed 1, in an open round:
//!   `"\"m\".\"owner\" (15,definer): 0 old, 1 new"`, and two more.
//! - Before `synchronous_commit` was set in this tool's sessions, a crash of the
//!   new server took parts of it back. Seed 15, in the last round: `it has no
//!   unique index over (id, grp)`.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

#[path = "../postgres/cluster.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod cluster;

mod check;
mod conductor;
mod faults;
mod statements;
mod traffic;
mod world;

use std::sync::atomic::{AtomicUsize, Ordering};

use conductor::{Conductor, Counts};
use fastrand::Rng;

/// The first seed, and how many worlds there are; each has some programs.
const SEED: &str = "CONNECT_SWAP_MODEL_SEED";
const WORLDS: &str = "CONNECT_SWAP_MODEL_WORLDS";
/// No more worlds are begun after so many seconds.
const SECONDS: &str = "CONNECT_SWAP_MODEL_SECONDS";
const USUAL_SECONDS: u64 = 40;
const USUAL_WORLDS: u64 = 40;
const PROGRAMS: usize = 5;
/// In one world of so many, servers crash.
const CRASHES_IN_ONE_OF: u64 = 8;
const SIDE_BY_SIDE: usize = 2;

fn number(name: &str) -> Option<u64> {
    Some(std::env::var(name).ok()?.parse().expect("a number"))
}

/// The seed decides everything but how the sessions come between each other.
async fn world(seed: u64, crashes: bool) -> Counts {
    let named = Named(seed);
    let mut conductor = Conductor::new(Rng::with_seed(seed), crashes).await;
    for _ in 0..PROGRAMS {
        conductor.program().await;
    }
    std::mem::forget(named);
    conductor.counts
}

/// Says the seed when its world fails.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        eprintln!("{SEED}={} {WORLDS}=1 shows this again", self.0);
    }
}

fn crashes(seed: u64) -> bool {
    seed % CRASHES_IN_ONE_OF == CRASHES_IN_ONE_OF - 1
}

#[test]
fn both_sides_are_equal_in_the_end() {
    let first = number(SEED).unwrap_or(0);
    let seeds: Vec<u64> = (first..first + number(WORLDS).unwrap_or(USUAL_WORLDS)).collect();
    let (begun, most) = (
        std::time::Instant::now(),
        number(SECONDS).unwrap_or(USUAL_SECONDS),
    );
    let mut all = Counts::default();
    for some in seeds.chunks(usize::try_from(CRASHES_IN_ONE_OF).unwrap()) {
        let (crashing, calm): (Vec<u64>, Vec<u64>) = some.iter().partition(|seed| crashes(**seed));
        let go_on = || begun.elapsed().as_secs() < most;
        // A crash ends everybody's sessions.
        for seed in crashing.into_iter().filter(|_| go_on()) {
            all.add(run(seed, true));
        }
        all.add(side_by_side(&calm, &go_on));
    }
    eprintln!("{all:?} in {:?}", begun.elapsed());
}

fn side_by_side(seeds: &[u64], go_on: &(dyn Fn() -> bool + Sync)) -> Counts {
    let next = AtomicUsize::new(0);
    let mut all = Counts::default();
    std::thread::scope(|scope| {
        let work = || {
            let mut counts = Counts::default();
            while go_on()
                && let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed))
            {
                counts.add(run(*seed, false));
            }
            counts
        };
        let workers: Vec<_> = (0..SIDE_BY_SIDE).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            all.add(worker.join().unwrap());
        }
    });
    all
}

fn run(seed: u64, crashes: bool) -> Counts {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, world(seed, crashes))
}
