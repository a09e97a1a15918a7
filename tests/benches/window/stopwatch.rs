//! Real time of a command's steps, from its own events: the clock that the
//! command lives by runs faster.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use connect_swap_engine::{Event, Sink};

/// Takes note of when what happened.
#[derive(Default)]
pub(crate) struct Stopwatch(Mutex<Times>);

/// What was taken note of.
#[derive(Clone, Default)]
pub(crate) struct Times {
    started: Option<Instant>,
    opened: Option<Instant>,
    /// Steps in the window, in order.
    pub(crate) steps: Vec<(String, Duration)>,
    /// From the window's opening to its closing.
    pub(crate) window: Option<Duration>,
    /// The same by the command's own clock, in seconds.
    pub(crate) told: f64,
}

impl Stopwatch {
    pub(crate) fn times(&self) -> Times {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Sink for Stopwatch {
    fn emit(&self, event: Event) {
        let now = Instant::now();
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::StepStarted { .. } => times.started = Some(now),
            Event::StepEnded { step, .. } => {
                let in_window = times.opened.is_some() && times.window.is_none();
                if let (Some(started), true) = (times.started, in_window) {
                    times.steps.push((step, now - started));
                }
            }
            Event::WindowOpened { .. } => times.opened = Some(now),
            Event::WindowClosed { seconds, .. } => {
                times.window = times.opened.map(|opened| now - opened);
                times.told = seconds;
            }
            _ => {}
        }
    }
}
