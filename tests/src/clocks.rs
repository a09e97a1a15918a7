//! Clocks that do not keep time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::Clock;
use connect_swap_swap::Operator;
use jiff::Timestamp;

use crate::AtStep;

/// A clock that is put forward in the middle of a run, so that no test waits for a bound to be reached.
struct PutForward {
    inner: Arc<dyn Clock>,
    by: Mutex<Duration>,
}

#[async_trait]
impl Clock for PutForward {
    fn now(&self) -> Timestamp {
        self.inner.now() + *self.by.lock().expect("no panic while the time is told")
    }

    async fn sleep(&self, duration: Duration) {
        self.inner.sleep(duration).await;
    }
}

/// An operator for whom so much time goes by at once, when the step of this id tells for the first time
/// how far it is.
pub fn put_forward(operator: Operator, step: &'static str, by: Duration) -> Operator {
    let clock = Arc::new(PutForward {
        inner: operator.clock,
        by: Mutex::default(),
    });
    let hand = Arc::clone(&clock);
    let sink = AtStep::waiting(step, operator.sink, move || {
        *hand.by.lock().expect("no panic while the time is told") = by;
    });
    Operator {
        clock,
        sink: Arc::new(sink),
        ..operator
    }
}
