//! `follow`: keeps bringing changes over between prep and cutover, so that the logs stay small.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use connect_swap_engine::{ErrorKind, Event, Level, Outputs, Scope, StepError};
use connect_swap_postgres::{Purpose, RoundReport, Session, captured};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::adopt::{Manner, fresh_world, refuse_newer};
use super::capture_view;
use super::cutover::may_begin;
use super::finish::{fail, settle_state};
use super::gather::{Gathered, gather};
use super::locked::{addon_named, at_work, lock_in};
use super::prep::not_locked;
use super::stage::{Stage, stage, stage_of};
use super::stopped::{Stopped, other};
use super::told_once::ToldOnce;
use crate::journal::{Lock, LockError, read_records, runs};
use crate::operator::{FollowArgs, Operator};
use crate::report::{Report, Section};
use crate::steps::shared::following::Follower;
use crate::words;
use crate::world::{World, lock_key};

/// Its name; the lock is waited for by others where a session of this name holds it.
pub(super) const COMMAND: &str = "follow";

/// How long is waited at the least before something is tried again that has failed.
const FAILING_PAUSE: Duration = Duration::from_secs(30);
/// How often one round alone is tried.
const TRIES: u32 = 4;

/// Makes rounds until the swap goes on, or somebody asks it to end.
pub async fn follow(operator: &Operator, args: &FollowArgs) -> Report {
    // It changes rows in the new database only, so nothing at Heroku may be changed by it.
    let operator = Operator {
        heroku: operator.heroku.read_only(),
        ..operator.clone()
    };
    let mut report = Report::new(COMMAND, args.target.app.as_str());
    match run(&operator, args, &mut report).await {
        Ok(()) => report,
        Err((exit, error)) => fail(report, &operator, &args.target, exit, &error).await,
    }
}

/// Why it has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// One round was asked for.
    Once,
    /// Somebody asked it to end.
    Asked,
    /// The swap has gone on.
    Over(Stage),
}

async fn run(operator: &Operator, args: &FollowArgs, report: &mut Report) -> Result<(), Stopped> {
    let gathered = gather(operator, &args.target, COMMAND).await?;
    let found = gathered.required_run().map_err(other)?;
    let at = stage(found).map_err(|error| {
        other(StepError::unbelievable("the journal cannot be believed").because(&error))
    })?;
    may_begin(at, gathered.app.name.as_str()).map_err(other)?;
    refuse_newer(found).map_err(other)?;
    report.run = Some(found.run.id.to_string());
    let subject = found.subject.clone();
    let manner = Manner::default();
    let world = fresh_world(operator, COMMAND, found.run.id, subject, None, manner);
    let mut following = Following::new(operator, &world);
    let ended = match at {
        Stage::Ready => {
            let new = addon_named(&gathered, world.subject.new.database.as_str()).map_err(other)?;
            world
                .take_addresses(new, &gathered.attachments, &gathered.vars)
                .await
                .map_err(other)?;
            match args.once {
                true => once(&mut following, &gathered).await?,
                false => following.until_over(args.every).await.map_err(other)?,
            }
        }
        over => Ended::Over(over),
    };
    following.tell(report, ended).await.map_err(other)?;
    // Where the swap has gone on, what was read at the beginning is not true any more.
    let now = match ended {
        Ended::Over(_) => gather(operator, &args.target, COMMAND).await.ok(),
        Ended::Once | Ended::Asked => Some(gathered),
    };
    settle_state(report, &args.target, now.as_ref());
    Ok(())
}

async fn once(following: &mut Following<'_>, gathered: &Gathered) -> Result<Ended, Stopped> {
    let holder =
        addon_named(gathered, following.world.subject.old.database.name.as_str()).map_err(other)?;
    let mut tries = 1;
    loop {
        let lock = lock_in(following.operator, gathered, holder, COMMAND)
            .await
            .map_err(not_locked)?;
        match following.turn_under(&lock).await {
            Err(error) if passes(&error) && tries < TRIES => {
                tries += 1;
                following.operator.clock.sleep(FAILING_PAUSE).await;
            }
            Err(error) => return Err(other(error)),
            Ok(Turn::Over(stage)) => return Ok(Ended::Over(stage)),
            Ok(Turn::Made | Turn::Busy) => return Ok(Ended::Once),
        }
    }
}

