//! Ctrl-C, SIGTERM and SIGHUP.
//!
//! The first Ctrl-C finishes the step and pauses (in the window: asks); a second one, 300 ms later
//! or more, stops at once. SIGTERM and SIGHUP pause without a question. A run that paused ends
//! with exit code 5; only an immediate stop ends with 130 (SIGINT), 143 (SIGTERM) or 129 (SIGHUP).

use std::sync::Arc;
use std::time::{Duration, Instant};

use connect_swap_engine::{Control, Interruption};
use tokio::task::JoinHandle;

use crate::ui::{Paint, Ui};

/// A second Ctrl-C sooner than this is the same keypress: some wrappers pass on what the terminal
/// has delivered already.
const SAME_KEYPRESS: Duration = Duration::from_millis(300);

/// A signal that ends programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Interrupt,
    #[cfg_attr(not(unix), expect(dead_code, reason = "Windows has no such signal"))]
    Terminate,
    #[cfg_attr(not(unix), expect(dead_code, reason = "Windows has no such signal"))]
    Hangup,
}

impl Signal {
    /// 128 and the signal's number.
    fn exit_code(self) -> i32 {
        match self {
            Self::Hangup => 129,
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

/// What to do about a signal.
#[derive(Debug, PartialEq, Eq)]
enum Reaction {
    Wish(Interruption),
    Nothing,
    StopNow(i32),
}

/// Remembers the signals so far.
struct Policy {
    /// Whether the command may be stopped at any moment, since it changes nothing.
    stop_at_once: bool,
    last: Option<Instant>,
}

impl Policy {
    fn react(&mut self, signal: Signal, pending: Interruption, now: Instant) -> Reaction {
        let same_keypress = self.last.is_some_and(|last| now - last < SAME_KEYPRESS);
        self.last = Some(now);
        if self.stop_at_once {
            return Reaction::StopNow(signal.exit_code());
        }
        match (signal, pending) {
            (_, _) if same_keypress && pending != Interruption::None => Reaction::Nothing,
            (Signal::Interrupt, Interruption::None) => Reaction::Wish(Interruption::Ask),
            (Signal::Interrupt, _) => Reaction::StopNow(signal.exit_code()),
            (_, Interruption::Pause) => Reaction::StopNow(signal.exit_code()),
            (_, _) => Reaction::Wish(Interruption::Pause),
        }
    }
}

/// Waits for any of the signals, which then have no other meaning.
#[cfg_attr(
    not(feature = "sandbox"),
    expect(dead_code, reason = "only servers wait like this")
)]
pub(crate) async fn wait() {
    if let Ok(mut signals) = Signals::new() {
        signals.next().await;
    }
}

/// Listens until the task is aborted or the process ends.
pub(crate) fn listen(control: Control, ui: Arc<Ui>, stop_at_once: bool) -> JoinHandle<()> {
    let mut policy = Policy {
        stop_at_once,
        last: None,
    };
    tokio::spawn(async move {
        let Ok(mut signals) = Signals::new() else {
            return;
        };
        loop {
            let signal = signals.next().await;
            match policy.react(signal, control.interruption(), Instant::now()) {
                Reaction::Nothing => {}
                Reaction::Wish(wish) => {
                    say_what_happens(&ui, wish);
                    control.interrupt(wish);
                }
                Reaction::StopNow(code) => {
                    say_what_is_known(&ui, stop_at_once);
                    ui.restore_terminal();
                    std::process::exit(code);
                }
            }
        }
    })
}

fn say_what_happens(ui: &Ui, wish: Interruption) {
    // A prompt answers Ctrl-C itself.
    if ui.is_prompting() {
        return;
    }
    let text = match (wish, ui.window_is_open()) {
        (Interruption::Ask, true) => "finishing what is under way, then asking what to do",
        (Interruption::Ask, false) => {
            "pausing as soon as the step allows; nothing is lost, the same command goes on. \
             Ctrl-C again stops at once"
        }
        (_, true) => {
            "asked to end: pausing as soon as the step allows, the app stays in maintenance; \
             the same command goes on"
        }
        (_, false) => "asked to end: pausing as soon as the step allows; the same command goes on",
    };
    ui.say(&format!("{}   {text}", ui.err.paint(Paint::Warning, " ›")));
}

fn say_what_is_known(ui: &Ui, read_only: bool) {
    if read_only {
        return;
    }
    let mark = ui.err.paint(Paint::Bad, " ›");
    let step = match ui.step_under_way() {
        Some(step) => format!(
            "step {} was under way; whether it took effect is not known here. The same command \
             asks Heroku and goes on from there",
            crate::ui::line(&step)
        ),
        None => "no step was under way. The same command goes on".to_owned(),
    };
    ui.say(&format!("{mark}   Stopped at once: {step}"));
    if ui.window_is_open() {
        ui.say(&format!(
            "{mark}   The app is in maintenance: users are turned away until the same command, \
             or rollback, has run"
        ));
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.hangup.recv() => Signal::Hangup,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Signal {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Signal::Interrupt,
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(stop_at_once: bool) -> (Policy, Instant) {
        (
            Policy {
                stop_at_once,
                last: None,
            },
            Instant::now(),
        )
    }

    #[test]
    fn ctrl_c_asks_then_stops() {
        let (mut policy, start) = policy(false);
        let later = |ms| start + Duration::from_millis(ms);
        let ctrl_c = Signal::Interrupt;
        let asks = Reaction::Wish(Interruption::Ask);
        assert_eq!(policy.react(ctrl_c, Interruption::None, start), asks);
        assert_eq!(
            policy.react(ctrl_c, Interruption::Ask, later(50)),
            Reaction::Nothing
        );
        assert_eq!(
            policy.react(ctrl_c, Interruption::Ask, later(400)),
            Reaction::StopNow(130)
        );
    }

    #[test]
    fn after_the_choice_to_go_on_ctrl_c_asks_again() {
        let (mut policy, start) = policy(false);
        let later = start + Duration::from_secs(60);
        policy.react(Signal::Interrupt, Interruption::None, start);
        let again = policy.react(Signal::Interrupt, Interruption::None, later);
        assert_eq!(again, Reaction::Wish(Interruption::Ask));
    }

    #[test]
    fn the_end_of_the_process_pauses_even_after_ctrl_c() {
        let (mut policy, start) = policy(false);
        let later = |s| start + Duration::from_secs(s);
        let pauses = Reaction::Wish(Interruption::Pause);
        assert_eq!(
            policy.react(Signal::Interrupt, Interruption::None, start),
            { Reaction::Wish(Interruption::Ask) }
        );
        assert_eq!(
            policy.react(Signal::Hangup, Interruption::Ask, later(1)),
            pauses
        );
        let stops = policy.react(Signal::Terminate, Interruption::Pause, later(2));
        assert_eq!(stops, Reaction::StopNow(143));
    }

    #[test]
    fn what_changes_nothing_stops_at_once() {
        let (mut policy, start) = policy(true);
        let reaction = policy.react(Signal::Hangup, Interruption::None, start);
        assert_eq!(reaction, Reaction::StopNow(129));
    }
}
