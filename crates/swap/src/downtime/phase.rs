//! The phases of the window.

use serde::{Deserialize, Serialize};

/// A part of the window, in the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Maintenance mode on, dynos ended.
    Stop,
    /// Connect sends what the app wrote last.
    Drain,
    /// The new connection polls what the app wrote last.
    Polls,
    /// Both connections come to rest.
    Pause,
    /// The old database refuses writes.
    Fence,
    /// Rows that Connect does not own: copied, sequences set, compared.
    Rows,
    /// Keys, triggers and what else follows the rows.
    Schema,
    /// `DATABASE_URL` becomes the new database.
    Promotion,
    /// The app's own release phase.
    ReleasePhase,
    /// Both connections get their databases, the new one runs.
    Repoint,
    /// Dynos start, maintenance mode goes off.
    Boot,
    /// Nothing ran: a prompt was open, or the run was paused. Never expected, only measured.
    WaitingForYou,
    /// The way back to the old pair. Never expected, only measured.
    WayBack,
}

impl Phase {
    /// The phase that a step of `cutover` belongs to; nothing outside the window.
    pub fn of(step: &str) -> Option<Self> {
        Some(match step {
            "maintenance-on" | "scale-down" | "wait-dynos" => Self::Stop,
            "drain" => Self::Drain,
            "wait-polls" => Self::Polls,
            "pause-old" | "pause-new" | "settle" => Self::Pause,
            "fence" | "recheck-drain" => Self::Fence,
            "last-round" | "set-sequences" | "compare-rows" => Self::Rows,
            "carry-window-schema" => Self::Schema,
            "promote" | "move-pooler" => Self::Promotion,
            "release-phase" => Self::ReleasePhase,
            "repoint-old" | "repoint-new" | "verify-flow" => Self::Repoint,
            "restore-formation" | "wait-up" | "maintenance-off" => Self::Boot,
            _ => return None,
        })
    }

    /// What happens in it, for a person.
    pub fn words(self) -> &'static str {
        match self {
            Self::Stop => "stop the dynos",
            Self::Drain => "send what waits",
            Self::Polls => "poll what the app wrote",
            Self::Pause => "pause Connect",
            Self::Fence => "fence the old database",
            Self::Rows => "rows",
            Self::Schema => "keys and triggers",
            Self::Promotion => "promotion",
            Self::ReleasePhase => "release phase",
            Self::Repoint => "repoint Connect",
            Self::Boot => "start the dynos",
            Self::WaitingForYou => "waiting for you",
            Self::WayBack => "the way back",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plans;

    #[test]
    fn every_step_of_the_window_has_a_phase_and_no_other() {
        let plan = plans::cutover().unwrap();
        let ids = plan.ids();
        let place = |step: &str| ids.iter().position(|id| id == step).unwrap();
        let window = place("maintenance-on")..=place("maintenance-off");
        for (index, id) in ids.iter().enumerate() {
            assert_eq!(
                Phase::of(id).is_some(),
                window.contains(&index),
                "{id}: which phase of the window is it?"
            );
        }
    }
}
