//! Notices that are told once, however often they are met.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use connect_swap_engine::{Event, Level, Sink};

/// Passes each notice on once, until it is told to forget; other events always.
pub(super) struct ToldOnce {
    inner: Arc<dyn Sink>,
    told: Mutex<BTreeSet<String>>,
}

impl ToldOnce {
    pub(super) fn new(inner: Arc<dyn Sink>) -> Self {
        Self {
            inner,
            told: Mutex::default(),
        }
    }

    /// Tells a person something.
    pub(super) fn notice(&self, level: Level, text: String) {
        self.emit(Event::Notice { level, text });
    }

    /// What comes again from here on is news.
    pub(super) fn forget(&self) {
        self.told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

impl Sink for ToldOnce {
    fn emit(&self, event: Event) {
        let news = match &event {
            Event::Notice { text, .. } => self
                .told
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(text.clone()),
            _ => true,
        };
        if news {
            self.inner.emit(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Heard(Mutex<Vec<Event>>);

    impl Sink for Heard {
        fn emit(&self, event: Event) {
            self.0.lock().unwrap().push(event);
        }
    }

    #[test]
    fn a_notice_is_news_once_until_it_is_forgotten() {
        let heard = Arc::new(Heard::default());
        let once = ToldOnce::new(heard.clone());
        let number = || heard.0.lock().unwrap().len();
        for _ in 0..3 {
            once.notice(Level::Info, "the same".to_owned());
        }
        assert_eq!(number(), 1);
        once.notice(Level::Info, "another".to_owned());
        once.forget();
        once.notice(Level::Info, "the same".to_owned());
        assert_eq!(number(), 3);
    }
}
