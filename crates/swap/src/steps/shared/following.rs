//! Bringing over what was captured.

use std::time::Duration;

use connect_swap_engine::{ErrorKind, Level, Scope, StepError};
use connect_swap_postgres::{
    CompareOptions, Comparison, DatabaseUrl, Error, Forced, RoundReport, Rounds, compare_rows_at,
};

use crate::trouble::{During, mismatch};
use crate::world::World;

/// How often a round that others were in the way of is begun again.
const TRIES: u32 = 8;
/// The pause before the first of these; it doubles: two minutes in all.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Sessions for rounds; opened again where they were lost.
pub(crate) struct Follower<'s, 'w> {
    scope: &'s Scope<'w, World>,
    rounds: Option<Rounds>,
}

impl<'s, 'w> Follower<'s, 'w> {
    pub(crate) fn new(scope: &'s Scope<'w, World>) -> Self {
        Self {
            scope,
            rounds: None,
        }
    }

    /// Makes one round; begins again where somebody held a table.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] where that was so at every try, and what no later try would change.
    pub(crate) async fn round(&mut self) -> Result<RoundReport, StepError> {
        let mut tries = 0;
        loop {
            let round = self.try_round().await?;
            let held = matches!(&round, Err(error) if is_held(error));
            let done = round.during("bringing changes over");
            if done.is_err() {
                self.rounds = None;
            }
            match done {
                Err(_) if held && tries < TRIES => {
                    self.scope.sleep(FIRST_PAUSE * 2_u32.pow(tries)).await?;
                    tries += 1;
                }
                Err(error) if held => {
                    let kind = ErrorKind::TimedOut;
                    return Err(StepError { kind, ..error });
                }
                done => return done,
            }
        }
    }

    /// What the databases say to it is the inner error.
    async fn try_round(&mut self) -> Result<Result<RoundReport, Error>, StepError> {
        if let Some(rounds) = &mut self.rounds {
            return Ok(rounds.round().await);
        }
        let world = self.scope.world;
        let (old, new) = (world.old_url().await?, world.new_url().await?);
        Ok(match Rounds::open(&old, &new).await {
            Ok(rounds) => self.rounds.insert(rounds).round().await,
            Err(error) => Err(error),
        })
    }
}

/// What a later try may not meet: a table that is locked, a transaction that came in between.
fn is_held(error: &Error) -> bool {
    matches!(error.sqlstate(), Some("55P03" | "40001" | "40P01"))
}

/// Makes one round and compares the tables that are equal then, all rows of them, with the snapshot
/// of that round: those that were never compared since they were copied. Returns what was compared.
/// Begins again where somebody held a table.
pub(crate) async fn round_and_compare(
    scope: &Scope<'_, World>,
) -> Result<(RoundReport, Comparison), StepError> {
    let mut tries = 0;
    loop {
        let world = scope.world;
        let sides = (world.old_url().await?, world.new_url().await?);
        let options = CompareOptions {
            workers: world.pace.jobs.unwrap_or(2),
            forced: Forced::LeaveOut,
        };
        let done = match compare_at_round(&sides.0, &sides.1, options).await {
            Err(error) if is_held(&error) && tries < TRIES => {
                let told = format!("the comparison of rows begins anew: {error}");
                scope.notice(Level::Warning, told);
                scope.sleep(FIRST_PAUSE * 2_u32.pow(tries)).await?;
                tries += 1;
                continue;
            }
            done => done.during("bringing changes over and comparing rows")?,
        };
        return done.map_err(mismatch);
    }
}

/// What differs, in words, is the inner error.
type Compared = Result<(RoundReport, Comparison), Vec<String>>;

async fn compare_at_round(
    old: &DatabaseUrl,
    new: &DatabaseUrl,
    options: CompareOptions,
) -> Result<Compared, Error> {
    let mut rounds = Rounds::open(old, new).await?;
    let open = rounds.begin().await?;
    let tables = open.unproven_tables();
    let compared = compare_rows_at(old, new, &tables, options, open.snapshot()).await?;
    let differing: Vec<String> = compared.differing().map(ToString::to_string).collect();
    if !differing.is_empty() {
        return Ok(Err(differing));
    }
    Ok(Ok((open.finish_compared().await?, compared)))
}
