//! Listens, and acts.

use std::sync::Arc;
use std::time::Instant;

use connect_swap_engine::{Control, Interruption};
use tokio::sync::oneshot;

use super::policy::{Moment, Presses, Reaction, Stopping};
use super::source::{Signal, Signals};
use super::words::{what_happens, what_is_known};
use crate::ui::{Paint, Situation, Ui};

/// Somebody who listens for signals; dropping it ends that.
pub(crate) struct Listener {
    _end: oneshot::Sender<()>,
}

/// What a listener acts on.
struct Ears {
    control: Control,
    ui: Arc<Ui>,
    presses: Presses,
    stopping: Stopping,
    can_ask: bool,
}

/// Listens until the listener is dropped or the process ends.
///
/// On a thread of its own: however busy or blocked the others are, Ctrl-C is heard.
pub(crate) fn listen(
    control: Control,
    ui: Arc<Ui>,
    presses: Presses,
    stopping: Stopping,
    can_ask: bool,
) -> Listener {
    let (sender, mut ended) = oneshot::channel();
    let ears = Ears {
        control,
        ui,
        presses,
        stopping,
        can_ask,
    };
    let (ready, listening) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
        else {
            return;
        };
        runtime.block_on(async {
            let Ok(mut signals) = Signals::new() else {
                return;
            };
            // Nobody waits for it any more where this fails.
            let _ = ready.send(());
            loop {
                tokio::select! {
                    signal = signals.next() => ears.hear(signal),
                    _ = &mut ended => return,
                }
            }
        });
    });
    // Without a thread there is nothing to wait for, and signals keep their ordinary meaning.
    let _ = listening.recv();
    Listener { _end: sender }
}

impl Ears {
    fn hear(&self, signal: Signal) {
        let situation = self.ui.situation();
        let at = Moment {
            pending: self.control.interruption(),
            going_back: situation.going_back,
            now: Instant::now(),
        };
        match self.presses.react(signal, self.stopping, at) {
            Reaction::Nothing => {}
            Reaction::Wish(wish) => {
                let told = self.control.interruption() >= wish;
                self.control.interrupt(wish);
                if !told {
                    self.say_what_happens(wish, &situation);
                }
            }
            Reaction::StopNow(code) => self.stop_now(code),
        }
    }

    fn say_what_happens(&self, wish: Interruption, at: &Situation) {
        // A prompt answers Ctrl-C itself, and what ends in order has no more to say.
        if at.prompting || self.stopping == Stopping::InOrder {
            return;
        }
        let text = what_happens(wish, at, self.can_ask);
        let mark = self.ui.err.paint(Paint::Warning, " ›");
        self.ui.say(&format!("{mark}   {text}"));
    }

    fn stop_now(&self, code: i32) {
        let read_only = self.stopping != Stopping::AfterTheStep;
        self.ui.last_words(|situation, palette| match read_only {
            true => Vec::new(),
            false => what_is_known(situation, palette),
        });
        std::process::exit(code);
    }
}
