//! What may still change until the window, and has to be in order when it opens.

use super::Phase;
use crate::finding::{Finding, Severity};

/// A finding that blocks cutover and, before, warns that it will.
pub(super) fn due_at_cutover(code: &str, phase: Phase, title: &str) -> Finding {
    match phase {
        Phase::Prep => Finding::new(
            code,
            Severity::Warn,
            format!("{title}; this will block cutover"),
        ),
        Phase::Cutover => Finding::new(code, Severity::Block, title),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warns_first_and_blocks_later() {
        let early = due_at_cutover("odd", Phase::Prep, "something is odd");
        assert_eq!(early.severity, Severity::Warn);
        assert_eq!(early.title, "something is odd; this will block cutover");
        let late = due_at_cutover("odd", Phase::Cutover, "something is odd");
        assert_eq!(
            (late.severity, late.title.as_str()),
            (Severity::Block, "something is odd")
        );
    }
}
