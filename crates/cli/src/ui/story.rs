//! What happened so far, and what a person reads about each event.
//!
//! Pure: no clock and no stream of its own, so that lines and live region tell the same story.

use std::collections::BTreeMap;
use std::time::Duration;

use connect_swap_engine::{Event, Expected, Level, Progress, StepState};
use connect_swap_swap::downtime::Phase;
use jiff::Timestamp;

use super::escape::line;
use super::palette::Paint;
use super::words::{count, grouped, length};

/// One line of the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// What kind of line it is, in a word.
    pub(crate) word: &'static str,
    /// The word's colour.
    pub(crate) paint: Paint,
    /// What is told.
    pub(crate) text: String,
    /// Whether a live region shows the same, so that a line there would say it twice.
    pub(crate) live_shows_it: bool,
}

/// The step under way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Current {
    /// Its id.
    pub(crate) id: String,
    /// `4/15 create the new database`.
    pub(crate) title: String,
    /// When it began.
    pub(crate) since: Timestamp,
    /// How far it is.
    pub(crate) progress: Option<Progress>,
}

/// What happened so far.
#[derive(Debug, Default)]
pub(crate) struct Story {
    titles: BTreeMap<String, String>,
    /// The step under way.
    pub(crate) current: Option<Current>,
    /// Since when users are turned away.
    pub(crate) window: Option<Timestamp>,
    /// How long that is expected to last.
    expected: Option<Expected>,
    /// Whether the run is undoing its steps.
    pub(crate) going_back: bool,
}

impl Story {
    /// Takes an event in, and returns the lines to show for it.
    pub(crate) fn tell(&mut self, event: Event, now: Timestamp) -> Vec<Line> {
        match event {
            Event::PhaseStarted {
                phase,
                steps,
                resumed,
            } => {
                self.going_back = false;
                vec![self.phase_started(&phase, &steps, resumed)]
            }
            Event::StepStarted {
                step,
                number,
                of,
                what,
                ..
            } => {
                let title = title(number, of, &what);
                self.titles.insert(step.clone(), title.clone());
                self.current = Some(Current {
                    id: step,
                    title: title.clone(),
                    since: now,
                    progress: None,
                });
                vec![Line {
                    live_shows_it: true,
                    ..told("start", Paint::Faint, title)
                }]
            }
            Event::StepProgress { step, progress } => self.progressed(&step, progress),
            Event::StepEnded {
                step,
                state,
                seconds,
                error,
            } => self.step_ended(&step, state, seconds, error.as_deref()),
            Event::Notice { level, text } => vec![notice(level, &text)],
            Event::ConsentAsked { .. } => Vec::new(),
            Event::ConsentAnswered { step, given } => {
                let word = if given {
                    "consent given"
                } else {
                    "consent declined"
                };
                let text = format!("{word}: {}", self.title(&step));
                vec![Line {
                    live_shows_it: true,
                    ..told("consent", Paint::Info, text)
                }]
            }
            Event::Unwinding { why } => {
                self.current = None;
                self.going_back = true;
                let text = format!("going back to the old pair, because: {}", line(&why));
                vec![told("back", Paint::Warning, text)]
            }
            Event::UndoStarted { step, .. } => {
                let title = format!("undo {}", self.title(&step).trim_start());
                self.current = Some(Current {
                    id: step,
                    title: title.clone(),
                    since: now,
                    progress: None,
                });
                vec![Line {
                    live_shows_it: true,
                    ..told("back", Paint::Faint, title)
                }]
            }
            Event::WindowOpened { at, expected } => {
                self.window = Some(at);
                self.expected = expected;
                // A step opens the window; one that is open already is told of before any step.
                let mut text = if self.current.is_some() {
                    "downtime begins: users are turned away from here on".to_owned()
                } else {
                    let gone = length(since(at, now));
                    format!("users have been turned away for {gone} already")
                };
                if let Some(range) = self.range() {
                    text = format!("{text}, expected {range}");
                }
                vec![told("window", Paint::Warning, text)]
            }
            Event::WindowClosed { seconds, .. } => {
                self.window = None;
                let text = format!("downtime is over after {}", length(secs(seconds)));
                vec![told("window", Paint::Good, text)]
            }
        }
    }

