//! Installs the capture, seeds and makes rounds while the app writes, and
//! checks what comes of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use connect_swap_postgres::{
    CaptureLimit, Captured, CopyOptions, Error, Purpose, RoundReport, Rounds, Standing, Whole,
    Workers, Writers, captured, connect, install_capture, remove_capture, seed, units,
};
use fastrand::Rng;

use crate::faults::{Fault, crash};
use crate::traffic::{Control, session};
use crate::world::{EQUAL, FLEETING, KEYLESS, Side, World, of_customer};

const COPY: CopyOptions = CopyOptions {
    workers: Workers { any: 2, small: 1 },
    throttle: None,
    cut_from: 16 << 10,
    writers: Writers::AtWork,
};
const SESSIONS: usize = 3;
/// Work is tried so often where faults make it fail.
const TRIES: usize = 12;

/// One world's random program.
pub(crate) struct Conductor {
    world: Arc<World>,
    rng: Rng,
    crashes: bool,
    followed: bool,
    /// The unlogged table was reported to be lost in a crash.
    stale: bool,
    /// A server has crashed since the capture was made from nothing: a table that was seeded before is
    /// not seeded again, and stands as stale from the next round on.
    crashed: bool,
    /// The sessions of the last round, unless something happened to them.
    rounds: Option<Rounds>,
    pub(crate) counts: Counts,
}

/// What was done.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) programs: usize,
    pub(crate) transactions: usize,
    pub(crate) seeds: usize,
    pub(crate) rounds: usize,
    pub(crate) faults: usize,
    pub(crate) crashes: usize,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.programs += other.programs;
        self.transactions += other.transactions;
        self.seeds += other.seeds;
        self.rounds += other.rounds;
        self.faults += other.faults;
        self.crashes += other.crashes;
    }
}

impl Conductor {
    pub(crate) async fn new(rng: Rng, crashes: bool) -> Self {
        Self {
            world: Arc::new(World::make().await),
            rng,
            crashes,
            followed: false,
            stale: false,
            crashed: false,
            rounds: None,
            counts: Counts::default(),
        }
    }

    /// One program: traffic with everything that this tool does beside it, and
    /// at its end a last round and the comparison.
    pub(crate) async fn program(&mut self) {
        let control = Arc::new(Control::default());
        let sessions: Vec<_> = (0..SESSIONS)
            .map(|number| {
                let (world, rng) = (self.world.clone(), self.rng.fork());
                tokio::task::spawn_local(session(world, rng, number, control.clone()))
            })
            .collect();
        self.pause(&control).await;
        if !self.followed || self.rng.u8(..4) == 0 {
            self.set_up().await;
        }
        for _ in 0..self.rng.u8(1..6) {
            self.pause(&control).await;
            self.round().await;
        }
        control.stop.store(true, Ordering::Relaxed);
        for session in sessions {
            session.await.unwrap();
        }
        self.end().await;
        self.counts.programs += 1;
        self.counts.transactions += control.transactions.load(Ordering::Relaxed);
    }

    /// Lets some transactions of the app end.
    async fn pause(&mut self, control: &Control) {
        for _ in 0..self.rng.u8(..8) {
            control.ended.notified().await;
        }
    }

    fn draw(&mut self) -> Option<Fault> {
        let fault = Fault::draw(&mut self.rng, self.crashes);
        self.note(fault);
        fault
    }

    fn note(&mut self, fault: Option<Fault>) {
        self.counts.faults += usize::from(fault.is_some());
        if matches!(fault, Some(Fault::Crash(_))) {
            self.counts.crashes += 1;
            self.crashed = true;
        }
    }

    /// Installs and seeds, from nothing or from what is there.
    async fn set_up(&mut self) {
        self.rounds = None;
        if self.rng.u8(..3) == 0 {
            self.remove().await;
            self.crashed = false;
        }
        self.install().await;
        self.seed().await;
        (self.followed, self.stale) = (true, false);
        self.counts.seeds += 1;
    }

    async fn remove(&mut self) {
        for attempt in 0..TRIES {
            let fault = if attempt == 0 { self.draw() } else { None };
            let wakes = self.rng.usize(1..60);
            let url = &self.world.databases.old;
            let work = async {
                let session = connect(url, Purpose::Work, "remove").await?;
                remove_capture(&session, |_| {}).await
            };
            let ended = self.world.meets(work, fault, wakes).await;
            self.world.is_quiet().await;
            if accepts("remove", ended, fault).is_some() {
                return;
            }
        }
        panic!("the capture cannot be removed");
    }

    async fn install(&mut self) {
        let run = format!("run {}", self.rng.u8(..3) / 2);
        for attempt in 0..TRIES {
            let fault = if attempt == 0 { self.draw() } else { None };
            let wakes = self.rng.usize(1..400);
            let world = self.world.clone();
            let work = async {
                let session = connect(&world.databases.old, Purpose::Work, "install").await?;
                let units = units(&session, &of_customer(&session).await?).await?;
                let limit = CaptureLimit::bytes(1 << 30);
                install_capture(&session, &units, &run, limit, |_| {}).await
            };
            let ended = self.world.meets(work, fault, wakes).await;
            self.world.is_quiet().await;
            if accepts("install", ended, fault).is_some() {
                return;
            }
        }
        panic!("the capture cannot be installed");
    }

