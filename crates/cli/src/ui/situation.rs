//! What a run is at, in a few facts.

use super::story::Story;

/// What a run is at when a signal comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Situation {
    /// The id of the step under way.
    pub(crate) step: Option<String>,
    /// Whether users are turned away at this moment.
    pub(crate) window_open: bool,
    /// Whether it is undoing its steps.
    pub(crate) going_back: bool,
    /// Whether a prompt has the terminal.
    pub(crate) prompting: bool,
}

pub(super) fn situation(story: &Story, prompting: bool) -> Situation {
    Situation {
        step: story.current.as_ref().map(|current| current.id.clone()),
        window_open: story.window.is_some(),
        going_back: story.going_back,
        prompting,
    }
}
