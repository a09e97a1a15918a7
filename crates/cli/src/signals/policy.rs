//! What a signal means, after those that came before it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use connect_swap_engine::Interruption;

use super::source::Signal;

/// A second Ctrl-C sooner than this is the same keypress: some wrappers pass on what the terminal
/// has delivered already.
const SAME_KEYPRESS: Duration = Duration::from_millis(300);

/// How a command takes signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopping {
    /// It changes nothing, so it may be stopped at any moment.
    AtOnce,
    /// The first signal ends it in good order, as that is how it is meant to end.
    InOrder,
    /// It pauses between two steps, or asks.
    AfterTheStep,
}

/// What to do about a signal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reaction {
    Wish(Interruption),
    Nothing,
    StopNow(i32),
}

/// The signals so far. Clones share them.
///
/// They are remembered here and not only in the engine's [`connect_swap_engine::Control`]: the
/// engine forgets a wish once it acts on it, and a second Ctrl-C must stop it from there, too.
#[derive(Debug, Clone, Default)]
pub(crate) struct Presses(Arc<Mutex<Moments>>);

#[derive(Debug, Default)]
struct Moments {
    /// The last Ctrl-C that counted.
    interrupt: Option<Instant>,
    /// The last SIGTERM or SIGHUP.
    end: Option<Instant>,
    /// The first signal of all.
    first: Option<Signal>,
}

/// What a run is at when a signal comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) pending: Interruption,
    /// Whether it is undoing its steps.
    pub(super) going_back: bool,
    pub(super) now: Instant,
}

impl Presses {
    /// A person chose to go on: the next Ctrl-C is a first one again.
    pub(crate) fn forget(&self) {
        *self.moments() = Moments::default();
    }

    /// The exit code of a command that a signal has ended in good order.
    pub(crate) fn exit_code(&self) -> Option<i32> {
        self.moments().first.map(Signal::exit_code)
    }

    pub(super) fn react(&self, signal: Signal, stopping: Stopping, at: Moment) -> Reaction {
        let mut moments = self.moments();
        let stop = Reaction::StopNow(signal.exit_code());
        if stopping == Stopping::AtOnce {
            return stop;
        }
        match signal {
            Signal::Interrupt => {
                if is_recent(moments.interrupt, at.now) {
                    return Reaction::Nothing;
                }
                let again = moments.first.is_some();
                let too_soon = is_recent(moments.end, at.now);
                moments.interrupt = Some(at.now);
                moments.first.get_or_insert(signal);
                // With neither, the run asks what to do at this moment: that is answered first.
                let ending = at.pending != Interruption::None || at.going_back;
                match again && ending {
                    true if too_soon => Reaction::Nothing,
                    true => stop,
                    false => Reaction::Wish(Interruption::Ask),
                }
            }
            Signal::Terminate | Signal::Hangup => {
                let again = moments.end.replace(at.now);
                moments.first.get_or_insert(signal);
                // A closed terminal may deliver SIGHUP twice, itself and by way of a wrapper.
                match again.is_some() && !is_recent(again, at.now) {
                    true => stop,
                    false => Reaction::Wish(Interruption::Pause),
                }
            }
        }
    }

