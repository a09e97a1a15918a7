//! One event as one JSON object: the form of `--events` and of the log file.

use connect_swap_engine::Event;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// The version of the form. A reader ignores types and fields that it does not know.
const VERSION: u64 = 1;

/// Numbers the lines of one stream.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    sequence: u64,
}

impl Lines {
    /// `{"v":1,"seq":…,"at":…,"type":…}` and the event's own fields.
    pub(crate) fn event(&mut self, at: Timestamp, event: &Event) -> Value {
        // Events are plain data: strings, numbers, timestamps.
        let fields = serde_json::to_value(event).unwrap_or_default();
        let Value::Object(mut fields) = fields else {
            return Value::Null;
        };
        let kind = fields.shift_remove("type").unwrap_or_default();
        self.line(at, kind, fields)
    }

    /// A line of another type.
    pub(crate) fn document(&mut self, at: Timestamp, kind: &str, document: Value) -> Value {
        let fields = match document {
            Value::Object(fields) => fields,
            other => Map::from_iter([("value".to_owned(), other)]),
        };
        self.line(at, kind.into(), fields)
    }

    fn line(&mut self, at: Timestamp, kind: Value, fields: Map<String, Value>) -> Value {
        self.sequence += 1;
        let mut line = Map::new();
        line.insert("v".into(), VERSION.into());
        line.insert("seq".into(), self.sequence.into());
        line.insert("at".into(), at.to_string().into());
        line.insert("type".into(), kind);
        // The moment of an event that has one of its own is the more exact one.
        line.extend(fields);
        Value::Object(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connect_swap_engine::Level;

    #[test]
    fn lines_are_numbered_and_begin_alike() {
        let mut lines = Lines::default();
        let at: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let notice = Event::Notice {
            level: Level::Info,
            text: "hello".into(),
        };
        assert_eq!(
            lines.event(at, &notice).to_string(),
            r#"{"v":1,"seq":1,"at":"2026-01-02T03:04:05Z","type":"notice","level":"info","text":"hello"}"#
        );
        let opened = Event::WindowOpened {
            at: "2026-01-02T03:04:04Z".parse().unwrap(),
            expected: None,
        };
        assert_eq!(
            lines.event(at, &opened).to_string(),
            r#"{"v":1,"seq":2,"at":"2026-01-02T03:04:04Z","type":"window-opened"}"#
        );
        let summary = lines.document(at, "summary", serde_json::json!({"command": "plan"}));
        assert_eq!(
            summary.to_string(),
            r#"{"v":1,"seq":3,"at":"2026-01-02T03:04:05Z","type":"summary","command":"plan"}"#
        );
    }
}
