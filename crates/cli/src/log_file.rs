//! The log of one run: its events as JSON lines, without secrets, readable by its owner only.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use connect_swap_engine::{Clock, Event, Sink};
use jiff::Timestamp;

use crate::event_line::Lines;
use crate::redact::Redactor;
use crate::state_dir::make_private;
use crate::ui::json;

/// Progress is written this often at most: a load may take a day.
const PROGRESS_PAUSE: Duration = Duration::from_secs(30);

/// A log file, made when the first event arrives.
pub(crate) struct LogFile {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    redactor: Redactor,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    lines: Lines,
    file: Option<File>,
    failed: bool,
    last_progress: Option<(String, Timestamp)>,
}

impl LogFile {
    /// A log of `command` on `app` below `directory`. Nothing is written yet.
    pub(crate) fn new(
        directory: &Path,
        command: &str,
        app: &str,
        clock: Arc<dyn Clock>,
        redactor: Redactor,
    ) -> Self {
        let moment = clock.now().strftime("%Y%m%dT%H%M%SZ");
        let name = format!("{moment}-{command}-{app}-{}.jsonl", std::process::id());
        let path = directory.join("logs").join(name);
        Self {
            path,
            clock,
            redactor,
            state: Mutex::default(),
        }
    }

    /// Where it is, where anything was written.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        self.lock().file.is_some().then(|| self.path.clone())
    }

    fn write(&self, state: &mut State, event: &Event) -> io::Result<()> {
        let file = match &mut state.file {
            Some(file) => file,
            empty => empty.insert(create(&self.path)?),
        };
        let line = state.lines.event(self.clock.now(), event);
        // Whoever looks at it does so at a terminal.
        writeln!(
            file,
            "{}",
            json(&self.redactor.clean_value(line).to_string())
        )
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for LogFile {
    fn emit(&self, event: Event) {
        let mut state = self.lock();
        if state.failed || state.is_too_soon(&event, self.clock.now()) {
            return;
        }
        // The journal is what matters; a full disk here must not stop a window.
        state.failed = self.write(&mut state, &event).is_err();
    }
}

impl State {
    fn is_too_soon(&mut self, event: &Event, now: Timestamp) -> bool {
        let Event::StepProgress { step, .. } = event else {
            return false;
        };
        let last = self.last_progress.as_ref().filter(|(last, _)| last == step);
        let too_soon =
            last.is_some_and(|(_, at)| now.duration_since(*at).unsigned_abs() < PROGRESS_PAUSE);
        if !too_soon {
            self.last_progress = Some((step.clone(), now));
        }
        too_soon
    }
}

fn create(path: &Path) -> io::Result<File> {
    if let Some(directory) = path.parent() {
        make_private(directory)?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use connect_swap_engine::{Level, Progress, SystemClock};

    fn log(directory: &Path) -> LogFile {
        let redactor = Redactor::new(Some("HRKU-12345678".into()));
        LogFile::new(
            directory,
            "prep",
            "demo",
            Arc::new(SystemClock::new(1.0)),
            redactor,
        )
    }

    fn notice(text: &str) -> Event {
        Event::Notice {
            level: Level::Info,
            text: text.into(),
        }
    }

    #[test]
    fn nothing_happened_nothing_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(log(directory.path()).path(), None);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    #[cfg(unix)]
    fn lines_without_secrets_for_the_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let log = log(directory.path());
        log.emit(notice("token HRKU-12345678, postgres://u:p4ss@h/d"));
        let path = log.path().expect("something was written");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            !text.contains("HRKU-12345678") && !text.contains("p4ss"),
            "{text}"
        );
        assert!(text.contains("postgres://u:[redacted]@h/d"), "{text}");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn progress_is_thinned_out_per_step() {
        let directory = tempfile::tempdir().unwrap();
        let log = log(directory.path());
        for step in ["a", "a", "b", "b", "a"] {
            let progress = Progress::message("loading");
            log.emit(Event::StepProgress {
                step: step.into(),
                progress,
            });
        }
        let text = std::fs::read_to_string(log.path().unwrap()).unwrap();
        assert_eq!(text.lines().count(), 3);
    }

    #[test]
    fn a_log_that_cannot_be_written_stops_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let blocked = directory.path().join("file");
        std::fs::write(&blocked, "").unwrap();
        let log = log(&blocked);
        log.emit(notice("one"));
        log.emit(notice("two"));
        assert_eq!(log.path(), None);
    }
}