/// What came of one look.
enum Turn {
    /// A round was made.
    Made,
    /// Another run is at work.
    Busy,
    /// The swap has gone on.
    Over(Stage),
}

/// What was done so far.
#[derive(Debug, Default, Serialize)]
struct Done {
    rounds: u64,
    keys: u64,
    rows: u64,
    last_round: Option<LastRound>,
}

#[derive(Debug, Serialize)]
struct LastRound {
    at: Timestamp,
    seconds: f64,
    #[serde(flatten)]
    report: RoundReport,
}

struct Following<'w> {
    operator: &'w Operator,
    world: &'w World,
    /// What is told again when it comes again after a round.
    passing: ToldOnce,
    /// What is told once.
    lasting: ToldOnce,
    done: Done,
}

impl<'w> Following<'w> {
    fn new(operator: &'w Operator, world: &'w World) -> Self {
        Self {
            operator,
            world,
            passing: ToldOnce::new(Arc::clone(&operator.sink)),
            lasting: ToldOnce::new(Arc::clone(&operator.sink)),
            done: Done::default(),
        }
    }

    async fn until_over(&mut self, every: Duration) -> Result<Ended, StepError> {
        loop {
            let pause = match self.turn().await {
                Ok(Turn::Made) => every,
                Ok(Turn::Busy) => every.min(self.operator.wait.interval),
                Ok(Turn::Over(stage)) => return Ok(Ended::Over(stage)),
                Err(error) if passes(&error) => {
                    let why = error.causes.first().map_or("", String::as_str);
                    let text = format!("{}: {why}; it is tried again", error.message);
                    self.passing.notice(Level::Warning, text);
                    every.max(FAILING_PAUSE)
                }
                Err(error) if error.kind == ErrorKind::Interrupted => return Ok(Ended::Asked),
                Err(error) => return Err(error),
            };
            tokio::select! {
                () = self.operator.clock.sleep(pause) => {}
                () = self.operator.control.interrupted() => return Ok(Ended::Asked),
            }
        }
    }

    /// Takes the lock for one round and gives it back.
    async fn turn(&mut self) -> Result<Turn, StepError> {
        let session = self
            .world
            .old_session(Purpose::Work)
            .await
            .map_err(unreached)?;
        match Lock::acquire(session.keep(), lock_key(&self.world.subject.app_id)).await {
            Ok(lock) => self.turn_under(&lock).await,
            Err(LockError::Database(error)) => Err(unreached(error)),
            Err(LockError::Held(holder)) => {
                let session = self
                    .world
                    .old_session(Purpose::ReadOnly)
                    .await
                    .map_err(unreached)?;
                let at = stage_now(&session, self.world).await?;
                if at != Stage::Ready {
                    return Ok(Turn::Over(at));
                }
                let waiting = at_work(self.world.subject.app.as_str(), &holder).message;
                let text = format!("{waiting}; the next round waits for it");
                self.passing.notice(Level::Info, text);
                Ok(Turn::Busy)
            }
        }
    }

    async fn turn_under(&mut self, lock: &Lock) -> Result<Turn, StepError> {
        let at = stage_now(lock.session(), self.world).await?;
        if at != Stage::Ready {
            return Ok(Turn::Over(at));
        }
        is_on(lock.session()).await?;
        let (outputs, begun) = (Outputs::default(), BTreeSet::new());
        let clock = self.operator.clock.as_ref();
        let control = &self.operator.control;
        let scope = Scope::new(
            self.world,
            &outputs,
            &begun,
            clock,
            control,
            &self.passing,
            COMMAND,
        );
        let started = std::time::Instant::now();
        let round = Follower::new(&scope).round().await?;
        self.passing.forget();
        self.made(round, started.elapsed().as_secs_f64());
        Ok(Turn::Made)
    }