    /// The line of a heartbeat: what is waited for, and for how long by now.
    pub(crate) fn heartbeat(&self, now: Timestamp) -> Option<Line> {
        let current = self.current.as_ref()?;
        let reason = current.progress.as_ref().map(progress_text);
        let mut text = current.title.clone();
        if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
            text = format!("{text}: {reason}");
        }
        text = format!("{text} ({} so far", length(since(current.since, now)));
        if let Some(downtime) = self.downtime(now) {
            text = format!("{text}, {downtime}");
        }
        Some(told("wait", Paint::Faint, format!("{text})")))
    }

    /// How long users have been turned away, beside what is expected; nothing while they are not.
    pub(crate) fn downtime(&self, now: Timestamp) -> Option<String> {
        let so_far = length(since(self.window?, now));
        Some(match self.range() {
            Some(range) => format!("downtime {so_far}, expected {range}"),
            None => format!("downtime {so_far}"),
        })
    }

    /// The phase of the window that the step under way belongs to.
    pub(crate) fn phase(&self) -> Option<&'static str> {
        if self.going_back {
            return Some(Phase::WayBack.words());
        }
        Phase::of(&self.current.as_ref()?.id).map(Phase::words)
    }

    fn range(&self) -> Option<String> {
        let Expected { low, high } = self.expected?;
        Some(format!("{} to {}", length(secs(low)), length(secs(high))))
    }

    fn phase_started(&mut self, phase: &str, steps: &[(String, String)], resumed: bool) -> Line {
        for (index, (id, what)) in steps.iter().enumerate() {
            self.titles
                .insert(id.clone(), title(index + 1, steps.len(), what));
        }
        let steps = count(steps.len() as u64, "step");
        let text = match resumed {
            true => format!(
                "going on with {}: {steps}, done ones are checked",
                line(phase)
            ),
            false => format!("{}: {steps}", line(phase)),
        };
        told("begin", Paint::Info, text)
    }

    fn progressed(&mut self, step: &str, progress: Progress) -> Vec<Line> {
        let Some(current) = self.current.as_mut().filter(|current| current.id == step) else {
            return Vec::new();
        };
        let first = current.progress.is_none();
        let text = format!("{}: {}", current.title, progress_text(&progress));
        current.progress = Some(progress);
        if first {
            vec![Line {
                live_shows_it: true,
                ..told("wait", Paint::Faint, text)
            }]
        } else {
            Vec::new()
        }
    }

    fn step_ended(
        &mut self,
        step: &str,
        state: StepState,
        seconds: f64,
        error: Option<&str>,
    ) -> Vec<Line> {
        if self
            .current
            .as_ref()
            .is_some_and(|current| current.id == step)
        {
            self.current = None;
        }
        let (word, paint) = match state {
            StepState::Done => ("done", Paint::Good),
            StepState::Skipped => ("already", Paint::Faint),
            StepState::Paused => ("paused", Paint::Warning),
            StepState::Failed => ("FAILED", Paint::Bad),
            StepState::Undone => ("undone", Paint::Warning),
            StepState::UndoFailed => ("STUCK", Paint::Bad),
            StepState::Pending => ("pending", Paint::Faint),
            StepState::Running => ("running", Paint::Faint),
        };
        let mut text = self.title(step);
        if seconds >= 1.0 {
            text = format!("{text} ({})", length(secs(seconds)));
        }
        if let Some(error) = error {
            text = format!("{text}: {}", line(error));
        }
        vec![told(word, paint, text)]
    }

    fn title(&self, step: &str) -> String {
        self.titles.get(step).cloned().unwrap_or_else(|| line(step))
    }
}

/// How far a step is, in words.
pub(crate) fn progress_text(progress: &Progress) -> String {
    let mut text = line(&progress.message);
    let unit = line(progress.unit.as_deref().unwrap_or_default());
    let numbers = match (progress.done, progress.total) {
        (Some(done), Some(total)) => {
            Some(format!("{} of {} {unit}", grouped(done), grouped(total)))
        }
        (Some(done), None) => Some(format!("{} {unit}", grouped(done))),
        _ => None,
    };
    if let Some(numbers) = numbers {
        text = format!("{text}, {}", numbers.trim_end());
    }
    if let Some(eta) = progress.eta_seconds {
        text = format!("{text}, about {} left", length(Duration::from_secs(eta)));
    }
    text
}

