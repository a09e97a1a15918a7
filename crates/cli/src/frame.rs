//! Everything around a command that is not the command: screen, streams, time, signals.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connect_swap_engine::{Clock, Control, Sink, SystemClock};
use connect_swap_swap::Report;

use crate::args::Global;
use crate::env;
use crate::gate::{Answers, Keyboard};
use crate::signals::{self, Listener, Presses, Stopping};
use crate::sinks::EventStream;
use crate::ui::{Look, Paint, Terminals, Ui, error_screen, fold, line, result_text};

/// How often the live region is drawn anew: Heroku's spinner turns at this pace.
const TICK: Duration = Duration::from_millis(100);

/// The form of the result.
enum Output {
    Text,
    Json,
    Events(Arc<EventStream>),
}

/// What a command runs in.
pub(crate) struct Frame {
    pub(crate) ui: Arc<Ui>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) control: Control,
    /// The signals so far.
    pub(crate) presses: Presses,
    /// Where a person can be asked, where there is a terminal.
    pub(crate) answers: Option<Arc<dyn Answers>>,
    output: Output,
}

impl Frame {
    /// A frame whose clock runs `speed` times as fast as the machine's.
    pub(crate) fn new(global: &Global, speed: f64) -> Self {
        Self::on_clock(global, Arc::new(SystemClock::new(speed)))
    }

    /// A frame on a clock that is there already.
    pub(crate) fn on_clock(global: &Global, clock: Arc<dyn Clock>) -> Self {
        let terminals = Terminals::detect();
        let look = Look::decide(
            terminals,
            &env::wishes(env::process),
            global.plain,
            global.events,
        );
        let wall: Arc<dyn Clock> = Arc::new(SystemClock::new(1.0));
        let ui = Arc::new(Ui::new(look, clock.clone(), wall));
        let output = if global.json {
            Output::Json
        } else if global.events {
            Output::Events(Arc::new(EventStream::new(ui.clone(), clock.clone())))
        } else {
            Output::Text
        };
        let answers = terminals
            .can_prompt()
            .then(|| Arc::new(Keyboard::new()) as _);
        Self {
            ui,
            clock,
            control: Control::default(),
            presses: Presses::default(),
            answers,
            output,
        }
    }

    /// Listens for signals until what it returns is dropped.
    pub(crate) fn listen(&self, stopping: Stopping) -> Listener {
        let can_ask = self.answers.is_some();
        let (control, ui) = (self.control.clone(), self.ui.clone());
        signals::listen(control, ui, self.presses.clone(), stopping, can_ask)
    }

    /// Draws the live region anew, and breaks long silences, until the process ends.
    pub(crate) fn start_ticking(&self) {
        let ui = self.ui.clone();
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(TICK);
            loop {
                ticks.tick().await;
                ui.tick();
            }
        });
    }

    /// Says at once which app is meant: the first answers of the APIs may take seconds.
    pub(crate) fn say_what_is_looked_at(&self, app: &str) {
        self.ui.say(&format!(
            "looking at {}",
            self.ui.err.paint(Paint::App, &line(app))
        ));
    }

    /// The stream of `--events`, where it was asked for.
    pub(crate) fn stream(&self) -> Option<Arc<dyn Sink>> {
        match &self.output {
            Output::Events(stream) => Some(stream.clone()),
            Output::Text | Output::Json => None,
        }
    }

    /// Shows the result of one of several looks or commands.
    pub(crate) fn interim(&self, report: &Report) {
        match &self.output {
            Output::Events(stream) => stream.document("report", document(report)),
            Output::Text => self.show(report),
            Output::Json => {}
        }
    }

    /// Shows the result and what to do next; returns the exit code.
    pub(crate) fn finish(&self, report: &Report, log: Option<&Path>) -> i32 {
        self.ui.restore_terminal();
        self.tell_result(report);
        let error = fold(&error_screen(report, log, self.ui.err), self.ui.err_columns);
        if !error.is_empty() {
            self.ui.say(&error);
        }
        if matches!(self.output, Output::Text) && !report.next.is_empty() {
            let next = self.ui.err.paint(Paint::Command, &line(&report.next));
            self.ui.say(&format!("next: {next}"));
        }
        self.ui.settle();
        report.exit.code()
    }

    /// The result on stdout, in the form that was asked for.
    pub(crate) fn tell_result(&self, report: &Report) {
        match &self.output {
            Output::Text => self.show(report),
            Output::Json => self.ui.document(document(report)),
            Output::Events(stream) => stream.document("summary", document(report)),
        }
    }

    fn show(&self, report: &Report) {
        let text = result_text(report, self.ui.out, self.ui.out_columns);
        if !text.is_empty() {
            self.ui.result(&text);
        }
    }
}

fn document(report: &Report) -> serde_json::Value {
    // Reports are plain data, so this cannot fail.
    serde_json::to_value(report).unwrap_or_default()
}