    fn moments(&self) -> MutexGuard<'_, Moments> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_recent(then: Option<Instant>, now: Instant) -> bool {
    then.is_some_and(|then| now.duration_since(then) < SAME_KEYPRESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKS: Reaction = Reaction::Wish(Interruption::Ask);
    const PAUSES: Reaction = Reaction::Wish(Interruption::Pause);
    const NONE: Interruption = Interruption::None;

    /// Signals to one run.
    struct Run {
        presses: Presses,
        start: Instant,
        going_back: bool,
    }

    impl Run {
        fn new() -> Self {
            Self {
                presses: Presses::default(),
                start: Instant::now(),
                going_back: false,
            }
        }

        fn hears(&self, signal: Signal, pending: Interruption, ms: u64) -> Reaction {
            self.presses
                .react(signal, Stopping::AfterTheStep, self.at(pending, ms))
        }

        fn at(&self, pending: Interruption, ms: u64) -> Moment {
            Moment {
                pending,
                going_back: self.going_back,
                now: self.start + Duration::from_millis(ms),
            }
        }
    }

    #[test]
    fn ctrl_c_asks_then_stops() {
        let run = Run::new();
        assert_eq!(run.hears(Signal::Interrupt, NONE, 0), ASKS);
        let pending = Interruption::Ask;
        assert_eq!(run.hears(Signal::Interrupt, pending, 50), Reaction::Nothing);
        let stops = Reaction::StopNow(130);
        assert_eq!(run.hears(Signal::Interrupt, pending, 310), stops);
    }

    #[test]
    fn one_keypress_delivered_twice_answers_no_menu() {
        let run = Run::new();
        assert_eq!(run.hears(Signal::Interrupt, NONE, 0), ASKS);
        // The runner has taken the wish and shows its menu.
        assert_eq!(run.hears(Signal::Interrupt, NONE, 20), Reaction::Nothing);
        assert_eq!(run.hears(Signal::Interrupt, NONE, 900), ASKS);
    }

    #[test]
    fn on_the_way_back_a_second_ctrl_c_stops_though_the_engine_forgot_the_first() {
        let mut run = Run::new();
        assert_eq!(run.hears(Signal::Interrupt, NONE, 0), ASKS);
        run.going_back = true;
        assert_eq!(run.hears(Signal::Interrupt, NONE, 200), Reaction::Nothing);
        let stops = Reaction::StopNow(130);
        assert_eq!(run.hears(Signal::Interrupt, NONE, 5000), stops);
    }

    #[test]
    fn the_first_ctrl_c_on_the_way_back_is_only_told() {
        let mut run = Run::new();
        run.going_back = true;
        assert_eq!(run.hears(Signal::Interrupt, NONE, 0), ASKS);
        let stops = Reaction::StopNow(130);
        assert_eq!(run.hears(Signal::Interrupt, NONE, 400), stops);
    }

    #[test]
    fn after_the_choice_to_go_on_ctrl_c_asks_again() {
        let mut run = Run::new();
        assert_eq!(run.hears(Signal::Interrupt, NONE, 0), ASKS);
        run.presses.forget();
        assert_eq!(run.hears(Signal::Interrupt, NONE, 60_000), ASKS);
        run.presses.forget();
        // Something failed later, which nobody had asked for.
        run.going_back = true;
        assert_eq!(run.hears(Signal::Interrupt, NONE, 120_000), ASKS);
    }

    #[test]
    fn the_end_of_the_process_is_never_ignored() {
        let run = Run::new();
        assert_eq!(run.hears(Signal::Interrupt, NONE, 0), ASKS);
        assert_eq!(run.hears(Signal::Hangup, Interruption::Ask, 10), PAUSES);
        let pending = Interruption::Pause;
        assert_eq!(run.hears(Signal::Hangup, pending, 20), PAUSES);
        let stops = Reaction::StopNow(143);
        assert_eq!(run.hears(Signal::Terminate, pending, 2000), stops);
    }

    #[test]
    fn after_sigterm_one_ctrl_c_stops() {
        let run = Run::new();
        assert_eq!(run.hears(Signal::Terminate, NONE, 0), PAUSES);
        let stops = Reaction::StopNow(130);
        assert_eq!(
            run.hears(Signal::Interrupt, Interruption::Pause, 900),
            stops
        );
    }

    #[test]
    fn what_changes_nothing_stops_at_once() {
        let run = Run::new();
        let at = run.at(NONE, 0);
        let stopped = run.presses.react(Signal::Hangup, Stopping::AtOnce, at);
        assert_eq!(stopped, Reaction::StopNow(129));
    }

    #[test]
    fn what_ends_in_order_ends_with_the_code_of_its_first_signal() {
        let run = Run::new();
        let react = |signal, pending, ms| {
            let at = run.at(pending, ms);
            run.presses.react(signal, Stopping::InOrder, at)
        };
        assert_eq!(run.presses.exit_code(), None);
        assert_eq!(react(Signal::Interrupt, NONE, 0), ASKS);
        assert_eq!(react(Signal::Terminate, Interruption::Ask, 400), PAUSES);
        assert_eq!(run.presses.exit_code(), Some(130));
    }
}
