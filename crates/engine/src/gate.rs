//! The one place where consent is asked for.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{Description, Effect};

/// What consent is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentRequest {
    /// The step's id.
    pub step: String,
    /// Its effect.
    pub effect: Effect,
    /// What it does, in words.
    pub description: Description,
    /// Later steps that this consent covers too: what they do.
    pub covers: Vec<String>,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// Go ahead; `how` names the terminal or the flag it came from.
    Given {
        /// `terminal`, or the flag.
        how: String,
    },
    /// No.
    Declined {
        /// Why, in words.
        why: String,
    },
    /// Neither: Ctrl-C at the prompt, or the process is being ended. [`Control`] tells which, and
    /// still does: the runner decides what it means here.
    ///
    /// [`Control`]: crate::Control
    Interrupted,
}

/// What a person chose when interrupting inside the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Go on with the window.
    Continue,
    /// Go back to the old pair now.
    RollBack,
    /// Stop here, the app in maintenance; the same command goes on.
    Pause,
}

/// Asks for consent.
#[async_trait]
pub trait Gate: Send + Sync {
    /// The flags that are missing for these requests where nobody can be asked; empty otherwise.
    ///
    /// Called before the first effect, so that a run without a terminal fails at once.
    fn missing(&self, requests: &[ConsentRequest]) -> Vec<String>;

    /// Asks for one consent. May be dropped at its await: then nobody answered in time, and the
    /// question must be seen to stand no more.
    async fn ask(&self, request: &ConsentRequest) -> Answer;

    /// Asks what to do after Ctrl-C inside the window; past the point of no return, and in a plan
    /// without undos, going back is not on offer. May be dropped as [`Gate::ask`] may.
    async fn interrupted(&self, step: &str, can_roll_back: bool) -> Choice;
}