    async fn seed(&mut self) {
        for attempt in 0..TRIES {
            let fault = if attempt == 0 { self.draw() } else { None };
            let wakes = self.rng.usize(1..1500);
            let world = self.world.clone();
            let work = async {
                let session = connect(&world.databases.old, Purpose::Work, "look").await?;
                let waiting = waiting(captured(&session).await?.unwrap_or_default());
                let inventory = of_customer(&session).await?;
                drop(session);
                let (old, new) = (&world.databases.old, &world.databases.new);
                seed(&world.tools, old, new, &inventory, &waiting, COPY, |_| {}).await
            };
            let ended = self.world.meets(work, fault, wakes).await;
            self.world.is_quiet().await;
            if accepts("seed", ended, fault).is_some() {
                return;
            }
        }
        panic!("the tables cannot be seeded");
    }

    /// Makes a round or two, and something may happen to it.
    async fn round(&mut self) {
        let (fault, wakes) = (self.draw(), self.rng.usize(1..260));
        let between = if self.crashes && self.rng.u8(..4) == 0 {
            self.note(Some(Fault::Crash(Side::Old)));
            Some(Fault::Crash(Side::Old))
        } else {
            (self.rng.u8(..4) == 0).then_some(Fault::Abandon)
        };
        let look = self.rng.u8(..3) == 0;
        let (world, kept) = (self.world.clone(), self.rounds.take());
        let work = async {
            let mut rounds = match kept {
                Some(rounds) => rounds,
                None => world.rounds().await?,
            };
            let open = rounds.begin().await?;
            if look && fault.is_none() {
                let tables: Vec<String> = open
                    .equal_tables()
                    .iter()
                    .map(|table| table.sql())
                    .collect();
                let seen = world.differences(&tables, Some(open.snapshot())).await;
                let differences = seen.unwrap_or_default();
                assert!(differences.is_empty(), "in an open round: {differences:#?}");
            }
            match between {
                // The new side is committed, the old one never.
                Some(Fault::Abandon) => return Ok((open.report().clone(), None)),
                Some(_) => crash(Side::Old).await,
                None => {}
            }
            let report = open.finish().await?;
            Ok((report, Some(rounds)))
        };
        let ended = world.meets(work, fault, wakes).await;
        let fault = fault.or(between);
        if let Some((report, rounds)) = accepts("round", ended, fault) {
            self.read(&report);
            // A round may have ended just before its sessions did.
            self.rounds = rounds.filter(|_| fault.is_none());
        }
        self.counts.rounds += 1;
    }

    /// Only the unlogged table may be stale, and only after a crash.
    fn read(&mut self, report: &RoundReport) {
        for (table, why) in &report.stale {
            assert!(
                self.crashed && FLEETING.ends_with(&table.name),
                "{table} is stale: {why}"
            );
            self.stale = true;
        }
    }

    /// The last round, of which nothing may be missing.
    async fn end(&mut self) {
        let world = self.world.clone();
        let mut rounds = match self.rounds.take() {
            Some(rounds) => rounds,
            None => world.rounds().await.unwrap(),
        };
        let report = rounds
            .round()
            .await
            .unwrap_or_else(|error| panic!("the last round: {error:?}"));
        self.read(&report);
        self.rounds = Some(rounds);
        self.stale |= self.stands_stale().await;
        let equal: Vec<String> = EQUAL
            .iter()
            .filter(|table| !(self.stale && **table == FLEETING))
            .map(|table| (*table).to_owned())
            .collect();
        let differences = world.differences(&equal, None).await.unwrap();
        assert!(differences.is_empty(), "in the end: {differences:#?}");
        if !world
            .differences(&[KEYLESS.to_owned()], None)
            .await
            .unwrap()
            .is_empty()
        {
            assert!(
                report
                    .changed_whole
                    .iter()
                    .any(|table| KEYLESS.ends_with(&table.name)),
                "keyless has changed"
            );
        }
    }

    /// A round may have marked it whose report was lost.
    async fn stands_stale(&self) -> bool {
        let session = connect(&self.world.databases.old, Purpose::Work, "look")
            .await
            .unwrap();
        let all = captured(&session).await.unwrap().unwrap();
        let stale: Vec<&Captured> = all
            .iter()
            .filter(|unit| matches!(unit.standing, Standing::Stale(_)))
            .collect();
        assert!(
            stale
                .iter()
                .all(|unit| FLEETING.ends_with(&unit.unit.table.name) && self.crashed),
            "{stale:?}"
        );
        !stale.is_empty()
    }
}

impl World {
    async fn rounds(&self) -> Result<Rounds, Error> {
        Rounds::open(&self.databases.old, &self.databases.new).await
    }
}

fn waiting(all: Vec<Captured>) -> Vec<Captured> {
    all.into_iter()
        .filter(|unit| unit.standing == Standing::NotSeeded)
        .filter(|unit| unit.unit.whole.is_none_or(Whole::can_be_seeded))
        .collect()
}

/// What came of work: an error is fine where a fault was, or where the app was
/// in the way of a lock. Rows that are not the same never are, nor rows that
/// the new side refuses.
fn accepts<T>(what: &str, ended: Option<Result<T, Error>>, fault: Option<Fault>) -> Option<T> {
    let error = match ended? {
        Ok(value) => return Some(value),
        Err(error) => error,
    };
    let state = error.sqlstate().unwrap_or_default().to_owned();
    assert!(
        !matches!(error, Error::NotEqual { .. }) && !state.starts_with("23"),
        "{what}: {error:?}"
    );
    let locked = ["55P03", "40P01"].contains(&state.as_str());
    assert!(
        locked || fault.is_some(),
        "{what} without a fault: {error:?}"
    );
    None
}