/// How long it is from one moment to a later one; nothing where a clock went backwards.
pub(crate) fn since(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

fn title(number: usize, of: usize, what: &str) -> String {
    let width = of.to_string().len();
    format!("{number:>width$}/{of} {}", line(what))
}

fn notice(level: Level, text: &str) -> Line {
    let (word, paint) = match level {
        Level::Info => ("note", Paint::Info),
        Level::Warning => ("warning", Paint::Warning),
        Level::Error => ("ERROR", Paint::Bad),
    };
    told(word, paint, line(text))
}

fn told(word: &'static str, paint: Paint, text: String) -> Line {
    Line {
        word,
        paint,
        text,
        live_shows_it: false,
    }
}

fn secs(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use connect_swap_engine::Effect;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a moment in range")
    }

    fn words(lines: &[Line]) -> Vec<String> {
        lines
            .iter()
            .map(|line| format!("{} {}", line.word, line.text))
            .collect()
    }

    fn begun() -> Story {
        let mut story = Story::default();
        let steps = vec![("a-step".to_owned(), "do a".to_owned()); 12];
        story.tell(
            Event::PhaseStarted {
                phase: "prep".into(),
                steps,
                resumed: false,
            },
            at(0),
        );
        story.tell(
            Event::StepStarted {
                step: "a-step".into(),
                number: 3,
                of: 12,
                what: "wait for \u{1b}[2Jit".into(),
                effect: Effect::Read,
            },
            at(1),
        );
        story
    }

    #[test]
    fn a_heartbeat_names_the_reason_and_the_downtime() {
        let mut story = begun();
        let expected = Some(Expected {
            low: 20.0,
            high: 600.0,
        });
        let opened = at(1);
        story.tell(
            Event::WindowOpened {
                at: opened,
                expected,
            },
            opened,
        );
        let progress = Progress {
            message: "loading Account".into(),
            done: Some(1200),
            total: Some(5000),
            unit: Some("rows".into()),
            eta_seconds: Some(90),
        };
        story.tell(
            Event::StepProgress {
                step: "a-step".into(),
                progress,
            },
            at(20),
        );
        let beat = story.heartbeat(at(62)).expect("a step is under way");
        assert_eq!(
            beat.text,
            " 3/12 wait for \\u{1b}[2Jit: loading Account, 1,200 of 5,000 rows, about 1m 30s left \
             (1m 1s so far, downtime 1m 1s, expected 20s to 10m 0s)"
        );
    }

    #[test]
    fn a_window_that_is_taken_up_again_does_not_begin_then() {
        let opened = |mut story: Story| {
            let event = Event::WindowOpened {
                at: at(1),
                expected: None,
            };
            story.tell(event, at(62))[0].text.clone()
        };
        assert!(opened(begun()).starts_with("downtime begins"));
        assert_eq!(
            opened(Story::default()),
            "users have been turned away for 1m 1s already"
        );
    }

    #[test]
    fn only_the_first_progress_of_a_step_is_a_line() {
        let mut story = begun();
        let progress = |n| Event::StepProgress {
            step: "a-step".into(),
            progress: Progress::message(format!("look {n}")),
        };
        assert_eq!(story.tell(progress(1), at(2)).len(), 1);
        assert_eq!(story.tell(progress(2), at(3)).len(), 0);
    }

    #[test]
    fn a_failed_step_says_why_and_an_undone_one_its_name() {
        let mut story = begun();
        let ended = |state, error: Option<&str>| Event::StepEnded {
            step: "a-step".into(),
            state,
            seconds: 3.2,
            error: error.map(str::to_owned),
        };
        let failed = story.tell(ended(StepState::Failed, Some("no\nluck")), at(5));
        assert_eq!(
            words(&failed),
            ["FAILED  3/12 wait for \\u{1b}[2Jit (3s): no luck"]
        );
        assert_eq!(story.heartbeat(at(40)), None);
        let begun = Event::UndoStarted {
            step: "a-step".into(),
            what: "wait".into(),
            how: "by waiting".into(),
        };
        let begun = words(&story.tell(begun, at(6)));
        assert_eq!(begun, ["back undo 3/12 wait for \\u{1b}[2Jit"]);
        assert!(story.heartbeat(at(40)).is_some(), "the undo is under way");
        let undone = story.tell(ended(StepState::Undone, None), at(6));
        assert_eq!(words(&undone), ["undone  3/12 wait for \\u{1b}[2Jit (3s)"]);
    }
}
