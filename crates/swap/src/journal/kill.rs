//! Where a run is ended as by a power cut, for the tests that prove it survives that.

use std::str::FromStr;

use connect_swap_engine::Entry;

/// Before or after a journal write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// The entry is not written.
    Before,
    /// The entry is written.
    After,
}

/// Journal writes at the first of which the process ends with SIGKILL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillPoint(Vec<Write>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Write {
    step: String,
    kind: String,
    moment: Moment,
}

/// A text that is no kill point.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no kill point: write STEP:KIND:MOMENT, several with commas between; KIND is intent, \
     applied, undo-intent, undone or consent, MOMENT is before or after"
)]
pub struct KillPointError(String);

impl FromStr for KillPoint {
    type Err = KillPointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let writes = text.split(',').map(|part| write(part).ok_or(part));
        let writes = writes.collect::<Result<_, _>>();
        writes
            .map(Self)
            .map_err(|part| KillPointError(part.to_owned()))
    }
}

fn write(text: &str) -> Option<Write> {
    let parts: Vec<&str> = text.split(':').collect();
    let [step, kind, moment] = parts.as_slice() else {
        return None;
    };
    let moment = match *moment {
        "before" => Moment::Before,
        "after" => Moment::After,
        _ => return None,
    };
    let known = ["intent", "applied", "undo-intent", "undone", "consent"].contains(kind);
    known.then(|| Write {
        step: (*step).to_owned(),
        kind: (*kind).to_owned(),
        moment,
    })
}

impl KillPoint {
    /// Whether this is one of them.
    pub(super) fn is(&self, moment: Moment, entry: &Entry) -> bool {
        let (step, kind) = match entry {
            Entry::Intent { step } => (step, "intent"),
            Entry::Applied { step, .. } => (step, "applied"),
            Entry::UndoIntent { step } => (step, "undo-intent"),
            Entry::Undone { step } => (step, "undone"),
            Entry::Consent { step, .. } => (step, "consent"),
            _ => return false,
        };
        self.0
            .iter()
            .any(|at| at.moment == moment && at.kind == kind && at.step == *step)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_a_point_or_refused(
            text in "([a-z-]{0,9}:(intent|applied|undo-intent|undone|consent|.{0,3}):(before|after|.{0,3}),?){0,3}"
        ) {
            match text.parse::<KillPoint>() {
                Ok(KillPoint(writes)) => prop_assert_eq!(writes.len(), text.split(',').count()),
                Err(error) => prop_assert!(error.to_string().contains("is no kill point")),
            }
        }
    }

    #[test]
    fn a_point_is_one_write_of_one_step() {
        let point: KillPoint = "promote:intent:after".parse().unwrap();
        let intent = |step: &str| Entry::Intent {
            step: step.to_owned(),
        };
        assert!(point.is(Moment::After, &intent("promote")));
        assert!(!point.is(Moment::Before, &intent("promote")));
        assert!(!point.is(Moment::After, &intent("fence")));
        let several: KillPoint = "fence:undone:before,promote:intent:after".parse().unwrap();
        assert!(several.is(Moment::After, &intent("promote")));
        assert!("promote".parse::<KillPoint>().is_err());
        assert!("promote:never:after".parse::<KillPoint>().is_err());
    }
}
