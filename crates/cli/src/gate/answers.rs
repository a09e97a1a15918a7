//! Lines typed at a terminal.
//!
//! The terminal stays in its ordinary mode: it echoes, edits, and turns Ctrl-C into a signal, so
//! there is nothing to restore when a prompt is cut short. (Raw-mode prompts leave the cursor
//! hidden on Ctrl-C: console-rs/dialoguer issues 77 and 92.)

use std::sync::{Mutex as Shared, PoisonError};

use async_trait::async_trait;
use tokio::sync::{Mutex, mpsc};

/// Where answers come from.
#[async_trait]
pub(crate) trait Answers: Send + Sync {
    /// Forgets what was typed so far: before a question is on the screen nothing is an answer
    /// to it.
    fn forget_typed_ahead(&self) {}

    /// One line without its end; `None` at the end of input. May be dropped at its await.
    async fn line(&self) -> Option<String>;
}

/// The process's standard input.
///
/// One thread reads it, on demand. A prompt that was given up leaves the thread waiting; the next
/// prompt takes the line that it will read.
pub(crate) struct Keyboard {
    ask: Shared<Option<std::sync::mpsc::Sender<()>>>,
    state: Mutex<State>,
    lines: mpsc::UnboundedSender<Option<String>>,
}

struct State {
    lines: mpsc::UnboundedReceiver<Option<String>>,
    reading: bool,
}

impl Keyboard {
    pub(crate) fn new() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let state = Mutex::new(State {
            lines: receiver,
            reading: false,
        });
        Self {
            ask: Shared::new(None),
            state,
            lines: sender,
        }
    }

    /// Asks the reading thread for one line; starts it where there is none yet.
    fn ask(&self) {
        let mut ask = self.ask.lock().unwrap_or_else(PoisonError::into_inner);
        let sender =
            ask.get_or_insert_with(|| {
                let (sender, requests) = std::sync::mpsc::channel();
                let lines = self.lines.clone();
                std::thread::spawn(move || {
                    while requests.recv().is_ok() && lines.send(read_line()).is_ok() {}
                });
                sender
            });
        if sender.send(()).is_err() {
            // The thread is gone, so nothing can be read any more.
            let _ = self.lines.send(None);
        }
    }
}

#[async_trait]
impl Answers for Keyboard {
    fn forget_typed_ahead(&self) {
        flush_terminal();
        // Locked means that a prompt is waiting for its line, which is no typing ahead.
        if let Ok(mut state) = self.state.try_lock() {
            while state.lines.try_recv().is_ok() {
                state.reading = false;
            }
        }
    }

    async fn line(&self) -> Option<String> {
        let mut state = self.state.lock().await;
        if !state.reading {
            self.ask();
            state.reading = true;
        }
        let line = state.lines.recv().await.flatten();
        state.reading = false;
        line
    }
}

fn read_line() -> Option<String> {
    let mut line = String::new();
    match std::io::stdin().read_line(&mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line.trim_end_matches(['\r', '\n']).to_owned()),
    }
}

#[cfg(unix)]
fn flush_terminal() {
    // Not possible where stdin is no terminal; there nothing is asked either.
    let _ = rustix::termios::tcflush(std::io::stdin(), rustix::termios::QueueSelector::IFlush);
}

#[cfg(not(unix))]
fn flush_terminal() {}
