//! What must happen once, though the answer may be lost.
//!
//! Heroku has no idempotency key. Names are chosen by the caller, so after a lost answer the
//! thing is looked for by its name before it is asked for again.

use std::future::Future;

use super::retry::backoff;
use super::send::Transport;
use crate::error::Error;

/// How often the request itself is sent.
const SENDINGS: u32 = 3;

/// How often the thing is looked for after each lost answer: the server may be at it still.
const LOOKS: u32 = 3;

/// Sends `request`; where its answer is lost, returns what `find` finds, and sends again only when
/// there is nothing. A refusal that follows a lost answer is taken for the trace of the first
/// sending if `find` then finds something.
pub(crate) async fn once_or_found<T, Sent, Found>(
    transport: &Transport,
    request: impl Fn() -> Sent,
    find: impl Fn() -> Found,
) -> Result<T, Error>
where
    Sent: Future<Output = Result<T, Error>>,
    Found: Future<Output = Result<Option<T>, Error>>,
{
    let mut lost: Option<Error> = None;
    for _ in 0..SENDINGS {
        let error = match request().await {
            Ok(made) => return Ok(made),
            Err(error) => error,
        };
        let refused = error.is_without_effect();
        if refused && lost.is_none() {
            return Err(error);
        }
        for look in 1..=LOOKS {
            if !transport.wait(backoff(look)).await {
                return Err(lost.unwrap_or(error).given_up());
            }
            match find().await {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => {}
                // Still unknown: the caller must hear of the lost answer, not of this.
                Err(_) => return Err(lost.unwrap_or(error)),
            }
        }
        if refused {
            return Err(error);
        }
        lost = Some(error);
    }
    Err(lost.expect("at least one sending, and every other way out returned"))
}
