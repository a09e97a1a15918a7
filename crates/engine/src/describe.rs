//! What a step says of itself: one wording for plan, prompt, progress, report and docs.

use serde::{Deserialize, Serialize};

/// What kind of effect a step has on the world; decides what is asked before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Looks or waits only.
    Read,
    /// Changes something that can be put back.
    Reversible,
    /// Creates something that is billed.
    CostsMoney,
    /// Turns users away, or belongs to the time in which they are.
    Downtime,
    /// Destroys something.
    Destructive,
    /// After it the run no longer goes back by itself.
    NoReturn,
}

impl Effect {
    /// The confirmation level: 0 none, 1 yes or no, 2 a name to type.
    pub fn level(self) -> u8 {
        match self {
            Self::Read => 0,
            Self::Reversible | Self::CostsMoney => 1,
            Self::Downtime | Self::Destructive | Self::NoReturn => 2,
        }
    }

    /// Whether one consent covers the later steps of the same effect in the same run.
    pub fn one_consent_covers_all(self) -> bool {
        matches!(self, Self::Read | Self::Reversible | Self::Downtime)
    }
}

/// What the runner does when a step fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// Stop here; the same command goes on later. Hours of loading are never thrown away.
    Pause,
    /// Undo every step of the phase, last first, back to where it began.
    Unwind,
    /// Past the point of no return: try again, then stop as stuck with exact commands.
    Forward,
}

/// What a step is about to do, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// One short sentence, without a full stop: what happens, on what.
    pub what: String,
    /// Consequences a person must know before consenting: price, releases, restarts.
    pub consequences: Vec<String>,
    /// About how long it takes, in words.
    pub takes: String,
    /// How it is undone, in words.
    pub undo: String,
    /// The API calls and SQL it will make, for `?` at a prompt.
    pub calls: Vec<String>,
    /// What must be typed at a level 2 prompt: the app's name, or the add-on's that is destroyed.
    pub confirm_with: String,
}
