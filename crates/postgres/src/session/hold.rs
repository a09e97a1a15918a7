//! Holds back what a session's server sends while this side has enough in hand.
//!
//! The client library reads a few messages ahead, however large each is: of rows
//! of 8 MB that is more than a hundred MB. A connection that is held is not read
//! from, so that the server waits.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;

/// Whether a session's connection is held.
#[derive(Default)]
pub(crate) struct Hold {
    held: AtomicBool,
    waker: AtomicWaker,
}

/// Lets the connection go on when it is dropped.
pub(crate) struct Held<'a>(&'a Hold);

impl Hold {
    /// Holds the connection until what it returns is dropped. Nothing may be
    /// asked of the session meanwhile: no answer would come.
    pub(crate) fn hold(&self) -> Held<'_> {
        self.held.store(true, Ordering::SeqCst);
        Held(self)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.held.store(false, Ordering::SeqCst);
        self.0.waker.wake();
    }
}

/// A connection that can be held.
pub(super) struct Holdable<F> {
    pub(super) connection: F,
    pub(super) hold: Arc<Hold>,
}

impl<F: Future + Unpin> Future for Holdable<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // Registered first: whoever lets go in between wakes this task again.
        self.hold.waker.register(context.waker());
        if self.hold.held.load(Ordering::SeqCst) {
            return Poll::Pending;
        }
        Pin::new(&mut self.connection).poll(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn nothing_comes_while_it_is_held_and_then_it_does() {
        let hold = Arc::new(Hold::default());
        let mut task = Holdable {
            connection: ready(7),
            hold: hold.clone(),
        };
        let held = hold.hold();
        assert_eq!((&mut task).now_or_never(), None);
        let (got, ()) = tokio::join!(task, async { drop(held) });
        assert_eq!(got, 7);
    }
}
