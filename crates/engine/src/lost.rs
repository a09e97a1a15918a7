//! What a lost session cost is done again at once: every part of a step may be done twice.

use std::time::Duration;

use crate::{ErrorKind, Level, Scope, StepError};

/// How often it is done again: a failover takes about a minute.
const TRIES: u32 = 8;
/// The first pause; it doubles each time: two minutes in all.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Does a part of a step, and again where it fails with [`ErrorKind::Lost`]. The error in the end is
/// never of that kind: the step's policy decides then, as after any failure.
///
/// # Errors
/// Those of the part, an interruption, or the bound of the whole run.
pub(crate) async fn through_losses<W: Send + Sync, T, F>(
    scope: &Scope<'_, W>,
    part: impl Fn() -> F,
) -> Result<T, StepError>
where
    F: Future<Output = Result<T, StepError>>,
{
    let mut tries = 0;
    loop {
        let error = match part().await {
            Err(error) if error.kind == ErrorKind::Lost => error,
            done => return done,
        };
        if tries >= TRIES {
            return Err(StepError {
                kind: ErrorKind::Failed,
                ..error
            });
        }
        let text = format!("{error}; {} begins anew", scope.step());
        scope.notice(Level::Warning, text);
        scope.sleep(FIRST_PAUSE * 2_u32.pow(tries)).await?;
        tries += 1;
    }
}
