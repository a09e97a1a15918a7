//! How the outside tells a run to stop: Ctrl-C, SIGTERM, a closed terminal.

use std::sync::Arc;

use tokio::sync::watch;

/// What the outside asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interruption {
    /// Nothing: go on.
    None,
    /// A person pressed Ctrl-C: finish the step, then pause (in the window: ask).
    Ask,
    /// The process is being ended (SIGTERM, SIGHUP): pause without a question.
    Pause,
}

/// A handle to ask a run to pause; clones share one state.
#[derive(Debug, Clone)]
pub struct Control {
    sender: Arc<watch::Sender<Interruption>>,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            sender: Arc::new(watch::channel(Interruption::None).0),
        }
    }
}

impl Control {
    /// Asks the run to stop. A stronger wish stays in force over a weaker one.
    pub fn interrupt(&self, wish: Interruption) {
        self.sender.send_if_modified(|current| {
            let stronger = wish > *current;
            if stronger {
                *current = wish;
            }
            stronger
        });
    }

    /// What is asked for at this moment.
    pub fn interruption(&self) -> Interruption {
        *self.sender.borrow()
    }

    /// Forgets the wish, because a person chose to go on.
    pub fn clear(&self) {
        self.sender.send_replace(Interruption::None);
    }

    /// Resolves once anything is asked for.
    pub async fn interrupted(&self) {
        let mut receiver = self.sender.subscribe();
        // The sender lives as long as `self`, so the channel cannot close here.
        let _ = receiver.wait_for(|wish| *wish != Interruption::None).await;
    }
}
