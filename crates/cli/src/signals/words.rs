//! What is said about a signal.

use connect_swap_engine::Interruption;

use crate::ui::{Paint, Palette, Situation, line};

/// What happens now, after the first signal.
pub(super) fn what_happens(wish: Interruption, at: &Situation, can_ask: bool) -> &'static str {
    match wish {
        _ if at.going_back && wish == Interruption::Pause => {
            "asked to end: going back to the old pair is brought to its end first"
        }
        _ if at.going_back => {
            "going back to the old pair already: that is brought to its end. Ctrl-C again stops \
             at once, and the app stays as it is at that moment"
        }
        Interruption::Pause if at.window_open => {
            "asked to end: pausing as soon as the step allows, the app stays in maintenance; \
             the same command goes on"
        }
        Interruption::Pause => {
            "asked to end: pausing as soon as the step allows; the same command goes on"
        }
        _ if at.window_open && can_ask => {
            "finishing what is under way, then asking what to do. Ctrl-C again stops at once"
        }
        _ if at.window_open => {
            "finishing what is under way, then pausing; the app stays in maintenance; the same \
             command goes on. Ctrl-C again stops at once"
        }
        _ => {
            "pausing as soon as the step allows; nothing is lost, the same command goes on. \
             Ctrl-C again stops at once"
        }
    }
}

/// What is known when a run is stopped at once.
pub(super) fn what_is_known(at: &Situation, palette: Palette) -> Vec<String> {
    let mark = palette.paint(Paint::Bad, " ›");
    let step = match &at.step {
        Some(step) => format!(
            "step {} was {}; whether that took effect is not known here. The same command \
             asks Heroku and goes on from there",
            line(step),
            if at.going_back {
                "being undone"
            } else {
                "under way"
            }
        ),
        None if at.going_back => "it was going back to the old pair; what was put back is in the \
             journal. The same command goes on with that"
            .to_owned(),
        None => "no step was under way. The same command goes on".to_owned(),
    };
    let mut lines = vec![format!("{mark}   Stopped at once: {step}")];
    if at.window_open {
        lines.push(format!(
            "{mark}   The app is in maintenance: users are turned away until the same command, \
             or rollback, has run"
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn situation(going_back: bool) -> Situation {
        Situation {
            window_open: true,
            going_back,
            ..Situation::default()
        }
    }

    #[test]
    fn on_the_way_back_nobody_is_told_to_be_asked() {
        for wish in [Interruption::Ask, Interruption::Pause] {
            let text = what_happens(wish, &situation(true), true);
            assert!(text.contains("going back"), "{text}");
            assert!(!text.contains("asking"), "{text}");
        }
        let text = what_happens(Interruption::Ask, &situation(false), true);
        assert!(text.contains("then asking what to do"), "{text}");
        let text = what_happens(Interruption::Ask, &situation(false), false);
        assert!(text.contains("then pausing"), "{text}");
    }

    #[test]
    fn a_stop_on_the_way_back_says_so() {
        let text = what_is_known(&situation(true), Palette::none()).join("\n");
        assert!(text.contains("going back"), "{text}");
        assert!(text.contains("The app is in maintenance"), "{text}");
    }
}