    fn made(&mut self, report: RoundReport, seconds: f64) {
        if !report.tables.is_empty() {
            let text = format!(
                "{} changed keys of {} brought over, {} rows, in {seconds:.1} s",
                report.keys(),
                words::count(report.tables.len(), "table"),
                report.rows(),
            );
            let level = Level::Info;
            self.operator.sink.emit(Event::Notice { level, text });
        }
        for (table, why) in &report.stale {
            let text = format!("{table} is copied anew before the window: {why}");
            self.lasting.notice(Level::Warning, text);
        }
        for table in &report.changed_whole {
            let text = format!("{table} has no key and has changed: it is copied anew at cutover");
            self.lasting.notice(Level::Warning, text);
        }
        self.done.rounds += 1;
        self.done.keys += report.keys();
        self.done.rows += report.rows();
        self.done.last_round = Some(LastRound {
            at: self.operator.clock.now(),
            seconds,
            report,
        });
    }

    /// The end, for a person and for a program.
    async fn tell(&self, report: &mut Report, ended: Ended) -> Result<(), StepError> {
        let why = match ended {
            Ended::Once => None,
            Ended::Asked => Some("ended as asked, between two rounds"),
            Ended::Over(Stage::Swapped) => {
                Some("the app is on the new pair: nothing is left to bring over")
            }
            Ended::Over(at) => {
                may_begin(at, self.world.subject.app.as_str())?;
                Some("the window is open: cutover brings over what is left")
            }
        };
        report
            .text
            .extend(why.map(|why| Section::Lines(vec![why.to_owned()])));
        let done = &self.done;
        report.text.push(Section::Pairs(vec![
            ("rounds".into(), done.rounds.to_string()),
            ("changed keys".into(), done.keys.to_string()),
            ("rows brought over".into(), done.rows.to_string()),
        ]));
        let capture = match ended {
            Ended::Over(_) => None,
            Ended::Once | Ended::Asked => self.capture().await,
        };
        report
            .text
            .extend(capture.iter().flat_map(capture_view::CaptureView::sections));
        report.details = json!({ "follow": done, "capture": capture });
        Ok(())
    }

    /// What is left to do; nothing where the database does not answer at the very end.
    async fn capture(&self) -> Option<capture_view::CaptureView> {
        let session = self.world.old_session(Purpose::ReadOnly).await.ok()?;
        capture_view::look(&session).await.ok().flatten()
    }
}

/// Where the run stands by its journal as it is now.
async fn stage_now(session: &Session, world: &World) -> Result<Stage, StepError> {
    let run: Uuid = world.run;
    let all = runs(session, world.subject.app.as_str())
        .await
        .map_err(unreached)?;
    // A journal that is gone was that of a swap that was given up.
    let Some(run) = all.into_iter().find(|known| known.id == run) else {
        return Ok(Stage::Closed);
    };
    let records = read_records(session, run.id).await.map_err(unreached)?;
    stage_of(&run, &records)
        .map_err(|error| StepError::unbelievable("the journal cannot be believed").because(&error))
}

async fn is_on(old: &Session) -> Result<(), StepError> {
    match captured(old).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(
            StepError::drifted("the capture in the old database is gone")
                .hint("cutover begins it anew, and copies every table once more before the window"),
        ),
        Err(error) => Err(unreached(
            StepError::failed("reading what is captured failed").because(&error),
        )),
    }
}

/// A database that does not answer may answer later.
fn unreached(error: StepError) -> StepError {
    match error.kind {
        ErrorKind::Failed | ErrorKind::Lost => StepError {
            kind: ErrorKind::TimedOut,
            ..error
        },
        _ => error,
    }
}

/// Whether a later look may do better.
fn passes(error: &StepError) -> bool {
    matches!(error.kind, ErrorKind::TimedOut | ErrorKind::Lost)
}
