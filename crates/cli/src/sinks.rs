//! Where events go: the screen, the stream on stdout, the log file.

use std::sync::{Arc, Mutex, PoisonError};

use connect_swap_engine::{Clock, Event, Sink};
use serde_json::Value;

use crate::event_line::Lines;
use crate::ui::Ui;

/// Tells several sinks, in order.
pub(crate) struct Sinks(pub(crate) Vec<Arc<dyn Sink>>);

impl Sink for Sinks {
    fn emit(&self, event: Event) {
        for sink in &self.0 {
            sink.emit(event.clone());
        }
    }
}

/// `--events`: one JSON object a line on stdout.
pub(crate) struct EventStream {
    ui: Arc<Ui>,
    clock: Arc<dyn Clock>,
    lines: Mutex<Lines>,
}

impl EventStream {
    pub(crate) fn new(ui: Arc<Ui>, clock: Arc<dyn Clock>) -> Self {
        Self {
            ui,
            clock,
            lines: Mutex::default(),
        }
    }

    /// A document as a line: `summary` for the last one.
    pub(crate) fn document(&self, kind: &str, document: Value) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.document(self.clock.now(), kind, document);
        // Printed under the lock, so that the numbers on stdout only go up.
        self.ui.out_line(line);
    }
}

impl Sink for EventStream {
    fn emit(&self, event: Event) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.event(self.clock.now(), &event);
        self.ui.out_line(line);
    }
}
