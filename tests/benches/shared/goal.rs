//! How a figure stands to what is asked of it. Nothing fails where a goal is
//! missed: machines differ.

/// What is asked of a figure.
pub(crate) enum Asked {
    AtLeast(f64),
    AtMost(f64),
    /// Shown to make another figure clear.
    Nothing,
}

/// The columns of [`Asked::row`].
pub(crate) fn heading() -> [String; 4] {
    ["goal", "asked", "measured", ""].map(String::from)
}

impl Asked {
    /// In words: what, what is asked, what was measured, whether it is reached.
    pub(crate) fn row(&self, words: &str, measured: Option<f64>) -> [String; 4] {
        let (asked, reached) = match *self {
            Self::AtLeast(least) => (format!(">= {least}"), measured.map(|have| have >= least)),
            Self::AtMost(most) => (format!("<= {most}"), measured.map(|have| have <= most)),
            Self::Nothing => (String::new(), None),
        };
        let verdict = match reached {
            Some(true) => "reached",
            Some(false) => "missed",
            None => "",
        };
        [
            words.into(),
            asked,
            measured.map_or("-".into(), |have| format!("{have:.2}")),
            verdict.into(),
        ]
    }
}
